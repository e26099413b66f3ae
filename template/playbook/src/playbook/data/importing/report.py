"""What came in, what did not and why: for a person, and whole in a file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chassis.config.problems import listed
from playbook.data.importing.samples import NOT_TAKEN
from playbook.visible import one_line, visible

_PLACES_SHOWN = 3
_BAD_SHOWN = 10


@dataclass(frozen=True)
class Line:
    """One row that was left out."""

    where: str
    reason: str
    detail: str
    bad: bool

    @property
    def line(self) -> str:
        """Only the place within its file, where there is one."""
        _, colon, number = self.where.rpartition(":")
        is_line = colon and number.isdigit()
        return f"line {number}" if is_line else one_line(self.where)


@dataclass
class Report:
    """One import, counted; `mapped` where somebody said which column is what."""

    source: str
    mapped: bool = True
    rows: int = 0
    cases: Counter[str] = field(default_factory=Counter)
    candidates: int = 0
    left: list[Line] = field(default_factory=list)
    redacted: Counter[str] = field(default_factory=Counter)

    @property
    def bad(self) -> list[Line]:
        """Rows that somebody should look at."""
        return [line for line in self.left if line.bad]

    @property
    def mostly_refused(self) -> bool:
        """Whether the service would take so few rows that their columns are probably wrong."""
        if not self.mapped:
            return False
        refused = sum(line.reason.startswith(NOT_TAKEN) for line in self.left)
        return refused * 2 > self.rows

    @property
    def taken(self) -> int:
        """How many came in."""
        return self.cases.total() + self.candidates

    def document(self, **about: Any) -> dict[str, Any]:
        """Everything, for the file; no text of any row is in it."""
        return {
            "source": self.source,
            **about,
            "rows": self.rows,
            "cases": dict(sorted((+self.cases).items())),
            "candidates": self.candidates,
            "redacted": dict(self.redacted.most_common()),
            "reasons": dict(Counter(line.reason for line in self.left).most_common()),
            "left_out": [
                {"where": line.where, "reason": line.reason, "detail": line.detail}
                for line in self.left
            ],
        }

    def lines(self, candidates_file: str, *, done: bool) -> Iterator[str]:
        """What a person reads first."""
        if self.taken:
            yield "Imported:" if done else "It would bring:"
        for name, count in sorted((+self.cases).items()):
            yield f"  {count:>7,}  {_cases(count):<11} evals/cases/{name}.jsonl"
        if self.candidates:
            word = "candidate" if self.candidates == 1 else "candidates"
            yield f"  {self.candidates:>7,}  {word:<11} {candidates_file}"
        if not self.taken:
            yield f"  {0:>7,}  new"
        if self.left:
            yield f"  {len(self.left):>7,}  left out"
            yield from self._reasons()
        if self.redacted and self.taken:
            kinds = listed(f"{count:,} {kind}" for kind, count in self.redacted.most_common())
            yield f"Personal data taken out, each replaced by its kind: {kinds}."

    def bad_lines(self) -> Iterator[str]:
        """The bad rows, place and reason, as many as one reads."""
        bad = self.bad
        yield from _places(bad)
        if (more := len(bad) - _BAD_SHOWN) > 0:
            yield f"... and {more:,} more."

    def refused_lines(self) -> Iterator[str]:
        """A few of the rows that the service would not take."""
        refused = [line for line in self.left if line.reason.startswith(NOT_TAKEN)]
        yield from _places(refused[:_PLACES_SHOWN])

    def _reasons(self) -> Iterator[str]:
        for reason, count in Counter(line.reason for line in self.left).most_common():
            places = [line.line for line in self.left if line.reason == reason][:_PLACES_SHOWN]
            more = count - len(places)
            tail = f" and {more:,} more" if more else ""
            yield f"  {count:>7,}    {reason} ({listed(places)}{tail})"


def _places(left: list[Line]) -> Iterator[str]:
    for line in left[:_BAD_SHOWN]:
        yield visible(line.where)
        yield visible(f"  {line.reason[:1].upper()}{line.reason[1:]}. {line.detail}".rstrip())


def _cases(count: int) -> str:
    return "case" if count == 1 else "cases"
