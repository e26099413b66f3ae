"""What a calibration says to a person, and what it leaves for other commands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from playbook.evals import confidence
from playbook.evals.calibration import FOLDS, Calibrated, Point, count
from playbook.evals.confidence import Said
from playbook.evals.gate import percent
from playbook.evals.reports import wording
from playbook.evals.results import Mode
from playbook.evals.statistics import fewest_that_show

_MOST_ROWS = 8
_BOUND_TO = (
    "release",
    "model",
    "parameters",
    "prompt",
    "prompt_sha256",
    "source_sha256",
    "dataset_sha256",
    "mode",
    "made_at",
)


def lines(written: Mapping[str, Any], said: Sequence[Said], found: Calibrated) -> Iterator[str]:
    """What a person sees, from the title to the caveat."""
    yield wording.title(written)
    yield f"{count(len(said))} with a confidence; from the run of {written['made_at']}"
    yield ""
    if said:
        yield from _reliability(said, found)
        yield ""
        yield from _thresholds(found)
        yield ""
    yield f"{found.code.status.upper()}  {found.reason}."
    if found.elsewhere:
        other = found.elsewhere
        yield (
            f"On cases it was not chosen on ({FOLDS} parts, each by the other {FOLDS - 1}): "
            f"{percent(other.share_answered)} answered, {percent(other.share_right)} of them right."
        )
    yield (
        "Shares are those of the labelled cases; production may have more easy or hard ones."
        if written["mode"] == Mode.live
        else "Simulated answers say nothing about a real model."
    )


def _reliability(said: Sequence[Said], found: Calibrated) -> Iterator[str]:
    binned = confidence.bins(said)
    yield f"  {'confidence':<14} {'n':>5} {'said':>8} {'right':>8}"
    for one in binned:
        between = f"{one.low:g} to {one.high:g}" if one.low < one.high else f"{one.low:g}"
        yield f"  {between:<14} {one.n:>5} {percent(one.said):>8} {percent(one.share_right):>8}"
    right = sum(one.right for one in said) / len(said)
    yield (
        f"Calibration error {confidence.calibration_error(binned) * 100:.1f} points (ECE over "
        f"{len(binned)} equal-mass bins; chance alone gives up to "
        f"{confidence.error_by_chance(said) * 100:.1f})."
    )
    yield (
        f"Brier {confidence.brier(said):.3f}; saying {percent(right)} every time gives "
        f"{right * (1 - right):.3f}."
    )
    yield _told_apart(found)


def _told_apart(found: Calibrated) -> str:
    ranks = found.ranks
    if ranks is None:
        return "All answers are right, or all are wrong: there is nothing to tell apart."
    if ranks.low == ranks.high:
        return "Every answer has the same confidence: do not rely on it."
    area = f"AUROC {ranks.area:.2f}, 95% interval {ranks.low:.2f} to {ranks.high:.2f}"
    if ranks.tells_apart:
        return f"Confidence tells right from wrong: {area}."
    return f"Confidence does not tell right from wrong ({area}): do not rely on it."


def _thresholds(found: Calibrated) -> Iterator[str]:
    yield f"  {'threshold':<14} {'answered':>8} {'right':>8} {'shown':>8}"
    for point in _picked(found):
        mark = "  chosen" if point is found.chosen else ""
        yield (
            f"  {point.threshold:<14g} {percent(point.share_answered):>8} "
            f"{percent(point.share_right):>8} {percent(point.shown):>8}{mark}"
        )


def _picked(found: Calibrated) -> list[Point]:
    """A few thresholds, evenly spread over what they answer, and the chosen one."""
    fewest = fewest_that_show(found.target)
    able = [point for point in found.points if point.answered >= fewest] or list(found.points)
    picked = {able[0].threshold: able[0]}
    for step in range(1, _MOST_ROWS):
        share = able[0].share_answered * (1 - step / _MOST_ROWS)
        near = min(able, key=lambda point: abs(point.share_answered - share))
        picked[near.threshold] = near
    if found.chosen:
        picked[found.chosen.threshold] = found.chosen
    return [picked[threshold] for threshold in sorted(picked)]


def document(written: Mapping[str, Any], said: Sequence[Said], found: Calibrated) -> dict[str, Any]:
    """The calibration with its whole curve, bound to what the run was bound to."""
    binned = confidence.bins(said)
    return {
        **{name: written[name] for name in _BOUND_TO},
        "answers": len(said),
        "target": found.target,
        "status": found.code.status,
        "reason": found.reason,
        "needed": found.needed,
        "chosen": _point(found.chosen),
        "on_cases_not_chosen_on": _point(found.elsewhere),
        "calibration_error": confidence.calibration_error(binned),
        "calibration_error_by_chance": confidence.error_by_chance(said),
        "brier": confidence.brier(said),
        "auroc": found.ranks and asdict(found.ranks),
        "bins": [{**asdict(one), "share_right": one.share_right} for one in binned],
        "curve": [_point(point) for point in found.points],
    }


def _point(point: Point | None) -> dict[str, Any] | None:
    if point is None:
        return None
    shares = ("share_answered", "share_right", "shown")
    return asdict(point) | {name: getattr(point, name) for name in shares}
