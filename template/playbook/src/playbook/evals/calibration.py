"""The confidence threshold: from answers and a target to the lowest one the data can support.

The model's number itself is left as it is. Mapping it to a better one (Platt, isotonic) keeps the
order of the answers, so at the same target the same ones would be handed over.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from playbook.evals.confidence import Ranks, Said, ranks
from playbook.evals.gate import percent, target_percent
from playbook.evals.statistics import (
    cases_to_show,
    fewest_that_show,
    lower_bound,
    shows_at_least,
)
from playbook.verdicts import Code

FOLDS = 5


@dataclass(frozen=True)
class Point:
    """What a threshold does: how many of `n` are answered, and how many of those are right."""

    threshold: float
    answered: int
    right: int
    n: int

    @property
    def share_answered(self) -> float:
        """Answered rather than handed over."""
        return self.answered / self.n if self.n else 0.0

    @property
    def share_right(self) -> float:
        """Right among the answered."""
        return self.right / self.answered if self.answered else 0.0

    @property
    def shown(self) -> float:
        """The share right that these cases show, with 95% confidence."""
        return lower_bound(self.right, self.answered)


@dataclass(frozen=True)
class Calibrated:
    """A threshold, or why there is none."""

    target: float
    points: tuple[Point, ...]
    chosen: Point | None
    elsewhere: Point | None  # the choice, on cases it was not made on
    ranks: Ranks | None
    code: Code
    reason: str
    needed: int | None = None


@dataclass(frozen=True)
class _No:
    code: Code
    reason: str
    needed: int | None = None


def curve(said: Sequence[Said]) -> list[Point]:
    """What each threshold does, from the lowest, which answers everything."""
    answered = right = 0
    points = []
    ordered = sorted(said, key=lambda one: -one.confidence)
    for threshold, group in groupby(ordered, key=lambda one: one.confidence):
        alike = list(group)
        answered += len(alike)
        right += sum(one.right for one in alike)
        points.append(Point(threshold, answered, right, len(said)))
    return points[::-1]


def choose(points: Sequence[Point], target: float) -> Point | None:
    """The lowest threshold whose answered cases show the target."""
    return next((p for p in points if shows_at_least(p.right, p.answered, target)), None)


def cross_fit(said: Sequence[Said], target: float) -> Point | None:
    """Choose on four fifths, answer the rest by it, five times over; the five together.

    A threshold looks better on the cases it was picked from than on any others. Which fifth a case
    is in hangs on its id alone, so new cases move no old ones. None when no four fifths showed the
    target.
    """
    answered: list[Said] = []
    thresholds = []
    for fold in range(FOLDS):
        chosen = choose(curve([one for one in said if fold_of(one.id) != fold]), target)
        if chosen is None:
            continue
        thresholds.append(chosen.threshold)
        answered += [
            one for one in said if fold_of(one.id) == fold and one.confidence >= chosen.threshold
        ]
    if not thresholds:
        return None
    middle = sorted(thresholds)[len(thresholds) // 2]
    return Point(middle, len(answered), sum(one.right for one in answered), len(said))


def fold_of(case: str) -> int:
    """Which fifth a case belongs to."""
    return int.from_bytes(hashlib.sha256(case.encode("utf-8", "surrogatepass")).digest()[:8]) % (
        FOLDS
    )


def calibrate(
    said: Sequence[Said], target: float, most_handed_over: float | None = None
) -> Calibrated:
    """Choose the threshold of a release, or say what stands against one.

    Looking at every threshold makes the chosen one's bound too kind; that it must also reach the
    target on cases it was not chosen on takes that back. Simulated (300 runs of 355 answers, four
    shapes of confidence): below its target in truth were 2.3% to 4.0% of all runs, at most 5%
    being the aim; without that second look up to 9.7%.

    Args:
        said: The answers of a run that had a confidence.
        target: The share that shall be right among the answered.
        most_handed_over: The share that may at most go to a person; any, without it.
    """
    points = tuple(curve(said))
    found = ranks(said)
    chosen = choose(points, target)
    elsewhere = cross_fit(said, target) if chosen else None
    no = _cannot_choose(points, found, chosen, len(said), target)
    if chosen and not no:
        no = _against(chosen, elsewhere, len(said), target, most_handed_over)
    if chosen and not no:
        return Calibrated(target, points, chosen, elsewhere, found, Code.MET, _for(chosen, target))
    assert no is not None  # without a choice there is a reason
    return Calibrated(target, points, None, elsewhere, found, no.code, no.reason, no.needed)


def _cannot_choose(
    points: Sequence[Point], found: Ranks | None, chosen: Point | None, n: int, target: float
) -> _No | None:
    """Why no threshold can be chosen honestly, if so."""
    wanted, fewest = target_percent(target), fewest_that_show(target)
    if n < fewest:
        return _No(
            Code.INCONCLUSIVE,
            f"{count(n)} cannot show {wanted} right: it takes {fewest}, even if every one is",
            fewest,
        )
    everything = points[0]
    if len(points) == 1:
        return _No(
            Code.NOT_MET,
            f"every answer has the same confidence, {everything.threshold:g}: no threshold can "
            f"tell them apart ({percent(everything.share_right)} are right)",
        )
    if chosen is everything:
        return None
    tells_apart = found is not None and found.tells_apart
    # A handful at the top is right by luck; only thresholds that could show the target count.
    able = [p for p in points if p.answered >= fewest] if tells_apart else [everything]
    needed = min((m for p in able if (m := _needed(p, target)) is not None), default=None)
    if chosen is None and needed is not None:
        return _No(
            Code.INCONCLUSIVE,
            f"{count(n)} cannot show {wanted} right at any threshold: it takes about {needed}, if "
            "they go on as these do",
            needed,
        )
    if not tells_apart:
        return _No(
            Code.NOT_MET,
            f"{percent(everything.share_right)} are right had all been answered, target {wanted}, "
            "and confidence does not tell right from wrong: a threshold would hand over right and "
            "wrong alike",
        )
    if chosen is None:
        best = max((p for p in points if p.answered >= fewest), key=lambda p: p.share_right)
        return _No(
            Code.NOT_MET,
            f"no threshold reaches {wanted} right among the answered; the best is "
            f"{best.threshold:g} with {percent(best.share_right)}",
        )
    return None


def _against(
    chosen: Point, elsewhere: Point | None, n: int, target: float, most_handed_over: float | None
) -> _No | None:
    """What stands against a threshold that was chosen, if anything."""
    wanted = target_percent(target)
    if elsewhere is None or not elsewhere.answered:
        needed = math.ceil(n * FOLDS / (FOLDS - 1))
        return _No(
            Code.INCONCLUSIVE,
            f"{count(n)} are too few to try a threshold on others than it was chosen on: it takes "
            f"about {needed}",
            needed,
        )
    if elsewhere.share_right < target - 1e-9:
        return _No(
            Code.NOT_MET,
            f"threshold {chosen.threshold:g} holds only on the answers it was chosen on: of others "
            f"{percent(elsewhere.share_right)} are right, target {wanted}",
        )
    handed = 1 - chosen.share_answered
    if most_handed_over is not None and handed > most_handed_over + 1e-9:
        return _No(
            Code.NOT_MET,
            f"threshold {chosen.threshold:g} shows {wanted} right, but hands over "
            f"{percent(handed)}; at most {target_percent(most_handed_over)} may be",
        )
    return None


def _for(chosen: Point, target: float) -> str:
    return (
        f"threshold {chosen.threshold:g} answers {percent(chosen.share_answered)}; "
        f"{percent(chosen.share_right)} of them are right, at least {percent(chosen.shown)} with "
        f"95% confidence, target {target_percent(target)}"
    )


def _needed(point: Point, target: float) -> int | None:
    """About how many answers in all it takes until this threshold shows the target."""
    answered = cases_to_show(target, point.share_right)
    return None if answered is None else math.ceil(answered / point.share_answered)


def count(n: int) -> str:
    """A number of answers, in words."""
    return "1 answer" if n == 1 else f"{n} answers"
