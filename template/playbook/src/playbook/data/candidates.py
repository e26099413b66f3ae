"""Samples that nobody has labelled yet: `evals/candidates/<source>.jsonl`, not committed."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.config.problems import say
from playbook.evals.lines import first_of
from playbook.project import Project
from playbook.verdicts import Mistake

Reason = Literal["imported", "sampled", "low rating"]


class Candidate(BaseModel):
    """One sample without a label.

    Attributes:
        id: Made from the content, so that importing it again adds nothing.
        suggested: What a model, or somebody unknown, said; not a label.
        slice: Where it belongs, if that was known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100)
    input: Any = None
    raw: str | None = None
    provenance: Literal["production", "expert", "synthetic"]
    source: str
    added: date
    suggested: dict[str, Any] | None = None
    reason: Reason = "imported"
    notes: str = ""
    slice: str | None = None

    @property
    def line(self) -> str:
        """Its line of the file."""
        left_out = {"raw"} if self.raw is None else {"input"}
        if self.slice is None:
            left_out.add("slice")
        return json.dumps(self.model_dump(mode="json", exclude=left_out), ensure_ascii=False) + "\n"


def folder_of(project: Project) -> Path:
    """Where candidates wait."""
    return project.root / "evals" / "candidates"


def files(project: Project) -> list[Path]:
    """The files of candidates, without what is hidden."""
    found = folder_of(project).glob("*.jsonl")
    return sorted(path for path in found if not path.name.startswith("."))


def load(project: Project, paths: Iterable[Path]) -> dict[Path, list[Candidate]]:
    """The candidates of some files, in their order.

    Raises:
        Mistake: With file, line and field of everything that is wrong, at once.
    """
    problems: list[str] = []
    found = {path: list(_read(path, project.relative(path), problems)) for path in paths}
    if problems:
        raise Mistake("\n".join([*first_of(problems), "Nothing was changed."]))
    return found


def _read(path: Path, where: str, problems: list[str]) -> Iterator[Candidate]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    yield Candidate.model_validate_json(line)
                except ValidationError as error:
                    detail = error.errors(include_url=False)[0]
                    field = ".".join(map(str, detail["loc"]))
                    given = f", not {say(detail['input'])}" if field else ""
                    problems.append(f"{where}:{number}  {field}\n  {detail['msg']}{given}.")
    except UnicodeDecodeError:
        problems.append(f"{where}\n  This is not UTF-8. Save it as UTF-8.")
