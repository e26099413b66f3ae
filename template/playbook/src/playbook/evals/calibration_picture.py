"""The calibration as a picture: one self-contained SVG, for light and for dark pages."""

import math
from collections.abc import Iterable, Sequence
from html import escape

from playbook.evals.calibration import Calibrated, Point
from playbook.evals.confidence import Bin
from playbook.evals.drawing import STYLE, Frame, shares
from playbook.evals.gate import percent, target_percent

_SIZE = 260
_TOP = 74
_LEFT = (62, 432)
_MOST_POINTS = 60
_LEAST_ANSWERED = 20


def picture(title: str, binned: Sequence[Bin], calibrated: Calibrated) -> str:
    """Said against right, and what each threshold answers against how much of that is right."""
    height = _TOP + _SIZE + 64
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="720" height="{height}"/>',
            f'<text class="title" x="24" y="28">{escape(title)}</text>',
            *reliability(
                Frame(_LEFT[0], _TOP, _SIZE, _SIZE),
                binned,
                "What answers say, and how many are right",
            ),
            *_coverage(calibrated),
            "</svg>\n",
        ]
    )


def reliability(frame: Frame, binned: Sequence[Bin], title: str = "") -> Iterable[str]:
    """What answers say, against how many are right; a larger dot is more answers."""
    yield from frame.axes(title, "confidence said", shares(), shares())
    yield frame.line("ideal", 0, 0, 1, 1)
    most = max(one.n for one in binned)
    for one in binned:
        x, y = frame.at(one.said, one.share_right)
        radius = 2 + 3 * (one.n / most) ** 0.5
        yield (
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"><title>'
            f"{one.n} answers said {percent(one.said)}, {percent(one.share_right)} are right"
            "</title></circle>"
        )


def _coverage(calibrated: Calibrated) -> Iterable[str]:
    target = calibrated.target
    points = _drawn(calibrated.points)
    shown = [point.shown for point in points]  # exact bounds: worth computing once
    lowest = min(target, *shown, *(point.share_right for point in points))
    floor = math.floor(max(0.0, lowest - 0.01) * 10) / 10
    frame = Frame(_LEFT[1], _TOP, _SIZE, _SIZE, y=(floor, 1.0))
    yield from frame.axes(
        "Right among the answered", "share answered", shares(), shares(floor, 1.0)
    )
    yield frame.line("target", 0, target, 1, target)
    x, y = frame.at(0, target)
    y += -6 if y > _TOP + 0.1 * _SIZE else 15
    text = f"target {target_percent(target)}"
    yield f'<text class="small owed" x="{x + 6:.1f}" y="{y:.1f}">{text}</text>'
    for name, heights in (("shown", shown), ("seen", [p.share_right for p in points])):
        pairs = zip(points, heights, strict=True)
        yield frame.path(name, ((point.share_answered, share) for point, share in pairs))
    text = "line: right in these cases; dotted: shown with 95% confidence"
    at = f'x="{frame.left + _SIZE}" y="{frame.bottom + 56}" text-anchor="end"'
    yield f'<text class="small" {at}>{text}</text>'
    if calibrated.chosen:
        yield from _chosen(frame, calibrated.chosen)


def _chosen(frame: Frame, chosen: Point) -> Iterable[str]:
    x, y = frame.at(chosen.share_answered, chosen.share_right)
    yield f'<circle class="chosen" cx="{x:.1f}" cy="{y:.1f}" r="7"/>'
    yield f'<line class="drop" x1="{x:.1f}" y1="{y + 7:.1f}" x2="{x:.1f}" y2="{frame.bottom}"/>'
    anchor, dx = ("end", -6) if chosen.share_answered > 0.5 else ("start", 6)
    at = f'x="{x + dx:.1f}" y="{frame.bottom - 9}" text-anchor="{anchor}"'
    yield f"<text {at}>threshold {chosen.threshold:g}</text>"


def _drawn(points: Sequence[Point]) -> list[Point]:
    """Enough points for a line; where only a handful is answered it would only jump."""
    able = [point for point in points if point.answered >= min(_LEAST_ANSWERED, point.n)]
    step = math.ceil(len(able) / _MOST_POINTS)
    return [*able[:-1:step], able[-1]]
