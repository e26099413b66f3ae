"""How long a simulated answer takes: a fixed time, or lognormal as real providers are."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

Z95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""


@dataclass(frozen=True)
class Latency:
    """Time before the first byte: the median, and the 95th percentile where it varies.

    A lognormal distribution is settled by these two: sigma = ln(p95 / median) / z95.
    """

    median_seconds: float = 0.0
    p95_seconds: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.median_seconds) and self.median_seconds >= 0):
            raise ValueError("the latency must be zero or more milliseconds")
        if self.p95_seconds is not None:
            if self.median_seconds == 0:
                raise ValueError("a latency with a 95th percentile needs a median above zero")
            if not (math.isfinite(self.p95_seconds) and self.p95_seconds >= self.median_seconds):
                raise ValueError("the 95th percentile of the latency cannot be below its median")

    @classmethod
    def parse(cls, milliseconds: str) -> Latency:
        """Read `--latency-ms`: `400` is fixed; `400:1500` is lognormal, median and p95."""
        try:
            values = [float(part) / 1000 for part in milliseconds.split(":")]
        except ValueError:
            values = []
        if len(values) not in (1, 2):
            raise ValueError(
                f"{milliseconds!r} is not a latency. Give milliseconds, such as 400 (fixed), "
                "or median:p95, such as 400:1500"
            )
        return cls(*values)

    def draw(self, dice: random.Random) -> float:
        """Seconds for the next answer."""
        if self.p95_seconds is None:
            return self.median_seconds
        sigma = math.log(self.p95_seconds / self.median_seconds) / Z95
        return dice.lognormvariate(math.log(self.median_seconds), sigma)
