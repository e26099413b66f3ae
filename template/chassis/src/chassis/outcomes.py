"""What can become of a request: one table that errors, metrics, documents and alerts all read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a request ended, as the caller, the log line and the metrics name it."""

    answered = "answered"
    handed_over = "handed_over"
    switched_off = "switched_off"
    fallback = "fallback"
    unavailable = "unavailable"
    blocked = "blocked"
    rate_limited = "rate_limited"
    invalid = "invalid"
    unauthenticated = "unauthenticated"
    forbidden = "forbidden"


class CountsAs(StrEnum):
    """What an outcome does to the availability budget."""

    good = "good"
    bad = "bad"
    neither = "neither"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    meaning: str
    statuses: tuple[int, ...]
    counts_as: CountsAs
    degraded: bool = False


TABLE: dict[Outcome, Row] = {
    Outcome.answered: Row("the model's answer, checked", (200,), CountsAs.good),
    Outcome.handed_over: Row(
        "confidence below the release's threshold: a person decides", (200,), CountsAs.good, True
    ),
    Outcome.switched_off: Row(
        "kill switch, or the day's budget is spent", (200,), CountsAs.neither, True
    ),
    Outcome.fallback: Row("no provider gave a usable answer in time", (200,), CountsAs.bad, True),
    Outcome.unavailable: Row(
        "no answer possible, or a guard crashed or overran", (503,), CountsAs.bad
    ),
    Outcome.blocked: Row("a guard blocked the input or the output", (422,), CountsAs.neither),
    Outcome.rate_limited: Row("the caller's or the service's limit", (429,), CountsAs.neither),
    Outcome.invalid: Row(
        "the request itself is wrong", (400, 404, 405, 408, 413, 415, 422), CountsAs.neither
    ),
    Outcome.unauthenticated: Row("no valid credentials", (401,), CountsAs.neither),
    Outcome.forbidden: Row("credentials lack the scope", (403,), CountsAs.neither),
}
