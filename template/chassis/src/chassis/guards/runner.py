"""Running guards over a value: modes, verdicts, and failing closed."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from ..config.guardrails import Guard as GuardPolicy
from ..problems import blocked, unavailable
from ..record import GuardVerdict
from .spans import Find, Instead, Span, in_brackets, replaced
from .text import fixed_strings, map_strings, strings

ValueT = TypeVar("ValueT")

Direction = Literal["input", "content", "output"]
"""What is looked at: what the caller sent, what a pipeline fetched itself, what goes out."""


@dataclass(frozen=True)
class Found:
    """What a check saw in a text.

    `kinds` says what it was ("e-mail"), never the text itself: it goes to the log line, the span
    and the metric. `clean` is the text without it; None when it cannot be taken out.
    """

    kinds: tuple[str, ...]
    clean: str | None = None


Check = Callable[[str], Found | None]
"""Looks at one text, here and now; None when there is nothing to see."""

HostedCheck = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
"""Asks a service about all texts at once; the kinds of what it saw, none when there is nothing."""


def check_of(find: Find, clean: Callable[[str, Sequence[Span]], str] = replaced) -> Check:
    """The check that tells the kinds of what `find` finds, and gives the text without it."""

    def check(text: str) -> Found | None:
        spans = find(text)
        if not spans:
            return None
        kinds = tuple(dict.fromkeys(span.kind for span in spans))
        return Found(kinds, clean(text, spans))

    return check


@dataclass(frozen=True)
class Guard:
    """One local guard.

    `kind` is what a caller is told when it blocks ("personal data"); it must not say how to get
    around it. `spared` names fields of the value that it does not look at. `find` is there where a
    guard works on streams too: which parts of a text it takes out, and `instead` what for.
    `content_check` looks at what a pipeline fetched, `stream_check` at a part of a text, where that
    differs from `check`.
    """

    name: str
    kind: str
    version: str
    policy: GuardPolicy
    check: Check
    spared: frozenset[str] = frozenset()
    find: Find | None = None
    instead: Instead = in_brackets
    content_check: Check | None = None
    stream_check: Check | None = None


@dataclass(frozen=True)
class HostedGuard:
    """One guard that asks a service. It can block or observe; there is nothing it could redact.

    `ask_content` asks about content that was fetched, where that is another question.
    """

    name: str
    kind: str
    version: str
    policy: GuardPolicy
    ask: HostedCheck
    ask_content: HostedCheck | None = None


@dataclass(frozen=True)
class Guards:
    """The guards of one direction, in their order: the local ones, then the hosted ones at once."""

    local: tuple[Guard, ...] = ()
    hosted: tuple[HostedGuard, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every guard's name, as metrics carry it."""
        return (*(guard.name for guard in self.local), *(guard.name for guard in self.hosted))

    def without(self, *names: str) -> Guards:
        """The guards but these."""
        return Guards(
            tuple(guard for guard in self.local if guard.name not in names),
            tuple(guard for guard in self.hosted if guard.name not in names),
        )

    def run_local(self, direction: Direction, value: Any, verdicts: list[GuardVerdict]) -> Any:
        """The value, redacted where a local guard says so; verdicts are added to `verdicts`.

        Raises Problem: 422 when a guard blocks, 503 when one crashes or overruns its time.
        """
        for guard in self.local:
            value = _run_local(direction, guard, value, verdicts)
        return value

    async def run(self, direction: Direction, value: Any, verdicts: list[GuardVerdict]) -> Any:
        """As `run_local`, and then asks the hosted guards, all at the same time."""
        value = self.run_local(direction, value, verdicts)
        await self.ask(direction, value, verdicts)
        return value

    async def ask(self, direction: Direction, value: Any, verdicts: list[GuardVerdict]) -> None:
        """Ask the hosted guards about every text in the value.

        Raises Problem: 422 when one blocks, 503 when one fails or overruns its time.
        """
        texts = [text for text in strings(value) if text.strip()]
        if not self.hosted or not texts:
            return
        asked = await asyncio.gather(*(_ask(direction, guard, texts) for guard in self.hosted))
        verdicts.extend(
            _verdict(direction, g, said) for g, said in zip(self.hosted, asked, strict=True)
        )
        for guard, said in zip(self.hosted, asked, strict=True):
            _refuse(direction, guard, said)


@dataclass(frozen=True)
class _Said:
    """One guard's verdict and what it rests on."""

    verdict: str
    found: Sequence[str]
    milliseconds: float
    crash: Exception | None = None


