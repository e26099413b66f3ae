"""Compare two runs of the same cases: what got worse, and could it be chance?"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PairedRow:
    """The cases two runs share, of one slice or of all.

    Attributes:
        lost: Right before, wrong now.
        gained: Wrong before, right now.
        p: How likely so large a loss is by chance alone, where nothing changed.
        adjusted_p: The same, corrected for how many rows were tested.
    """

    name: str
    shared: int
    before_right: int
    now_right: int
    lost: int
    gained: int
    p: float
    adjusted_p: float
    verdict: Literal["same", "worse", "better"]

    @property
    def change(self) -> float:
        """The share right now, less the share right before."""
        return (self.now_right - self.before_right) / self.shared if self.shared else 0.0
