"""Limits, timeouts and guards: `config/guardrails.yaml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..fields import Name, Strict, Text
from .access import Access, Algorithm, Method, Oidc
from .guards import Guard, InputGuards, Mode, OutputGuards, PersonalData
from .limits import Limits
from .moderation import Moderation
from .request import Breaker, ModelLimits, RequestLimits

PayloadPolicy = Literal["hash", "redacted", "full"]

__all__ = [
    "Access",
    "Algorithm",
    "Breaker",
    "Guard",
    "Guardrails",
    "InputGuards",
    "Limits",
    "Method",
    "Mode",
    "ModelLimits",
    "Moderation",
    "Oidc",
    "OutputGuards",
    "PayloadPolicy",
    "PersonalData",
    "RequestLimits",
]


class Logs(Strict):
    """What of a request is written down."""

    payload: PayloadPolicy = Field(
        description="Input and output of each AI call in the log: hash (only a fingerprint), "
        "redacted (personal data and secrets taken out) or full.",
        examples=["redacted"],
    )


class HandOver(Strict):
    """What a caller is told when a person has to take over."""

    message: Text = Field(
        description="One sentence, shown to users with a degraded answer.",
        examples=["A colleague will look at this."],
    )


class Guardrails(Strict):
    """The limits and guards around the model."""

    version: Name = Field(
        description="Change it with the rules: each log line names the version that judged it.",
        examples=["v1"],
    )
    request: RequestLimits = Field(description="What a request may be.")
    model: ModelLimits = Field(description="How the model is called.")
    breaker: Breaker = Field(description="When a failing model is left alone for a while.")
    input: InputGuards = Field(description="Guards on what comes in.")
    output: OutputGuards = Field(description="Guards on what goes out.")
    personal_data: PersonalData = Field(
        default=PersonalData(),
        description="What sees personal data, for every guard that looks for it.",
        examples=["{engine: light}"],
    )
    moderation: Moderation = Field(
        default=Moderation(), description="A hosted service that looks for harmful text."
    )
    access: Access = Field(
        default=Access(), description="Who may come in, and how they prove who they are."
    )
    limits: Limits = Field(description="How much may be asked for.")
    logs: Logs = Field(description="What of a request is written down.")
    hand_over: HandOver = Field(description="What a caller is told when a person takes over.")

    @property
    def access_in_time(self) -> Access:
        """Who may come in, with a wait for the provider's keys that a request's budget has."""
        oidc = self.access.oidc
        seconds = min(oidc.timeout_seconds, self.request.budget_seconds)
        oidc = oidc.model_copy(update={"timeout_seconds": seconds})
        return self.access.model_copy(update={"oidc": oidc})
