"""HTML and Markdown made inert, so that a field shown as a page shows text and nothing else.

What a model writes is data for whoever displays it (OWASP LLM05). The text stays readable: a tag's
`<` becomes `‹`, and a space parts what makes a Markdown link or image.
"""

from __future__ import annotations

import re

from .spans import Span

_ACTIVE = re.compile(
    # What opens a tag, a comment, a declaration or an autolink. "a < b" is none of them.
    r"(?P<html><)(?=[a-z/!?])"
    # The sign between a link's text and its target, an image's first sign, a definition's colon.
    r"|(?P<markdown>\](?=[(\[])|!(?=\[)|(?<=\]):)",
    re.IGNORECASE,
)
_INERT = {"<": "\u2039", "]": "] ", "!": "! ", ":": " :"}


def active_markup(text: str) -> list[Span]:
    """The signs that make a page act upon a text: `html` and `markdown`."""
    if "<" not in text and "]" not in text:
        return []
    return [Span(*match.span(), match.lastgroup or "") for match in _ACTIVE.finditer(text)]


def inert(sign: str, _: str) -> str:
    """What stands for such a sign: it reads the same, and does nothing."""
    return _INERT[sign]
