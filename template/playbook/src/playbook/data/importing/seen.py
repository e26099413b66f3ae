"""What is there already: cases, held-out ones, candidates, and the rows before this one."""

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Any

from chassis.guards.text import normalise, strings


@dataclass(frozen=True)
class Known:
    """Something with the same text: its id, what it is to a person, and its labels."""

    id: str
    what: str
    labels: dict[str, Any] | None = None


class Seen:
    """Finds texts that come again, whatever their case, their spaces and their Unicode form.

    It keeps a hash of each text, never the text.
    """

    def __init__(self) -> None:
        self._cases: dict[bytes, Known] = {}
        self._candidates: dict[bytes, Known] = {}
        self._ids: dict[str, bytes] = {}

    def case(self, key: bytes) -> Known | None:
        """The case with this text."""
        return self._cases.get(key)

    def candidate(self, key: bytes) -> Known | None:
        """The candidate with this text."""
        return self._candidates.get(key)

    def add(self, key: bytes, known: Known, *, case: bool) -> None:
        """Remember one more."""
        (self._cases if case else self._candidates).setdefault(key, known)
        self._ids.setdefault(known.id, key)

    def new_id(self, stem: str, key: bytes) -> str:
        """An id made from the text; longer where another text has it already."""
        whole = key.hex()
        for digits in (8, 16, 64):
            found = f"{stem}-{whole[:digits]}"
            if self._ids.get(found, key) == key:
                break
        return found


def key_of(content: Any) -> bytes:
    """The hash of the texts as a hurried reader sees them."""
    texts = [content] if isinstance(content, str) else list(strings(content, keys=False))
    folded = (_folded(text) for text in texts)
    return hashlib.sha256("\0".join(text for text in folded if text).encode()).digest()


def _folded(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", normalise(text))
    return " ".join(text.casefold().split())
