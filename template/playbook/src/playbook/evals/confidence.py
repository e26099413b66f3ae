"""How sure answers say they are, against how often they are right."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from playbook.evals.gate import percent
from playbook.evals.results import CaseResult
from playbook.evals.statistics import auroc, auroc_interval

MOST_BINS = 10
LEAST_IN_BIN = 20
_ROUNDS = 200
_SEED = 20_100  # any: the same every time


@dataclass(frozen=True)
class Said:
    """One answer: how sure it said it was, and whether it is right, had it been answered."""

    id: str
    confidence: float
    right: bool


@dataclass(frozen=True)
class Bin:
    """Answers about equally sure: what they said on average, and how many are right."""

    low: float
    high: float
    n: int
    said: float
    right: int

    @property
    def share_right(self) -> float:
        """The share that is right."""
        return self.right / self.n


@dataclass(frozen=True)
class Ranks:
    """Whether right answers are surer than wrong ones: the area under the ROC curve."""

    area: float
    low: float
    high: float

    @property
    def tells_apart(self) -> bool:
        """Whether the answers were enough to say that confidence is better than a coin."""
        return self.low > 0.5


def said_by(results: Iterable[CaseResult | Mapping[str, Any]]) -> list[Said]:
    """The answers of a run that had a confidence, handed over or not."""
    found = []
    for result in results:
        row = vars(result) if isinstance(result, CaseResult) else result
        confidence, right = row["confidence"], row.get("right_if_answered")
        if confidence is not None and right is not None:
            found.append(Said(row["id"], confidence, right))
    return found


def bins(said: Sequence[Said]) -> list[Bin]:
    """Bins of about equal numbers of answers; equal confidences are never torn apart.

    At most ten, with at least twenty answers each while there are so many.
    """
    return [_bin(group) for group in _groups(said)]


def _groups(said: Sequence[Said]) -> list[list[Said]]:
    ordered = sorted(said, key=lambda one: one.confidence)
    wanted = max(1, min(MOST_BINS, len(ordered) // LEAST_IN_BIN))
    groups: list[list[Said]] = []
    for number, one in enumerate(ordered):
        full = number * wanted >= len(groups) * len(ordered)
        if not groups or (full and one.confidence != ordered[number - 1].confidence):
            groups.append([])
        groups[-1].append(one)
    return groups


def calibration_error(binned: Sequence[Bin]) -> float:
    """The expected calibration error (ECE): how far what is said is from what is right.

    Over bins of equal mass (Nguyen and O'Connor 2015), as most answers say nearly the same.
    """
    n = sum(one.n for one in binned)
    return sum(one.n * abs(one.said - one.share_right) for one in binned) / n if n else 0.0


def error_by_chance(said: Sequence[Said]) -> float:
    """The calibration error that 95 of 100 perfectly calibrated models stay below, on these cases.

    A few hundred cases never show 0: a measured error below this is no error that could be seen.
    """
    draw = random.Random(_SEED).random
    groups = [[one.confidence for one in group] for group in _groups(said)]
    errors = sorted(
        sum(abs(sum(sure) - sum(draw() < one for one in sure)) for sure in groups) / len(said)
        for _ in range(_ROUNDS)
    )
    return errors[int(0.95 * _ROUNDS)]


def brier(said: Sequence[Said]) -> float:
    """The mean squared difference between what was said and what came true (Brier 1950)."""
    return sum((one.confidence - one.right) ** 2 for one in said) / len(said)


def ranks(said: Sequence[Said]) -> Ranks | None:
    """Whether confidence tells right from wrong; None when all are right, or all wrong."""
    right = [one.confidence for one in said if one.right]
    wrong = [one.confidence for one in said if not one.right]
    area = auroc(right, wrong)
    if area is None:
        return None
    if len({one.confidence for one in said}) == 1:
        return Ranks(0.5, 0.5, 0.5)
    return Ranks(area, *auroc_interval(area, len(right), len(wrong)))


def summary(results: Sequence[CaseResult]) -> dict[str, Any] | None:
    """What a report says about confidence; None when no answer had one."""
    said = said_by(results)
    if not said:
        return None
    given = {result.id for result in results if result.outcome == "answered"}
    answered = [one for one in said if one.id in given]
    binned, found = bins(said), ranks(said)
    return {
        "n": len(said),
        "handed_over": 1 - len(answered) / len(said),
        "right_among_answered": _share_right(answered),
        "right_had_all_been_answered": _share_right(said),
        "calibration_error": calibration_error(binned),
        "calibration_error_is": "ECE over "
        + ("1 bin" if len(binned) == 1 else f"{len(binned)} equal-mass bins"),
        "brier": brier(said),
        "auroc": found and asdict(found),
        "bins": [{**asdict(one), "share_right": one.share_right} for one in binned],
    }


def summary_line(about: Mapping[str, Any]) -> str:
    """The line of a run about confidence."""
    among = about["right_among_answered"]
    answered = "nothing answered" if among is None else f"right among the answered {percent(among)}"
    return (
        f"Confidence of {about['n']} answer{'' if about['n'] == 1 else 's'}: "
        f"handed over {percent(about['handed_over'])}; "
        f"{answered}, had all been answered {percent(about['right_had_all_been_answered'])}; "
        f"calibration error {about['calibration_error'] * 100:.1f} points "
        f"({about['calibration_error_is']}), Brier {about['brier']:.3f}."
    )


def _share_right(said: Sequence[Said]) -> float | None:
    return sum(one.right for one in said) / len(said) if said else None


def _bin(group: Sequence[Said]) -> Bin:
    sure = [one.confidence for one in group]
    return Bin(sure[0], sure[-1], len(group), sum(sure) / len(group), sum(s.right for s in group))
