"""Parts of a text that a guard takes out, and the text with something else in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """A part of a text, and what it is."""

    start: int
    end: int
    kind: str


Find = Callable[[str], Sequence[Span]]
"""Finds the parts of a text that a guard takes out, in order and without overlaps."""

Instead = Callable[[str, str], str]
"""What stands for a part that was taken out, from the part and its kind."""


def in_brackets(_: str, kind: str) -> str:
    """The kind in the place of what it was."""
    return f"[{kind}]"


def replaced(text: str, spans: Iterable[Span], instead: Instead = in_brackets) -> str:
    """The text with something else for each span; spans that begin within another are left out."""
    parts, at = [], 0
    for start, end, kind in spans:
        if start >= at:
            parts += [text[at:start], instead(text[start:end], kind)]
            at = end
    return "".join((*parts, text[at:]))
