"""What is decided before the first row is read: by flags, or by somebody at a terminal."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from chassis.config.problems import did_you_mean, listed
from playbook.data.answers import LabelField
from playbook.data.importing import ask, labels, mapping
from playbook.data.importing.labels import OUTCOME_FIELD, Labels
from playbook.data.importing.mapping import LABELLER, OUTCOME, SLICE, Columns
from playbook.data.importing.rows import Survey
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

MOST_UNKNOWN = 15


@dataclass(frozen=True)
class Wish:
    """What the command line says."""

    source: Path
    columns: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    slice: str | None = None
    slice_column: str | None = None
    provenance: Literal["production", "expert", "synthetic"] = "production"
    labeller: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    limit: int | None = None
    dry_run: bool = False
    skip_bad: bool = False
    keep_similar: bool = False


@dataclass(frozen=True)
class Plan:
    """How rows are read."""

    columns: Columns
    labels: Labels
    slice: str
    labeller: str | None
    skip_bad: bool


def make_plan(
    wish: Wish,
    pipeline: "Pipeline[Any, Any]",
    fields: list[LabelField],
    slices: Collection[str],
    survey: Survey,
) -> Plan:
    """Settle columns, labels, slice and labeller.

    Raises:
        Mistake: When something is missing and nobody is at a terminal, or a flag is wrong.
    """
    known = mapping.targets(pipeline, fields)
    by_target = {f"expected.{label.name}": label for label in fields}
    flags = list(wish.columns) + ([f"{SLICE}={wish.slice_column}"] if wish.slice_column else [])
    said = mapping.from_flags(flags, known, survey)
    said |= mapping.same_names(known, said, survey, exact=True)
    plain = [t for t in known if t.startswith(("input.", "expected.")) and t != OUTCOME]
    said |= mapping.same_names(plain, said, survey, exact=False)
    lacking = [target for target, needed in known.items() if needed and target not in said]
    if ask.can_ask() and (lacking or not wish.columns):
        said = ask.columns(known, said, survey, by_target)
    elif lacking:
        raise mapping.missing(known, survey, by_target, said)
    columns = Columns(said)
    slice_ = _slice(wish.slice, slices)
    read = Labels([*fields, OUTCOME_FIELD], labels.from_flags(wish.labels))
    _settle_unknown(read, columns, survey, skip_bad=wish.skip_bad)
    labeller = wish.labeller
    if labeller is None and columns.labels() and LABELLER not in said and ask.can_ask():
        labeller = ask.labeller()
    return Plan(columns, read, slice_, labeller, wish.skip_bad)


def check_slice(name: str, slices: Collection[str], where: str) -> None:
    """Whether the success criteria know a slice.

    Raises:
        Mistake: When they do not.
    """
    if name not in slices:
        raise Mistake(
            f"{where}\n  config/success-criteria.yaml declares no slice {name}."
            f"{did_you_mean(name, slices)} It declares: {listed(slices)}."
        )


def _slice(name: str | None, slices: Collection[str]) -> str:
    if name is None:
        return "common" if "common" in slices else next(iter(slices), "common")
    check_slice(name, slices, f"--slice {name}")
    return name


def _settle_unknown(read: Labels, columns: Columns, survey: Survey, *, skip_bad: bool) -> None:
    unknown = read.unknown(columns.labels(), survey)
    if not unknown:
        return
    if ask.can_ask():
        ask.unknown_labels(read, unknown)
        return
    if skip_bad:
        return
    lines = labels.lines_of(unknown, read, MOST_UNKNOWN)
    raise Mistake(
        "\n".join(lines) + "\nNothing was imported. Next: the same command with those --label, or "
        '--label "value=" for no label;\nwith --skip-bad such rows become candidates that wait '
        "for playbook label."
    )
