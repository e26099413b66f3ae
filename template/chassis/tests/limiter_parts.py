"""A limiter without a service around it, on clocks that the test turns."""

from __future__ import annotations

import io
import json
import tempfile
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any

import configs
from redis_server import RedisServer

from chassis.config import Settings, load_config
from chassis.config.criteria import Criteria
from chassis.identity import Caller, Pseudonyms
from chassis.limits import opening
from chassis.limits.limiter import Limiter
from chassis.limits.quotas import DAY_SECONDS, Caps, Quotas
from chassis.limits.shared import PATIENT_SECONDS, SharedCounts
from chassis.logs import make_logger
from chassis.metrics import Metrics

NO_LIMIT = Caps(1_000_000, None, None)
ANN, BOB = Caller("ann", "acme"), Caller("bob", "acme")


def quotas(
    user: Caps = NO_LIMIT,
    session: Caps = NO_LIMIT,
    service: Caps = NO_LIMIT,
    budget_usd: float = 1.0,
    warn_at: float = 0.8,
) -> Quotas:
    """Limits, none where none is named."""
    return Quotas(user, session, service, round(budget_usd * 1e6), warn_at)


class Clock:
    """Seconds that pass when the test says so; the day begins at 0 of the wall clock."""

    def __init__(self) -> None:
        self.seconds = 20_000.0 * DAY_SECONDS

    def __call__(self) -> float:
        return self.seconds


class LimiterUnderTest:
    """A limiter, its clock, and what it logged and counted."""

    def __init__(
        self, limits: Quotas, replicas: int = 1, shared: SharedCounts | None = None
    ) -> None:
        self.clock = Clock()
        self._log = io.StringIO()
        self.metrics = Metrics(_criteria(), "test", "labels")
        self.limiter = Limiter(
            limits,
            replicas,
            Pseudonyms(b"s" * 32),
            make_logger(self._log),
            self.metrics,
            shared,
            self.clock,
            self.clock,
        )

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The log lines of these events."""
        lines = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [line for line in lines if line["event"] in names]

    def metric(self, name: str, **labels: str) -> float | None:
        """The value of a series."""
        return self.metrics.registry.get_sample_value(name, labels)


@cache
def _criteria() -> Criteria:
    with tempfile.TemporaryDirectory() as folder:
        return load_config(configs.make(Path(folder))).criteria


def counts_of(
    redis: RedisServer,
    stack: AsyncExitStack,
    limits: Quotas,
    *,
    window_seconds: float = 60,
    answer_seconds: float = PATIENT_SECONDS,
) -> SharedCounts:
    """Counters in this Redis; their connection is closed with the stack."""
    settings = Settings.model_validate({"service_secret": "s" * 32, "redis_url": redis.url})
    client = opening.redis_client(settings)
    stack.push_async_callback(client.aclose)
    return SharedCounts(client, "test", limits, window_seconds, answer_seconds)
