"""Counting in this process: a moving minute of requests, and the sums of a UTC day.

Own code, because the asynchronous memory storage of the library `limits` (5.8) sweeps all its
counters after each request, with a change of threads for each of them: 3.3 s of CPU a sweep at
10,000 users. It is used from one event loop and never waits between looking and counting, so it
needs no lock.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from .quotas import DAY_SECONDS, SERVICE, WINDOW_SECONDS, Amount, Counted, Quotas, Refusal

_NOTHING = Amount()


class LocalCounts:
    """What this replica has let through in the last minute, and used since midnight UTC.

    It counts while Redis does the limiting, too: when Redis goes, it goes on from there.
    """

    def __init__(
        self,
        quotas: Quotas,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.quotas = quotas
        self._clock = clock
        self._now = now
        self._windows: OrderedDict[Counted, deque[float]] = OrderedDict()
        self._sums: dict[Counted, Amount] = {}
        self._lately = (clock(), 0)
        self._day = self.today

    @property
    def today(self) -> int:
        """The UTC day, counted from 1970; leap seconds do not exist in this clock."""
        return int(self._now() // DAY_SECONDS)

    @property
    def seconds_to_midnight(self) -> float:
        """How long the UTC day still lasts."""
        return DAY_SECONDS - self._now() % DAY_SECONDS

    def admit(self, counted: Iterable[Counted], *, spends: bool) -> Refusal | None:
        """Count one request everywhere, or refuse it and count it nowhere.

        `spends`: whether it may call a model, so that the day's limits count as well.
        """
        counted = tuple(counted)
        now = self._clock()
        for one in counted:
            window, limit = self._window(one, now), self.quotas.caps(one.whose).requests
            if len(window) >= limit:
                # As many have to leave the window as are in it beyond the limit.
                wait = window[len(window) - limit] + WINDOW_SECONDS - now
                return Refusal(one.whose, "requests", wait)
        if spends and (refusal := self.spent_out(counted)) and refusal.name != "daily_budget":
            return refusal
        self.count(counted)
        return None

    def count(self, counted: Iterable[Counted]) -> None:
        """Count one request that was let through."""
        now = self._clock()
        for one in counted:
            self._windows.setdefault(one, deque()).append(now)
            self._windows.move_to_end(one)
        self._lately = (now, len(self._window(SERVICE, now)))
        while not (oldest := next(iter(self._windows.values()))) or _is_past(oldest[-1], now):
            self._windows.popitem(last=False)

    def requests(self) -> int:
        """How many requests were in the service's minute at the last one; metrics ask elsewhere."""
        at, requests = self._lately
        return 0 if _is_past(at, self._clock()) else requests

    def spent_out(self, counted: Iterable[Counted]) -> Refusal | None:
        """The first of the day's limits that is used up."""
        self._turn_over()
        for one in counted:
            what = self.quotas.caps(one.whose).spent(self._sums.get(one, _NOTHING))
            if what is not None:
                return Refusal(one.whose, what, self.seconds_to_midnight)
        return None

    def add(self, day: int, counted: Iterable[Counted], amount: Amount) -> None:
        """Add to the sums of a day; those of a day that is over are no longer kept."""
        self._turn_over()
        if day == self._day:
            for one in counted:
                self._sums[one] = self._sums.get(one, _NOTHING) + amount

    def spent(self, one: Counted = SERVICE) -> Amount:
        """What was used today, calls in flight at their estimate. Metrics ask from their thread."""
        return self._sums.get(one, _NOTHING) if self._day == self.today else _NOTHING

    def _window(self, one: Counted, now: float) -> deque[float]:
        window = self._windows.get(one)
        if window is None:
            return deque()
        while window and _is_past(window[0], now):
            window.popleft()
        return window

    def _turn_over(self) -> None:
        if (day := self.today) != self._day:
            self._day = day
            self._sums.clear()


def _is_past(counted_at: float, now: float) -> bool:
    return counted_at <= now - WINDOW_SECONDS
