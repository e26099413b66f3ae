"""One way to write digits and separators, so that patterns need to know no other.

Every character is replaced by exactly one: a place in the folded text is one in the text.
"""

from __future__ import annotations

import unicodedata

# Spaces and dashes that word processors put into numbers; full-width signs of addresses.
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_PLAIN = {
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_DASHES, "-"),
    "＠": "@",
    "．": ".",
    "＋": "+",
    "：": ":",
}
_MOST_REPLACED = 16  # beyond so many different characters, one pass over the text is faster


def folded(text: str) -> str:
    """The text with plain digits, spaces and hyphens."""
    if text.isascii():
        return text
    other = {c: plain for c in set(text) if (plain := _plain(c)) is not None}
    if len(other) > _MOST_REPLACED:
        return text.translate({ord(character): plain for character, plain in other.items()})
    for character, plain in other.items():
        text = text.replace(character, plain)
    return text


def lowered(text: str) -> str:
    """The text in lower case, as long as it was: `İ`.lower() is two characters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _plain(character: str) -> str | None:
    if character.isascii():
        return None
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return _PLAIN.get(character)
