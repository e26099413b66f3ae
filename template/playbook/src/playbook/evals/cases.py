"""Labelled cases: one JSON object a line, one file a slice, checked whole before anything runs."""

import hashlib
import json
import re
from collections.abc import Iterable
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
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

MOST_PROBLEMS = 20
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
        about = {"sent": said, "raw": self.raw is not None, "expected": self.expected.model_dump()}
        text = json.dumps(about, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def body(self) -> bytes:
        """What is sent."""
        if self.raw is not None:
            return self.raw.encode("utf-8", "surrogatepass")
        return json.dumps(self.input, ensure_ascii=False).encode("utf-8", "surrogatepass")


def load(folder: Path, pipeline: "Pipeline[Any, Any]", shown: str) -> list[Case]:
    """Read every `<slice>.jsonl` of a folder.

    Args:
        folder: Where the files are.
        pipeline: Whose answers the cases expect; their labels are checked against its answer type.
        shown: The folder as the person knows it, for messages.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise Mistake(
            f"{shown}\n  There are no cases here. A case is one line of <slice>.jsonl, such as\n"
            '  {"id": "common-001", "slice": "common", "input": {...}, "expected": {...}, '
            '"provenance": "expert", "labeller": "you"}'
        )
    problems: list[str] = []
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for file in files:
        where = f"{shown}/{file.name}"
        for number, case in _parse(file, where, problems):
            problems += [f"{where}:{number}  {problem}" for problem in _check(case, file, pipeline)]
            if case.id in seen:
                problems.append(f"{where}:{number}  id\n  {case.id} is also at {seen[case.id]}.")
            seen.setdefault(case.id, f"{where}:{number}")
            cases.append(case)
    if problems:
        raise Mistake(_listed(problems))
    if not cases:
        raise Mistake(f"{shown}\n  The files are empty: there is not one case.")
    return cases


def dataset_hash(cases: Iterable[Case]) -> str:
    """The hash to which a report is bound: the order of cases and files does not count."""
    lines = sorted(json.dumps(case.model_dump(mode="python"), sort_keys=True) for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _parse(file: Path, where: str, problems: list[str]) -> list[tuple[int, Case]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{where}\n  This is not UTF-8 (byte {error.start}). Save it as UTF-8.")
        return []
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, Case.model_validate(json.loads(line))))
        except json.JSONDecodeError as error:
            problems.append(
                f"{where}:{number}  This is not JSON: {error.msg} (column {error.colno}). "
                "Each line is one whole case."
            )
        except ValidationError as error:
            problems += [f"{where}:{number}  {problem}" for problem in _reasons(error)]
    return found


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


def _check(case: Case, file: Path, pipeline: "Pipeline[Any, Any]") -> Iterable[str]:
    """What the form of a case cannot say: its file, and that its labels exist."""
    if case.slice != file.stem:
        yield (
            f"slice\n  This file holds the slice {file.stem}; a case of {case.slice} "
            f"belongs into {case.slice}.jsonl."
        )
    fields = pipeline.gives.model_fields
    for name, value in case.expected.values.items():
        if name not in fields:
            hint = did_you_mean(name, [*fields, "outcome"])
            yield f"expected.{name}\n  An answer has no such field: {', '.join(fields)}.{hint}"
            continue
        adapter: TypeAdapter[Any] = TypeAdapter(fields[name].annotation)
        if isinstance(value, list) and _fits(adapter, value):
            continue  # The field is a list itself, and this is its one right value.
        for one in value if isinstance(value, list) else [value]:
            try:
                adapter.validate_json(json.dumps(one))
            except ValidationError as error:
                yield f"expected.{name}\n  {_not_a_label(one, error)}"


def _fits(adapter: TypeAdapter[Any], value: object) -> bool:
    try:
        adapter.validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


def _not_a_label(value: object, error: ValidationError) -> str:
    message = error.errors(include_url=False)[0]["msg"]
    labels = re.findall(r"'([^']*)'", message)
    hint = did_you_mean(str(value), labels)
    return f"{say(value)}: {message[0].lower()}{message[1:]}.{hint}"


def _listed(problems: list[str]) -> str:
    shown = problems[:MOST_PROBLEMS]
    rest = len(problems) - len(shown)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    more = [f"... and {rest} more."] if rest else []
    return "\n".join([*shown, *more, f"{count} in the cases. Nothing was run."])
