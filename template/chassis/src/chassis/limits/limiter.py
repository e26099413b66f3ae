"""The limits as the request path sees them: let in, refused, charged; shared, or local for now."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..identity import Caller, Pseudonyms
from ..logs import Logger
from .budget_warnings import DailyBudgetWarnings
from .local import LocalCounts
from .quotas import DAILY_BUDGET, LIMIT_NAMES, SERVICE, Amount, Counted, Quotas, Refusal
from .shared import Seen, Settlement, SharedCounts, Unreachable
from .sharing import Sharing

if TYPE_CHECKING:
    from ..metrics import Metrics

# So many refusals are remembered so that each is logged once; further ones may be logged again.
_REMEMBERED = 10_000


class DailyBudgetSpent(Exception):
    """The day's budget has nothing left for this model call."""


@dataclass
class Bill:
    """What a model call used; nothing, until its response said so."""

    used: Amount = field(default_factory=Amount)


@dataclass(frozen=True)
class _Held:
    """What is held for a call in flight, and whether Redis may hold it too."""

    marker: str
    day: int
    counted: tuple[Counted, ...]
    amount: Amount
    in_redis: bool


class Limiter:
    """Requests a minute; tokens and cost a day; by user, session and service.

    A model call goes out while every sum it adds to is below its limit, with all calls in flight
    counted at their estimates. So a limit is passed by at most the estimate of one call.
    """

    def __init__(
        self,
        quotas: Quotas,
        replicas: int,
        pseudonyms: Pseudonyms,
        log: Logger,
        metrics: Metrics,
        shared: SharedCounts | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._quotas = quotas
        self._pseudonyms = pseudonyms
        self._log = log
        self._clock = clock
        self._refusals = metrics.limit_refusals
        self._local = LocalCounts(quotas.part(replicas), clock, now)
        self._logged: dict[tuple[str, str], float] = {}
        self._warnings = DailyBudgetWarnings(quotas, log)
        self._sharing: Sharing | None = None
        if shared is not None:
            gauge = metrics.limits_shared()
            self._sharing = Sharing(shared, self._local, self._warnings, log, gauge, clock)
        metrics.watch_limits(self, LIMIT_NAMES)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep in touch with Redis, where there is one, until the end."""
        if self._sharing is None:
            yield
            return
        async with self._sharing.running():
            yield

    async def admit(self, caller: Caller, *, spends: bool = True) -> None:
        """Count one request.

        `spends`: whether it may call a model, so that the day's limits count as well.

        Raises Problem (429) with Retry-After and the RateLimit headers when a limit is reached.
        """
        counted = self._counted(caller)
        refusal = await self._admitted(counted, spends)
        if refusal is not None:
            self._note(refusal, counted)
            raise refusal.problem(self._in_force)

    def is_day_spent(self) -> bool:
        """Whether the daily budget has nothing left, as far as is known without asking."""
        stop = self._in_force.service.micro_usd
        if stop is None or self._service_spent.micro_usd < stop:
            return False
        self._refusals.labels(DAILY_BUDGET).inc()
        return True

    @asynccontextmanager
    async def call(self, caller: Caller, amount: Amount) -> AsyncIterator[Bill]:
        """Hold `amount` for one model call, and charge at its end what the bill says it used.

        Raises Problem (429) when a limit of the caller, or the service's of tokens, is reached, and
        DailyBudgetSpent.
        """
        counted = self._counted(caller)
        # Only what is limited is summed up: a caller may name a new session with each request.
        caps = self._quotas.caps
        summed = tuple(one for one in counted if one == SERVICE or caps(one.whose).by_day)
        held = await self._hold(summed, amount)
        if isinstance(held, Refusal):
            self._note(held, counted)
            if held.name == DAILY_BUDGET:
                raise DailyBudgetSpent
            raise held.problem(self._in_force)
        bill = Bill()
        try:
            yield bill
        finally:
            self._charge(held, bill.used)

    @property
    def budget_ratio(self) -> float:
        """Today's spend as a share of cost.daily_budget_usd; of this replica's part when local."""
        return self._service_spent.micro_usd / self._in_force.budget_micro_usd

    @property
    def requests_ratio(self) -> float:
        """How much of the service's requests a minute is taken."""
        sharing = self._sharing
        is_shared = sharing is not None and sharing.on
        requests = sharing.requests if sharing and is_shared else self._local.requests()
        return requests / self._in_force.service.requests

    @property
    def tokens_ratio(self) -> float | None:
        """How much of the service's tokens a day is taken; None without that limit."""
        limit = self._in_force.service.tokens
        return None if limit is None else self._service_spent.tokens / limit

    @property
    def _in_force(self) -> Quotas:
        is_shared = self._sharing is not None and self._sharing.on
        return self._quotas if is_shared else self._local.quotas

    @property
    def _service_spent(self) -> Amount:
        if self._sharing is not None and self._sharing.on:
            return self._sharing.spent
        return self._local.spent()

    def _counted(self, caller: Caller) -> tuple[Counted, ...]:
        """The counters of a request, the narrowest first: one user never uses up the service."""
        of = self._pseudonyms.of
        user = Counted("user", of("user", caller.identity) or "")
        session = of("session", caller.session_identity)
        return (user, SERVICE) if session is None else (user, Counted("session", session), SERVICE)

    async def _admitted(self, counted: tuple[Counted, ...], spends: bool) -> Refusal | None:
        if self._sharing is not None and self._sharing.on:
            try:
                answer = await self._sharing.admit(counted, spends)
            except Unreachable:
                pass
            else:
                if isinstance(answer, Seen):
                    self._local.count(counted)
                    return None
                return answer
        return self._local.admit(counted, spends=spends)

    async def _hold(self, counted: tuple[Counted, ...], amount: Amount) -> _Held | Refusal:
        day, marker, in_redis = self._local.today, uuid.uuid4().hex, False
        answer: Refusal | Seen | None
        if self._sharing is not None and self._sharing.on:
            in_redis = True  # from here on Redis may hold it, whatever we hear of it
            nothing_used = Settlement(marker, day, counted, amount, Amount())
            try:
                answer = await self._sharing.reserve(marker, counted, day, amount)
            except Unreachable:
                answer = self._local.spent_out(counted)
                if answer is not None:
                    self._sharing.owe(nothing_used)
            except BaseException:
                self._sharing.owe(nothing_used)
                raise
        else:
            answer = self._local.spent_out(counted)
        if isinstance(answer, Refusal):
            return answer
        self._local.add(day, counted, amount)
        return _Held(marker, day, counted, amount, in_redis)

    def _charge(self, held: _Held, used: Amount) -> None:
        self._local.add(held.day, held.counted, used - held.amount)
        if self._sharing is None or not self._sharing.on:
            self._warnings.local(self._local)
        if self._sharing is None:
            return
        if held.in_redis:
            self._sharing.owe(Settlement(held.marker, held.day, held.counted, held.amount, used))
        else:
            self._sharing.owe_sum(held.day, held.counted, used)

    def _note(self, refusal: Refusal, counted: tuple[Counted, ...]) -> None:
        """Count a refusal; log it when it is the first until this limit lets somebody through."""
        self._refusals.labels(refusal.name).inc()
        who: dict[str, str] = {one.whose: one.name for one in counted}
        now, key = self._clock(), (refusal.name, who[refusal.whose])
        if self._logged.get(key, 0.0) > now:
            return
        if len(self._logged) >= _REMEMBERED:
            self._logged.clear()
        self._logged[key] = now + refusal.wait
        del who["service"]
        self._log.warning(
            "limit_reached", limit=refusal.name, retry_after_seconds=refusal.wait, **who
        )
