"""Limits, timeouts and guards: `config/guardrails.yaml`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from .fields import Name, Strict, Text, mistake, number

Mode = Literal["block", "redact", "observe"]
PayloadPolicy = Literal["hash", "redacted", "full"]


class RequestLimits(Strict):
    """What a request may be, and how long it may take in all."""

    budget_seconds: float = number(
        "Time for the whole request, fallbacks included; then a degraded answer is given.",
        unit="seconds",
        example=8.0,
        gt=0,
        le=600,
    )
    max_bytes: int = number(
        "Larger bodies are refused unread (413).", unit="bytes", example=65536, ge=256
    )
    max_characters: int = number(
        "The longest text field of the input (413).", unit="characters", example=20000, ge=1
    )
    max_depth: int = number(
        "Deepest nesting of the JSON body (400).", unit="levels", example=10, ge=1, le=100
    )


class ModelLimits(Strict):
    """How the model is called."""

    timeout_seconds: float = number(
        "One attempt; never more than what is left of the request's budget.",
        unit="seconds",
        example=4.8,
        gt=0,
        le=600,
    )
    attempts: int = number(
        "Attempts at one model, the first included; then its fallback is tried.",
        unit="count",
        example=2,
        ge=1,
        le=10,
    )
    backoff_initial_seconds: float = number(
        "Wait before the second attempt; doubles each time, with jitter.",
        unit="seconds",
        example=0.2,
        ge=0,
    )
    backoff_max_seconds: float = number(
        "The longest wait between two attempts.", unit="seconds", example=2.0, ge=0
    )
    concurrency: int = number(
        "Calls of one model at the same time; further ones wait, within their budget.",
        unit="count",
        example=32,
        ge=1,
    )

    @model_validator(mode="after")
    def _waits_grow(self) -> Self:
        if self.backoff_max_seconds < self.backoff_initial_seconds:
            initial = f"backoff_initial_seconds ({self.backoff_initial_seconds:g})"
            message = f"{self.backoff_max_seconds:g} is less than {initial}."
            raise mistake(message, "backoff_max_seconds")
        return self


class Breaker(Strict):
    """When a failing model is left alone for a while."""

    failures: int = number(
        "Failures within the window that open the breaker.", unit="count", example=5, ge=1
    )
    window_seconds: float = number(
        "The time over which failures are counted.", unit="seconds", example=30, gt=0
    )
    reset_seconds: float = number(
        "How long an open breaker waits before it lets one call try.",
        unit="seconds",
        example=15,
        gt=0,
    )


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


class Limits(Strict):
    """How much one caller, and all together, may ask for; each replica allows its part."""

    user_requests_per_minute: int = number(
        "Requests of one user (429 beyond).", unit="requests_per_minute", example=60, ge=1
    )
    session_requests_per_minute: int = number(
        "Requests of one session (429 beyond).", unit="requests_per_minute", example=30, ge=1
    )
    service_requests_per_minute: int = number(
        "Requests of all users together (429 beyond).",
        unit="requests_per_minute",
        example=900,
        ge=1,
    )
    stop_at_daily_budget: float | None = number(
        "Model calls stop at this many times cost.daily_budget_usd of the criteria, and answers "
        "are degraded until midnight UTC. null never stops.",
        unit="number",
        example=1.2,
        ge=1,
        le=10,
    )

    @model_validator(mode="after")
    def _nested(self) -> Self:
        session, user = self.session_requests_per_minute, self.user_requests_per_minute
        if session > user:
            message = (
                f"{session} is more than the user's own limit ({user}), which would stop it "
                "first: a session is part of a user. Lower it."
            )
            raise mistake(message, "session_requests_per_minute")
        if user > self.service_requests_per_minute:
            message = (
                f"{user} is more than the whole service's limit "
                f"({self.service_requests_per_minute}): one user could use up everything. Lower it."
            )
            raise mistake(message, "user_requests_per_minute")
        return self


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
    limits: Limits = Field(description="How much may be asked for.")
    logs: Logs = Field(description="What of a request is written down.")
    hand_over: HandOver = Field(description="What a caller is told when a person takes over.")
