"""Which groups of cases to hold out, so that every slice and label comes near its share."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    """Cases that stay together, because they say nearly the same.

    Attributes:
        key: Made from their content; where nothing else decides, the smallest key does.
        slices: How many of them are in each slice.
        strata: How many of them are in each kind that should be spread evenly, too.
    """

    key: str
    slices: Mapping[Hashable, int]
    strata: Mapping[Hashable, int]


def chosen(
    units: Sequence[Unit],
    share: float,
    sizes: Counter[Hashable],
    held: Counter[Hashable],
) -> list[Unit]:
    """The units to hold out, beside what is held out already.

    A unit is taken while it brings its slices nearer to their share; of those, the one that does
    most for labels and critical cases. So a slice is met to half a case, and labels with few cases
    get their turn by chance, once the large ones have theirs.

    Args:
        units: What may be held out.
        share: Of every slice.
        sizes: All cases, by slice and stratum, whichever side they are on.
        held: Those held out already, likewise.
    """
    held = Counter(held)
    waiting: dict[Hashable, list[Unit]] = defaultdict(list)
    for unit in sorted(units, key=lambda u: u.key, reverse=True):
        waiting[_likeness(unit)].append(unit)
    users: dict[Hashable, set[Hashable]] = defaultdict(set)
    for alike, some in waiting.items():
        for level in (*some[0].slices, *some[0].strata):
            users[level].add(alike)

    def change(counts: Mapping[Hashable, int]) -> float:
        """How the squared distances from the share change when these are held out."""
        return sum(
            2 * n * (held[level] - share * sizes[level]) + n * n for level, n in counts.items()
        )

    def worth(alike: Hashable) -> tuple[float, float]:
        unit = waiting[alike][-1]
        return change(unit.slices), change(unit.strata)

    worths = {alike: worth(alike) for alike in waiting}
    taken: list[Unit] = []
    while True:
        useful = [a for a, (slices, _) in worths.items() if slices < 0]
        if not useful:
            return taken
        best = min(useful, key=lambda a: (round(worths[a][1], 9), waiting[a][-1].key))
        unit = waiting[best].pop()
        taken.append(unit)
        held.update(unit.slices)
        held.update(unit.strata)
        if not waiting[best]:
            del waiting[best], worths[best]
        for alike in {
            a for level in (*unit.slices, *unit.strata) for a in users[level]
        } & worths.keys():
            worths[alike] = worth(alike)


def _likeness(unit: Unit) -> Hashable:
    """Units of one likeness differ in their keys only."""
    return frozenset(unit.slices.items()), frozenset(unit.strata.items())
