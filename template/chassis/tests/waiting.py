"""Waiting for a condition instead of for some time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], bool], *, within_seconds: float = 5.0) -> float:
    """Wait until something is so; the seconds it took. Raises TimeoutError when it never is."""
    started = time.monotonic()
    async with asyncio.timeout(within_seconds):
        while not condition():  # noqa: ASYNC110 - what is watched has no event to wait for
            await asyncio.sleep(0.01)
    return time.monotonic() - started
