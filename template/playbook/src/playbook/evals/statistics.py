"""Intervals and tests for shares and ranks: some exact formulas, instead of scipy's 100 MB."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

CONFIDENCE = 0.95
"""How sure every interval and bound is, unless said otherwise."""

_HALVINGS = 60
_NEGLIGIBLE = 1e-17


class Counted:
    """What is so many right of so many: its share, and how sure that is."""

    right: int
    n: int

    @property
    def share(self) -> float:
        """The share that is right; of nothing, nothing."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95% interval (Wilson)."""
        return wilson(self.right, self.n)


def wilson(right: int, n: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The interval of a share (Wilson's score interval, which holds near 0 and 1 too)."""
    if n == 0:
        return 0.0, 1.0
    z = _z(confidence)
    share = right / n
    centre = share + z**2 / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n * n))
    scale = 1 + z**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """The probability of at most `k` of `n`, each with probability `p`.

    Summed from the largest term outwards, so it costs a few dozen terms for any `n`.
    """
    if k < 0:
        return 0.0
    if k >= n or p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    if k > n * p:
        return 1.0 - binomial_cdf(n - k - 1, n, 1 - p)
    term = total = binomial_share(k, n, p)
    for j in range(k, 0, -1):
        term *= j / (n - j + 1) * (1 - p) / p
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return min(1.0, total)


def binomial_share(k: int, n: int, p: float) -> float:
    """The probability of exactly `k` of `n`, each with probability `p` between 0 and 1."""
    return math.exp(
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )


def p_below(right: int, n: int, target: float) -> float:
    """How likely so few right are where the true share is the target: small shows it below.

    The exact one-sided binomial test. Over several slices: `holm([p_below(...), ...])`.
    """
    return binomial_cdf(right, n, target)


def holm(
    ps: Sequence[float],
    weights: Sequence[float] | None = None,
    attained: Sequence[Callable[[float], float]] | None = None,
) -> list[float]:
    """Each p adjusted for all that were looked at: one below 5% is so in 1 of 20 runs, whichever.

    Holm, Scandinavian Journal of Statistics 6 (1979), 65-70, with `weights` where some are to have
    more of it. An exact test reaches only some p: `attained[i](bound)` is the largest that
    test i can reach up to `bound`, and 0 where that is none. With it, no test pays for what
    another cannot reach: Westfall and Wolfinger, The American Statistician 51 (1997), 3-8.
    """
    weights = weights or [1.0] * len(ps)
    order = sorted(range(len(ps)), key=lambda i: ps[i] / weights[i])
    adjusted = [1.0] * len(ps)
    most = 0.0
    for place, i in enumerate(order):
        total = ps[i]
        for j in order[place + 1 :]:
            bound = ps[i] * weights[j] / weights[i]
            total += attained[j](bound) if attained else bound
        most = adjusted[i] = min(1.0, max(most, total))
        if most == 1:
            break
    return adjusted


def cases_for_wilson(target: float, confidence: float = CONFIDENCE) -> int | None:
    """The fewest cases that clear a target by Wilson's lower bound when every one is right.

    92% needs 45: 44 of 44 is 91.97%. None for a target of 1, which no number clears.
    """
    if target >= 1:
        return None
    z = _z(confidence)
    n = max(1, math.floor(z**2 * target / (1 - target)))  # wilson(n, n) is n / (n + z^2) and up
    while wilson(n, n, confidence)[0] < target:
        n += 1
    return n


def shows_at_least(right: int, n: int, share: float, confidence: float = CONFIDENCE) -> bool:
    """Whether `right` of `n` show a true share of at least `share`.

    That is: the exact one-sided bound (Clopper and Pearson) is not below it. Exact, because
    Wilson's lower bound promises too much where nearly all are right: 44 of 44 show 94.2% to
    Wilson, and 93.4% truly.
    """
    return n > 0 and binomial_cdf(n - right, n, 1 - share) <= 1 - confidence + 1e-12


def lower_bound(right: int, n: int, confidence: float = CONFIDENCE) -> float:
    """The exact one-sided lower bound of a share: the most that `right` of `n` show."""
    if right == 0 or n == 0:
        return 0.0
    return _border(lambda share: shows_at_least(right, n, share, confidence), 0.0, right / n)


def fewest_that_show(share: float, confidence: float = CONFIDENCE) -> int:
    """How many cases it takes to show a share when every single one is right."""
    return math.ceil(math.log(1 - confidence) / math.log(share) - 1e-9)


def cases_to_show(share: float, seen: float, confidence: float = CONFIDENCE) -> int | None:
    """About how many cases it takes to show a share, when `seen` is what they go on showing.

    Wilson's one-sided bound solved for the number of cases, and 1/(seen - share) for what the exact
    bound asks beyond it (Fleiss, Statistical Methods for Rates and Proportions, ch. 3). None when
    no number would do.
    """
    if seen <= share:
        return None
    z = NormalDist().inv_cdf(confidence)
    n = z**2 * share * (1 - share) / (seen - share) ** 2 + 1 / (seen - share)
    return max(fewest_that_show(share, confidence), math.ceil(n))


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """How often a right answer scores above a wrong one; a tie is half. None without both."""
    if not right or not wrong:
        return None
    ranked = sorted([(score, True) for score in right] + [(score, False) for score in wrong])
    wins = 0.0
    below = at = 0
    before: float | None = None
    waiting = 0
    for score, is_right in [*ranked, (math.inf, False)]:
        if score != before:
            wins += waiting * (below + at / 2)
            below, at, waiting, before = below + at, 0, 0, score
        if is_right:
            waiting += 1
        else:
            at += 1
    return wins / (len(right) * len(wrong))


def auroc_interval(
    area: float, right: int, wrong: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The interval of an area under the curve, also where few are wrong or the ranks are perfect.

    Newcombe, Statistics in Medicine 25 (2006), 559-573, method 5: Hanley and McNeil's variance at
    the border itself, with (m + n) / 2 - 1 in both places.
    """
    z = _z(confidence)
    middle = (right + wrong) / 2 - 1

    def compatible(true: float) -> bool:
        inner = 1 + middle * (1 - true) / (2 - true) + middle * true / (1 + true)
        return abs(area - true) <= z * math.sqrt(true * (1 - true) * inner / (right * wrong))

    low = 1 - _border(lambda t: compatible(1 - t), 1 - area, 1.0)
    high = _border(compatible, area, 1.0)
    return max(0.0, low), min(1.0, high)


def _border(holds: Callable[[float], bool], low: float, high: float) -> float:
    """How far up from `low`, where it holds, a condition goes on holding."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(middle):
            low = middle
        else:
            high = middle
    return low


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
