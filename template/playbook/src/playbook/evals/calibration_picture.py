"""The calibration as a picture: one self-contained SVG, for light and for dark pages."""

import math
from collections.abc import Iterable, Sequence
from html import escape

from playbook.evals.calibration import Calibrated, Point
from playbook.evals.confidence import Bin
from playbook.evals.gate import percent, target_percent

_SIZE = 260
_TOP = 74
_LEFT = (62, 432)
_MOST_POINTS = 60
_LEAST_ANSWERED = 20

_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f } .small { font-size: 11px; fill: #57606a }
.title { font-size: 15px; font-weight: 600 } .page { fill: #ffffff } .frame { fill: none; \
stroke: #8c959f }
.grid { stroke: #d8dee4 } .ideal { stroke: #8c959f; stroke-dasharray: 4 4 }
.target { stroke: #9a6700; stroke-dasharray: 6 3; stroke-width: 1.5 } .owed { fill: #9a6700 }
.seen { stroke: #0969da; stroke-width: 2; fill: none } .dot { fill: #0969da }
.shown { stroke: #0969da; stroke-width: 1; stroke-dasharray: 2 3; fill: none }
.chosen { fill: none; stroke: #1a7f37; stroke-width: 3 } .drop { stroke: #1a7f37 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 } .page { fill: #0d1117 } .frame { stroke: #656c76 }
.grid { stroke: #30363d } .ideal { stroke: #656c76 } .target { stroke: #d29922 }
.owed { fill: #d29922 } .seen, .shown { stroke: #58a6ff } .dot { fill: #58a6ff }
.chosen, .drop { stroke: #3fb950 }
}"""


def picture(title: str, binned: Sequence[Bin], calibrated: Calibrated) -> str:
    """Said against right, and what each threshold answers against how much of that is right."""
    height = _TOP + _SIZE + 64
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect class="page" width="720" height="{height}"/>',
            f'<text class="title" x="24" y="28">{escape(title)}</text>',
            *_reliability(binned),
            *_coverage(calibrated),
            "</svg>\n",
        ]
    )


def _reliability(binned: Sequence[Bin]) -> Iterable[str]:
    left = _LEFT[0]
    yield from _frame(left, 0.0, "What answers say, and how many are right", "confidence said")
    yield _line("ideal", left, 0, 0, 1, 1)
    most = max(one.n for one in binned)
    for one in binned:
        x, y = _at(left, one.said, one.share_right)
        radius = 2 + 3 * (one.n / most) ** 0.5
        yield (
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>'
            f"{one.n} answers said {percent(one.said)}, {percent(one.share_right)} are right"
            "</title></circle>"
        )


def _coverage(calibrated: Calibrated) -> Iterable[str]:
    left, target = _LEFT[1], calibrated.target
    points = _drawn(calibrated.points)
    shown = [point.shown for point in points]  # exact bounds: worth computing once
    lowest = min(target, *shown, *(point.share_right for point in points))
    floor = math.floor(max(0.0, lowest - 0.01) * 10) / 10

    def height(share: float) -> float:
        return (share - floor) / (1 - floor)

    yield from _frame(left, floor, "Right among the answered", "share answered")
    yield _line("target", left, 0, height(target), 1, height(target))
    x, y = _at(left, 0, height(target))
    y += -6 if height(target) < 0.9 else 15
    text = f"target {target_percent(target)}"
    yield f'<text class="small owed" x="{x + 6:.1f}" y="{y:.1f}">{text}</text>'
    for name, heights in (("shown", shown), ("seen", [p.share_right for p in points])):
        pairs = zip(points, heights, strict=True)
        path = (_at(left, point.share_answered, height(share)) for point, share in pairs)
        yield f'<polyline class="{name}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in path)}"/>'
    text = "line: right in these cases; dotted: shown with 95% confidence"
    at = f'x="{left + _SIZE}" y="{_TOP + _SIZE + 56}" text-anchor="end"'
    yield f'<text class="small" {at}>{text}</text>'
    if calibrated.chosen:
        chosen = calibrated.chosen
        x, y = _at(left, chosen.share_answered, height(chosen.share_right))
        yield f'<circle class="chosen" cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
        yield f'<line class="drop" x1="{x:.1f}" y1="{y + 7:.1f}" x2="{x:.1f}" y2="{_TOP + _SIZE}"/>'
        anchor, dx = ("end", -6) if chosen.share_answered > 0.5 else ("start", 6)
        text = f"threshold {chosen.threshold:g}"
        at = f'x="{x + dx:.1f}" y="{_TOP + _SIZE - 9}" text-anchor="{anchor}"'
        yield f"<text {at}>{text}</text>"


def _drawn(points: Sequence[Point]) -> list[Point]:
    """Enough points for a line; where only a handful is answered it would only jump."""
    able = [point for point in points if point.answered >= min(_LEAST_ANSWERED, point.n)]
    step = math.ceil(len(able) / _MOST_POINTS)
    return [*able[:-1:step], able[-1]]


def _frame(left: int, floor: float, title: str, under: str) -> Iterable[str]:
    """Axes: 0 to 1 to the right, `floor` to 1 upwards."""
    yield f'<text x="{left}" y="{_TOP - 16}">{title}</text>'
    for step in range(6):
        x, y = _at(left, step / 5, step / 5)
        yield _line("grid", left, 0, step / 5, 1, step / 5)
        mark = f"{(floor + (1 - floor) * step / 5) * 100:.0f}%"
        yield f'<text class="small" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{mark}</text>'
        at = _TOP + _SIZE + 18
        mark = f"{step * 20}%"
        yield f'<text class="small" x="{x:.1f}" y="{at}" text-anchor="middle">{mark}</text>'
    yield f'<rect class="frame" x="{left}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}"/>'
    middle, at = left + _SIZE / 2, _TOP + _SIZE + 38
    yield f'<text class="small" x="{middle}" y="{at}" text-anchor="middle">{under}</text>'


def _at(left: int, x: float, y: float) -> tuple[float, float]:
    return left + x * _SIZE, _TOP + (1 - y) * _SIZE


def _line(name: str, left: int, x1: float, y1: float, x2: float, y2: float) -> str:
    (ax, ay), (bx, by) = _at(left, x1, y1), _at(left, x2, y2)
    return f'<line class="{name}" x1="{ax:.1f}" y1="{ay:.1f}" x2="{bx:.1f}" y2="{by:.1f}"/>'
