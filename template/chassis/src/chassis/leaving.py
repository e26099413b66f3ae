"""A caller who goes away: what is done for it ends, because a model call costs money."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from .problems import invalid

ResultT = TypeVar("ResultT")
Leaving = Coroutine[Any, Any, None]
"""Ends when the caller has gone."""


async def unless(left: Leaving | None, work: Coroutine[Any, Any, ResultT]) -> ResultT:
    """What the work gives, if the caller waits for it.

    Raises Problem when the caller left before; the work is ended then. It spends no availability:
    as with a body that breaks off, the end was the caller's.
    """
    if left is None:
        return await work
    working, leaving = asyncio.create_task(work), asyncio.create_task(left)
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise invalid(
            "caller-left", "Nobody waits for the answer", "The connection was closed.", status=400
        )
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
