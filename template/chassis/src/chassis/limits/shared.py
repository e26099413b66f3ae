"""Counting in Redis, for all replicas together.

Each question is one script, so it is looked at and counted in one step, for user, session and
service together, by Redis's own clock, and takes one round trip.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .quotas import DAY_SECONDS, SERVICE, WINDOW_SECONDS, Amount, Counted, Quotas, Refusal, What

if TYPE_CHECKING:
    from redis.asyncio import Redis

# A question that Redis does not answer within this is answered locally. A request asks at most
# twice (to be let in, and for its first model call) before it is known that Redis is away.
ANSWER_SECONDS = 0.04
# A timer that is this late shows that this process was busy.
_BUSY_SECONDS = 0.02
# For what no request waits for: the first connection, the return, debts.
PATIENT_SECONDS = 0.5
# Longer than any request (request.budget_seconds is at most 600).
_MARKER_SECONDS = 900
_SUM_SECONDS = 2 * DAY_SECONDS
_WHATS: dict[int, What] = {1: "requests", 2: "tokens", 3: "cost"}
_NO_LIMIT = -1
# What the on-call engineer has to mend; by name, as the client is an extra.
_REASONS = {
    "AuthenticationError": "Redis refuses the user or the password of REDIS_URL",
    "NoPermissionError": "Redis does not let this user do what the limits need",
    "ReadOnlyError": "REDIS_URL is a replica that only reads",
    "OutOfMemoryError": "Redis is full",
}
_EPOCH = date(1970, 1, 1)


class Unreachable(Exception):
    """Redis gave no usable answer in time. The text says why, without address or key."""


class Late(Unreachable):
    """This process was too busy to hear in time, which says nothing about Redis."""


@dataclass(frozen=True)
class Seen:
    """The service's own counters, as Redis answered."""

    spent: Amount
    requests: int = 0


@dataclass(frozen=True)
class Settlement:
    """What a call held and what it used. `marker` makes settling it twice the same as once."""

    marker: str
    day: int
    counted: tuple[Counted, ...]
    reserved: Amount
    used: Amount


class SharedCounts:
    """The counters of one service in Redis, all under one prefix and in one cluster slot."""

    def __init__(
        self,
        client: Redis,
        prefix: str,
        quotas: Quotas,
        window_seconds: float = WINDOW_SECONDS,
        answer_seconds: float | None = None,
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._quotas = quotas
        self._window_microseconds = round(window_seconds * 1_000_000)
        self._answer_seconds = answer_seconds or ANSWER_SECONDS
        self._admit = client.register_script(_script("admit"))
        self._reserve = client.register_script(_script("reserve"))
        self._settle = client.register_script(_script("settle"))

    async def admit(self, counted: Sequence[Counted], day: int, *, spends: bool) -> Refusal | Seen:
        """Count one request in every window, or refuse it and count it in none.

        A refusal for a day's limit does not know when midnight is: its wait is 0.
        """
        keys = [self._key("minute", one) for one in counted]
        keys += [self._day_key(day, one) for one in counted]
        arguments = [self._window_microseconds]
        for one in counted:
            caps = self._quotas.caps(one.whose)
            is_service = one.whose == "service"  # its cost limit degrades, it does not refuse
            arguments += [
                caps.requests,
                _limit(caps.tokens if spends else None),
                _limit(caps.micro_usd if spends and not is_service else None),
            ]
        which, *rest = await self._ask(self._admit, keys, arguments)
        if which:
            return Refusal(counted[which - 1].whose, _WHATS[rest[0]], rest[1] / 1_000_000)
        return Seen(Amount(rest[1], rest[2]), rest[0])

    async def reserve(
        self, marker: str, counted: Sequence[Counted], day: int, amount: Amount
    ) -> Refusal | Seen:
        """Hold an estimate in every sum of the day, or refuse it and hold it in none."""
        arguments = [_MARKER_SECONDS, _SUM_SECONDS, amount.tokens, amount.micro_usd]
        for one in counted:
            caps = self._quotas.caps(one.whose)
            arguments += [_limit(caps.tokens), _limit(caps.micro_usd)]
        keys = self._call_keys(marker, counted, day)
        which, first, second = await self._ask(self._reserve, keys, arguments)
        if which:
            return Refusal(counted[which - 1].whose, _WHATS[first], 0.0)
        return Seen(Amount(first, second))

    async def settle(self, done: Settlement) -> Amount:
        """Put what was used in the place of what was held; gives the last counter's sum."""
        keys = self._call_keys(done.marker, done.counted, done.day)
        held, used = done.reserved, done.used
        arguments = [held.tokens, held.micro_usd, used.tokens, used.micro_usd]
        arguments = [_MARKER_SECONDS, _SUM_SECONDS, *arguments]
        asked = self._settle(keys=keys, args=arguments)
        _, tokens, micro_usd = await _answer(asked, PATIENT_SECONDS)
        return Amount(tokens, micro_usd)

    async def look(self, day: int) -> Amount:
        """What the service used today. Connects where there is no connection yet."""
        await _answer(self._client.ping(), PATIENT_SECONDS)
        asked = self._client.hmget(self._day_key(day, SERVICE), ["tokens", "micro_usd"])
        # As quick as a request needs it, or it is not back.
        tokens, micro_usd = await _answer(asked, self._answer_seconds)
        return Amount(int(tokens or 0), int(micro_usd or 0))

    async def is_first(self, day: int, what: str) -> bool:
        """Whether no replica has said this today."""
        key = f"{self._prefix}:said:{_date(day)}:{what}"
        said = self._client.set(key, "1", nx=True, ex=_SUM_SECONDS)
        return bool(await _answer(said, PATIENT_SECONDS))

    async def _ask(self, script: Any, keys: list[str], arguments: list[int]) -> list[int]:
        asked = script(keys=keys, args=arguments)
        answer: list[int] = await _answer(asked, self._answer_seconds)
        return answer

    def _call_keys(self, marker: str, counted: Sequence[Counted], day: int) -> list[str]:
        return [f"{self._prefix}:call:{marker}", *(self._day_key(day, one) for one in counted)]

    def _day_key(self, day: int, one: Counted) -> str:
        return self._key(f"day:{_date(day)}", one)

    def _key(self, period: str, one: Counted) -> str:
        return f"{self._prefix}:{period}:{one.whose}:{one.name}"


async def _answer(asked: Any, seconds: float) -> Any:  # its client types some as not awaitable
    started = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except TimeoutError:
        if time.monotonic() - started > seconds + _BUSY_SECONDS:
            raise Late("this process was busy") from None
        raise Unreachable("no answer in time") from None
    except Exception as error:  # noqa: BLE001 - whatever it is, limits go on without Redis
        # The kind of failure only: what libraries write beside it may hold the address.
        kind = type(error).__name__
        raise Unreachable(f"{_REASONS[kind]} ({kind})" if kind in _REASONS else kind) from None


def prefix_of(service: str, environment: str) -> str:
    """What all keys of a service begin with; the braces keep them in one slot of a cluster."""
    return f"airworthy:{{{service}.{environment}}}"


def _script(name: str) -> str:
    return (files(__package__) / f"{name}.lua").read_text("utf-8")


def _limit(limit: int | None) -> int:
    return _NO_LIMIT if limit is None else limit


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
