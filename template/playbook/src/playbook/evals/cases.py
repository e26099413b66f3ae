"""Labelled cases: one JSON object a line, one file a slice, checked whole before anything runs."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from chassis.config.problems import did_you_mean, say
from chassis.outcomes import Outcome
from playbook.evals import case_files, lines
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline
    from playbook.project import Project

CRITERIA = "config/success-criteria.yaml"
Provenance = Literal["starter", "synthetic", "production", "expert"]


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


class Expected(BaseModel):
    """What a right answer looks like: its outcome, and the values of the answer's fields.

    Every value may be a list of acceptable ones.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    outcome: Annotated[list[Outcome], BeforeValidator(_as_list)] = Field(
        default=[Outcome.answered], min_length=1
    )

    @property
    def values(self) -> dict[str, Any]:
        """The expected fields of the answer, as written."""
        return dict(self.model_extra or {})


class Case(BaseModel):
    """One labelled case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100)
    slice: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    input: Any = None
    raw: str | None = Field(default=None, description="Sent as it is, for what is not JSON.")
    expected: Expected = Expected()
    provenance: Provenance
    labeller: str = Field(min_length=1)
    critical: bool = False
    notes: str = ""

    @model_validator(mode="after")
    def _one_input(self) -> "Case":
        if ("input" in self.model_fields_set) == (self.raw is not None):
            raise ValueError("a case has either `input` (sent as JSON) or `raw` (sent as it is)")
        return self

    @property
    def hash(self) -> str:
        """The hash of what its label is about; notes and the labeller do not count."""
        said = self.input if self.raw is None else self.raw
        about = {
            "sent": said,
            "raw": self.raw is not None,
            "outcome": sorted(set(self.expected.outcome)),
            "values": {name: _acceptable(value) for name, value in self.expected.values.items()},
        }
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()

    @property
    def body(self) -> bytes:
        """What is sent."""
        return lines.body(self.input, self.raw)


@dataclass(frozen=True)
class Placed:
    """A case, and where it stands."""

    case: Case
    file: Path
    line: int
    where: str
    held_out: bool = False


def load(
    folder: Path,
    pipeline: "Pipeline[Any, Any]",
    shown: str,
    declared: Collection[str] | None = None,
) -> list[Case]:
    """Read every `<slice>.jsonl` of a folder.

    Args:
        folder: Where the files are.
        pipeline: Whose answers the cases expect; their labels are checked against its answer type.
        shown: The folder as the person knows it, for messages.
        declared: The slices of the criteria; a case of any other is a mistake. None asks nothing.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
    """
    return [p.case for p in read([Folder(folder, shown)], pipeline, declared)]


def load_all(
    project: "Project", pipeline: "Pipeline[Any, Any]"
) -> tuple[list[Case], frozenset[str]]:
    """Every case of the service, and the ids of those that are held out.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
    """
    placed = read_all(project, pipeline)
    return [p.case for p in placed], frozenset(p.case.id for p in placed if p.held_out)


def read_all(project: "Project", pipeline: "Pipeline[Any, Any]") -> list[Placed]:
    """Every case of the service with its place, the visible ones first.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
    """
    from chassis.config import load_config

    folders = [
        Folder(project.cases, project.relative(project.cases)),
        Folder(project.held_out, project.relative(project.held_out), held_out=True),
    ]
    return read(folders, pipeline, load_config(project.root).criteria.quality.slices)


@dataclass(frozen=True)
class Folder:
    """A folder of `<slice>.jsonl`, and what it is called in messages."""

    path: Path
    shown: str
    held_out: bool = False

    @property
    def files(self) -> list[Path]:
        """Its files, by slice."""
        return sorted(self.path.glob("*.jsonl"))


def read(
    folders: Sequence[Folder],
    pipeline: "Pipeline[Any, Any]",
    declared: Collection[str] | None = None,
) -> list[Placed]:
    """Read the cases of folders that belong together: an id is in one of them, once.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
    """
    shown = folders[0].shown
    if not any(folder.files for folder in folders):
        raise Mistake(
            f"{shown}\n  There are no cases here. A case is one line of <slice>.jsonl, such as\n"
            '  {"id": "common-001", "slice": "common", "input": {...}, "expected": {...}, '
            '"provenance": "expert", "labeller": "you"}'
        )
    problems: list[str] = []
    placed: list[Placed] = []
    seen: dict[str, Placed] = {}
    labels = Labels(pipeline)
    for folder in folders:
        for file in folder.files:
            where = f"{folder.shown}/{file.name}"
            problems += _undeclared(file, where, declared)
            for number, case in _parse(file, where, problems):
                one = Placed(case, file, number, f"{where}:{number}", folder.held_out)
                problems += [f"{one.where}  {p}" for p in _check(case, file, labels)]
                if case.id in seen:
                    problems.append(_twice(one, seen[case.id]))
                seen.setdefault(case.id, one)
                placed.append(one)
    if problems:
        raise Mistake(lines.listed(problems, "the cases. Nothing was run."))
    if not placed:
        raise Mistake(f"{shown}\n  The files are empty: there is not one case.")
    return placed


def dataset_hash(cases: Iterable[Case]) -> str:
    """The hash to which a report is bound: the order of cases and files does not count."""
    each = sorted(json.dumps(case.model_dump(mode="python"), sort_keys=True) for case in cases)
    return hashlib.sha256("\n".join(each).encode()).hexdigest()


def _acceptable(value: object) -> list[str]:
    """The acceptable values in one order; a value alone is a list of one."""
    values = value if isinstance(value, list) else [value]
    return sorted({json.dumps(one, sort_keys=True) for one in values})


def _undeclared(file: Path, where: str, declared: Collection[str] | None) -> Iterable[str]:
    if declared is None or file.stem in declared:
        return
    yield (
        f"{where}  slice\n  {CRITERIA} declares no slice {file.stem}."
        f"{did_you_mean(file.stem, declared)} Rename the file and its slice, or add to "
        f"quality.slices there:\n    {file.stem}: {{at_least: 0.85, least_sample: 30}}"
    )


def _twice(one: Placed, first: Placed) -> str:
    text = f"{one.where}  id\n  {one.case.id} is also at {first.where}."
    if one.held_out and not first.held_out and one.case == first.case:
        text += " A split was interrupted. Next: uv run playbook data split"
    return text


def _parse(file: Path, where: str, problems: list[str]) -> list[tuple[int, Case]]:
    try:
        text = case_files.read_text(file)
    except case_files.NotUtf8 as error:
        place = where if error.line is None else f"{where}:{error.line}"
        problems.append(f"{place}\n  {error}")
        return []
    return list(lines.parsed(text, where, Case, _reasons, problems))


def _reasons(error: ValidationError) -> Iterable[str]:
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"]) or "case"
        if detail["type"] == "extra_forbidden":
            hint = did_you_mean(field, Case.model_fields)
            yield f"{field}\n  A case has no field of this name.{hint}"
        elif detail["type"] == "missing":
            yield f"{field}\n  This is missing."
        else:
            message = detail["msg"].removeprefix("Value error, ")
            given = f", not {say(detail['input'])}" if detail["loc"] else ""
            yield f"{field}\n  {message[0].upper()}{message[1:]}{given}."


class Labels:
    """What an answer's fields may hold, asked once for each value."""

    def __init__(self, pipeline: "Pipeline[Any, Any]") -> None:
        self.fields = pipeline.gives.model_fields
        self._adapters: dict[str, TypeAdapter[Any]] = {}
        self._known: dict[tuple[str, str], str | None] = {}

    def mistake(self, name: str, value: object) -> str | None:
        """Why a value cannot be what the field holds; None when it can."""
        written = json.dumps(value)
        if (name, written) not in self._known:
            self._known[name, written] = self._ask(name, value, written)
        return self._known[name, written]

    def _ask(self, name: str, value: object, written: str) -> str | None:
        if name not in self._adapters:
            self._adapters[name] = TypeAdapter(self.fields[name].annotation)
        try:
            self._adapters[name].validate_json(written)
        except ValidationError as error:
            return _not_a_label(value, error)
        return None


