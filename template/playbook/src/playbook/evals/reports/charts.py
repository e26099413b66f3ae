"""The pictures of the page: a bar with its interval, histograms, calibration, the trend."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import Any

from playbook.evals.calibration_picture import reliability
from playbook.evals.confidence import Bin
from playbook.evals.drawing import Frame, Marks, shares
from playbook.evals.gate import percent, percentile, target_percent
from playbook.evals.reports.trend import Run
from playbook.evals.statistics import wilson

_WIDTH, _HEIGHT = 360, 250
_BINS = 24
_CROWDED = 0.6  # of the width: a label further right than this is written to the left


def slice_bar(row: Mapping[str, Any]) -> str:
    """The share right as a bar, its interval as a line over it, the target as a mark across."""
    low, high, share = row["low"] * 100, row["high"] * 100, row["share"] * 100
    parts = ['<rect class="track" width="100" height="20"/>']
    if row["n"]:
        parts.append(f'<rect class="bar" y="3" width="{share:.2f}" height="14"/>')
        parts.append(f'<line class="whisker" x1="{low:.2f}" y1="10" x2="{high:.2f}" y2="10"/>')
        for end in (low, high):
            parts.append(f'<line class="whisker" x1="{end:.2f}" y1="6" x2="{end:.2f}" y2="14"/>')
    if row["target"] is not None:
        at = row["target"] * 100
        parts.append(f'<line class="goal" x1="{at:.2f}" y1="0" x2="{at:.2f}" y2="20"/>')
    return (
        '<svg class="slice" viewBox="0 0 100 20" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def histogram(
    values: Sequence[float], target: float, marked: tuple[str, float], shown: Callable[[float], str]
) -> str:
    """How many calls took or cost how much; the last bar holds what is further out.

    Args:
        values: One for each call; not empty.
        target: Drawn where it is in sight, and named in any case.
        marked: What the target is held against, such as the 95th percentile, with its name.
        shown: A value with its unit.
    """
    top = max(percentile(values, 0.99) or 0.0, marked[1]) * 1.05 or 1.0
    if target < 1.6 * top:
        top = max(top, target * 1.08)
    bars = [0] * _BINS
    for value in values:
        bars[min(_BINS - 1, int(value / top * _BINS))] += 1
    most = max(bars)
    frame = Frame(44, 44, 300, 150, (0.0, top), (0.0, most * 1.08))
    across = [(value, shown(value)) for value in _round_numbers(top)]
    parts = list(frame.axes("", f"{len(values)} calls", across, _counts(most)))
    for number, n in enumerate(bars):
        if n:
            x, y = frame.at(number * top / _BINS, n)
            size = f'width="{frame.width / _BINS - 1:.1f}" height="{frame.bottom - y:.1f}"'
            parts.append(f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" {size}/>')
    label, value = marked
    parts += _marked(frame, "drop", value, f"{label} {shown(value)}", -6)
    if target <= top:
        parts += _marked(frame, "target", target, f"target {shown(target)}", -22, "owed")
    else:
        at = f'x="{frame.left + frame.width}" y="{frame.top - 22}" text-anchor="end"'
        said = f"target {shown(target)}, further right"
        parts.append(f'<text class="small owed" {at}>{said}</text>')
    said = f"{len(values)} calls, {label} {shown(value)}, target {shown(target)}"
    return _picture(said, parts)


def _marked(
    frame: Frame, name: str, value: float, label: str, down: float, colour: str = ""
) -> Iterable[str]:
    x = frame.at(value, 0)[0]
    yield frame.line(name, value, 0, value, frame.y[1])
    crowded = x > frame.left + _CROWDED * frame.width
    at = f'x="{x + (-5 if crowded else 5):.1f}" y="{frame.top + down}"'
    anchor = "end" if crowded else "start"
    yield f'<text class="small {colour}" {at} text-anchor="{anchor}">{escape(label)}</text>'


def _round_numbers(top: float) -> list[float]:
    """Three to six round numbers from 0 up to `top`."""
    power = 10.0 ** math.floor(math.log10(top))
    step = next(s * power for s in (0.2, 0.25, 0.5, 1.0, 2.0) if top / (s * power) <= 5.5)
    return [step * number for number in range(int(top / step + 1e-9) + 1)]


def _counts(most: int) -> Marks:
    step = max(1, math.ceil(most / 4))
    return [(float(n), str(n)) for n in range(0, most + 1, step)]


def calibration(bins: Sequence[Mapping[str, Any]]) -> str:
    """What answers said of themselves, against how many were right."""
    binned = [Bin(**{key: one[key] for key in Bin.__annotations__}) for one in bins]
    frame = Frame(44, 12, 300, 180)
    said = f"{sum(one.n for one in binned)} answers by confidence; on the diagonal it holds"
    return _picture(said, reliability(frame, binned))


def trend(runs: Sequence[Run], target: float | None) -> str:
    """The share right from run to run, with its interval."""
    intervals = [wilson(run.right, run.n) for run in runs]
    lowest = min(target if target is not None else 1.0, *(low for low, _ in intervals))
    floor = min(0.9, math.floor(lowest * 5) / 5 if lowest < 0.4 else math.floor(lowest * 10) / 10)
    tenths = round((1 - floor) * 10)
    steps = tenths * 2 if tenths <= 3 else tenths if tenths <= 6 else tenths // 2
    frame = Frame(44, 30, 300, 164, (-0.3, len(runs) - 0.7), (floor, 1.0))
    across = [(0.0, runs[0].day), (len(runs) - 1.0, runs[-1].day)]
    parts = list(frame.axes("", f"{len(runs)} runs", across, shares(floor, 1.0, steps)))
    edge = [(number, high) for number, (_, high) in enumerate(intervals)]
    edge += [(number, low) for number, (low, _) in reversed(list(enumerate(intervals)))]
    places = " ".join("{:.1f},{:.1f}".format(*frame.at(x, y)) for x, y in edge)
    parts.append(f'<polygon class="band" points="{places}"/>')
    if target is not None:
        parts.append(frame.line("target", frame.x[0], target, frame.x[1], target))
        at = f'x="{frame.left + frame.width}" y="{frame.top - 8}" text-anchor="end"'
        said = f"dashed: target {target_percent(target)}"
        parts.append(f'<text class="small owed" {at}>{said}</text>')
    parts.append(frame.path("seen", enumerate(run.right / run.n for run in runs)))
    for number, run in enumerate(runs):
        x, y = frame.at(number, run.right / run.n)
        said = f"{run.day} {run.release}: {percent(run.right / run.n)} of {run.n}"
        if run.accepted:
            said += ", accepted as the baseline"
            parts.append(f'<circle class="chosen" cx="{x:.1f}" cy="{y:.1f}" r="7"/>')
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
            f"<title>{escape(said)}</title></circle>"
        )
    first, last = (percent(run.right / run.n) for run in (runs[0], runs[-1]))
    return _picture(f"{len(runs)} runs, from {first} to {last} right", parts)


def _picture(said: str, parts: Iterable[str]) -> str:
    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg {box} role="img" aria-label="{escape(said)}">{"".join(parts)}</svg>'
