"""What words mean: a frozen lexicon of general concepts in six languages, read from `lexicon/`.

It stands in for what a language model knows of the world. It holds everyday language only; what a
label means comes from the prompt. A term is a word, a phrase, or a stem ending in `*`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

PARENT = 0.6  # a broader concept counts less: an invoice is about money, money is no invoice
TYPO = 0.7
INNER = 0.4  # "sick leave" is leave, and somewhat about being sick
UNKNOWN = 0.7  # how much a word weighs that the lexicon does not know
COMPOUND = 0.8  # Kreditkartenrechnung ends in Rechnung
FOREIGN = 8  # letters from which a word counts outside its language: shorter ones mislead

Features = dict[str, float]  # concept name or "=word" -> strength, 0..1


@dataclass
class Node:
    """One step in the trie of terms."""

    next: dict[str, Node] = field(default_factory=dict)
    senses: list[tuple[str, str]] = field(default_factory=list)  # concept, language


@dataclass
class Lexicon:
    """All concepts, ready for look-up."""

    root: Node = field(default_factory=Node)
    parents: dict[str, list[str]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    pieces: set[str] = field(default_factory=set)  # every word or stem* that occurs in a term
    typos: dict[str, set[str]] = field(
        default_factory=dict
    )  # piece with a letter left out -> pieces
    stop: dict[str, frozenset[str]] = field(default_factory=dict)  # language -> function words
    stopwords: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read the lexicon once."""
    known = Lexicon()
    folder = files("playbook.simulator").joinpath("lexicon")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        content = json.loads(file.read_text(encoding="utf-8"))
        if file.name == "stopwords.json":
            known.stop = {lang: frozenset(words(text)) for lang, text in content.items()}
            known.stopwords = frozenset().union(*known.stop.values())
        else:
            for concept, entry in content.items():
                _learn(known, concept, entry)
    for piece in known.pieces:
        stem = piece.rstrip("*")
        if len(stem) >= 5:
            for variant in _shortened(stem):
                known.typos.setdefault(variant, set()).add(piece)
    return known


def _learn(known: Lexicon, concept: str, entry: Mapping[str, str]) -> None:
    known.parents[concept] = str(entry.get("in", "")).split()
    known.weights[concept] = float(entry.get("weight", 1.0))
    for lang, terms in entry.items():
        if lang in ("in", "weight"):
            continue
        for term in terms.split(","):
            node = known.root
            for piece in _term(term):
                known.pieces.add(piece)
                node = node.next.setdefault(piece, Node())
            node.senses.append((concept, lang))


def _term(term: str) -> list[str]:
    return re.findall(r"[^\W_]+\*?", fold(term))


def fold(text: str) -> str:
    """Lower case, without accents and with contractions joined, so that spellings meet."""
    text = text.lower().replace("’", "'").replace("ß", "ss")
    if not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)
        )
    if "'" in text:
        text = re.sub(r"'(?:s|re|ve|ll|m|d)\b", "", text.replace("n't", "nt"))
    return text


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return re.findall(r"[^\W_]+", fold(text))


def languages(tokens: Sequence[str]) -> frozenset[str]:
    """The languages a text is probably in, by its function words; all of them when it has none."""
    stop = lexicon().stop
    seen = set(tokens)
    counts = {lang: len(seen & listed) for lang, listed in stop.items()}
    most = max(counts.values())
    return frozenset(lang for lang, count in counts.items() if count > 0.7 * most or most == 0)


def meanings(tokens: Sequence[str], langs: frozenset[str]) -> Iterator[tuple[Features, float]]:
    """What each word or phrase means, longest phrase first, and how much such a meaning weighs."""
    stopwords = lexicon().stopwords
    start = 0
    while start < len(tokens):
        token = tokens[start]
        length = _longest(tokens, start, langs)[0] if _openings(token) else 0
        if length:
            meaning = _meaning(tuple(tokens[start : start + length]), langs)
            last = start + length - 1
            if "negated" in meaning[0] and _longest(tokens, last, langs)[0] > 1:
                start = last  # "will not extend": "not extend" says more than "will not"
                continue
            yield meaning
        elif token not in stopwords:
            yield {"=" + token: 1.0}, UNKNOWN if len(token) > 2 else 0.2
        start += max(length, 1)


@lru_cache(maxsize=50_000)
def _meaning(said: tuple[str, ...], langs: frozenset[str]) -> tuple[Features, float]:
    known = lexicon()
    _, senses, strength = _longest(said, 0, langs)
    found: Features = {}
    if not known.stopwords.issuperset(said):
        found["=" + " ".join(said)] = strength
    for concept in senses:
        _add(known, found, concept, strength)
    if len(said) > 1:
        _inner(known, found, said, langs)
    return found, max(known.weights[concept] for concept in senses)


