"""What every picture shares: colours for light and dark, a frame with axes, lines into it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

STYLE = """\
svg text { font: 13px system-ui, sans-serif; fill: #24292f }
svg .small { font-size: 11px; fill: #57606a } svg .title { font-size: 15px; font-weight: 600 }
svg .page { fill: #ffffff } svg .frame { fill: none; stroke: #8c959f }
svg .grid { stroke: #d8dee4 } svg .ideal { stroke: #8c959f; stroke-dasharray: 4 4 }
svg .target { stroke: #9a6700; stroke-dasharray: 6 3; stroke-width: 1.5 }
svg .owed { fill: #9a6700 } svg .seen { stroke: #0969da; stroke-width: 2; fill: none }
svg .dot { fill: #0969da } svg .bar { fill: #0969da } svg .band { fill: #0969da; opacity: .18 }
svg .shown { stroke: #0969da; stroke-width: 1; stroke-dasharray: 2 3; fill: none }
svg .chosen { fill: none; stroke: #1a7f37; stroke-width: 3 } svg .drop { stroke: #1a7f37 }
@media (prefers-color-scheme: dark) {
svg text { fill: #e6edf3 } svg .small { fill: #9198a1 } svg .page { fill: #0d1117 }
svg .frame { stroke: #656c76 } svg .grid { stroke: #30363d } svg .ideal { stroke: #656c76 }
svg .target { stroke: #d29922 } svg .owed { fill: #d29922 }
svg .seen, svg .shown { stroke: #58a6ff } svg .dot, svg .bar, svg .band { fill: #58a6ff }
svg .chosen, svg .drop { stroke: #3fb950 }
}"""

_MARK_WIDTH = 6.4  # of one character of a mark
Marks = Sequence[tuple[float, str]]


@dataclass(frozen=True)
class Frame:
    """A rectangle with two scales: from values to places on the picture."""

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)

    @property
    def bottom(self) -> float:
        """Where the lower edge is."""
        return self.top + self.height

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a value."""
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + across * self.width, self.top + (1 - up) * self.height

    def line(self, name: str, x1: float, y1: float, x2: float, y2: float) -> str:
        """A line between two values, of the class `name`."""
        (ax, ay), (bx, by) = self.at(x1, y1), self.at(x2, y2)
        return f'<line class="{name}" x1="{ax:.1f}" y1="{ay:.1f}" x2="{bx:.1f}" y2="{by:.1f}"/>'

    def path(self, name: str, points: Iterable[tuple[float, float]]) -> str:
        """A line through many values."""
        places = " ".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in points)
        return f'<polyline class="{name}" points="{places}"/>'

    def axes(self, title: str, under: str, across: Marks, up: Marks) -> Iterable[str]:
        """Title, frame, grid and marks."""
        if title:
            yield f'<text x="{self.left}" y="{self.top - 16}">{escape(title)}</text>'
        for value, mark in up:
            y = self.at(self.x[0], value)[1]
            yield self.line("grid", self.x[0], value, self.x[1], value)
            at = f'x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end"'
            yield f'<text class="small" {at}>{escape(mark)}</text>'
        for value, mark in across:
            x = self.at(value, self.y[0])[0]
            room = len(mark) * _MARK_WIDTH / 2 - 12
            anchor = "middle"
            if x + room > self.left + self.width:
                anchor, x = "end", self.left + self.width + 12
            at = f'x="{x:.1f}" y="{self.bottom + 18}" text-anchor="{anchor}"'
            yield f'<text class="small" {at}>{escape(mark)}</text>'
        at = f'x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"'
        yield f'<rect class="frame" {at}/>'
        at = f'x="{self.left + self.width / 2}" y="{self.bottom + 38}" text-anchor="middle"'
        yield f'<text class="small" {at}>{escape(under)}</text>'


def shares(low: float = 0.0, high: float = 1.0, steps: int = 5) -> Marks:
    """Marks in percent, evenly spread."""
    values = [low + (high - low) * step / steps for step in range(steps + 1)]
    return [(value, f"{value * 100:.0f}%") for value in values]
