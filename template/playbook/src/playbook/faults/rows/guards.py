"""Rows of guards that do not do their work: they block, whatever they would have said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from chassis.outcomes import Outcome
from playbook.faults.row import Cause, Expected, Moves, NotBrought, Row

if TYPE_CHECKING:
    from chassis.guards.runner import Check, Found, Guards
    from chassis.path import RequestPath

OVERRUN_BUDGET_MS = 20
Direction = Literal["input", "output"]


def _crashes(text: str) -> Found | None:
    raise ZeroDivisionError("as the fault matrix wants it")


def _overruns(text: str) -> Found | None:
    ends = time.thread_time() + 2 * OVERRUN_BUDGET_MS / 1000
    while time.thread_time() < ends:
        pass
    return None


async def _hangs(texts: Sequence[str]) -> Sequence[str]:
    await asyncio.sleep(60)
    return ()


def _altered(direction: Direction, change: Callable[[Guards], Guards]) -> Cause:
    """The guards of one direction, changed."""

    def alter(path: RequestPath) -> RequestPath:
        if direction == "input":
            return replace(path, input_guards=change(path.input_guards))
        return replace(path, output_guards=change(path.output_guards))

    return Cause(alter=alter, warm=False)


def _first_does(direction: Direction, check: Check) -> Cause:
    """The first of the service's own guards, with another check in place of its own."""

    def change(guards: Guards) -> Guards:
        if not guards.local:
            raise NotBrought(f"the service has no {direction} guard")
        first, *others = guards.local
        policy = first.policy.model_copy(update={"budget_ms": OVERRUN_BUDGET_MS})
        return replace(guards, local=(replace(first, check=check, policy=policy), *others))

    return _altered(direction, change)


def _hosted_hangs() -> Cause:
    """One more guard, whose service never answers."""

    def change(guards: Guards) -> Guards:
        policy = guards.local[0].policy.model_copy(update={"budget_ms": 200, "mode": "block"})
        hung = HostedGuard("hosted", "moderation", "v1", policy, _hangs)
        return replace(guards, hosted=(*guards.hosted, hung))

    from chassis.guards.runner import HostedGuard

    return _altered("input", change)


def _blocking(name: str, fault: str, direction: Direction, cause: Cause) -> Row:
    """Fail closed: 503, and the problem says which kind of check it was, not more."""
    moved = Moves("airworthy_guard_verdicts_total", {"direction": direction, "verdict": "error"})
    line = {"problem": "guard-failed", "guards": "'verdict': 'error'"}
    return Row(name, fault, cause, Expected(Outcome.unavailable, line=line, metrics=(moved,)))


ROWS: tuple[Row, ...] = (
    _blocking("guard-crash", "an input guard crashes", "input", _first_does("input", _crashes)),
    _blocking(
        "guard-overrun",
        "an input guard overruns its time",
        "input",
        _first_does("input", _overruns),
    ),
    _blocking(
        "output-guard-crash", "an output guard crashes", "output", _first_does("output", _crashes)
    ),
    _blocking(
        "output-guard-overrun",
        "an output guard overruns its time",
        "output",
        _first_does("output", _overruns),
    ),
    _blocking("hosted-guard-hung", "a guard's service never answers", "input", _hosted_hangs()),
)
