"""What is there already: cases, held-out ones, candidates, and the rows before this one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.guards.text import normalise, strings
from playbook.data import similar, texts


@dataclass(frozen=True)
class Known:
    """Something with the same text: its id, what it is to a person, and its labels."""

    id: str
    what: str
    labels: dict[str, Any] | None = None


class Seen:
    """Finds texts that come again, whatever their case, their spaces and their Unicode form.

    It keeps the words of each, to compare them in the end with all others.
    """

    def __init__(self) -> None:
        self._cases: dict[bytes, Known] = {}
        self._candidates: dict[bytes, Known] = {}
        self._ids: dict[str, bytes] = {}
        self.words: list[str] = []
        self.known: list[Known] = []
        self.is_case: list[bool] = []

    def case(self, key: bytes) -> Known | None:
        """The case with this text."""
        return self._cases.get(key)

    def candidate(self, key: bytes) -> Known | None:
        """The candidate with this text."""
        return self._candidates.get(key)

    def add(self, words: str, known: Known, *, case: bool) -> None:
        """Remember one more."""
        key = key_of(words)
        self.words.append(words)
        self.known.append(known)
        self.is_case.append(case)
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


def words_of(content: Any) -> str:
    """What a hurried reader sees of the content: without case, punctuation and spacing."""
    said = [content] if isinstance(content, str) else list(strings(content, keys=False))
    return " ".join(filter(None, (texts.folded(normalise(text)) for text in said)))


def key_of(words: str) -> bytes:
    """The hash of such words."""
    return hashlib.sha256(words.encode("utf-8", "replace")).digest()


def nearly_the_same(words: Sequence[str], cases: Sequence[bool], first: int) -> dict[int, int]:
    """Of the texts from the `first` on, those that say nearly the same as one that stays.

    What was there before stays; then cases, which are worth more than candidates; then the first.
    Nothing makes a case go but another case.

    Args:
        words: Of every text, those that were there before in front.
        cases: Of every text, whether it is a case.
        first: Where the new ones begin.
    """
    others: dict[int, list[int]] = {}
    for pair in similar.similar(words):
        others.setdefault(pair.first, []).append(pair.second)
        others.setdefault(pair.second, []).append(pair.first)
    gone: dict[int, int] = {}
    settled = set(range(first))
    for place in sorted(range(first, len(words)), key=lambda new: (not cases[new], new)):
        for other in sorted(others.get(place, ())):
            if other in settled and (cases[other] or not cases[place]):
                gone[place] = other
                break
        else:
            settled.add(place)
    return gone
