"""The output guards on an answer that goes out bit by bit.

What has gone out cannot be taken back, so the end of the text is held back until it is certain that
nothing begins in it: `HOLD_BACK_CHARACTERS`, and the whole of a run without spaces, such as a token
or an address, up to `MOST_HELD_CHARACTERS`. Hosted guards and the check of the scope need the whole
text and are not here.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from ..problems import blocked, unavailable
from ..record import GuardVerdict
from .runner import Guard, Guards
from .spans import Span

HOLD_BACK_CHARACTERS = 128
"""The longest thing with spaces in it that a guard finds whole: a phrase, an account, a card."""
MOST_HELD_CHARACTERS = 8192
"""A run without spaces that is longer is blocked: nobody can say what it is."""

_RUN = "".join(map(chr, range(0x21, 0x7F)))  # what an address or a token is written in


@dataclass
class _Seen:
    """What one guard has seen so far."""

    kinds: dict[str, None] = field(default_factory=dict)
    verdict: str = "pass"
    milliseconds: float = 0.0


class StreamFilter:
    """One answer's way through the local output guards, chunk by chunk.

    `feed` and `finish` give what may go out. They raise Problem as `Guards.run_local` does; nothing
    more goes out after that.
    """

    def __init__(self, guards: Guards, verdicts: list[GuardVerdict]) -> None:
        self._guards = guards.local
        self._verdicts = verdicts
        self._seen = {guard.name: _Seen() for guard in self._guards}
        self._before = ""  # the end of what went out: what is found may need it to be understood
        self._held = ""

    def feed(self, chunk: str) -> str:
        """What may go out now that this chunk is here."""
        self._held += chunk
        return self._release(final=False)

    def finish(self) -> str:
        """The rest, when there is no further chunk; the verdicts are complete then."""
        rest = self._release(final=True)
        self._write_down()
        return rest

    async def over(self, chunks: AsyncIterable[str]) -> AsyncIterator[str]:
        """The chunks as they may go out."""
        async for chunk in chunks:
            if safe := self.feed(chunk):
                yield safe
        if rest := self.finish():
            yield rest

    def _release(self, *, final: bool) -> str:
        text, start = self._before + self._held, len(self._before)
        taken_out = [found for guard in self._guards for found in self._look(guard, text, start)]
        taken_out.sort(key=lambda found: found[0].start)
        cut = len(text) if final else _safe_cut(text, [span for span, _ in taken_out])
        cut = max(cut, start)
        if len(text) - cut > MOST_HELD_CHARACTERS:
            self._write_down()
            raise blocked("output", "length")
        out, at = "", start
        for span, instead in taken_out:
            if span.start >= cut:
                break
            if span.start >= at:
                out += text[at : span.start] + instead
            at = max(at, span.end)
        out += text[at:cut]
        self._before, self._held = text[:cut][-HOLD_BACK_CHARACTERS:], text[cut:]
        return out

    def _look(self, guard: Guard, text: str, start: int) -> list[tuple[Span, str]]:
        """What this guard takes out of what is held, and what for."""
        seen, began = self._seen[guard.name], time.thread_time()
        spans: Sequence[Span] = ()
        kinds: tuple[str, ...] = ()
        try:
            if guard.find is not None:
                spans = [span for span in guard.find(text) if span.end > start]
                kinds = tuple(span.kind for span in spans)
            elif (found := (guard.stream_check or guard.check)(text)) is not None:
                kinds = found.kinds
        except Exception as error:  # noqa: BLE001 - a guard that crashes blocks: DESIGN principle 7
            self._fail(guard, seen, error)
        took = (time.thread_time() - began) * 1000
        seen.milliseconds += took
        if took > guard.policy.budget_ms:
            self._fail(guard, seen, None)
        if not kinds:
            return []
        seen.kinds.update(dict.fromkeys(kinds))
        mode = guard.policy.mode
        seen.verdict = "block" if mode == "redact" and guard.find is None else mode
        if seen.verdict == "block":
            self._write_down()
            raise blocked("output", guard.kind)
        if mode == "observe":
            return []
        return [(span, guard.instead(text[span.start : span.end], span.kind)) for span in spans]

    def _fail(self, guard: Guard, seen: _Seen, error: Exception | None) -> NoReturn:
        seen.verdict = "error"
        self._write_down()
        raise unavailable(
            "guard-failed", f"The {guard.kind} check of the output could not be completed."
        ) from error

    def _write_down(self) -> None:
        for guard in self._guards:
            seen = self._seen[guard.name]
            self._verdicts.append(
                GuardVerdict(
                    guard.name,
                    guard.version,
                    "output",
                    guard.policy.mode,
                    seen.verdict,
                    list(seen.kinds),
                    round(seen.milliseconds, 3),
                )
            )


def _safe_cut(text: str, spans: Sequence[Span]) -> int:
    """How far the text is certain: nothing that is found now, or could be, goes on beyond it."""
    certain = text[: max(0, len(text) - HOLD_BACK_CHARACTERS)]
    cut = len(certain.rstrip(_RUN))
    for span in reversed(spans):
        if span.start < cut < span.end:
            cut = span.start
    return cut
