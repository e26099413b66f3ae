"""How the evaluation suite is run: `config/evals.yaml`. What it must reach is not said here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .fields import Key, Strict, number, share
from .judges import JudgeSettings


class Recordings(Strict):
    """The last live answers, kept in evals/recordings/, for runs without a key."""

    on_miss: Literal["inconclusive", "simulate"] = Field(
        default="inconclusive",
        description="What a run without a key does when an answer was never recorded, as after "
        "any change of the prompt: `inconclusive` ends with 4, `simulate` has the simulator "
        "answer the whole run.",
        examples=["inconclusive"],
        json_schema_extra={"x-weakest-first": ["simulate", "inconclusive"]},
    )


class Evals(Strict):
    """How the labelled cases are run; the numbers they are judged by are in success-criteria."""

    concurrency: int = number(
        "Requests in flight at once.", unit="count", example=8, ge=1, le=64, default=8
    )
    cost_cap_usd: float = number(
        "A run stops before it spends more; the answers so far are kept, and the next run goes on.",
        unit="usd",
        example=5.0,
        gt=0,
        default=5.0,
    )
    repeats: int = number(
        "A case that came out otherwise than in the baseline is asked until it has so many "
        "answers, to see which changes are steady; the first answer counts. 1 asks once.",
        unit="count",
        example=3,
        ge=1,
        le=9,
        default=1,
    )
    infrastructure_errors_at_most: float = share(
        "Share of cases that may fail for reasons outside the service, such as a provider that is "
        "down; more, and the run proves nothing (exit 3).",
        example=0.02,
        lt=1.0,
        default=0.02,
        weaker="higher",
    )
    recordings: Recordings = Field(
        default=Recordings(), description="The last live answers, for runs without a key."
    )
    judges: dict[Key, JudgeSettings] = Field(
        default={}, description="Models that judge answers, by the name of the judge."
    )
