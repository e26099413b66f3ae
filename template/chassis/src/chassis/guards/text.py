"""Walking and normalising the text inside JSON-like values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

# C0 and C1 controls except tab and newline; zero-width characters; bidirectional controls; tags;
# lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)

# Shorter ones are counts and amounts; a payment card has thirteen digits or more.
_LONG_NUMBER = 10**12


def normalise(text: str) -> str:
    """The same text in one Unicode form (NFC), without characters that no reader sees."""
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n")))


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The value with `change` applied to every string in it; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: map_strings(item, change) for key, item in value.items()}
    return value


def strings(value: Any, *, keys: bool = True, numbers: bool = False) -> Iterator[str]:
    """Every string in a JSON-like value; with `numbers`, long whole ones too, as text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, keys=keys, numbers=numbers)
    elif isinstance(value, dict):
        for key, item in value.items():
            if keys:
                yield key
            yield from strings(item, keys=keys, numbers=numbers)
    elif numbers and isinstance(value, int) and abs(value) >= _LONG_NUMBER:
        yield str(value)
