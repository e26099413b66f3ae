"""Why an answer is degraded, and the outcome that this makes."""

from __future__ import annotations

from enum import StrEnum

from .outcomes import Outcome


class Reason(StrEnum):
    """The reasons a pipeline's `degraded` is called with; stable, callers may branch on them."""

    low_confidence = "low_confidence"
    kill_switch = "kill_switch"
    daily_budget = "daily_budget"
    provider_unavailable = "provider_unavailable"


OUTCOMES = {
    Reason.low_confidence: Outcome.handed_over,
    Reason.kill_switch: Outcome.switched_off,
    Reason.daily_budget: Outcome.switched_off,
    Reason.provider_unavailable: Outcome.fallback,
}
