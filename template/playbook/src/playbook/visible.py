"""Text of strangers, so that a terminal shows it and does not obey it."""

import re

from chassis.guards.text import UNSEEN

_LINE_BREAKS = re.compile("\r\n|\r|\u2028|\u2029|\x85")
# Joiners and variants within words and emoji are left: a terminal does nothing but draw them.
_HIDDEN = re.compile(f"(?![\u200c\u200d\ufe00-\ufe0f])[{UNSEEN}]")
_RUN = re.compile("(‹U\\+[0-9A-F]{4,6}›)(?:‹U\\+[0-9A-F]{4,6}›){3,}")
_PICTURES = 0x2400  # the block of signs for control characters: ␛ for escape
_DELETE = 0x7F


def visible(text: str) -> str:
    """The text with every control and invisible character written out.

    Line breaks and tabs stay; an escape becomes `␛`, a change of writing direction `‹U+202E›`.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _HIDDEN.sub(_shown, _LINE_BREAKS.sub("\n", text))
    return _RUN.sub(r"\1…", text)


def one_line(text: str, longest: int = 60) -> str:
    """The text as part of a sentence: visible, without line breaks, cut to a length."""
    line = " ".join(visible(text[: longest * 8]).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < ord(" "):
        return chr(_PICTURES + code)
    return "␡" if code == _DELETE else f"‹U+{code:04X}›"
