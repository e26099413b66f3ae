"""Evaluators that hold an answer against the sources it was given; no model, no label.

`sources` names where these are: a field of the answer (`sources`), of the input
(`input.documents`), or a function of (input, answer). They are a mapping of id to text, a list of
texts (their ids are 1, 2, ...), or a list of objects with `id` and `text`. Each of these checks
finds a way to be wrong, not that an answer is right: words can be in a source and still be used
falsely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from ..language import observed, stop_words
from ..pipeline import Evaluator
from .fields import NoSuchField, Score, check_gate, judged, value_of

Sources = str | Callable[[Any, Any], Any]
INPUT = "input."

_MARK = re.compile(r"\[([^\[\]\n]{1,80})\]")
_QUOTED = re.compile(
    r"“([^“”\n]{1,2000})”|\"([^\"\n]{1,2000})\"|„([^„“”\n]{1,2000})[“”]|«([^«»\n]{1,2000})»"
)
_ELLIPSIS = re.compile(r"\s*(?:\[(?:\.\.\.|…)\]|\.\.\.|…)\s*")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ONE_SIGN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "}
)
# Letters that count of a word, so that its endings do not: "refunds" and "refunded" are "refund".
_STEM = 6
# Words that say something; a shorter sentence ("Yes, of course.") needs no support.
_LEAST_WORDS = 3


def citations_known(
    citations: str,
    sources: Sources,
    *,
    at_least: int = 0,
    gate: bool = False,
    name: str = "citations known",
) -> Evaluator:
    """Every citation names a source that was given, and there are `at_least` so many.

    Args:
        citations: A list of ids or of objects with `source` or `id`, or a text in which each
            `[id]` is one; `[1, 2]` is two.
        sources: Where the sources are.
        at_least: How many distinct ones there have to be.
        gate: Whether it decides if a case is right.
        name: What reports call it.
    """

    def check(item: Any, answer: Any, _: Any) -> bool:
        known = set(_sources(sources, item, answer))
        cited = set(_cited(_read(citations, item, answer), citations))
        return cited <= known and len(cited) >= at_least

    return _live(name, check, gate, citations, sources)


def quotes_found(
    quotes: str,
    sources: Sources,
    *,
    least_words: int = 3,
    gate: bool = False,
    name: str = "quotes found",
) -> Evaluator:
    """Every quoted span stands in a source word for word; case and kinds of marks do not count.

    Args:
        quotes: A list of texts, or of objects with `quote` and, if it has to be that one, `source`;
            or a text in which what stands between quotation marks is quoted.
        sources: Where the sources are. `...` in a quote leaves something out of it.
        least_words: In a text, a shorter span is a name or a word so to speak, not a quote.
        gate: Whether it decides if a case is right.
        name: What reports call it.
    """

    def check(item: Any, answer: Any, _: Any) -> bool:
        given = {key: _plain(text) for key, text in _sources(sources, item, answer).items()}
        for quote, source in _quotes(_read(quotes, item, answer), quotes, least_words):
            texts = given.values() if source is None else [given.get(source, "")]
            if not any(_stands_in(quote, text) for text in texts):
                return False
        return True

    return _live(name, check, gate, quotes, sources)


def supported(
    text: str,
    sources: Sources,
    *,
    overlap: float = 0.6,
    at_least: float | None = None,
    gate: bool = False,
    name: str = "supported",
) -> Evaluator:
    """The share of the text's sentences whose words stand in one source.

    A sentence is supported when one source has `overlap` of its telling words and all of its
    numbers. A measure of words: a paraphrase may fail it, and a "not" left out may pass. It says
    nothing of a text without a sentence that tells anything.

    Args:
        text: The field of the answer.
        sources: Where the sources are.
        overlap: The share of a sentence's words that one source has to have.
        at_least: The least share of sentences that will do; without it the share is the score.
        gate: Whether it decides if a case is right; then it needs `at_least`.
        name: What reports call it.
    """
    check_gate(name, gate, at_least)

    def check(item: Any, answer: Any, _: Any) -> Score:
        texts = _sources(sources, item, answer).values()
        written = _MARK.sub(" ", str(_read(text, item, answer) or ""))
        language = observed([written, *texts])
        given = [_words(one, language) for one in texts]
        told = [_words(part, language) for part in _SENTENCE.split(written)]
        told = [words for words in told if len(words) >= _LEAST_WORDS or _numbers(words)]
        if not told:
            return None
        held = sum(any(_held(words, source, overlap) for source in given) for words in told)
        return judged(held / len(told), at_least)

    return _live(name, check, gate, text, sources)


def _live(
    name: str, check: Callable[[Any, Any, Any], Score], gate: bool, field: str, sources: Sources
) -> Evaluator:
    fields = (field, sources) if isinstance(sources, str) else (field,)
    return Evaluator(name, check, gate=gate, live=True, fields=fields)


def _read(where: Sources, item: Any, answer: Any) -> Any:
    if not isinstance(where, str):
        return to_jsonable_python(where(item, answer))
    if where.startswith(INPUT):
        return value_of(item, where.removeprefix(INPUT))
    return value_of(answer, where)


def _sources(where: Sources, item: Any, answer: Any) -> dict[str, str]:
    given = _read(where, item, answer)
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(key): str(text) for key, text in given.items()}
    if isinstance(given, (list, tuple)):
        return dict(_source(number, one) for number, one in enumerate(given, start=1))
    raise NoSuchField(f"{where}: sources are a list, or texts by id, not {type(given).__name__}.")


def _source(number: int, given: Any) -> tuple[str, str]:
    if isinstance(given, str):
        return str(number), given
    if isinstance(given, Mapping) and "text" in given:
        return str(given.get("id", number)), str(given["text"])
    raise NoSuchField(f"Source {number} is neither a text nor an object with `id` and `text`.")


def _cited(value: Any, where: str) -> Iterable[str]:
    if isinstance(value, str):
        for mark in _MARK.findall(value):
            yield from (part.strip() for part in re.split(r"[,;]", mark) if part.strip())
        return
    for one in value or ():
        if isinstance(one, Mapping):
            named = one.get("source", one.get("id"))
            if named is None:
                raise NoSuchField(f"{where}: a citation is an id, or an object with `source`.")
            one = named
        yield str(one)


def _quotes(value: Any, where: str, least_words: int) -> Iterable[tuple[str, str | None]]:
    if isinstance(value, str):
        spans = ("".join(groups) for groups in _QUOTED.findall(value))
        yield from ((span, None) for span in spans if len(span.split()) >= least_words)
        return
    for one in value or ():
        if isinstance(one, Mapping):
            if "quote" not in one:
                raise NoSuchField(f"{where}: a quote is a text, or an object with `quote`.")
            source = one.get("source")
            yield str(one["quote"]), None if source is None else str(source)
        else:
            yield str(one), None


def _plain(text: str) -> str:
    return " ".join(text.translate(_ONE_SIGN).casefold().split())


def _stands_in(quote: str, source: str) -> bool:
    """Whether the parts of a quote stand in a source, one after the other."""
    at = 0
    for part in _ELLIPSIS.split(quote):
        wanted = _plain(part).strip(" .,;:!?")
        at = source.find(wanted, at)
        if at < 0:
            return False
        at += len(wanted)
    return True


def _words(text: str, language: str) -> frozenset[str]:
    """The telling words, without their endings; pairs of signs where no spaces part words."""
    common = stop_words()
    found: set[str] = set()
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.search(word):
            found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word[0].isdigit():
            found.add(word.replace(",", "."))
        elif len(word) > 1 and language not in common.get(word, ()):
            found.add(word[:_STEM])
    return frozenset(found)


def _numbers(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word[0].isdigit())


def _held(words: frozenset[str], source: frozenset[str], overlap: float) -> bool:
    return _numbers(words) <= source and len(words & source) >= overlap * len(words) - 1e-9
