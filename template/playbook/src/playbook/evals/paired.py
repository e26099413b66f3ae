"""Whether the same cases are answered worse than before: paired tests, and what they can see.

Only a case that is right on one side and wrong on the other says something, and under no change it
is as likely lost as gained: McNemar's test, exact and one-sided. All cases and each slice are
tested in one family, so that an unchanged system is called worse anywhere in at most 1 of 20 runs.
docs/decisions/0018-paired-gate.md of the template has the measurements behind the choices.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from playbook.evals.statistics import binomial_cdf, binomial_share, holm

LEVEL = 0.05
"""How often an unchanged system may be called worse, over all cases and slices together."""

MARGIN = 0.02
"""A measured drop up to this share is no worse, however sure it is."""

WEIGHT_OF_ALL = 0.7
"""How much of the level all cases together have to themselves; the slices share the rest."""

POWER = 0.8

_SAME = 1e-9
_NEAR = 1e-4
_RULE_OF_THREE = 3.0
_DEVIATIONS = 6  # beyond which less than a millionth is left out

Verdict = Literal["same", "worse", "better"]
Pair = tuple[str, bool, bool]
"""The slice of a case, whether it was right before, and whether it is right now."""


@dataclass(frozen=True)
class PairedRow:
    """The cases of one slice, or all, answered twice."""

    name: str
    shared: int
    before_right: int
    now_right: int
    lost: int  # right before, wrong now
    gained: int
    p: float  # how likely so many lost are where nothing became worse
    adjusted_p: float  # the same, for all rows that were looked at
    verdict: Verdict

    @property
    def change(self) -> float:
        """What became of the share of right ones: below 0 is a drop."""
        return (self.now_right - self.before_right) / self.shared if self.shared else 0.0


@dataclass(frozen=True)
class Paired:
    """A whole comparison: all cases, and slice by slice where there is more than one."""

    all: PairedRow
    rows: tuple[PairedRow, ...]
    margin: float

    @property
    def worse(self) -> tuple[PairedRow, ...]:
        """The rows that block."""
        return tuple(row for row in (self.all, *self.rows) if row.verdict == "worse")

    @property
    def smallest_drop(self) -> float | None:
        """The smallest drop over all cases that it would have seen with 80% power, as a share."""
        level = LEVEL * _weights(len(self.rows))[0]
        changed = self.all.lost + self.all.gained
        return smallest_drop(self.all.shared, changed, margin=self.margin, level=level)


@dataclass(frozen=True)
class Counts:
    """What became of the cases of one slice, or of all."""

    name: str
    shared: int
    before_right: int
    lost: int
    gained: int

    @property
    def discordant(self) -> int:
        """How many changed, one way or the other."""
        return self.lost + self.gained


def compare(pairs: Iterable[Pair], margin: float = MARGIN) -> Paired:
    """Compare answers to the same cases, before and now."""
    tally: dict[str, list[int]] = {}
    for name, before, now in pairs:
        at = tally.setdefault(name, [0, 0, 0, 0])
        at[0] += 1
        at[1] += before
        at[2] += before and not now
        at[3] += now and not before
    return judge([Counts(name, *numbers) for name, numbers in tally.items()], margin)


def judge(slices: Sequence[Counts], margin: float = MARGIN) -> Paired:
    """Judge all cases and each slice, in one family; a single slice is all there is."""
    rest = list(slices) if len(slices) > 1 else []
    family = [_sum(slices), *rest]
    weights = _weights(len(rest))
    attained = [partial(_attained, counts.discordant) for counts in family]
    ps = [p_worse(counts.lost, counts.gained) for counts in family]
    worse = holm(ps, weights, attained)
    better = holm([p_worse(counts.gained, counts.lost) for counts in family], weights, attained)
    rows = [
        _row(counts, p, one, other, margin)
        for counts, p, one, other in zip(family, ps, worse, better, strict=True)
    ]
    return Paired(rows[0], tuple(rows[1:]), margin)


def p_worse(lost: int, gained: int) -> float:
    """McNemar's exact test, one-sided: at least so many lost of those that changed, by chance.

    With the two turned round it is the test for better.
    """
    return _at_least(lost, lost + gained)


def power(
    n: int, drop: float, discordance: float, *, margin: float = 0.0, level: float = LEVEL
) -> float:
    """How likely a true drop is called worse among `n` cases; exact, by enumeration.

    `discordance` is the share of cases that change at all, lost or gained, the drop among them; a
    drop is never more than that. The sum over the number of cases that change is Duffy's,
    Biometrics 40 (1984), 1005-1015.
    """
    discordance = max(discordance, drop)
    if discordance <= 0:
        return 0.0
    lost_share = (discordance + drop) / (2 * discordance)
    if discordance >= 1:
        return _power_given(n, lost_share, margin * n, level)
    middle = n * discordance
    reach = _DEVIATIONS * math.sqrt(middle * (1 - discordance)) + _DEVIATIONS
    changed = range(max(0, math.floor(middle - reach)), min(n, math.ceil(middle + reach)) + 1)
    return math.fsum(
        binomial_share(m, n, discordance) * _power_given(m, lost_share, margin * n, level)
        for m in changed
    )


def smallest_drop(
    n: int,
    discordant: int,
    *,
    margin: float = MARGIN,
    level: float = LEVEL * WEIGHT_OF_ALL,
    wanted: float = POWER,
) -> float | None:
    """The smallest drop that `n` cases show with 80% power, when so many of them changed.

    Few that changed promise too much: where none of n did, up to 3/n may (Hanley and Lippman-Hand,
    "If nothing goes wrong, is everything all right?", JAMA 249 (1983), 1743-1745), so no less than
    that is assumed. `level` is what all cases have to themselves, so a little is left over when the
    slices do not use theirs. None where not even the loss of every case would show.
    """
    if n == 0 or power(n, 1.0, 1.0, margin=margin, level=level) < wanted:
        return None
    discordance = min(1.0, max(discordant, _RULE_OF_THREE) / n)
    low, high = 0.0, 1.0
    while high - low > _NEAR:
        middle = (low + high) / 2
        if power(n, middle, discordance, margin=margin, level=level) < wanted:
            low = middle
        else:
            high = middle
    return high


def _row(counts: Counts, p: float, worse: float, better: float, margin: float) -> PairedRow:
    """With its verdict: sure enough, and by more than the margin."""
    gain = counts.gained - counts.lost
    beyond = abs(gain) > margin * counts.shared + _SAME
    verdict: Verdict = "same"
    if worse < LEVEL and gain < 0 and beyond:
        verdict = "worse"
    elif better < LEVEL and gain > 0 and beyond:
        verdict = "better"
    return PairedRow(
        name=counts.name,
        shared=counts.shared,
        before_right=counts.before_right,
        now_right=counts.before_right + gain,
        lost=counts.lost,
        gained=counts.gained,
        p=p,
        adjusted_p=worse,
        verdict=verdict,
    )


def _sum(slices: Sequence[Counts]) -> Counts:
    return Counts(
        "all",
        shared=sum(counts.shared for counts in slices),
        before_right=sum(counts.before_right for counts in slices),
        lost=sum(counts.lost for counts in slices),
        gained=sum(counts.gained for counts in slices),
    )


def _weights(slices: int) -> list[float]:
    if not slices:
        return [1.0]
    return [WEIGHT_OF_ALL] + [(1 - WEIGHT_OF_ALL) / slices] * slices


@lru_cache(maxsize=65_536)
def _at_least(k: int, m: int) -> float:
    """The probability of `k` heads or more in `m` throws of a fair coin."""
    return binomial_cdf(m - k, m, 0.5)


@lru_cache(maxsize=65_536)
def _critical(m: int, level: float) -> int:
    """The fewest lost of `m` changed cases whose p is at most the level; m + 1 where none is."""
    low, high = 0, m + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _at_least(middle, m) <= level * (1 + _SAME):
            high = middle
        else:
            low = middle
    return high


def _attained(m: int, bound: float) -> float:
    """The largest p up to `bound` that `m` changed cases can have; 0 where there is none."""
    return 1.0 if bound >= 1 else _at_least(_critical(m, bound), m)


def _power_given(m: int, lost_share: float, least_drop: float, level: float) -> float:
    """How likely it is that, of `m` changed cases, enough are lost to be called worse."""
    enough = max(_critical(m, level), math.floor((m + least_drop) / 2 + _SAME) + 1)
    return 1.0 - binomial_cdf(enough - 1, m, lost_share) if enough <= m else 0.0
