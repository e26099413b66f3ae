"""Running guards over a value: modes, verdicts, and failing closed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..config.guardrails import Guard as GuardPolicy
from ..problems import blocked, unavailable
from ..record import GuardVerdict
from .text import map_strings, strings


@dataclass(frozen=True)
class Guard:
    """One guard: how it sees that something is wrong, and, where it can, how it takes that out.

    `kind` is what a caller is told when it blocks ("personal data"); it must not say how to get
    around it.
    """

    name: str
    kind: str
    version: str
    policy: GuardPolicy
    trips: Callable[[str], bool]
    redact: Callable[[str], str] | None = None


def run_guards(
    direction: str, guards: Sequence[Guard], value: Any, verdicts: list[GuardVerdict]
) -> Any:
    """The value, redacted where a guard says so; every guard's verdict is added to `verdicts`.

    Raises Problem: 422 when a guard blocks, 503 when one crashes or overruns its time.
    """
    for guard in guards:
        value = _run(direction, guard, value, verdicts)
    return value


def _run(direction: str, guard: Guard, value: Any, verdicts: list[GuardVerdict]) -> Any:
    started = time.perf_counter()
    verdict, changed = "error", value
    crash: Exception | None = None
    try:
        if not _trips(guard, value):
            verdict = "pass"
        elif guard.policy.mode == "observe":
            verdict = "observe"
        elif guard.policy.mode == "redact" and guard.redact is not None:
            changed = map_strings(value, guard.redact)
            verdict = "block" if _trips(guard, changed) else "redact"  # keys cannot be redacted
        else:
            verdict = "block"
    except Exception as error:  # noqa: BLE001 - a guard that crashes blocks: DESIGN principle 7
        crash = error
    milliseconds = (time.perf_counter() - started) * 1000
    if milliseconds > guard.policy.budget_ms:
        verdict = "error"
    verdicts.append(
        GuardVerdict(guard.name, guard.version, guard.policy.mode, verdict, round(milliseconds, 3))
    )
    if verdict == "error":
        raise unavailable(
            "guard-failed", f"The {guard.kind} check of the {direction} could not be completed."
        ) from crash
    if verdict == "block":
        raise blocked(direction, guard.kind)
    return changed


def _trips(guard: Guard, value: Any) -> bool:
    return any(guard.trips(text) for text in strings(value))
