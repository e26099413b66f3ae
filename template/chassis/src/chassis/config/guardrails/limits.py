"""How much may be asked for."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from ..fields import Strict, mistake, number


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
