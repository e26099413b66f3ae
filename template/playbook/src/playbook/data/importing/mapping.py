"""Which column is which part of a case: as the person says, or as far as names agree."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chassis.config.problems import did_you_mean, listed
from playbook.data.answers import LabelField
from playbook.data.importing.rows import Column, Survey
from playbook.verdicts import Mistake
from playbook.visible import one_line, visible

if TYPE_CHECKING:
    from chassis import Pipeline

SLICE, LABELLER, NOTES, CRITICAL, OUTCOME = (
    "slice",
    "labeller",
    "notes",
    "critical",
    "expected.outcome",
)
# What exports call it, by what a service calls it.
_ALSO = {
    "body": ("description", "message", "text", "content", "comment", "body"),
    "text": ("body", "description", "message", "content", "comment", "question"),
    "message": ("body", "description", "text", "content", "comment"),
    "question": ("text", "body", "message", "query"),
    "subject": ("title", "summary", "betreff", "headline", "topic"),
    "title": ("subject", "summary", "headline"),
    "category": ("label", "type", "kind", "class", "topic", "tag", "queue", "reason"),
    "label": ("category", "type", "class", "tag"),
    "labeller": ("agent", "assignee", "labelled_by", "annotator", "owner"),
    "priority": ("urgency", "severity", "importance"),
}
_NEAR = 0.75
_ENOUGH = 0.3  # of a column's values: labels are rarely met by chance
_COLUMNS_SHOWN = 30


@dataclass(frozen=True)
class Columns:
    """The parts of a case, each with the column it comes from; None is nowhere."""

    of: Mapping[str, str] = field(default_factory=dict)

    def inputs(self) -> dict[str, str]:
        """The fields of the input."""
        return self._below("input.")

    def labels(self) -> dict[str, str]:
        """The fields of the expected answer, the outcome too."""
        return self._below("expected.")

    def _below(self, start: str) -> dict[str, str]:
        return {t.removeprefix(start): c for t, c in self.of.items() if t.startswith(start)}

    @property
    def flags(self) -> str:
        """What one types to get the same again."""
        return " ".join(_flag(target, column) for target, column in self.of.items())


def targets(pipeline: "Pipeline[Any, Any]", fields: Sequence[LabelField]) -> dict[str, bool]:
    """Everything a column can be, and whether it has to be there."""
    needed = {
        f"input.{name}": model_field.is_required()
        for name, model_field in pipeline.takes.model_fields.items()
    }
    if not any(needed.values()):  # all have defaults: the one that is longest in words, at least
        needed[list(needed)[-1]] = True
    labels = {f"expected.{label.name}": False for label in fields}
    return (
        needed
        | labels
        | {OUTCOME: False, SLICE: False, LABELLER: False, NOTES: False}
        | {CRITICAL: False}
    )


def from_flags(flags: Iterable[str], known: Iterable[str], survey: Survey) -> dict[str, str]:
    """What `--map part=Column` says.

    Raises:
        Mistake: For a part no case has, or a column that is not there.
    """
    known = list(known)
    said: dict[str, str] = {}
    for flag in flags:
        target, equals, column = flag.partition("=")
        target, column = target.strip(), column.strip()
        if not equals or not column:
            raise Mistake(f"--map {flag}\n  Expected part=Column, such as {known[0]}=Text.")
        if target not in known:
            hint = did_you_mean(target, known)
            raise Mistake(f"--map {flag}\n  A case has no {target}.{hint} It has: {listed(known)}.")
        if column not in survey.columns:
            hint = did_you_mean(column, survey.columns)
            raise Mistake(
                f"--map {flag}\n  There is no column {column}.{hint} "
                f"The columns are: {_columns(survey)}."
            )
        said[target] = column
    return said


def same_names(
    known: Iterable[str], said: Mapping[str, str], survey: Survey, *, exact: bool
) -> dict[str, str]:
    """Columns that are called as the part itself; `exact`: with the path, as in a case."""
    found: dict[str, str] = {}
    for target in known:
        names = {_plain(target)} if exact else {_plain(target), _plain(target.rpartition(".")[2])}
        column = next((name for name in survey.columns if _plain(name) in names), None)
        if target not in said and column and column not in said.values():
            found[target] = column
    return found


def proposal(
    target: str, taken: Iterable[str], survey: Survey, labels: Mapping[str, LabelField]
) -> str | None:
    """The column that is probably meant: by its name, else by what is in it."""
    free = [c for name, c in survey.columns.items() if name not in set(taken) and c.filled]
    wanted = _plain(target.rpartition(".")[2])
    by_name = {_plain(column.name): column.name for column in free}
    for name in (wanted, *_ALSO.get(wanted, ())):
        if name in by_name:
            return by_name[name]
    close = difflib.get_close_matches(wanted, by_name, n=1, cutoff=_NEAR)
    if close:
        return by_name[close[0]]
    within = [name for name in by_name if wanted in name.split("_")]
    if within:
        return by_name[within[0]]
    if target in labels:
        return next((c.name for c in free if _share_of_labels(c, labels[target]) > _ENOUGH), None)
    return None


def longest(taken: Iterable[str], survey: Survey) -> str | None:
    """The column with the longest texts: what customers wrote, more often than not."""
    free = [c for name, c in survey.columns.items() if name not in set(taken) and c.filled]
    return max(free, key=lambda c: c.mean_characters).name if free else None


def missing(
    known: Mapping[str, bool],
    survey: Survey,
    labels: Mapping[str, LabelField],
    said: Mapping[str, str],
) -> Mistake:
    """What somebody without a terminal is told: the columns, and the flags to type."""
    found = dict(said)
    for target in known:
        if target.startswith(("input.", "expected.")) and target not in found:
            column = proposal(target, found.values(), survey, labels)
            found |= {target: column} if column else {}
    lacking = [target for target, needed in known.items() if needed and target not in said]
    for target in lacking:
        found.setdefault(target, longest(found.values(), survey) or "COLUMN")
    return Mistake(
        f"No column was named for {listed(lacking)}. The columns are: {_columns(survey)}.\n"
        f"Next: the same command with {Columns(found).flags}\n"
        "      (or at a terminal, where it asks)"
    )


def _columns(survey: Survey) -> str:
    names = [one_line(name, 40) for name in survey.columns]
    more = len(names) - _COLUMNS_SHOWN
    return listed(names[:_COLUMNS_SHOWN]) + (f" ... and {more} more" if more > 0 else "")


def _share_of_labels(column: Column, label: LabelField) -> float:
    if column.many or not column.counts:
        return 0.0
    known = {_plain(choice) for choice in label.choices}
    return sum(n for v, n in column.counts.items() if _plain(v) in known) / column.filled


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def _flag(target: str, column: str) -> str:
    said = visible(f"{target}={column}")
    return f"--map {said}" if re.fullmatch(r"[\w.=-]+", said) else f'--map "{said}"'
