"""How well a text fits what a prompt says about each label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import log

from .definitions import find
from .language import Features, grams, languages, likeness, meanings, words

AGAIN = 0.2  # what a second sentence adds that says the same
NEXT_CLAUSE = 0.5  # each further clause of a definition that fits adds half of the one before
PARTIAL = 0.75  # what a clause loses of which only a part fits: "money is being lost now" needs all
ELSEWHERE = 0.7  # a word that fits several clauses of one label is not as many pieces of evidence
EXCLUDED = 1.0  # what a definition rules out counts as much as what it names
NAME_ONLY = 0.35  # a label nobody defined is recognised by its bare name, faintly
LEFTOVERS = ("other", "normal", "general", "none", "misc", "miscellaneous", "unknown", "default")

Slot = tuple[Features, float]  # what a word or phrase means, and how much it weighs


@dataclass
class Definition:
    """One label's definition, read."""

    clauses: list[list[Slot]] = field(default_factory=list)
    excluded: Features = field(default_factory=dict)
    claims_rest: bool = False  # "everything else"
    disclaims: bool = False  # "not about the product"


@dataclass
class Place:
    """Where in the definitions a feature stands."""

    label: int
    clause: int
    weight: float


@dataclass
class Meaning:
    """What the labels of one property mean, ready to be compared with a text."""

    labels: tuple[str, ...]
    places: list[Place] = field(default_factory=list)
    postings: dict[str, list[tuple[int, float]]] = field(default_factory=dict)  # feature -> places
    rarity: Features = field(default_factory=dict)  # how few labels a feature speaks for, 0..1
    totals: dict[tuple[int, int], float] = field(default_factory=dict)  # label, clause -> weight
    excluded: dict[str, list[tuple[int, float]]] = field(default_factory=dict)  # feature -> labels
    vocabulary: dict[str, list[str]] = field(default_factory=dict)  # letter triple -> words
    default: int | None = None  # the label for what nothing speaks for
    claims_rest: bool = False  # its definition says so, so faint evidence for others is not enough

    def score(self, sentences: list[Features]) -> list[float]:
        """How well a text fits each label."""
        clauses: dict[tuple[int, int], float] = {}
        against: dict[str, float] = {}
        for sentence in sentences:
            for key, fit in self._fits(sentence).items():
                before = clauses.get(key, 0.0)
                clauses[key] = max(before, fit) + AGAIN * min(before, fit)
            for feature in self.excluded.keys() & sentence.keys():
                against[feature] = max(sentence[feature], against.get(feature, 0.0))
        fits: list[list[float]] = [[] for _ in self.labels]
        for (label, _), fit in clauses.items():
            fits[label].append(fit)
        scores = [
            sum(value * NEXT_CLAUSE**i for i, value in enumerate(sorted(fit, reverse=True)))
            for fit in fits
        ]
        for feature, strength in against.items():
            for label, value in self.excluded[feature]:
                scores[label] -= EXCLUDED * strength * value
        return [max(0.0, score) for score in scores]

    def _fits(self, sentence: Features) -> dict[tuple[int, int], float]:
        """How well one sentence fits each clause: a clause has to be met in one place."""
        best: dict[int, tuple[float, float]] = {}
        for feature in self.postings.keys() & sentence.keys():
            strength, rarity = sentence[feature], self.rarity[feature]
            for number, value in self.postings[feature]:
                hit = strength * value
                if number not in best or hit * rarity > best[number][0]:
                    best[number] = (hit * rarity, hit)
        sums: dict[tuple[int, int], tuple[float, float]] = {}
        for number, (value, hit) in best.items():
            place = self.places[number]
            key = (place.label, place.clause)
            before = sums.get(key, (0.0, 0.0))
            sums[key] = (before[0] + value * place.weight, before[1] + hit * place.weight)
        return {
            key: value * min(1.0, hit / self.totals[key]) ** PARTIAL
            for key, (value, hit) in sums.items()
        }

    def similar(self, word: str) -> Iterable[tuple[str, float]]:
        """Words of the definitions that resemble a word the lexicon does not know."""
        for candidate in {w for gram in grams(word) for w in self.vocabulary.get(gram, ())}:
            if (alike := likeness(word, candidate)) > 0:
                yield "=" + candidate, alike


@lru_cache(maxsize=256)
def understand(instructions: str, labels: tuple[str, ...]) -> Meaning:
    """What the instructions say about these labels."""
    texts = find(instructions, labels)
    return _meaning(languages(words(instructions)), labels, tuple(texts.items()))


# Prompts differ by a mark for each user, and seldom in what they say of a label.
@lru_cache(maxsize=256)
def _meaning(
    langs: frozenset[str], labels: tuple[str, ...], said: tuple[tuple[str, str], ...]
) -> Meaning:
    texts = dict(said)
    read = [_read(texts[name], langs) if name in texts else _bare(name) for name in labels]
    meaning = Meaning(labels)
    _index(meaning, read)
    for number, definition in enumerate(read):
        for feature, value in definition.excluded.items():
            meaning.excluded.setdefault(feature, []).append((number, value))
    claiming = [i for i, definition in enumerate(read) if definition.claims_rest]
    disclaiming = [i for i, definition in enumerate(read) if definition.disclaims]
    named = [i for i, name in enumerate(labels) if texts and name.lower() in LEFTOVERS]
    meaning.default = next(iter([*claiming, *disclaiming[-1:], *named]), None)
    meaning.claims_rest = bool(claiming)
    return meaning


def _bare(label: str) -> Definition:
    name = words(label.replace("_", " "))
    return Definition([[({f"={word}": NAME_ONLY}, 1.0) for word in name]])


def _read(text: str, langs: frozenset[str]) -> Definition:
    read = Definition()
    for part in re.split(r"[,;.:()\n|/]+|\s[-–—]\s", text):
        clause: list[Slot] = []
        out = False
        for slot, weight in meanings(words(part), langs):
            if "catch_all" in slot:
                read.claims_rest = True
            elif "unrelated" in slot:
                read.disclaims = out = True
            elif "exclude" in slot or "but" in slot:
                out = "exclude" in slot
            elif "negated" in slot:  # "does not X" is about X; "not X" is about something else
                continue
            elif out:
                read.excluded.update({f: weight for f, value in slot.items() if value == 1.0})
            else:
                clause.append((slot, weight))
        if clause:
            read.clauses.append(clause)
    return read


def _index(meaning: Meaning, read: list[Definition]) -> None:
    spread: dict[str, dict[int, list[tuple[float, int, float]]]] = defaultdict(dict)
    for label, definition in enumerate(read):
        for number, clause in enumerate(definition.clauses):
            total = meaning.totals[label, number] = sum(weight for _, weight in clause)
            for slot, weight in clause:
                for feature, value in slot.items():
                    found = (value * weight / total, len(meaning.places), value)
                    spread[feature].setdefault(label, []).append(found)
                meaning.places.append(Place(label, number, weight))
    size = len(meaning.labels) + 1
    for feature, by_label in spread.items():
        postings = meaning.postings[feature] = []
        for found_ in by_label.values():
            for rank, (_, place, value) in enumerate(sorted(found_, reverse=True)):
                postings.append((place, value * ELSEWHERE if rank else value))
        speaks_for = sum(max(value for *_, value in found_) for found_ in by_label.values())
        meaning.rarity[feature] = max(0.05, log(size / max(1.0, speaks_for)) / log(size))
        if feature[0] == "=" and " " not in feature:
            for gram in grams(feature[1:]):
                meaning.vocabulary.setdefault(gram, []).append(feature[1:])
