"""Which texts say nearly the same: candidates by shared pieces, judged by edit similarity.

Comparing everything with everything takes minutes at 10,000 cases, so two texts are compared only
when they share rare pieces. Why these numbers: docs/decisions/0019-near-duplicates.md of the
template.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

LONG = 60  # bytes from which a text says enough to be judged by its share of common characters
WORTH_A_TYPO = 20  # characters; in a shorter text, one changed letter is another word
SIMILAR = 0.80
WITHIN = 90.0  # of the shorter text, where it stands best in the longer one

_PIECE = 8  # characters, from the beginning of a word on
_DENSE_PIECE = 4  # in scripts whose characters are syllables or words
SIZES = (_PIECE, _DENSE_PIECE)
_DENSE = 0x2E80
_UNSPACED = 20  # a longer "word" is a sentence of a script without spaces
_RAREST = 16  # pieces of a text that are looked up
_COMMONEST = 6  # also looked up: those by which a large family of texts hangs together
_COMMON = 100  # texts with the same piece; beyond it, only neighbours in the alphabet are compared
_NEIGHBOURS = 4
_SHARED_NEAR = 0.2  # of the pieces of the text with fewer, before the comparison
_SHARED_WITHIN = 0.6  # before the slow comparison

Kind = Literal["same", "near", "within"]


class Pair(NamedTuple):
    """Two texts that say nearly the same, by their positions; `first` is the smaller."""

    first: int
    second: int
    kind: Kind
    score: float


def similar(texts: Sequence[str]) -> list[Pair]:
    """Every two folded texts that are the same or nearly so.

    Texts that are the same are chained, one pair each, and compared with others once. What is
    found does not depend on the order of the texts.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        places[text].append(index)
    found = [
        Pair(one, other, "same", 1.0) for same in places.values() for one, other in pairwise(same)
    ]
    unique = sorted(places)
    for a, b, kind, score in (*_one_typo(unique), *_alike(unique)):
        one, other = sorted((places[unique[a]][0], places[unique[b]][0]))
        found.append(Pair(one, other, kind, score))
    return sorted(found)


def groups(count: int, links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Put together what is linked, directly or through others; every position is in one group."""
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, other in links:
        a, b = sorted((root(one), root(other)))
        parent[b] = a
    together: dict[int, list[int]] = defaultdict(list)
    for index in range(count):
        together[root(index)].append(index)
    return list(together.values())


def _one_typo(texts: Sequence[str]) -> Iterator[Pair]:
    """Short texts that differ by one letter: they are the same once a letter is left out."""
    by_rest: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        if len(text) < WORTH_A_TYPO or len(text.encode("utf-8", "surrogatepass")) > LONG:
            continue
        for rest in {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}:
            by_rest[rest].append(index)
    for a, b in sorted({p for same in by_rest.values() for p in pairwise(same)}):
        one, other = texts[a], texts[b]
        if _digits(one) == _digits(other) and Levenshtein.distance(one, other) == 1:
            yield Pair(a, b, "near", Indel.normalized_similarity(one, other))


def _digits(text: str) -> list[str]:
    return [character for character in text if character.isdigit()]


def _alike(texts: Sequence[str]) -> Iterator[Pair]:
    pieces = [
        pieces_of(text) if len(text.encode("utf-8", "surrogatepass")) >= LONG else frozenset()
        for text in texts
    ]
    seen: set[tuple[int, int]] = set()
    for a, b in _candidates(pieces):
        pair = (a, b) if a < b else (b, a)
        if pair in seen:
            continue
        seen.add(pair)
        if judged := _judge(texts, pieces, *pair):
            yield judged


def pieces_of(text: str) -> frozenset[str]:
    """Pieces of a folded text by which it is looked up.

    They begin with a word and do not see spaces, so that a word split or joined changes few.
    """
    joined = text.replace(" ", "")
    found = set()
    at = 0
    for word in text.split(" "):
        dense = ord(word[0]) >= _DENSE if word else False
        size = _DENSE_PIECE if dense else _PIECE
        everywhere = dense or len(word) > _UNSPACED
        for start in range(at, at + (len(word) if everywhere else 1)):
            if start + size <= len(joined):
                found.add(joined[start : start + size])
        at += len(word)
    return frozenset(found)


def _candidates(pieces: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """For each text, those that share two of the pieces it is looked up by (one, if it has few)."""
    holders: dict[str, list[int]] = defaultdict(list)
    for index, own in enumerate(pieces):
        for piece in own:
            holders[piece].append(index)
    for index, own in enumerate(pieces):
        shared = sorted((len(holders[piece]), piece) for piece in own if len(holders[piece]) > 1)
        if len(shared) > _RAREST + _COMMONEST:
            shared = shared[:_RAREST] + shared[-_COMMONEST:]
        hits: Counter[int] = Counter()
        for count, piece in shared:
            hits.update(holders[piece] if count <= _COMMON else _around(holders[piece], index))
        del hits[index]
        wanted = 2 if len(own) >= _RAREST else 1
        yield from ((index, other) for other, n in hits.items() if n >= wanted)


def _around(holders: Sequence[int], index: int) -> Sequence[int]:
    """A few for many: the first ones, and those before and after it in the alphabet."""
    at = bisect_left(holders, index)
    near = holders[max(_NEIGHBOURS, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]
    return [*holders[:_NEIGHBOURS], *near]


def _judge(texts: Sequence[str], pieces: Sequence[frozenset[str]], a: int, b: int) -> Pair | None:
    share = len(pieces[a] & pieces[b]) / min(len(pieces[a]), len(pieces[b]))
    if share < _SHARED_NEAR:
        return None
    short, long = sorted((texts[a], texts[b]), key=len)
    score = Indel.normalized_similarity(short, long, score_cutoff=SIMILAR)
    if score:
        return Pair(a, b, "near", score)
    if share < _SHARED_WITHIN:
        return None
    part = fuzz.partial_ratio(short, long, score_cutoff=WITHIN)
    return Pair(a, b, "within", part / 100) if part else None