def _add(known: Lexicon, found: Features, concept: str, strength: float) -> None:
    if found.get(concept, 0.0) >= strength:
        return
    found[concept] = strength
    if strength > PARENT * PARENT * TYPO:
        for parent in known.parents[concept]:
            _add(known, found, parent, strength * PARENT)


def _inner(known: Lexicon, found: Features, phrase: Sequence[str], langs: frozenset[str]) -> None:
    """Let the words of a phrase speak too, unless one of them negates the others."""
    each = [_longest([token], 0, langs) for token in phrase]
    if not any("exclude" in senses for _, senses, _ in each):
        for _, senses, strength in each:
            for concept in senses:
                _add(known, found, concept, strength * INNER)


def _longest(
    tokens: Sequence[str], start: int, langs: frozenset[str]
) -> tuple[int, tuple[str, ...], float]:
    """The longest term that starts here: its words, its concepts, how surely it is meant."""
    best: tuple[int, tuple[str, ...], float] = (0, (), 0.0)
    common = tokens[start] in lexicon().stopwords
    open_ = [(node, start + 1, faith, letters) for node, faith, letters in _openings(tokens[start])]
    while open_:
        node, at, faith, letters = open_.pop()
        if node.senses and (at - start, faith) > (best[0], best[2]):
            far = letters >= FOREIGN and not common
            if senses := tuple(concept for concept, lang in node.senses if far or lang in langs):
                best = (at - start, senses, faith)
        if node.next and at < len(tokens):
            for piece in spellings(tokens[at])[0]:
                if child := node.next.get(piece):
                    open_.append((child, at + 1, faith, letters + len(piece.rstrip("*"))))
    return best


@lru_cache(maxsize=50_000)
def _openings(token: str) -> tuple[tuple[Node, float, int], ...]:
    """The terms that may start with a token, the most specific last."""
    root = lexicon().root
    pieces, faith = spellings(token)
    return tuple(
        (root.next[piece], faith, len(piece.rstrip("*"))) for piece in pieces if piece in root.next
    )


@lru_cache(maxsize=50_000)
def spellings(token: str) -> tuple[tuple[str, ...], float]:
    """The lexicon's words and stems a token may stand for, least specific first, and how surely."""
    known = lexicon()
    exact = _pieces(known, token)
    if exact or token in known.stopwords or len(token) < 5 or not token.isalpha():
        return exact, 1.0
    for cut in range(3, len(token) - 4) if len(token) >= 9 else ():
        ending = tuple(piece for piece in _pieces(known, token[cut:]) if len(piece) >= 5)
        if ending:
            return ending, COMPOUND
    near = {piece for piece in _near(known, token) if not piece.endswith("*")}
    for size in range(6, len(token) + 1):
        stems = _near(known, token[:size])
        near.update(stem for stem in stems if stem.endswith("*") and len(stem) > 6)
    return tuple(sorted(near, key=lambda piece: (len(piece), piece))), TYPO


def _near(known: Lexicon, token: str) -> set[str]:
    """The lexicon's words one slip away: a letter too many, too few, or two that changed places."""
    near = {piece for variant in _shortened(token) for piece in known.typos.get(variant, ())}
    return {piece for piece in near if _slip(token, piece.rstrip("*"))}


def _slip(token: str, word: str) -> bool:
    if token[0] != word[0]:
        return False
    replaced = len(token) == len(word) and len(token) < 9  # "present" is not "prevent"
    return not replaced or sorted(token) == sorted(word)


def _pieces(known: Lexicon, token: str) -> tuple[str, ...]:
    stems = [token[:size] + "*" for size in range(2, len(token) + 1)]
    found = [stem for stem in stems if stem in known.pieces]
    return (*found, token) if token in known.pieces else tuple(found)


def _shortened(word: str) -> set[str]:
    return {word} | {word[:i] + word[i + 1 :] for i in range(1, len(word))}


@lru_cache(maxsize=50_000)
def grams(word: str) -> frozenset[str]:
    """A word's letter triples, its borders marked."""
    marked = f"^{word}$"
    return frozenset(marked[i : i + 3] for i in range(len(marked) - 2))


def likeness(one: str, other: str) -> float:
    """How alike two words are that the lexicon does not know, 0..1 (Dice over letter triples)."""
    if one == other:
        return 1.0
    dice = 2 * len(grams(one) & grams(other)) / (len(grams(one)) + len(grams(other)))
    return dice * dice if dice >= (0.55 if one[:3] == other[:3] else 0.75) else 0.0
