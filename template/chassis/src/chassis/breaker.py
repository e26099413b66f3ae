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


class Breaker:
    """Opens after too many failures, and lets one probe through after a while.

    `failures` within `window_seconds` open it; a success forgets the failures before it. It is
    used from one event loop, so `allows` and the verdict that follows need no lock. Every
    `allows() is True` must be followed by exactly one of `succeeded`, `failed` or `abandoned`.
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
        self._probing = False

    @property
    def state(self) -> State:
        """The state a caller would meet now."""
        if self._opened_at is None:
            return State.closed
        if self._clock() - self._opened_at >= self._reset_seconds:
            return State.half_open
        return State.open

    def allows(self) -> bool:
        """Whether a call may go out now; in half-open only the first caller gets True."""
        state = self.state
        if state is State.closed:
            return True
        if state is State.open or self._probing:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The call was answered: closed again."""
        self._failures.clear()
        self._opened_at = None
        self._probing = False

    def failed(self) -> None:
        """The provider failed the call."""
        now = self._clock()
        self._failures.append(now)
        too_many = (
            len(self._failures) == self._failures.maxlen
            and now - self._failures[0] <= self._window_seconds
        )
        if self._probing or too_many:
            self._opened_at = now
        self._probing = False

    def abandoned(self) -> None:
        """The call ended without telling anything about the provider, such as by cancellation."""
        self._probing = False