def _run_local(direction: Direction, guard: Guard, value: Any, verdicts: list[GuardVerdict]) -> Any:
    if direction == "content" and guard.content_check is not None:
        guard = replace(guard, check=guard.content_check)
    return judged(direction, guard, lambda: _look(guard, value), verdicts)


def judged(
    direction: Direction,
    guard: Guard,
    look: Callable[[], tuple[str, tuple[str, ...], ValueT]],
    verdicts: list[GuardVerdict],
) -> ValueT:
    """What `look` gives beside a verdict and the kinds of what was found; written to `verdicts`.

    Raises Problem: 422 when the verdict is to block, 503 when `look` crashes or overruns its time.
    """
    looked = None
    crash: Exception | None = None
    with _no_collection():
        started = time.thread_time()  # its own work: a busy machine is no fault of a guard
        try:
            looked = look()
        except Exception as error:  # noqa: BLE001 - a guard that crashes blocks: DESIGN principle 7
            crash = error
        milliseconds = (time.thread_time() - started) * 1000
    verdict, kinds = looked[:2] if looked else ("error", ())
    if milliseconds > guard.policy.budget_ms:
        verdict = "error"
    said = _Said(verdict, kinds, milliseconds, crash)
    verdicts.append(_verdict(direction, guard, said))
    _refuse(direction, guard, said)
    assert looked is not None  # a crash was refused
    return looked[2]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Have Python collect its garbage afterwards.

    It does so whenever enough objects were made, whoever makes the last one, and with many objects
    alive it takes longer than a guard may.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _look(guard: Guard, value: Any) -> tuple[str, tuple[str, ...], Any]:
    """The verdict on a value, the kinds of what was found, and the value that may go on."""
    spared = {}
    if guard.spared and isinstance(value, dict):
        spared = {name: value[name] for name in guard.spared & value.keys()}
        value = {name: item for name, item in value.items() if name not in spared}
    verdict, kinds, changed = _judge(guard, value)
    return verdict, kinds, {**changed, **spared} if spared else changed


def _judge(guard: Guard, value: Any) -> tuple[str, tuple[str, ...], Any]:
    texts = {text: guard.check(text) for text in strings(value, keys=False)}
    # Keys and numbers are a part of the form: what is found in one cannot be taken out.
    stays = [guard.check(text) for text in fixed_strings(value)]
    found = [seen for seen in (*texts.values(), *stays) if seen is not None]
    kinds = tuple(dict.fromkeys(kind for seen in found for kind in seen.kinds))
    if not found:
        return "pass", kinds, value
    if guard.policy.mode == "observe":
        return "observe", kinds, value
    if guard.policy.mode == "block" or any(stays) or any(seen.clean is None for seen in found):
        return "block", kinds, value

    def clean(text: str) -> str:
        seen = texts[text]
        return text if seen is None or seen.clean is None else seen.clean

    return "redact", kinds, map_strings(value, clean)


async def _ask(direction: Direction, guard: HostedGuard, texts: Sequence[str]) -> _Said:
    ask = (direction == "content" and guard.ask_content) or guard.ask
    started = time.perf_counter()
    verdict = "error"
    kinds: tuple[str, ...] = ()
    crash: Exception | None = None
    try:
        async with asyncio.timeout(guard.policy.budget_ms / 1000):
            kinds = tuple(await ask(texts))
        verdict = "pass" if not kinds else guard.policy.mode
    except TimeoutError:
        pass  # an overrun, not a crash: the verdict says it
    except Exception as error:  # noqa: BLE001 - a guard that crashes blocks: DESIGN principle 7
        crash = error
    return _Said(verdict, kinds, (time.perf_counter() - started) * 1000, crash)


def _verdict(direction: Direction, guard: Guard | HostedGuard, said: _Said) -> GuardVerdict:
    return GuardVerdict(
        guard.name,
        guard.version,
        direction,
        guard.policy.mode,
        said.verdict,
        list(said.found),
        round(said.milliseconds, 3),
    )


def _refuse(direction: Direction, guard: Guard | HostedGuard, said: _Said) -> None:
    """Raise the problem that a verdict makes, if it makes one."""
    if said.verdict == "error":
        raise unavailable(
            "guard-failed", f"The {guard.kind} check of the {direction} could not be completed."
        ) from said.crash
    if said.verdict == "block":
        raise blocked(direction, guard.kind)
