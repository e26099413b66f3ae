"""Which guards run, and what each does with what it finds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..fields import Strict, number

Mode = Literal["block", "redact", "observe"]


class Guard(Strict):
    """One guard: what it does with what it finds, and how long it may take."""

    mode: Mode = Field(
        description="block refuses (422), redact takes it out and goes on, observe only notes it.",
        examples=["block"],
    )
    budget_ms: float = number(
        "A guard that takes longer counts as crashed, and the request is not answered (503).",
        unit="milliseconds",
        example=50,
        gt=0,
        le=10_000,
    )


class InjectionGuard(Guard):
    """The input guard against prompt injection; there is nothing to take out of an injection."""

    mode: Literal["block", "observe"] = Field(
        description="block refuses (422), observe only notes it.", examples=["block"]
    )


class InputGuards(Strict):
    """Guards on what comes in."""

    injection: InjectionGuard = Field(
        description="Text that tries to give the model orders.",
        examples=["{mode: block, budget_ms: 50}"],
    )


class OutputGuards(Strict):
    """Guards on what goes out."""

    personal_data: Guard = Field(
        description="Personal data in the answer.",
        examples=["{mode: redact, budget_ms: 50}"],
    )
    secrets: Guard = Field(
        description="Keys, tokens, passwords.", examples=["{mode: block, budget_ms: 50}"]
    )
    canary: Guard = Field(
        description="The marker hidden in the prompt: if it comes out, the prompt leaked.",
        examples=["{mode: block, budget_ms: 10}"],
    )
