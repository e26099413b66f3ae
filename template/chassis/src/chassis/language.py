"""Which language a text is in: an observation for logs and drift, never a reason to refuse.

Own code over the word lists of `stop-words`: see the decision record on languages.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from stop_words import LANGUAGE_MAPPING, get_stop_words

UNKNOWN = "und"
"""BCP 47's tag for a language that could not be told."""

# How much of a text is looked at: a few sentences tell.
_CHARACTERS = 300
_WORD = re.compile(r"[^\W\d_]{2,}")
# Scripts that one language of this list writes, and that stop words cannot tell as they have no
# spaces between words. Kana before Han: Japanese has both.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
# A language is named when its words weigh this much, and this much more than the next one's.
_LEAST_WEIGHT = 1.0
_LEAST_LEAD = 1.25


def observed(texts: Iterable[str]) -> str:
    """The language most of the words are of, as a BCP 47 tag such as `de`; `und` when in doubt.

    A word that several languages share counts for each of them in part, so that short texts and
    mixed ones end as `und` rather than as a guess.
    """
    text = _beginning(texts)
    for language, script in _SCRIPTS:
        if len(script.findall(text)) * 4 > len(text):
            return language
    weights: dict[str, float] = defaultdict(float)
    for word in _WORD.findall(text.lower()):
        languages = stop_words().get(word, ())
        for language in languages:
            weights[language] += 1 / len(languages)
    if not weights:
        return UNKNOWN
    next_best, weight = sorted((0.0, *weights.values()))[-2:]
    best = max(weights, key=weights.__getitem__)
    return best if weight >= _LEAST_WEIGHT and weight >= _LEAST_LEAD * next_best else UNKNOWN


@cache
def stop_words() -> dict[str, tuple[str, ...]]:
    """The languages of each stop word. Read from files the first time, in some 30 ms."""
    languages: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGE_MAPPING:
        for word in get_stop_words(language):
            if _WORD.fullmatch(word):
                languages[word.lower()] = (*languages.get(word.lower(), ()), language)
    return languages


def _beginning(texts: Iterable[str]) -> str:
    beginning = ""
    for text in texts:
        beginning += text[: _CHARACTERS - len(beginning)] + "\n"
        if len(beginning) > _CHARACTERS:
            break
    return beginning
