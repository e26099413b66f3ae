"""The guards at work on one request: what comes in, what the pipeline adds to it, what goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import get_current_span

from .guards.personal.masking import Masking
from .guards.runner import Guards
from .guards.text import map_strings, normalise, strings
from .record import GuardVerdict


class Screening:
    """One request's way through the guards; its verdicts are added to the request's record."""

    def __init__(
        self,
        before: Guards,
        after: Guards,
        masking: Masking | None,
        verdicts: list[GuardVerdict],
    ) -> None:
        self._before = before
        self._after = after
        self._masking = masking
        self._verdicts = verdicts
        self._screened = ""
        self._unasked: list[str] = []
        self._asking = asyncio.Lock()

    async def input(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What the caller sent, as the pipeline may see it; raises Problem when a guard refuses."""
        with _noted(self._verdicts):
            payload = self._before.run_local("input", payload, self._verdicts)
            texts = list(strings(payload))
            if self._masking is not None:  # a hosted guard is a provider too
                texts = self._masking.mask("input", texts, own=True)
            await self._before.ask("input", texts, self._verdicts)
        self._screened = "\0".join(strings(payload))
        return payload

    def content(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values of a prompt as they may leave for the provider.

        Those that the caller did not send are screened here: a document, an e-mail or a tool's
        result can give orders too. Personal data is masked in all. Raises Problem when a guard
        refuses one.
        """
        return {name: self._value(normalise(value)) for name, value in values.items()}

    def _value(self, text: str) -> str:
        own = text in self._screened
        with _noted(self._verdicts):
            if not own:
                text = self._before.run_local("content", text, self._verdicts)
            if self._masking is not None:
                (text,) = self._masking.mask("input" if own else "content", [text], own=own)
            if not own:
                self._unasked.append(text)
        return text

    async def hosted(self) -> None:
        """Ask the hosted guards about what `content` screened; raises Problem when one refuses.

        One at a time, and what was not passed is asked about again: of two prompts that leave
        together, or one that is tried again, none leaves on the other's question.
        """
        async with self._asking:
            texts = list(self._unasked)
            with _noted(self._verdicts):
                await self._before.ask("content", texts, self._verdicts)
            del self._unasked[: len(texts)]

    async def output(self, fields: dict[str, Any]) -> dict[str, Any]:
        """An answer as it may go out; raises Problem when a guard refuses."""
        with _noted(self._verdicts):
            guarded: dict[str, Any] = await self._after.run("output", fields, self._verdicts)
        return guarded

    def restored(self, fields: dict[str, Any]) -> dict[str, Any]:
        """An answer's fields with what of the caller's own data was masked in the prompt.

        What comes back is looked at with what stands around it: somebody else may have written the
        caller's text, and hidden a link in a password. Raises Problem when a guard refuses.
        """
        if self._masking is None:
            return fields
        restored: dict[str, Any] = map_strings(fields, self._masking.restore)
        if restored == fields:
            return fields
        with _noted(self._verdicts):
            # What those two find now is the caller's own.
            guards = self._after.without("personal_data", "secrets")
            guarded: dict[str, Any] = guards.run_local("output", restored, self._verdicts)
        return guarded

    def degraded(self, fields: dict[str, Any]) -> dict[str, Any]:
        """An answer without a model. It may quote the input, so the local guards see it too."""
        with _noted(self._verdicts):
            guarded: dict[str, Any] = self._after.run_local("output", fields, self._verdicts)
        return guarded


@contextmanager
def _noted(verdicts: list[GuardVerdict]) -> Iterator[None]:
    """Put the verdicts that are added meanwhile on the current span."""
    before = len(verdicts)
    try:
        yield
    finally:
        span = get_current_span()
        if span.is_recording():
            for said in verdicts[before:]:
                name = f"airworthy.guard.{said.direction}.{said.guard}"
                span.set_attribute(name, said.verdict)
                if said.found:
                    span.set_attribute(f"{name}.found", said.found)
