"""Chance that comes out the same for the same seed, on every version of Python."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Luck:
    """A source of chance of its own for each purpose.

    Only `random()` is used: of what the standard library draws, it alone is promised to stay the
    same (random module, "Notes on Reproducibility").
    """

    def __init__(self, *purpose: object) -> None:
        text = "\0".join(map(str, purpose))
        self._next = random.Random(int(hashlib.sha256(text.encode()).hexdigest(), 16)).random

    def chance(self, share: float) -> bool:
        """True in that share of the times."""
        return self._next() < share

    def below(self, count: int) -> int:
        """A whole number from 0, less than `count`."""
        return int(self._next() * count)

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + self.below(most - least + 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of several."""
        return options[self.below(len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """Several different ones, in any order."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
