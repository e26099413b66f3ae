"""What is limited, by how much, and how a refusal reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..config.criteria import Criteria
from ..config.guardrails import Limits
from ..outcomes import Outcome
from ..problems import Problem

Whose = Literal["user", "session", "service"]
What = Literal["requests", "tokens", "cost"]

WINDOW_SECONDS = 60
DAY_SECONDS = 86_400
DAILY_BUDGET = "daily_budget"
LIMIT_NAMES = (
    "user_requests",
    "session_requests",
    "service_requests",
    "user_tokens",
    "session_tokens",
    "service_tokens",
    "user_cost",
    "session_cost",
    DAILY_BUDGET,
)
"""Every limit as metrics and log lines call it; the service's cost limit is the day's budget."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)  # there may be one for each user and session
class Amount:
    """What model calls use: tokens in and out together, and millionths of a US dollar.

    Whole numbers, so that sums kept in different places agree.
    """

    tokens: int = 0
    micro_usd: int = 0

    @classmethod
    def of(cls, tokens: int, usd: float | None) -> Amount:
        """An amount in dollars; None where nobody knows the price, which then counts nothing."""
        return cls(tokens, micro(usd or 0.0))

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.tokens + other.tokens, self.micro_usd + other.micro_usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.tokens - other.tokens, self.micro_usd - other.micro_usd)


def micro(usd: float) -> int:
    """Dollars in millionths; what costs anything costs at least one."""
    return max(round(usd * _MICRO), int(usd > 0))


class Counted(NamedTuple):
    """One counter: whose it is, and the pseudonym under which it is kept."""

    whose: Whose
    name: str


SERVICE = Counted("service", "all")


@dataclass(frozen=True)
class Caps:
    """The limits of one user, one session or the service. None is no limit."""

    requests: int
    tokens: int | None
    micro_usd: int | None

    @property
    def by_day(self) -> bool:
        """Whether what is used in a day is limited."""
        return self.tokens is not None or self.micro_usd is not None

    def part(self, replicas: int) -> Caps:
        """What one of several replicas allows by itself."""
        return Caps(
            max(1, self.requests // replicas),
            None if self.tokens is None else max(1, self.tokens // replicas),
            None if self.micro_usd is None else max(1, self.micro_usd // replicas),
        )

    def spent(self, used: Amount) -> What | None:
        """Which of the day's limits is used up."""
        if self.tokens is not None and used.tokens >= self.tokens:
            return "tokens"
        if self.micro_usd is not None and used.micro_usd >= self.micro_usd:
            return "cost"
        return None


@dataclass(frozen=True)
class Quotas:
    """All limits of a service, and the daily budget they are told by."""

    user: Caps
    session: Caps
    service: Caps
    budget_micro_usd: int
    warn_at: float

    @classmethod
    def of(cls, limits: Limits, criteria: Criteria) -> Quotas:
        """The limits of `guardrails.yaml`, with the budget of `success-criteria.yaml`."""
        budget = criteria.cost.daily_budget_usd
        stop = limits.stop_at_daily_budget
        return cls(
            user=Caps(
                limits.user_requests_per_minute,
                limits.user_tokens_per_day,
                _micro(limits.user_usd_per_day),
            ),
            session=Caps(
                limits.session_requests_per_minute,
                limits.session_tokens_per_day,
                _micro(limits.session_usd_per_day),
            ),
            service=Caps(
                limits.service_requests_per_minute,
                limits.service_tokens_per_day,
                None if stop is None else micro(stop * budget),
            ),
            budget_micro_usd=micro(budget),
            warn_at=limits.warn_at_daily_budget,
        )

    def part(self, replicas: int) -> Quotas:
        """What one of several replicas allows by itself."""
        return Quotas(
            self.user.part(replicas),
            self.session.part(replicas),
            self.service.part(replicas),
            max(1, self.budget_micro_usd // replicas),
            self.warn_at,
        )

    def caps(self, whose: Whose) -> Caps:
        """The limits of one kind of counter."""
        caps: Caps = getattr(self, whose)
        return caps


def _micro(usd: float | None) -> int | None:
    return None if usd is None else micro(usd)


@dataclass(frozen=True)
class Refusal:
    """Which limit is reached, and how long until it lets somebody through again."""

    whose: Whose
    what: What
    wait_seconds: float

    @property
    def name(self) -> str:
        """As metrics and log lines call it."""
        is_budget = (self.whose, self.what) == ("service", "cost")
        return DAILY_BUDGET if is_budget else f"{self.whose}_{self.what}"

    @property
    def wait(self) -> int:
        """Whole seconds for Retry-After: never early."""
        return max(1, math.ceil(self.wait_seconds))

    def problem(self, quotas: Quotas) -> Problem:
        """What the caller is told: which limit, and when to come back.

        How much a day may cost is the operator's affair, so a cost limit is named without its sum.
        """
        caps, wait = quotas.caps(self.whose), self.wait
        if self.what == "requests":
            return _too_many(
                f"{self.whose}-rate-limit",
                self.whose,
                f"limit of {caps.requests} requests a minute is reached. Retry in {wait} s.",
                wait,
                f";q={caps.requests};w={WINDOW_SECONDS}",
            )
        until = "It starts anew at midnight UTC."
        if self.what == "tokens":
            return _too_many(
                f"{self.whose}-token-limit",
                f"{self.whose}-tokens",
                f"limit of {caps.tokens:,} tokens a day is reached. {until}",
                wait,
                f';q={caps.tokens};qu="tokens";w={DAY_SECONDS}',
            )
        text = f"cost limit of the day is reached. {until}"
        return _too_many(f"{self.whose}-cost-limit", f"{self.whose}-cost", text, wait, None)


def _too_many(kind: str, name: str, text: str, wait: int, policy: str | None) -> Problem:
    headers = {"Retry-After": str(wait), "RateLimit": f'"{name}";r=0;t={wait}'}
    if policy is not None:
        headers["RateLimit-Policy"] = f'"{name}"{policy}'
    return Problem(
        kind,
        "Too many requests",
        status=429,
        outcome=Outcome.rate_limited,
        detail=f"The {name.partition('-')[0]} {text}",
        headers=headers,
    )
