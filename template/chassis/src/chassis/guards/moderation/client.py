"""Asking a moderation service: in time, at most twice, and not at all while it is dead."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from pydantic import BaseModel, ConfigDict

from ...breaker import Breaker

CALLS_AT_ONCE = 32
"""Calls of one service by all requests together, each a connection; further ones wait."""

_CALLS_OF_ONE_REQUEST = 4
_MOST_BYTES = 250_000
_CONNECT_SECONDS = 1.0
_PAUSE_SECONDS = (0.02, 0.08)
# Whoever runs the guard ends it when its budget is over, which reaches us as a cancellation. From
# this share of the budget on, one is taken for that; before, for a caller who went away.
_SHARE_OF_BUDGET = 0.95
_TRANSIENT = (408, 500, 502, 503, 504)

Body = Mapping[str, Any]
Read = Callable[[Body, bytes], Sequence[str]]
"""What an answer to this body says: the kinds of what was found. ValueError when it is malformed"""


class ModerationFailed(Exception):
    """A service did not say whether a text may pass. The message has neither text nor key in it.

    `again_after` is the pause before another try, None where that cannot help; `sick` is whether
    it says something about the service's health, and so counts for the breaker.
    """

    def __init__(self, message: str, *, again_after: float | None = None, sick: bool = True):
        super().__init__(message)
        self.again_after = again_after
        self.sick = sick


class Answer(BaseModel):
    """An answer of a service, or a part of one: as documented or refused; additions are no harm."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False)


@dataclass(frozen=True)
class Operation:
    """One operation of a service, and how its answers are read."""

    name: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    read: Read
    http: httpx2.AsyncClient = field(repr=False)
    breaker: Breaker
    budget_seconds: float
    slots: asyncio.Semaphore

    async def ask(self, bodies: Sequence[Body]) -> tuple[str, ...]:
        """Send all bodies; the kinds of what the service found in any of them.

        Raises ModerationFailed when one of them is not answered. Keeping to the budget is up to
        whoever runs the guard; an overrun is noted here as the service's failure.
        """
        permit = self.breaker.admit()
        if permit is None:
            raise ModerationFailed(f"{self.name} kept failing and is left alone for a while")
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.budget_seconds * _SHARE_OF_BUDGET
        turn = asyncio.Semaphore(_CALLS_OF_ONE_REQUEST)
        try:
            found = await _all(self._in_turn(body, ends, turn) for body in bodies)
        except Exception as error:
            sick = not isinstance(error, ModerationFailed) or error.sick
            (self.breaker.failed if sick else self.breaker.abandoned)(permit)
            raise
        except BaseException:  # cancelled
            late = loop.time() >= ends
            (self.breaker.failed if late else self.breaker.abandoned)(permit)
            raise
        self.breaker.succeeded(permit)
        return tuple(dict.fromkeys(kind for kinds in found for kind in kinds))

    async def _in_turn(self, body: Body, ends: float, turn: asyncio.Semaphore) -> Sequence[str]:
        async with turn, self.slots:
            return await self._send_twice(body, ends)

    async def _send_twice(self, body: Body, ends: float) -> Sequence[str]:
        """Send a body, and once more when that may help and there is time for as long a call."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            return await self._send(body)
        except ModerationFailed as failed:
            pause, now = failed.again_after, loop.time()
            if pause is None or now + pause + (now - started) >= ends:
                raise
        await asyncio.sleep(pause)
        return await self._send(body)

    async def _send(self, body: Body) -> Sequence[str]:
        timeout = httpx2.Timeout(self.budget_seconds, connect=_CONNECT_SECONDS)
        headers = {
            **self.headers,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # what comes is as large as it says
        }
        # Half a character, which JSON can carry, has no place in UTF-8.
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        request = self.http.build_request(
            "POST", self.url, content=content, headers=headers, timeout=timeout
        )
        try:
            response = await self.http.send(request, stream=True, follow_redirects=False)
            try:
                self._judge(response)
                raw = await self._body(response)
            finally:
                await response.aclose()
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            message = f"{self.name}: {type(error).__name__}"
            raise ModerationFailed(message, again_after=_pause()) from None
        try:
            return self.read(body, raw)
        except ValueError:
            message = f"{self.name} answered in a form that is not the documented one"
            raise ModerationFailed(message) from None

    def _judge(self, response: httpx2.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        message = f"{self.name} answered HTTP {status}"
        if status == 429:  # too much of us, not a sick service: left alone, all would be refused
            raise ModerationFailed(message, again_after=_retry_after(response), sick=False)
        if status in _TRANSIENT:
            raise ModerationFailed(message, again_after=_retry_after(response))
        # The key, the address, or this one text: trying again does not help, and a text that the
        # service refuses must not be able to take it away from everyone.
        raise ModerationFailed(message, sick=status >= 500)

    async def _body(self, response: httpx2.Response) -> bytes:
        raw = bytearray()
        async for chunk in response.aiter_bytes():
            raw += chunk
            if len(raw) > _MOST_BYTES:
                raise ModerationFailed(f"{self.name} answered with more than {_MOST_BYTES} bytes")
        return bytes(raw)


Build = Callable[[str, Mapping[str, str], Read], Operation]
"""Makes an operation of this URL, with these headers, whose answers are read like this."""


async def _all(calls: Iterable[Coroutine[Any, Any, Sequence[str]]]) -> list[Sequence[str]]:
    """All results; when one fails, its exception, and the others are ended."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _pause() -> float:
    return random.uniform(*_PAUSE_SECONDS)


def _retry_after(response: httpx2.Response) -> float:
    """The pause a service asks for in seconds; a date would be further away than any budget."""
    text = response.headers.get("Retry-After", "")
    try:
        seconds = float(text) if text else _pause()
    except ValueError:
        return math.inf
    return seconds if seconds >= 0 else math.inf
