"""What every source gives: rows with named values, and where each of them stands."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

SAMPLES = 3
MOST_DISTINCT = 100  # values of a column that are counted; more are no labels
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class Row:
    """One record of a source.

    Attributes:
        where: The file and line, such as tickets.csv:17.
        values: By column.
        problem: Why it cannot be read, where it cannot.
    """

    where: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None


class Source(Protocol):
    """Somewhere rows come from; it can be read more than once, and is never held whole."""

    path: Path
    name: str

    def rows(self) -> Iterator[Row]:
        """Every record, in order."""
        ...


@dataclass
class Column:
    """What one look at the whole source tells of a column."""

    name: str
    filled: int = 0
    characters: int = 0
    samples: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    many: bool = False

    def add(self, value: Any) -> None:
        """Count one value."""
        for one in value if isinstance(value, list) else [value]:
            text = text_of(one).strip()
            if not text:
                continue
            self.filled += 1
            self.characters += len(text)
            if len(self.samples) < SAMPLES and text not in self.samples:
                self.samples.append(text)
            if len(text) <= _LONGEST_LABEL and (
                text in self.counts or len(self.counts) < MOST_DISTINCT
            ):
                self.counts[text] += 1
            else:
                self.many = True

    @property
    def mean_characters(self) -> float:
        """How long its values are."""
        return self.characters / self.filled if self.filled else 0.0


@dataclass
class Survey:
    """The source at a glance: what the person is asked about, and how long it will take."""

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)


def survey(source: Source, limit: int | None) -> Survey:
    """Read everything once."""
    found = Survey()
    for row in islice(source.rows(), limit):
        found.rows += 1
        for name, value in row.values.items():
            if name not in found.columns:
                found.columns[name] = Column(name)
            found.columns[name].add(value)
    return found


def text_of(value: Any) -> str:
    """A value as a cell would hold it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def flat(record: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """An object's values by path: {"ticket": {"body": "x"}} has the column ticket.body."""
    columns: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, Mapping) and value:
            columns |= flat(value, f"{before}{key}.")
        else:
            columns[f"{before}{key}"] = value
    return columns
