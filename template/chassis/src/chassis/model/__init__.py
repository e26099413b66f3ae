"""Calls to the model: one time budget, retries, breaker and fallback chain, a typed answer.

What fails and what that means is in `failures`, the places of one model in `bulkhead`, one call in
`call`, the models of a release in `chain`, and what a pipeline talks to in `bound`. Clients of the
providers are made in `chassis.providers`, releases in `chassis.release`.
"""

from .bound import BoundModel, Prepare
from .bulkhead import Bulkhead
from .chain import Link, ModelChain
from .failures import Failure, FailureKind, ModelUnavailable

__all__ = [
    "BoundModel",
    "Bulkhead",
    "Failure",
    "FailureKind",
    "Link",
    "ModelChain",
    "ModelUnavailable",
    "Prepare",
]
