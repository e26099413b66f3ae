"""Which label came where which was expected: one table a labelled field."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from playbook.evals.reports.wording import one_line, value_text

MOST_LABELS = 15
LONGEST_LABEL = 24
NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Matrix:
    """How often each label came (columns) where each was expected (rows)."""

    field: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]

    def total(self, row: str) -> int:
        """How many cases expected a label."""
        return sum(self.counts.get((row, column), 0) for column in self.columns)


def matrices(cases: Iterable[Mapping[str, Any]]) -> list[Matrix]:
    """One for every field whose labels are single words or numbers, and few of them.

    A case that accepts several labels counts for the one that came where it is among them, and
    for the first where not.
    """
    counted: dict[str, Counter[tuple[str, str]]] = {}
    not_labels: set[str] = set()
    for case in cases:
        if case["unjudged"] is not None:
            continue
        for field, expected in case["expected"].items():
            if field == "outcome":
                continue
            accepted = expected if isinstance(expected, list) else [expected]
            came = case["got"].get(field)
            if not accepted or not all(
                isinstance(one, str | int) for one in [*accepted, came or ""]
            ):
                not_labels.add(field)
                continue
            right = came in accepted
            wanted = value_text(came if right else accepted[0])
            shown = NO_ANSWER if came is None else one_line(value_text(came), LONGEST_LABEL)
            if len(wanted) > LONGEST_LABEL:
                not_labels.add(field)
                continue
            counted.setdefault(field, Counter())[one_line(wanted, LONGEST_LABEL), shown] += 1
    return [
        matrix
        for field, counts in counted.items()
        if field not in not_labels and (matrix := _matrix(field, counts))
    ]


def _matrix(field: str, counts: Counter[tuple[str, str]]) -> Matrix | None:
    rows = sorted({row for row, _ in counts})
    others = sorted({column for _, column in counts} - {*rows, NO_ANSWER})
    none = [NO_ANSWER] if any(column == NO_ANSWER for _, column in counts) else []
    if not 2 <= len(rows) <= MOST_LABELS or len(others) > MOST_LABELS:
        return None
    return Matrix(field, tuple(rows), (*rows, *others, *none), counts)
