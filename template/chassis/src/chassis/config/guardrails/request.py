"""What a request may be, and how the model is called for it."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from ..fields import Strict, mistake, number


class RequestLimits(Strict):
    """What a request may be, and how long it may take in all."""

    budget_seconds: float = number(
        "Time for the whole request, fallbacks included; then a degraded answer is given. "
        "The time a caller takes to send the body is not part of it.",
        unit="seconds",
        example=8.0,
        gt=0,
        le=600,
    )
    receive_seconds: float = number(
        "Time a caller has to send a request: its head, and again its body (408).",
        unit="seconds",
        example=10.0,
        gt=0,
        le=600,
        default=10.0,
    )
    max_bytes: int = number(
        "Larger bodies are refused unread (413).", unit="bytes", example=65536, ge=256
    )
    max_characters: int = number(
        "The longest text field of the input (413).", unit="characters", example=20000, ge=1
    )
    max_tokens: int = number(
        "All text of the input together (413); one token is taken for three bytes of UTF-8, which "
        "is on the high side.",
        unit="tokens",
        example=16000,
        default=16_000,
        ge=1,
    )
    min_letters: int = number(
        "Fewer letters and digits in the whole input are no input (422); 0 takes anything.",
        unit="characters",
        example=1,
        default=1,
        ge=0,
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
    queue: int = number(
        "Calls that may wait for a place at one model; beyond that its fallback is tried at once.",
        unit="count",
        example=64,
        ge=0,
        default=64,
    )
    send_user: bool = Field(
        default=False,
        description="Whether the provider is told a pseudonym of who asks (never the identity), "
        "which helps it to find misuse.",
        examples=[True],
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
