"""A row of the matrix: a fault, what is expected of it, what was seen, and whether that is it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.outcomes import TABLE, CountsAs, Outcome

if TYPE_CHECKING:
    from chassis.path import RequestPath
    from playbook.faults.bench import Answered, Bench

TOLERANCE_SECONDS = 0.1
"""By which an answer may be later than its bound."""

SMALL = "simulator:small"


class NotBrought(Exception):
    """The fault could not be brought about here; its text says what is missing."""


@dataclass(frozen=True)
class Moves:
    """A series that the fault has to move, or a gauge and the value it has to have afterwards."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    to: float | None = None

    def __str__(self) -> str:
        pairs = ", ".join(f'{name}="{value}"' for name, value in self.labels.items())
        return f"{self.name}{{{pairs}}}" if pairs else self.name


def _nothing(_: Any) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Cause:
    """How a fault is brought about.

    Attributes:
        models: The release's model and its fallbacks.
        plan: Rules for the simulator, in force from the request on.
        edit: Changes the copy of the configuration before the service starts.
        environment: Variables the service starts with.
        alter: Changes the request path that the service starts with.
        log_to: A file in place of our ear as the service's standard output.
        warm: Whether a request without the fault goes first.
        during: What is done around the request, to the running service.
        send: How the request is made.
    """

    models: tuple[str, ...] = (SMALL,)
    plan: tuple[Mapping[str, Any], ...] = ()
    edit: Callable[[Path], None] | None = None
    environment: Callable[[], Mapping[str, str]] = dict
    alter: Callable[[RequestPath], RequestPath] | None = None
    log_to: Path | None = None
    warm: bool = True
    during: Callable[[Bench], AbstractContextManager[None]] = _nothing
    send: Callable[[Bench], Answered] | None = None


@dataclass(frozen=True)
class Expected:
    """What has to become of the request.

    Attributes:
        outcome: As `chassis.outcomes.TABLE` has it; status and budget follow from it.
        status: Which of the outcome's statuses, where it has several.
        line: Fields of the request's log line, and a regular expression for each.
        says: A regular expression for some other line of the log.
        metrics: Series that move beside the outcome's own.
        asked: How often the provider is asked.
        at_least_seconds: A wait that is due, such as for a Retry-After.
        adds_seconds: How much slower than a healthy request at most.
        within_seconds: A bound of its own; without either, the request's budget counts.
        logged: Whether a log line is possible at all.
    """

    outcome: Outcome
    status: int = 0
    line: Mapping[str, str] = field(default_factory=dict)
    says: str | None = None
    metrics: tuple[Moves, ...] = ()
    asked: int | None = None
    at_least_seconds: float = 0.0
    adds_seconds: float | None = None
    within_seconds: float | None = None
    logged: bool = True

    @property
    def of_status(self) -> int:
        """The status, as the table has it."""
        return self.status or TABLE[self.outcome].statuses[0]

    @property
    def spends(self) -> bool:
        """Whether it spends the availability budget."""
        return TABLE[self.outcome].counts_as is CountsAs.bad


@dataclass(frozen=True)
class Row:
    """One fault and what is expected of it."""

    name: str
    fault: str
    cause: Cause
    expected: Expected
    needs_labels: bool = False


@dataclass(frozen=True)
class Seen:
    """What became of the request.

    Attributes:
        outcome: As the log line says, or else the body.
        line: The request's own log line.
        metrics: The series that were expected to move, as they did.
        said: What the other line of the log was, where one is expected.
    """

    status: int
    outcome: str
    seconds: float
    bound_seconds: float
    line: Mapping[str, Any] | None
    metrics: tuple[str, ...]
    asked: int
    spends: bool
    is_json: bool
    unmoved: tuple[str, ...] = ()
    said: str | None = None


class Status(StrEnum):
    """What a row comes to."""

    held = "held"
    broke = "broke"
    not_run = "not run"
    left_out = "left out"


@dataclass(frozen=True)
class Result:
    """A row, and what it came to."""

    row: Row
    status: Status
    seen: Seen | None = None
    reasons: tuple[str, ...] = ()


def judge(row: Row, seen: Seen) -> Result:
    """Hold what was seen against what was expected."""
    reasons = tuple(_differences(row.expected, seen))
    return Result(row, Status.broke if reasons else Status.held, seen, reasons)


def _differences(expected: Expected, seen: Seen) -> Iterator[str]:
    wanted = (expected.outcome.value, expected.of_status)
    if seen.status == 0:
        yield "no answer came at all"
        return
    if (seen.outcome, seen.status) != wanted:
        came = f"{seen.outcome or 'nothing'}, {seen.status}"
        yield f"ended as {came}; expected {wanted[0]}, {wanted[1]}"
    if seen.status == 500 or not seen.is_json:
        yield f"the caller got a raw {seen.status}"
    if seen.seconds > seen.bound_seconds:
        yield f"took {seen.seconds:.2f} s; the bound is {seen.bound_seconds:.2f} s"
    if seen.seconds < expected.at_least_seconds:
        yield f"took {seen.seconds:.2f} s; it had to wait {expected.at_least_seconds:g} s"
    if seen.spends is not expected.spends:
        does, should = ("spent", "not") if seen.spends else ("did not spend", "")
        yield f"{does} the availability budget, which it should{should and ' ' + should}"
    if expected.asked is not None and seen.asked != expected.asked:
        yield f"the provider was asked {seen.asked} times; expected {expected.asked}"
    if expected.logged:
        yield from _of_line(expected, seen.line)
    if expected.says is not None and seen.said is None:
        yield f"no line of the log says {expected.says}"
    for series in seen.unmoved:
        yield f"{series} did not move as it should"


def _of_line(expected: Expected, line: Mapping[str, Any] | None) -> Iterator[str]:
    if line is None:
        yield "left no log line"
        return
    for name, pattern in expected.line.items():
        if not re.search(pattern, str(line.get(name)), re.IGNORECASE):
            yield f"the log line's {name} is {line.get(name)!r}; expected {pattern}"
