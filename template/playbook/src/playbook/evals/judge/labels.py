"""People's verdicts on answers: evals/judges/<name>.labels.jsonl, one answer a line."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from chassis.config.problems import did_you_mean
from playbook.evals.lines import first_of
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole

if TYPE_CHECKING:
    from chassis import Pipeline

FOLDER = Path("evals/judges")
HELD_OUT_SHARE = 0.6
"""Of the labels; the rest may be looked at while the judge's prompt is written."""
ONE = '{"id": "a1", "input": {...}, "answer": {...}, "verdict": "pass", "labeller": "you"}'


class Label(BaseModel):
    """One answer, and what a person says of it; without a verdict it waits for one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=150)
    input: Any
    answer: dict[str, Any]
    verdict: Literal["pass", "fail"] | None = None
    labeller: str = ""
    notes: str = ""

    @model_validator(mode="after")
    def _somebody_said_so(self) -> "Label":
        if self.verdict is not None and not self.labeller.strip():
            raise ValueError("a verdict needs its `labeller`: whose it is")
        return self

    @property
    def key(self) -> str:
        """The hash of what is judged; id, verdict and notes do not count."""
        return key_of(self.input, self.answer)

    @property
    def held_out(self) -> bool:
        """Whether it is in the part by which the judge is measured.

        By the hash of the content, so that it stays where it is whatever is added.
        """
        return int(self.key[:12], 16) / 16**12 < HELD_OUT_SHARE

    @property
    def passed(self) -> bool:
        """Whether the person let the answer pass; only asked of those with a verdict."""
        return self.verdict == "pass"


def key_of(item: object, answer: object) -> str:
    """The hash of an input and an answer."""
    return hashlib.sha256(_canonical([item, answer]).encode()).hexdigest()


def path_of(project: Project, name: str) -> Path:
    """Where a judge's labels are."""
    return project.root / FOLDER / f"{name}.labels.jsonl"


def labels_hash(labels: Iterable[Label]) -> str:
    """The hash to which a card is bound: answers with their verdicts, in any order."""
    given = sorted((one.key, one.verdict) for one in labels if one.verdict is not None)
    return hashlib.sha256(_canonical(given).encode()).hexdigest()


def load(project: Project, name: str, pipeline: "Pipeline[Any, Any]") -> list[Label]:
    """Read the labels of a judge, none when there is no file.

    Raises:
        Mistake: Naming line and field of everything that is wrong, at once.
    """
    path = path_of(project, name)
    if not path.exists():
        return []
    where = project.relative(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise Mistake(
            f"{where}\n  This is not UTF-8 (byte {error.start}). Save it as UTF-8."
        ) from None
    problems: list[str] = []
    labels: list[Label] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            label = Label.model_validate(json.loads(line))
            problems += (f"{where}:{number}  {told}" for told in _unfit(label, pipeline))
        except json.JSONDecodeError as error:
            problems.append(f"{where}:{number}  This is not JSON: {error.msg}. A line is {ONE}")
            continue
        except ValidationError as error:
            problems += (f"{where}:{number}  {told}" for told in _reasons(error))
            continue
        for what, mark in (("id", label.id), ("answer", label.key)):
            if mark in seen:
                told = f"The same {what} is at line {seen[mark]} already; keep one of them."
                problems.append(f"{where}:{number}  {what}\n  {told}")
            seen.setdefault(mark, number)
        labels.append(label)
    if problems:
        raise Mistake("\n".join(first_of(problems)))
    return labels


def save(project: Project, name: str, labels: Sequence[Label]) -> None:
    """Replace the file, whole."""
    lines = (json.dumps(one.model_dump(mode="json"), ensure_ascii=False) for one in labels)
    write_whole(path_of(project, name), "".join(f"{line}\n" for line in lines))


def _unfit(label: Label, pipeline: "Pipeline[Any, Any]") -> Iterable[str]:
    """What the form of a label cannot say: that its input and answer are this service's."""
    for field, value, model in (
        ("input", label.input, pipeline.takes),
        ("answer", label.answer, pipeline.gives),
    ):
        try:
            model.model_validate_json(json.dumps(value))
        except ValidationError as error:
            for told in _reasons(error):
                yield f"{field}.{told}"


def _reasons(error: ValidationError) -> Iterable[str]:
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"]) or "label"
        if detail["type"] == "extra_forbidden":
            yield f"{field}\n  There is no such field.{did_you_mean(field, Label.model_fields)}"
        else:
            message = detail["msg"].removeprefix("Value error, ")
            yield f"{field}\n  {message[0].upper()}{message[1:]}."


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
