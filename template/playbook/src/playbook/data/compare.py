"""Cases that say nearly the same, and what they were made from."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from playbook.data import similar, texts
from playbook.data.similar import Pair
from playbook.evals.cases import Case

OF = "~"
"""Stands in the id of a synthesized case between its seed's id and its kind."""


def seed_of(case: Case) -> str:
    """The id of the case that this one was synthesized from; its own, if it was not."""
    return case.id.partition(OF)[0] if is_variant(case) else case.id


def is_variant(case: Case) -> bool:
    """Whether it was synthesized from another case."""
    return case.provenance == "synthetic" and OF in case.id


def pairs(cases: Sequence[Case]) -> list[Pair]:
    """Every two cases that say the same, or nearly.

    What is not JSON is there for its form, so it is compared as it stands and only for being the
    same; so is an input without any words. Variants are nearly the same when their seeds are: that
    two of them bear the same signature says nothing.
    """
    worded: list[int] = []
    words: list[str] = []
    as_it_stands: dict[bytes, list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        said = "" if case.raw is not None else texts.whole(case)
        if said:
            worded.append(index)
            words.append(said)
        else:
            as_it_stands[case.body].append(index)
    found = [
        Pair(worded[p.first], worded[p.second], p.kind, p.score) for p in similar.similar(words)
    ]
    found = [
        p
        for p in found
        if p.kind == "same" or not (is_variant(cases[p.first]) and is_variant(cases[p.second]))
    ]
    found += [Pair(a, b, "same", 1.0) for same in as_it_stands.values() for a, b in pairwise(same)]
    return sorted(found)


def related(cases: Sequence[Case], found: Sequence[Pair]) -> list[list[int]]:
    """The cases in groups of those that say nearly the same or come from one seed."""
    by_seed: dict[str, list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        by_seed[seed_of(case)].append(index)
    seeds = [p for family in by_seed.values() for p in pairwise(family)]
    return similar.groups(len(cases), [*((p.first, p.second) for p in found), *seeds])
