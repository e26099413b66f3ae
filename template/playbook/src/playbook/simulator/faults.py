"""Fault rules: what can go wrong, for whom, how often; and the book that counts them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .core import ModelCall

Seconds = Annotated[float, Field(ge=0, le=3600)]


class Match(BaseModel):
    """Which requests a rule is about; every field given must fit.

    Attributes:
        caller: The `X-End-User` header, or the request's `user` field where there is none.
        user_contains: Text somewhere in what the user said, capitals ignored.
        model: The model's name, or a pattern such as `gpt-*`.
    """

    model_config = ConfigDict(extra="forbid")
    caller: str | None = None
    user_contains: str | None = None
    model: str | None = None

    def fits(self, call: ModelCall) -> bool:
        """Whether this call is meant."""
        return (
            (self.caller is None or self.caller == call.caller)
            and (self.user_contains is None or self.user_contains.lower() in call.user.lower())
            and (self.model is None or fnmatchcase(call.model, self.model))
        )


class Rule(BaseModel):
    """What all kinds share: whom a fault meets, and how often.

    Attributes:
        count: Only the next so many matching requests.
        share: Only this share of matching requests, drawn from the simulator's seed.
    """

    model_config = ConfigDict(extra="forbid")
    match: Match = Match()
    count: int | None = Field(default=None, ge=1)
    share: float | None = Field(default=None, ge=0, le=1)


class SlowAnswer(Rule):
    """The answer comes, later. Adds to the simulator's own latency."""

    kind: Literal["latency"]
    seconds: Seconds


class LessSkill(Rule):
    """The brain answers worse for these requests. Never raises the skill."""

    kind: Literal["skill"]
    skill: float = Field(ge=0, le=1)


class NoAnswer(Rule):
    """Nothing comes; after `seconds` the connection is closed without an answer."""

    kind: Literal["timeout"]
    seconds: Seconds = 600.0


class RateLimit(Rule):
    """429. `Retry-After` holds whole seconds (RFC 9110); a fraction adds `retry-after-ms`."""

    kind: Literal["rate_limit"]
    retry_after_seconds: Seconds | None = None


class ServerError(Rule):
    """A 5xx with a proper error body."""

    kind: Literal["server_error"]
    status: Literal[500, 502, 503, 529] = 500


class ConnectionReset(Rule):
    """TCP RST in place of an answer."""

    kind: Literal["connection_reset"]


class MalformedBody(Rule):
    """200 with a body (or first event) that is not JSON."""

    kind: Literal["malformed_body"]


class EmptyChoices(Rule):
    """200 without an answer: `choices: []`, or Anthropic's `content: []`."""

    kind: Literal["empty_choices"]


class WrongSchema(Rule):
    """Valid JSON of the wrong shape: the model's answer, or the provider's whole body."""

    kind: Literal["wrong_schema"]
    part: Literal["answer", "body"] = "answer"


class WrongLabel(Rule):
    """The first field with fixed values gets a value that is none of them."""

    kind: Literal["wrong_label"]


class TruncatedStream(Rule):
    """Half of the answer, then the end.

    By default the connection is closed early: without the last chunk for a stream, with fewer bytes
    than Content-Length for a body. With `polite` a stream ends properly as HTTP and only its last
    event and the reason why it ended are missing, which many clients take for success.
    """

    kind: Literal["truncated_stream"]
    polite: bool = False


class SlowDrip(Rule):
    """The answer's bytes are spread over `seconds`, so that no read ever times out."""

    kind: Literal["slow_drip"]
    seconds: Seconds


Fault = Annotated[
    SlowAnswer
    | LessSkill
    | NoAnswer
    | RateLimit
    | ServerError
    | ConnectionReset
    | MalformedBody
    | EmptyChoices
    | WrongSchema
    | WrongLabel
    | TruncatedStream
    | SlowDrip,
    Field(discriminator="kind"),
]

COMBINING = (SlowAnswer, LessSkill)
"""Kinds that add to whatever else happens; of the others the first that fits is the fault."""


class Plan(BaseModel):
    """A fault plan: rules, read from top to bottom."""

    model_config = ConfigDict(extra="forbid")
    faults: list[Fault]


@dataclass
class _Entry:
    rule: Fault
    dice: random.Random
    applied: int = 0

    def meets(self, call: ModelCall) -> bool:
        """Whether the rule is for this call; draws for its share only when everything else fits."""
        if self.rule.count is not None and self.applied >= self.rule.count:
            return False
        if not self.rule.match.fits(call):
            return False
        return self.rule.share is None or self.dice.random() < self.rule.share


@dataclass
class Decision:
    """What will happen to one request."""

    fault: Fault | None = None
    seconds: float = 0.0
    skill: float = 1.0
    kinds: list[str] = field(default_factory=list)


class FaultBook:
    """The plan in force, and how often each rule was applied. Used from one event loop."""

    def __init__(self, plan: Plan | None = None, *, seed: int = 0) -> None:
        self._seed = seed
        self.counts: Counter[str] = Counter()
        self.replace(plan or Plan(faults=[]))

    def replace(self, plan: Plan) -> None:
        """Put a plan in force. Counts and draws of its rules start afresh; totals stay."""
        self._entries = [
            _Entry(rule, random.Random(f"{self._seed}:{at}")) for at, rule in enumerate(plan.faults)
        ]

    def decide(self, call: ModelCall) -> Decision:
        """Pick what happens to this call, and count it."""
        decision = Decision()
        for entry in self._entries:
            rule = entry.rule
            if decision.fault is not None and not isinstance(rule, COMBINING):
                continue
            if not entry.meets(call):
                continue
            entry.applied += 1
            self.counts[rule.kind] += 1
            decision.kinds.append(rule.kind)
            if isinstance(rule, SlowAnswer):
                decision.seconds += rule.seconds
            elif isinstance(rule, LessSkill):
                decision.skill = min(decision.skill, rule.skill)
            else:
                decision.fault = rule
        return decision

    def state(self) -> list[dict[str, Any]]:
        """Each rule, how often it was applied, and how often it still will be (None: no limit)."""
        return [
            entry.rule.model_dump(mode="json", exclude_defaults=True)
            | {
                "kind": entry.rule.kind,
                "applied": entry.applied,
                "remaining": None if entry.rule.count is None else entry.rule.count - entry.applied,
            }
            for entry in self._entries
        ]


KINDS: dict[str, type[Rule]] = {
    kind.model_fields["kind"].annotation.__args__[0]: kind  # type: ignore[union-attr]
    for kind in Rule.__subclasses__()
}
