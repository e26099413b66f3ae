"""Limits kept in Redis for as long as it answers: leaving it, what it is owed, coming back."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from prometheus_client import Gauge

from ..logs import Logger
from .budget_warnings import DailyBudgetWarnings
from .local import LocalCounts
from .quotas import WINDOW_SECONDS, Amount, Counted, Refusal
from .shared import PATIENT_SECONDS, Late, Seen, Settlement, SharedCounts, Unreachable

# How often Redis is asked for the service's sum, and, while it is away, whether it is back.
LOOK_SECONDS = 1.0
_NOTHING = Amount()


class Sharing:
    """Whether Redis counts just now, what it said last, and what it has yet to be told.

    The first question that it does not answer in time ends the sharing for everybody. From then on
    no request asks: only the look in the background does, and it restores the sharing once Redis
    knows what was used meanwhile.
    """

    def __init__(
        self,
        counts: SharedCounts,
        local: LocalCounts,
        warnings: DailyBudgetWarnings,
        log: Logger,
        gauge: Gauge,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on = False
        self._counts = counts
        self._local = local
        self._warnings = warnings
        self._log = log
        self._gauge = gauge
        self._clock = clock
        self._said: bool | None = None
        self._seen = (local.today, _NOTHING)
        self._requests = (clock(), 0)
        self._debts: deque[Settlement] = deque()
        self._sums: dict[tuple[int, Counted], Amount] = {}
        self._paying = asyncio.Lock()
        self._payer: asyncio.Task[None] | None = None

    @property
    def spent(self) -> Amount:
        """What the service used today, as Redis said last."""
        day, spent = self._seen
        return spent if day == self._local.today else _NOTHING

    @property
    def requests(self) -> int:
        """How many requests were in the service's minute at the last one."""
        at, requests = self._requests
        return requests if self._clock() - at < WINDOW_SECONDS else 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after Redis in the background; at the end, tell it what it is still owed."""
        await self._look()
        watcher = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            for task in (watcher, self._payer):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            if self.on:
                with suppress(Unreachable, TimeoutError):
                    async with asyncio.timeout(2 * PATIENT_SECONDS):
                        await self._pay()

    async def admit(self, counted: tuple[Counted, ...], spends: bool) -> Refusal | Seen:
        """Ask Redis to count a request; raises Unreachable, and mostly is off then."""
        day = self._local.today
        try:
            answer = await self._counts.admit(counted, day, spends=spends)
        except Unreachable as error:
            self._leave(error)
            raise
        if isinstance(answer, Seen):
            self._seen = (day, answer.spent)
            self._requests = (self._clock(), answer.requests)
        return self._until_midnight(answer)

    async def reserve(
        self, marker: str, counted: tuple[Counted, ...], day: int, amount: Amount
    ) -> Refusal | Seen:
        """Ask Redis to hold an estimate; raises Unreachable, and mostly is off then."""
        try:
            answer = await self._counts.reserve(marker, counted, day, amount)
        except Unreachable as error:
            self._leave(error)
            raise
        if isinstance(answer, Seen):
            self._seen = (day, answer.spent)
        return self._until_midnight(answer)

    def owe(self, settlement: Settlement) -> None:
        """Have a call settled that Redis may hold: now, or when it is back."""
        self._debts.append(settlement)
        self._send()

    def owe_sum(self, day: int, counted: tuple[Counted, ...], used: Amount) -> None:
        """Have added what was used without asking, summed up by counter: an outage may be long."""
        for one in counted:
            self._sums[day, one] = self._sums.get((day, one), _NOTHING) + used
        self._send()

    def _until_midnight(self, answer: Refusal | Seen) -> Refusal | Seen:
        if isinstance(answer, Refusal) and answer.what != "requests":
            return Refusal(answer.whose, answer.what, self._local.seconds_to_midnight)
        return answer

    def _send(self) -> None:
        """Pay without anybody waiting for it; an answer never does."""
        if self.on and (self._payer is None or self._payer.done()):
            self._payer = asyncio.create_task(self._pay_or_leave())

    async def _pay_or_leave(self) -> None:
        try:
            await self._pay()
        except Unreachable as error:
            self._leave(error)

    async def _pay(self) -> None:
        """Tell Redis all that it is owed. What it did not confirm stays owed, under its marker."""
        async with self._paying:
            while self._debts or self._sums:
                sums, self._sums = self._sums, {}
                for (day, one), used in sums.items():
                    settlement = Settlement(uuid.uuid4().hex, day, (one,), _NOTHING, used)
                    self._debts.append(settlement)
                while self._debts:
                    debt = self._debts[0]
                    total = await self._counts.settle(debt)
                    self._debts.popleft()
                    if debt.counted[-1].whose == "service":
                        self._seen = (debt.day, total)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        day = self._local.today
        try:
            spent = await self._counts.look(day)
            if not self.on:
                await self._pay()
                spent = await self._counts.look(day)
            self._seen = (day, spent)
            self._return()
            if self._debts or self._sums:  # this process was too busy to hear that they were paid
                self._send()
            await self._warnings.shared(self._counts, day, spent)
        except Unreachable as error:
            self._leave(error)

    def _leave(self, error: Unreachable) -> None:
        if isinstance(error, Late):
            return
        self.on = False
        self._gauge.set(0)
        if self._said is not False:
            self._said = False
            self._log.warning(
                "limits_local",
                reason=str(error),
                consequence="Each replica allows its part of the limits until Redis answers again.",
            )

    def _return(self) -> None:
        self.on = True
        self._gauge.set(1)
        if self._said is not True:
            self._said = True
            self._log.info("limits_shared")
