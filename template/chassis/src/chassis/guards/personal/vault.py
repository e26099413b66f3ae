"""Masking for one request: what leaves for the provider, and what may come back from it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..spans import Span
from .light import EVERYTHING
from .spans import PLACEHOLDER, ROUNDS, Finder, resolved

# A value that was found once is masked wherever it stands again; a short one would be found
# within words.
_LEAST_TO_REPEAT = 6


class Vault:
    """Remembers what was masked in one request. Not for two requests: it holds their data.

    Each value gets one numbered placeholder, such as `[e-mail-1]`, wherever it stands.
    """

    def __init__(self, finder: Finder = EVERYTHING) -> None:
        self._finder = finder
        self._placeholders: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._own: set[str] = set()
        self._counts: dict[str, int] = {}

    def mask(self, text: str, own: bool) -> str:
        """The text with a placeholder in each value's place.

        Text that looks like a placeholder itself is a value too, so that it comes back as it was.

        Args:
            text: What is to leave for the provider.
            own: Whether the caller sent it, and so may read its values again in the answer.
        """
        literal = [Span(*m.span(), m["kind"].lower()) for m in PLACEHOLDER.finditer(text)]
        spans = resolved([*literal, *self._finder.find(text)])
        for start, end, kind in spans:
            self._remember(text[start:end], kind, own)
        text = self._masked(text, resolved([*spans, *self._repeated(text, spans)]), own)
        for _ in range(ROUNDS):  # what is taken out can bring two halves together
            if not (spans := self._finder.find(text)):
                break
            text = self._masked(text, spans, own, around=True)
        return text

    def restore(self, text: str) -> str:
        """The text with the caller's own values back; any other placeholder loses its number."""
        return PLACEHOLDER.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        placeholder = match[0].lower()
        value = self._values.get(placeholder) if placeholder in self._own else None
        return f"[{match['kind'].lower()}]" if value is None else value

    def _masked(self, text: str, spans: Iterable[Span], own: bool, *, around: bool = False) -> str:
        """The text with placeholders; `around` when there may be some within the spans already."""
        parts, at = [], 0
        for start, end, kind in spans:
            value = text[start:end]
            if around:
                value = PLACEHOLDER.sub(lambda m: self._values.get(m[0], m[0]), value)
            parts += [text[at:start], self._remember(value, kind, own)]
            at = end
        return "".join((*parts, text[at:]))

    def _remember(self, value: str, kind: str, own: bool) -> str:
        placeholder = self._placeholders.get(value)
        if placeholder is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            placeholder = self._placeholders[value] = f"[{kind}-{number}]"
            self._values[placeholder] = value
        if own:
            self._own.add(placeholder)
        return placeholder

    def _repeated(self, text: str, known: Iterable[Span]) -> list[Span]:
        """Where else values of this request stand, without what made them known as such."""
        for start, end, _ in known:
            text = text[:start] + "\0" * (end - start) + text[end:]
        again = [v for v in self._placeholders if len(v) >= _LEAST_TO_REPEAT and v in text]
        if not again:
            return []
        again.sort(key=len, reverse=True)
        return [
            Span(*match.span(), self._placeholders[match[0]][1:].rsplit("-", 1)[0])
            for match in re.finditer("|".join(map(re.escape, again)), text)
        ]
