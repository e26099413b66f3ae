"""Loaded by Schemathesis (schemathesis.toml): checks of ours, beside its own."""

from __future__ import annotations

from typing import Any

import schemathesis

# The only reasons for which an input that fits the document may be refused: nothing to read in it,
# a guard, or a feedback token that this service never gave.
REASONS = ("input-empty", "input-blocked", "output-blocked", "feedback-token")
NOTHING_LEFT = "is empty or too short"  # once characters that no reader sees were taken out


@schemathesis.check
def refused_for_a_reason(_: Any, response: Any, case: Any) -> None:
    """What fits the document is refused for what no document can say, and for nothing else."""
    fits = case.meta is not None and case.meta.generation.mode.is_positive
    if fits and response.status_code == 422:
        problem = response.json()
        kind = problem["type"].removeprefix("/problems/")
        empty = {error["message"] for error in problem.get("errors", [])} == {NOTHING_LEFT}
        assert empty or kind in REASONS, f"fits the document, and was refused as {kind}"


@schemathesis.check
def problems_tell_nothing_internal(_: Any, response: Any, __: Any) -> None:
    """No answer holds a traceback, a path of ours or a class of Python."""
    for sign in ("Traceback", ".py", "site-packages", "<class", "pydantic"):
        assert sign not in response.text, f"the answer holds {sign}"
