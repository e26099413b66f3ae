"""Samples from the service's own log: which calls are worth a label, and what they held."""

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from chassis.outcomes import Outcome
from playbook.verdicts import Mistake

Only = Literal["all", "low-confidence", "handed-over", "low-rating"]
LOW_RATING = 2
"""Of 1 to 5; up to this one a user was not helped."""
NEAR = 0.1
"""So little above the release's threshold an answer was nearly handed over."""

HASHED = frozenset(("sha256", "characters"))
_EVENTS = ('"ai_call"', '"feedback"')


@dataclass(frozen=True)
class Call:
    """One AI call of the log, and the lowest rating it got."""

    where: str
    event: Mapping[str, Any]
    rating: int | None

    @property
    def input(self) -> dict[str, Any] | None:
        """What was sent; None where the log does not hold it."""
        value = self.event.get("input")
        return value if isinstance(value, dict) and not is_hash(value) else None

    def suggested(self, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the model answered. A degraded answer is the service's own, and suggests nothing."""
        output = self.event.get("output")
        if self.event.get("outcome") != Outcome.answered or not isinstance(output, dict):
            return None
        return {k: v for k, v in output.items() if k in fields and v is not None} or None


@dataclass
class Glance:
    """What a first look at the whole log tells."""

    lines: int = 0
    calls: int = 0
    simulated: int = 0
    hashed: int = 0
    environments: Counter[str] = field(default_factory=Counter)
    ratings: dict[str, int] = field(default_factory=dict)


class Log:
    """JSON lines, as the service writes them; a collector may have put something before each.

    Args:
        path: The file.
        name: As candidates name it.
        limit: Only so many lines.
    """

    def __init__(self, path: Path, name: str, limit: int | None) -> None:
        self.path = path
        self.name = name
        self._limit = limit

    def glance(self) -> Glance:
        """Count, and gather low ratings: they come after the calls they are about."""
        found = Glance()
        for _, event in self._events(found):
            if event["event"] == "feedback":
                rating = event.get("rating")
                if isinstance(rating, int) and rating <= LOW_RATING:
                    request = str(event.get("request_id"))
                    found.ratings[request] = min(rating, found.ratings.get(request, rating))
                continue
            found.calls += 1
            found.simulated += event.get("simulated") is True
            found.hashed += is_hash(event.get("input"))
            found.environments[str(event.get("environment"))] += 1
        return found

    def calls(self, ratings: Mapping[str, int]) -> Iterator[Call]:
        """Every AI call."""
        for number, event in self._events(Glance()):
            if event["event"] == "ai_call":
                rating = ratings.get(str(event.get("request_id")))
                yield Call(f"{self.name}:{number}", event, rating)

    def _events(self, found: Glance) -> Iterator[tuple[int, dict[str, Any]]]:
        with self.path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for number, line in enumerate(islice(file, self._limit), start=1):
                found.lines = number
                if not any(name in line for name in _EVENTS):
                    continue
                try:
                    event = json.loads(line[line.index("{") :])
                except (ValueError, RecursionError):
                    continue
                if isinstance(event, dict) and event.get("event") in ("ai_call", "feedback"):
                    yield number, event


def chosen(log: Log, glance: Glance, only: Only, thresholds: Mapping[str, float]) -> Iterator[Call]:
    """The calls that somebody wants to look at.

    Args:
        log: The log.
        glance: What a first look told.
        only: Which.
        thresholds: The confidence below which each release hands over.
    """
    for call in log.calls(glance.ratings):
        if only == "all" or _fits(call, only, thresholds):
            yield call


def sampled(calls: Iterator[Call], size: int, seed: int) -> list[Call]:
    """So many of them by chance, the same ones for the same seed, in the order of the log."""

    def luck(numbered: tuple[int, Call]) -> bytes:
        number, call = numbered
        name = str(call.event.get("request_id") or number)
        return hashlib.sha256(f"{seed}:{name}".encode()).digest()

    drawn = heapq.nsmallest(size, enumerate(calls), key=luck)
    return [call for _, call in sorted(drawn, key=lambda numbered: numbered[0])]


def check(glance: Glance, shown: str) -> None:
    """Whether there is anything to take.

    Raises:
        Mistake: When the log holds no calls, or only their hashes.
    """
    if not glance.calls:
        raise Mistake(
            f"{shown}\n  None of its {glance.lines:,} lines is an AI call of this service: "
            '{"event": "ai_call", ...}'
        )
    if glance.hashed == glance.calls:
        raise Mistake(
            f"{shown}\n  It holds hashes of what was sent, not the texts: nothing can be taken.\n"
            "  config/guardrails.yaml  logs.payload says so; `redacted` keeps texts without "
            "personal data from now on."
        )


def is_hash(value: object) -> bool:
    """Whether a payload is what the policy `hash` leaves of it."""
    return isinstance(value, dict) and value.keys() == HASHED


def _fits(call: Call, only: Only, thresholds: Mapping[str, float]) -> bool:
    handed_over = call.event.get("outcome") == Outcome.handed_over
    if only == "low-rating":
        return call.rating is not None
    if only == "handed-over" or handed_over:
        return handed_over
    confidence = call.event.get("confidence")
    threshold = thresholds.get(str(call.event.get("release")))
    if threshold is None or not isinstance(confidence, int | float):
        return False
    return call.event.get("outcome") == Outcome.answered and confidence < threshold + NEAR
