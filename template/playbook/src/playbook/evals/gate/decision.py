"""What the gate hands on: what was measured, what was concluded, and what changed since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playbook.evals.gate.measure import Measured
from playbook.evals.paired import PairedRow
from playbook.verdicts import Code

SIMULATED = "Simulated answers say nothing about a real model."
"""The note that goes with every simulated run."""


@dataclass(frozen=True)
class BaselineInfo:
    """Which baseline a run was held against, and who stands for it."""

    mode: str
    release: str
    accepted_by: str
    why: str
    accepted_on: str
    git_sha: str | None
    n: int


@dataclass(frozen=True)
class Flip:
    """A case that is right now and was wrong before, or the other way round.

    Attributes:
        before: The answer of the baseline: its outcome, and its fields.
        after: The answer of this run, in the same form.
        repeats: Whether each answer was right, where it was asked again; the first one counts.
    """

    id: str
    slice: str
    critical: bool
    held_out: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    got_worse: bool
    repeats: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """A run beside the baseline of its mode, over the cases both have.

    Attributes:
        overlap: The share of cases both have: shared / the larger of both.
        rows: One for each slice with shared cases.
        all: Over all shared cases.
        flips: Worse ones first, critical ones before others.
        smallest_drop: The drop, as a share, that these cases would have shown with 80% power;
            None where no drop at all could be seen.
    """

    baseline: BaselineInfo
    overlap: float
    rows: tuple[PairedRow, ...]
    all: PairedRow
    flips: tuple[Flip, ...]
    smallest_drop: float | None

    def row(self, name: str) -> PairedRow | None:
        """The row of a slice; None where nothing is shared."""
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True)
class Decision:
    """What a run showed: measurements, verdict, reasons, and what a reader must know."""

    measured: Measured
    code: Code
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    comparison: Comparison | None = None