def _check(case: Case, file: Path, labels: Labels) -> Iterable[str]:
    """What the form of a case cannot say: its file, that it has a label, and that it exists."""
    if case.slice != file.stem:
        yield (
            f"slice\n  This file holds the slice {file.stem}; a case of {case.slice} "
            f"belongs into {case.slice}.jsonl."
        )
    if _unlabelled(case):
        yield (
            "expected\n  The label is missing: what is a right answer? For example "
            f'{{"{next(iter(labels.fields), "outcome")}": ...}}, or {{"outcome": "handed_over"}}.'
        )
    for name, value in case.expected.values.items():
        if name not in labels.fields:
            hint = did_you_mean(name, [*labels.fields, "outcome"])
            known = ", ".join(labels.fields)
            yield f"expected.{name}\n  An answer has no such field: {known}.{hint}"
            continue
        if isinstance(value, list) and not labels.mistake(name, value):
            continue  # The field is a list itself, and this is its one right value.
        for one in value if isinstance(value, list) else [value]:
            if mistake := labels.mistake(name, one):
                yield f"expected.{name}\n  {mistake}"


def _unlabelled(case: Case) -> bool:
    """Whether nobody said what a right answer is: nothing at all, or only empty values."""
    if not case.expected.values:
        return not case.expected.model_fields_set
    only_answered = set(case.expected.outcome) == {Outcome.answered}
    return only_answered and all(value is None for value in case.expected.values.values())


def _not_a_label(value: object, error: ValidationError) -> str:
    message = error.errors(include_url=False)[0]["msg"]
    labels = re.findall(r"'([^']*)'", message)
    hint = did_you_mean(str(value), labels)
    return f"{say(value)}: {message[0].lower()}{message[1:]}.{hint}"
