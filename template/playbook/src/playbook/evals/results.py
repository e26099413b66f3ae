"""What became of one case, and who answered: what a run gives to the gate and to reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """Who answered, read from the responses and never from configuration."""

    live = "live"
    replayed = "replayed"
    simulated = "simulated"
    mixed = "mixed"
    none = "no model answered"


@dataclass(frozen=True)
class CaseResult:
    """What became of one case.

    Attributes:
        hash: Of what the label is about; a baseline compares a case only with itself.
        held_out: Its content is not shown to who writes the prompt.
        unjudged: Why this says nothing about the answer, such as a dead provider.
        detail: What the log line says about it.
        mode: `live`, `replayed` or `simulated`, read from the response; None without one.
        seconds: How long the service took; when replayed, with the model's time as recorded.
        right_if_answered: Of a handed-over draft, too; None without a draft.
        fallback: Whether a fallback of the release was asked, and gave the answer.
        repeats: Right or wrong, each time, where it was asked more than once.
        answer: The whole guarded answer, of a handed-over draft too.
        judged: What each judge said, by its name; its cost is no part of `cost_usd`.
    """

    id: str
    slice: str
    critical: bool
    right: bool
    outcome: str
    expected: Mapping[str, Any]
    got: Mapping[str, Any]
    input: Any = None
    hash: str = ""
    held_out: bool = False
    provenance: str = ""
    unjudged: str | None = None
    detail: str | None = None
    crashed: str | None = None
    mode: Mode | None = None
    confidence: float | None = None
    seconds: float = 0.0
    cost_usd: float | None = None
    called: bool = False
    scores: Mapping[str, bool | float] = field(default_factory=dict)
    right_if_answered: bool | None = None
    repeats: Sequence[bool] = ()
    answer: Mapping[str, Any] | None = None
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fallback: bool = False


def mode_of(results: Iterable[CaseResult]) -> Mode:
    """The mode of a run, from the marks its responses carry."""
    modes = {result.mode for result in results} - {None}
    if len(modes) > 1:
        return Mode.mixed
    return next(iter(modes), None) or Mode.none
