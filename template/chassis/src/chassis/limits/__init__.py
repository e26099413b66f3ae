"""Limits: how much may be asked for, and what it may cost.

`quotas` says what is limited and how a refusal reads; `local` counts in this process, `shared` in
Redis for all replicas; `limiter` is what the request path talks to and chooses between the two;
`estimates` what a model call holds before its price is known.
"""

from __future__ import annotations

from .estimates import estimate
from .limiter import Bill, DailyBudgetSpent, Limiter
from .opening import open_limits
from .quotas import Amount

__all__ = ["Amount", "Bill", "DailyBudgetSpent", "Limiter", "estimate", "open_limits"]
