"""What an answer must not be about: lists of words by topic, and the words it has to be about.

A list knows its words and nothing else. It stops what a team has seen or fears by name; for harm in
any words there is hosted moderation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from .runner import Found

_WORD = re.compile(r"\w+")
OFF_TOPIC = "off_topic"
"""The kind of an answer that has none of the words of the service's scope."""


class Topics:
    """Sees forbidden words and phrases, and long texts without one of the scope's words.

    Words are compared whole, whatever their case, accents and width, and whatever stands between
    them. `scope` empty checks nothing.
    """

    def __init__(
        self, deny: Mapping[str, Sequence[str]], scope: Sequence[str], scope_least_words: int
    ) -> None:
        self._deny = {
            topic: tuple(f" {folded(phrase)} " for phrase in phrases)
            for topic, phrases in deny.items()
        }
        self._scope = tuple(f" {folded(word)}" for word in scope)
        self._scope_least_words = scope_least_words

    def __call__(self, text: str) -> Found | None:
        """The topics of a text; there is nothing to take out of one."""
        words = f" {folded(text)} "
        kinds = [
            topic
            for topic, phrases in self._deny.items()
            if any(phrase in words for phrase in phrases)
        ]
        if self._scope and words.count(" ") > self._scope_least_words:
            kinds += [] if any(word in words for word in self._scope) else [OFF_TOPIC]
        return Found(tuple(kinds)) if kinds else None


def folded(text: str) -> str:
    """Its words, parted by one space, without case, accents and width."""
    plain = text.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain))
