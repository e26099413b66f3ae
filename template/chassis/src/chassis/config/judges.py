"""How one judge is run: its block in `config/evals.yaml`. What it judges by is its prompt."""

from __future__ import annotations

from pydantic import Field

from .fields import Strict, number
from .releases import ModelText, Parameters, Price

LEAST_RATE = 0.8
"""No judge whose verdicts agree with people's less often than this may gate."""


class JudgeSettings(Strict):
    """One model that judges answers; the judge's name is the key above and its prompt's folder."""

    model: ModelText = Field(
        description="provider:model. Best another model than the one it judges, and a pinned one: "
        "its card speaks for no other.",
        examples=["openai:gpt-5-mini"],
    )
    parameters: Parameters = Field(
        default=Parameters(max_tokens=500),
        description="What is sent along with each call.",
        examples=["{temperature: 0.0, max_tokens: 500}"],
    )
    price: Price | None = Field(
        default=None,
        description="null takes the price list (genai-prices). Set it for a model it lacks.",
        examples=["{input_usd_per_million: 0.25, output_usd_per_million: 2.0}"],
    )
    gate: bool = Field(
        default=False,
        description="Whether its verdict decides if a case is right. It needs a valid judge card "
        "then (playbook evals judge).",
        examples=[True],
        json_schema_extra={"x-weakest-first": [False, True], "x-switch": True},
    )
    rates_at_least: float = number(
        "How often it has to agree with people, on answers they passed and on answers they failed; "
        "0.8 is the least for any judge.",
        unit="share",
        example=0.8,
        ge=LEAST_RATE,
        le=1.0,
        default=LEAST_RATE,
        weaker="lower",
    )
    least_labels: int = number(
        "Human verdicts of each kind, in the held-out part, that its rates take.",
        unit="count",
        example=20,
        ge=10,
        default=20,
        weaker="lower",
    )
    budget_seconds: float = number(
        "How long one verdict may take, with retries; one call may take half of it.",
        unit="seconds",
        example=30.0,
        gt=0,
        le=300,
        default=30.0,
    )
