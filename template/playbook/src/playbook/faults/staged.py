"""The copy of the configuration that the matrix runs on: simulated, open to all, in a hurry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chassis.config.load import CRITERIA_FILE, GUARDRAILS_FILE, RELEASES_FILE
from playbook import staging

BUDGET_SECONDS = 2.0
RECEIVE_SECONDS = 1.0
GUARD_BUDGET_MS = 1000
CHANGES = (
    f"In a copy of the configuration: request budget {BUDGET_SECONDS:g} s, "
    f"{RECEIVE_SECONDS:g} s to send a body, two attempts of at most 0.6 s at each model, which are "
    "simulated; no confidence threshold, no request limits."
)
"""What is other than in the service's own configuration, for whoever reads the report."""

_SHORT: dict[str, dict[str, Any]] = {
    "request": {"budget_seconds": BUDGET_SECONDS, "receive_seconds": RECEIVE_SECONDS},
    "model": {
        "timeout_seconds": 0.6,
        "attempts": 2,
        "backoff_initial_seconds": 0.05,
        "backoff_max_seconds": 0.1,
    },
    "breaker": {"failures": 20, "window_seconds": 30, "reset_seconds": 15},
}


def fitted(root: Path) -> None:
    """Make a staged copy fit to be tried: everything lets the request through, soon."""
    staging.switch(root, ai_enabled=True)
    staging.simulate(root)
    staging.route(root, staging.default_release(root) or _first_release(root))
    staging.lift_request_limits(root)
    with staging.edited(root / RELEASES_FILE) as document:
        for release in document["releases"].values():
            release["confidence_threshold"] = 0.0
    with staging.edited(root / CRITERIA_FILE) as document:
        document["latency"]["p95_seconds"] = BUDGET_SECONDS / 2  # has to be less than the budget
    with staging.edited(root / GUARDRAILS_FILE) as document:
        for section, values in _SHORT.items():
            document.setdefault(section, {}).update(values)
        for direction in ("input", "output"):
            for guard in document.get(direction, {}).values():
                guard["budget_ms"] = GUARD_BUDGET_MS  # a busy machine is not what is judged
        if "moderation" in document:
            document["moderation"]["provider"] = "none"
        if "storage" in document["limits"]:
            document["limits"]["storage"] = "memory"


def with_models(root: Path, models: tuple[str, ...]) -> None:
    """Give every release this model and these fallbacks."""
    with staging.edited(root / RELEASES_FILE) as document:
        for release in document["releases"].values():
            release["model"], release["fallbacks"] = models[0], list(models[1:])


def set_in(root: Path, section: str, **values: Any) -> None:
    """Set values of one section of the copy's guardrails."""
    with staging.edited(root / GUARDRAILS_FILE) as document:
        document.setdefault(section, {}).update(values)


def set_parameters(root: Path, **values: Any) -> None:
    """Set parameters of every release of the copy."""
    with staging.edited(root / RELEASES_FILE) as document:
        for release in document["releases"].values():
            release["parameters"].update(values)


def _first_release(root: Path) -> str:
    with staging.edited(root / RELEASES_FILE) as document:
        return str(next(iter(document["releases"])))
