"""What personal data and secrets are called, how spans of them merge, and text without them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from ..spans import Span, replaced

SECRET = "secret"
KINDS = (
    SECRET,
    "e-mail",
    "card",
    "iban",
    "national-number",
    "phone",
    "ip",
    "mac",
    "name",
    "address",
)
"""Every kind a finder may tell; it stands in logs, metrics and placeholders."""

PLACEHOLDER = re.compile(
    rf"\[(?P<kind>{'|'.join(KINDS)})(?:-(?P<number>[0-9]{{1,9}}))?\]", re.IGNORECASE
)
"""What stands where something was taken out: `[e-mail]`, or `[e-mail-1]` when it can come back."""

ROUNDS = 8
"""What is taken out can bring two halves of something else together; a few rounds settle it."""


class Finder(Protocol):
    """Sees personal data or secrets in a text."""

    def find(self, text: str) -> list[Span]:
        """What there is, in order and without overlaps; nothing within a placeholder."""
        ...


class Together:
    """Several finders as one."""

    def __init__(self, *finders: Finder) -> None:
        self._finders = finders

    def find(self, text: str) -> list[Span]:
        """What any of them sees."""
        return resolved(span for finder in self._finders for span in finder.find(text))


def resolved(spans: Iterable[Span]) -> list[Span]:
    """The spans in order; those that overlap become one: of what was found, nothing may stay.

    It is of the kind of the longest, and a secret if any of them is one.
    """
    merged: list[Span] = []
    longest = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
            longest = span.end - span.start
            continue
        last = merged[-1]
        kind = span.kind if span.end - span.start > longest else last.kind
        if SECRET in (span.kind, last.kind):
            kind = SECRET
        longest = max(longest, span.end - span.start)
        merged[-1] = Span(last.start, max(last.end, span.end), kind)
    return merged


def redact(text: str, finder: Finder) -> str:
    """The text without anything the finder sees; looking again finds nothing."""
    for _ in range(ROUNDS):
        spans = finder.find(text)
        if not spans:
            return text
        text = replaced(text, spans)
    return "[unreadable]" if finder.find(text) else text
