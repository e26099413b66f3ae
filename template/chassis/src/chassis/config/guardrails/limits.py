"""How much may be asked for."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ..fields import Strict, mistake, number


class Limits(Strict):
    """How much one caller, and all together, may ask for.

    Kept in memory, each replica allows its part; kept in Redis, all replicas share them.
    """

    storage: Literal["memory", "redis"] = Field(
        default="memory",
        description="Where they are counted: memory (each replica allows its part, and forgets at "
        "a restart) or redis (all replicas together, at REDIS_URL).",
        examples=["redis"],
    )
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
    user_tokens_per_day: int | None = number(
        "Tokens of one user in a UTC day, in and out (429 beyond). null is no limit.",
        unit="tokens",
        example=1_000_000,
        ge=1,
        default=None,
    )
    session_tokens_per_day: int | None = number(
        "Tokens of one session in a UTC day (429 beyond). null is no limit.",
        unit="tokens",
        example=200_000,
        ge=1,
        default=None,
    )
    service_tokens_per_day: int | None = number(
        "Tokens of all users together in a UTC day (429 beyond). null is no limit.",
        unit="tokens",
        example=50_000_000,
        ge=1,
        default=None,
    )
    user_usd_per_day: float | None = number(
        "Model cost of one user in a UTC day (429 beyond). null is no limit.",
        unit="usd",
        example=10.0,
        gt=0,
        default=None,
    )
    session_usd_per_day: float | None = number(
        "Model cost of one session in a UTC day (429 beyond). null is no limit.",
        unit="usd",
        example=2.0,
        gt=0,
        default=None,
    )
    warn_at_daily_budget: float = number(
        "At this many times cost.daily_budget_usd of the criteria the log says once a day that the "
        "budget is nearly spent.",
        unit="number",
        example=0.8,
        gt=0,
        le=10,
        default=0.8,
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
        for unit in ("requests_per_minute", "tokens_per_day", "usd_per_day"):
            names = [f"{whose}_{unit}" for whose in ("session", "user", "service")]
            session, user, service = (getattr(self, name, None) for name in names)
            if session is not None and user is not None and session > user:
                message = (
                    f"{session} is more than the user's own limit ({user}), which would stop it "
                    "first: a session is part of a user. Lower it."
                )
                raise mistake(message, names[0])
            if user is not None and service is not None and user > service:
                message = (
                    f"{user} is more than the whole service's limit ({service}): one user could "
                    "use up everything. Lower it."
                )
                raise mistake(message, names[1])
        return self

    @model_validator(mode="after")
    def _warned_before(self) -> Self:
        stop, warn = self.stop_at_daily_budget, self.warn_at_daily_budget
        if stop is not None and warn >= stop:
            message = f"{warn:g} is not before stop_at_daily_budget ({stop:g}). Lower it."
            raise mistake(message, "warn_at_daily_budget")
        return self
