"""Limits.

Requests per user, session and service, and the day's model budget. In memory, divided by the
replicas.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from .config.guardrails import Limits
from .identity import Caller
from .outcomes import Outcome
from .problems import Problem


class RequestLimits:
    """Counts requests over a moving minute and refuses those over a limit."""

    def __init__(self, limits: Limits, replicas: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._user = max(1, limits.user_requests_per_minute // replicas)
        self._session = max(1, limits.session_requests_per_minute // replicas)
        self._service = max(1, limits.service_requests_per_minute // replicas)

    async def admit(self, caller: Caller) -> None:
        """Count one request.

        Raises Problem (429) with Retry-After and the RateLimit headers when one of the limits is
        spent.
        """
        await self._hit("user", self._user, caller.identity)
        if caller.session_identity is not None:
            await self._hit("session", self._session, caller.session_identity)
        await self._hit("service", self._service, "all")

    async def _hit(self, whose: str, per_minute: int, identity: str) -> None:
        item = RateLimitItemPerMinute(per_minute)
        if await self._limiter.hit(item, whose, identity):
            return
        window = await self._limiter.get_window_stats(item, whose, identity)
        wait = max(1, int(window.reset_time - time.time()) + 1)
        raise Problem(
            f"{whose}-rate-limit",
            "Too many requests",
            status=429,
            outcome=Outcome.rate_limited,
            detail=f"The {whose} limit of {per_minute} requests a minute is reached. "
            f"Retry in {wait} s.",
            headers={
                "Retry-After": str(wait),
                "RateLimit-Policy": f'"{whose}";q={per_minute};w=60',
                "RateLimit": f'"{whose}";r=0;t={wait}',
            },
        )


def _utc_day() -> str:
    return datetime.now(UTC).date().isoformat()


class DailyBudget:
    """What this replica may still spend on models today (UTC); `usd` None never stops."""

    def __init__(
        self, usd: float | None, replicas: int, today: Callable[[], str] = _utc_day
    ) -> None:
        self._limit = float("inf") if usd is None else usd / replicas
        self._today = today
        self._day = today()
        self._spent = 0.0

    def spend(self, usd: float) -> None:
        """Add a call's cost."""
        self._turn_over()
        self._spent += usd

    @property
    def exhausted(self) -> bool:
        """Whether the day's share is spent."""
        self._turn_over()
        return self._spent >= self._limit

    def _turn_over(self) -> None:
        if (day := self._today()) != self._day:
            self._day, self._spent = day, 0.0
