"""What of a use case's sample makes room: where its labels, prompt, example and cases are."""

from dataclasses import dataclass
from pathlib import Path

from playbook.project import Project
from playbook.verdicts import Mistake


@dataclass(frozen=True)
class Sample:
    """Where a use case keeps what `begin` replaces.

    Attributes:
        label_type: The `Literal` of the labels in `schemas.py`.
        label_table: The dictionary in `schemas.py` that says where each label goes.
        label_field: The answer's field that holds the label.
        description: What the template says of the sample in README and pyproject.toml.
        destination: What the table's values are called, in the team's words.
    """

    label_type: str
    label_table: str
    label_field: str
    description: str
    destination: str


SAMPLES = {
    "triage": Sample(
        label_type="Category",
        label_table="QUEUES",
        label_field="category",
        description=(
            "Sorts support tickets by category and priority, and names the queue they belong in"
        ),
        destination="queue",
    )
}


@dataclass(frozen=True)
class Files:
    """The files of one service that `begin` replaces or edits."""

    schemas: Path
    instructions: Path
    example: Path
    cases: Path
    held_out: Path
    attacks: Path
    runs: Path

    @classmethod
    def of(cls, project: Project, prompt: str) -> "Files":
        """The files of a service whose release uses this prompt."""
        return cls(
            schemas=project.source / "schemas.py",
            instructions=project.source / "prompts" / prompt / "instructions.md",
            example=project.source / "example.json",
            cases=project.cases,
            held_out=project.held_out,
            attacks=project.root / "evals" / "adversarial",
            runs=project.root / "evals",
        )

    def existing(self) -> list[Path]:
        """Those that are there now."""
        single = [self.schemas, self.instructions, self.example]
        folders = (self.cases, self.held_out, self.attacks)
        lines = [path for folder in folders for path in sorted(folder.glob("*.jsonl"))]
        return [path for path in single if path.exists()] + lines

    def of_runs(self) -> list[Path]:
        """What runs of the sample left to compare with: baselines, recordings, the history."""
        patterns = ("baselines/*.json", "recordings/*.jsonl", "history.jsonl")
        return [path for pattern in patterns for path in sorted(self.runs.glob(pattern))]


def sample_of(use_case: str) -> Sample:
    """The description of a use case's sample.

    Raises:
        Mistake: When `begin` knows none.
    """
    if use_case not in SAMPLES:
        raise Mistake(
            f"begin knows how to replace the sample of {', '.join(SAMPLES)}, not of {use_case}.\n"
            "Write your own schemas, prompt and cases; the README says which files those are."
        )
    return SAMPLES[use_case]
