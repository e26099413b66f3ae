"""What is known about one request: filled stage by stage, written as one log line at its end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .identity import Caller
from .outcomes import Outcome

if TYPE_CHECKING:
    from .model.failures import FailureKind

# How the simulator names its models in every response, whatever the protocol.
SIMULATED_PREFIX = "simulated/"


@dataclass(frozen=True)
class GuardVerdict:
    """What one guard said.

    `direction` is `input`, `content` (what the pipeline fetched) or `output`; `verdict` is `pass`,
    `block`, `redact`, `observe` (it saw something, and only noted it) or `error`; `found` names the
    kinds of what it saw, never the text.
    """

    guard: str
    version: str
    direction: str
    mode: str
    verdict: str
    found: list[str]
    milliseconds: float


@dataclass
class ModelUse:
    """The model calls of one request, added up."""

    asked: str | None = None
    answered: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    spent_usd: float = 0.0
    price_unknown: bool = False
    seconds: float = 0.0
    retries: int = 0
    fallback_used: bool = False
    error: str | None = None
    failures: list[FailureKind] = field(default_factory=list)  # of each model, when none was left

    @property
    def simulated(self) -> bool | None:
        """Whether the simulator answered, read from the response itself.

        None without a response.
        """
        return None if self.answered is None else self.answered.startswith(SIMULATED_PREFIX)

    @property
    def cost_usd(self) -> float | None:
        """What all calls cost; one unknown price makes it unknown, `spent_usd` is what is known."""
        return None if self.price_unknown else self.spent_usd

    def add_cost(self, usd: float | None) -> None:
        """Add one call's cost; None when nobody knows its price."""
        self.spent_usd += usd or 0.0
        self.price_unknown |= usd is None


@dataclass
class Exchange:
    """One request on its way through the stages.

    Its clock is ours alone: what a caller takes to send the body (`receiving_seconds`) is neither
    in its latency nor in its budget.
    """

    request_id: str
    started: float
    receiving_seconds: float = 0.0
    caller: Caller | None = None
    trace_id: str | None = None
    span_id: str | None = None
    release: str | None = None
    prompt_version: str | None = None
    prompt_sha256: str | None = None
    input: Any = None
    language: str | None = None
    output: Any = None
    model: ModelUse = field(default_factory=ModelUse)
    guards: list[GuardVerdict] = field(default_factory=list)
    confidence: float | None = None
    draft: dict[str, Any] | None = None  # the guarded answer, before the confidence check
    outcome: Outcome | None = None
    status: int = 0
    problem: str | None = None
    degraded_reason: str | None = None

    def seconds(self) -> float:
        """How long we have been at work on it."""
        return time.monotonic() - self.started - self.receiving_seconds

    def ends(self, budget_seconds: float) -> float:
        """When its budget is spent, as `time.monotonic()` counts."""
        return self.started + self.receiving_seconds + budget_seconds
