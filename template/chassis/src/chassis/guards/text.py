"""Walking and normalising the text inside JSON-like values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

# What no reader sees: the controls but tab and newline, every code point that Unicode marks as
# Default_Ignorable (DerivedCoreProperties.txt), annotation marks, and lone surrogates.
UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff"
)
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
# Scripts in which a (non-)joiner changes what is read: Arabic and its neighbours, those of India,
# Sri Lanka, Tibet and Myanmar, Khmer, Mongolian.
_JOINING = "\u0620-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17dd\u1807-\u18aa"
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# The few places where one of them carries meaning: it stays there, once, so that no message can be
# spelled with it. Emoji (sequences, text or picture, the three flags made of tags), joiners in
# words, variants of ideographs in names, Mongolian letter forms.
_SEEN = (
    "\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
    f"|[{_EMOJI}](?:[\ufe0e\ufe0f]\u200d?|\u200d)"
    "|[0-9#*]\ufe0f(?=\u20e3)"
    f"|[{_JOINING}][\u200c\u200d]"
    f"|[{_IDEOGRAPHS}][\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|[\u1820-\u1878][\u180b-\u180d\u180f]"
)
_UNSEEN = re.compile(f"({_SEEN})|[{UNSEEN}]+")

# Shorter ones are counts and amounts; a payment card has thirteen digits or more.
_LONG_NUMBER = 10**12


def normalise(text: str) -> str:
    """The same text in one Unicode form (NFC), without characters that no reader sees.

    Those that change what is read stay: joiners in Persian and Hindi words, emoji sequences.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # First out, then composed: what stood between a letter and its accent must not keep them apart.
    return unicodedata.normalize("NFC", _UNSEEN.sub(_seen, text))


def _seen(match: re.Match[str]) -> str:
    return match[1] or ""


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The value with `change` applied to every string in it; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_strings(item, change) for key, item in value.items()}
    return value


def strings(value: Any, *, keys: bool = True) -> Iterator[str]:
    """Every string in a JSON-like value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item, keys=keys)
    elif isinstance(value, dict):
        for key, item in value.items():
            if keys:
                yield key
            yield from strings(item, keys=keys)


def fixed_strings(value: Any) -> Iterator[str]:
    """What a JSON-like value has besides strings that could be changed: keys, and long numbers."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from fixed_strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from fixed_strings(item)
    elif isinstance(value, int | float) and abs(value) >= _LONG_NUMBER and value % 1 == 0:
        yield str(int(value))
