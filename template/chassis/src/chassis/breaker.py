"""A circuit breaker for one model of one provider.

Own code: see the decision record on breakers.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """Closed lets everything through, open nothing, half-open one probe."""

    closed = "closed"
    half_open = "half_open"
    open = "open"


class Permit:
    """Leave for one call. It is handed back with the call's verdict."""


class Breaker:
    """Opens after too many failures, and lets one probe through after a while.

    `failures` within `window_seconds` open it; a success forgets the failures before it. Once it is
    open only the probe's verdict counts: calls that went out before say nothing about now. It is
    used from one event loop, so it needs no lock. Every permit has to be handed back exactly once,
    to `succeeded`, `failed` or `abandoned`.
    """

    def __init__(
        self,
        failures: int,
        window_seconds: float,
        reset_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures: deque[float] = deque(maxlen=failures)
        self._window_seconds = window_seconds
        self._reset_seconds = reset_seconds
        self._clock = clock
        self._opened_at: float | None = None
        self._probe: Permit | None = None

    @property
    def state(self) -> State:
        """The state a caller would meet now."""
        opened_at = self._opened_at  # read once: the metrics are served from another thread
        if opened_at is None:
            return State.closed
        if self._clock() - opened_at >= self._reset_seconds:
            return State.half_open
        return State.open

    def admit(self) -> Permit | None:
        """Leave for a call to go out now, or None; half-open gives one until it comes back."""
        state = self.state
        if state is State.closed:
            return Permit()
        if state is State.open or self._probe is not None:
            return None
        self._probe = Permit()
        return self._probe

    def succeeded(self, permit: Permit) -> None:
        """The call was answered."""
        if permit is self._probe:
            self._probe = self._opened_at = None
        if self._opened_at is None:
            self._failures.clear()

    def failed(self, permit: Permit) -> None:
        """The provider failed the call."""
        now = self._clock()
        if permit is self._probe:
            self._probe, self._opened_at = None, now
        if self._opened_at is not None:
            return
        self._failures.append(now)
        if (
            len(self._failures) == self._failures.maxlen
            and now - self._failures[0] <= self._window_seconds
        ):
            self._opened_at = now

    def abandoned(self, permit: Permit) -> None:
        """The call ended without telling anything about the provider, such as by cancellation."""
        if permit is self._probe:
            self._probe = None
