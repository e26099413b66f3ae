"""Runs of a suite on systems that answer by chance, to count how often a gate stops them.

Every case has a probability of being right; before and now are drawn apart. Answers of all cases
are the bits of one integer, so that a run costs microseconds.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from playbook.evals.paired import LEVEL, MARGIN, Counts, judge, p_worse
from playbook.evals.statistics import holm

SLICES = (122, 58, 41, 51, 40, 54)
"""The cases of the sample, slice by slice."""

CASES = (200, 400, 1000)
DISCORDANCE = (0.08, 0.12, 0.16)
DROP = 0.05


@dataclass(frozen=True)
class Blocked:
    """The share of runs that each gate stops."""

    gate: float
    two_families: float
    naive: float


def simulate(
    cases: int, discordance: float, drop: float, runs: int, seed: int = 20261123
) -> Blocked:
    """How often each gate stops a system that became worse by `drop`; at 0 it is unchanged.

    Shaky cases are right three times of four. Cases that became hard are so once of four now: each
    is half a case lost, and changes in 10 of 16 draws; a shaky one does in 6 of 16.
    """
    random = Random(f"{seed} {cases} {discordance} {drop}")
    order = random.sample(range(cases), cases)
    hard = round(2 * drop * cases)
    shaky = round((discordance * cases - 10 / 16 * hard) / (6 / 16))
    became_hard = sum(1 << i for i in order[:hard])
    uncertain = sum(1 << i for i in order[: hard + shaky])
    stayed = uncertain & ~became_hard
    sizes = _sizes(cases)
    masks = [((1 << size) - 1) << sum(sizes[:i]) for i, size in enumerate(sizes)]
    bits = random.getrandbits
    stopped = [0, 0, 0]
    for _ in range(runs):
        before = (bits(cases) | bits(cases)) & uncertain
        now = (bits(cases) | bits(cases)) & stayed | bits(cases) & bits(cases) & became_hard
        lost, gained = before & ~now, now & ~before
        counts = tuple(((lost & mask).bit_count(), (gained & mask).bit_count()) for mask in masks)
        for at, stops in enumerate((_gate(sizes, counts), _two_families(sizes, counts))):
            stopped[at] += stops
        stopped[2] += lost.bit_count() > gained.bit_count()
    return Blocked(*(count / runs for count in stopped))


def _sizes(cases: int) -> tuple[int, ...]:
    rest = [round(cases * size / sum(SLICES)) for size in SLICES[1:]]
    return (cases - sum(rest), *rest)


@lru_cache(maxsize=200_000)
def _gate(sizes: tuple[int, ...], counts: tuple[tuple[int, int], ...]) -> bool:
    total = [sum(column) for column in zip(*counts, strict=True)]
    if all(p_worse(*changed) >= LEVEL for changed in (total, *counts)):
        return False  # to save time: adjusted, a p is never smaller
    slices = [Counts("", n, n, *changed) for n, changed in zip(sizes, counts, strict=True)]
    return bool(judge(slices).worse)


def _two_families(sizes: tuple[int, ...], counts: tuple[tuple[int, int], ...]) -> bool:
    """All cases at 5%, and the slices at 5% of their own by Holm: what was rejected."""
    lost, gained = (sum(column) for column in zip(*counts, strict=True))
    if p_worse(lost, gained) < LEVEL and lost - gained > MARGIN * sum(sizes):
        return True
    adjusted = holm([p_worse(*changed) for changed in counts])
    return any(
        p < LEVEL and changed[0] - changed[1] > MARGIN * size
        for p, changed, size in zip(adjusted, counts, sizes, strict=True)
    )
