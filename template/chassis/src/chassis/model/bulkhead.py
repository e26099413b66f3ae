"""The places of one model: so many calls at a time, so many more that may wait, the rest refused.

So a model that hangs holds up its own callers only, and those only up to a number that is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .failures import Failure, FailureKind


class Bulkhead:
    """Places for calls, and a queue before them. Used from one event loop, so it needs no lock."""

    def __init__(self, places: int, queue: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._queue = queue
        self.waiting = 0
        self.in_use = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place, first come first served.

        Raises Failure at once when the queue is full: who waits behind that many would only find
        the budget spent.
        """
        if self._places.locked():
            if self.waiting >= self._queue:
                raise Failure(FailureKind.queue_full, "too many calls are waiting for this model")
            self.waiting += 1
            try:
                await self._places.acquire()
            finally:
                self.waiting -= 1
        else:
            await self._places.acquire()  # there is a free one: this does not wait
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self._places.release()
