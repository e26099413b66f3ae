"""The committed baseline of a mode: `evals/baselines/<mode>.json`, written by `evals accept`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from chassis.config import ConfigError
from chassis.config.explain import parse
from chassis.config.files import read_json, read_text
from playbook.evals.gate.decision import BaselineInfo
from playbook.evals.lines import first_of
from playbook.evals.results import Mode
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole

FORMAT = 1
FOLDER = Path("evals/baselines")
MODES = (Mode.live, Mode.replayed, Mode.simulated)
"""The modes that can have a baseline: answers of two kinds are compared with nothing."""

BOUND_TO = ("model", "parameters", "prompt", "prompt_sha256", "source_sha256", "dataset_sha256")
_MOST_PROBLEMS = 5
_RESTORE = (
    "A baseline is written by a command, not by hand. Take the committed one back:\n"
    "  git checkout -- {file}\n"
    "or accept the last run in its place: uv run playbook evals accept"
)

Text = Annotated[str, Field(min_length=1)]


class _Block(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Entry(_Block):
    """What became of one case; of its input only the hash."""

    id: Text = Field(description="The id of the case.", examples=["common-001"])
    hash: Text = Field(description="The hash of its input and label.", examples=["0a1b..."])
    slice: Text = Field(description="Its slice.", examples=["common"])
    critical: bool = Field(description="Whether it is critical.", examples=[False])
    held_out: bool = Field(description="Whether it is held out.", examples=[False])
    right: bool = Field(description="Whether the answer was right.", examples=[True])
    outcome: Text = Field(description="What became of the request.", examples=["answered"])
    got: dict[str, Any] = Field(description="The answer.", examples=["{category: billing}"])


class Baseline(_Block):
    """A run that somebody accepted as what later ones are held against."""

    format: Literal[1] = Field(description="The form of this file.", examples=[FORMAT])
    mode: Literal["live", "replayed", "simulated"] = Field(
        description="Who answered.", examples=["live"]
    )
    release: Text = Field(description="The release that answered.", examples=["triage-v1"])
    accepted_by: Text = Field(description="Who accepted it.", examples=["Ann Berg"])
    why: Text = Field(description="Why.", examples=["The first release."])
    accepted_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] = Field(
        description="The day it was accepted.", examples=["2027-01-31"]
    )
    git_sha: str | None = Field(description="The commit it was run on.", examples=["1a2b3c4"])
    bound_to: dict[str, Any] = Field(description="What the answers hang on.", examples=["{...}"])
    cases: tuple[Entry, ...] = Field(strict=False, description="What became of each case.")

    @field_validator("cases")
    @classmethod
    def _each_once(cls, cases: tuple[Entry, ...]) -> tuple[Entry, ...]:
        from chassis.config.fields import mistake

        seen: set[str] = set()
        for index, case in enumerate(cases):
            if case.id in seen:
                raise mistake(f"{case.id} is here twice.", index, "id")
            seen.add(case.id)
        return cases

    @property
    def info(self) -> BaselineInfo:
        """Which one it is, for who reads a comparison."""
        return BaselineInfo(
            mode=self.mode,
            release=self.release,
            accepted_by=self.accepted_by,
            why=self.why,
            accepted_on=self.accepted_on,
            git_sha=self.git_sha,
            n=len(self.cases),
        )

    @property
    def right(self) -> int:
        """How many cases were right."""
        return sum(case.right for case in self.cases)


@dataclass(frozen=True)
class Accepted:
    """Who accepts a run, and why."""

    by: str
    why: str
    on: str


def file_of(mode: str) -> Path:
    """The file of a mode's baseline, from the service's folder."""
    return FOLDER / f"{mode}.json"


def read(project: Project, mode: Mode) -> Baseline | None:
    """The baseline of a mode; None where there is none yet.

    Raises:
        Mistake: When the file is no baseline, or one of another mode.
    """
    file = file_of(mode).as_posix()
    path = project.root / file
    if mode not in MODES or not path.exists():
        return None
    try:
        document = read_json(read_text(path, file), file)
        form = document.data.get("format")
        if form != FORMAT:
            message = f"This has the form {form}, and this playbook reads {FORMAT}."
            if form is None:
                message = "This is missing, so the file is no baseline."
            raise ConfigError([document.problem(("format",), message)])
        baseline = parse(Baseline, document)
        if baseline.mode != mode:
            message = (
                f"These answers are {baseline.mode}, and the file is the one of {mode} answers: "
                "a baseline belongs to one mode."
            )
            raise ConfigError([document.problem(("mode",), message)])
    except ConfigError as error:
        shown = first_of([problem.render() for problem in error.problems], _MOST_PROBLEMS)
        raise Mistake("\n".join([*shown, _RESTORE.format(file=file)])) from None
    return baseline


def made_of(report: Mapping[str, Any], accepted: Accepted) -> Baseline:
    """The baseline that a report becomes when it is accepted; unjudged cases say nothing."""
    cases = (
        Entry.model_validate({name: case[name] for name in Entry.model_fields})
        for case in report["cases"]
        if case["unjudged"] is None
    )
    return Baseline(
        format=1,
        mode=report["mode"],
        release=report["release"],
        accepted_by=accepted.by,
        why=accepted.why,
        accepted_on=accepted.on,
        git_sha=report["git"]["sha"],
        bound_to={name: report[name] for name in BOUND_TO},
        cases=tuple(sorted(cases, key=lambda case: (case.slice, case.id))),
    )


def write(project: Project, baseline: Baseline) -> Path:
    """Write a baseline whole; gives its place in the service's folder."""
    file = file_of(baseline.mode)
    write_whole(project.root / file, text_of(baseline))
    return file


def text_of(baseline: Baseline) -> str:
    """The file: a case a line, so that a change of it can be read."""
    head = baseline.model_dump(exclude={"cases"})
    lines = [f"  {_json(name)}: {_json(value)}," for name, value in head.items()]
    return "\n".join(["{", *lines, '  "cases": [', *_case_lines(baseline.cases), "  ]", "}", ""])


def _case_lines(cases: Iterable[Entry]) -> list[str]:
    lines = [f"    {_json(case.model_dump())}" for case in cases]
    return [f"{line}," for line in lines[:-1]] + lines[-1:]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
