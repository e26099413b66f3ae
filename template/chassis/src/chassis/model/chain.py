"""The models of a release, and what all calls of one model share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_ai.models import Model

from ..breaker import Breaker, State
from ..config.guardrails import ModelLimits
from ..config.releases import Price
from .bulkhead import Bulkhead

if TYPE_CHECKING:
    from ..metrics import Metrics
    from ..own_secrets import OwnSecrets


@dataclass(frozen=True)
class Link:
    """One model of a chain, with what all its calls share: client, breaker, places."""

    provider: str
    name: str
    client: Model
    breaker: Breaker
    bulkhead: Bulkhead
    price: Price | None

    @property
    def asked(self) -> str:
        """As releases.yaml names it."""
        return f"{self.provider}:{self.name}"

    @property
    def may_answer(self) -> bool:
        """Whether its breaker would let a call out now."""
        return self.breaker.state is not State.open


class ModelChain:
    """The models of one release, in the order in which they are tried. Shared by all requests."""

    def __init__(
        self,
        links: Sequence[Link],
        parameters: Mapping[str, Any],
        limits: ModelLimits,
        metrics: Metrics,
        own_secrets: OwnSecrets,
    ) -> None:
        self.links = list(links)
        self.parameters = {k: v for k, v in parameters.items() if v is not None}
        self.limits = limits
        self.metrics = metrics
        self.own_secrets = own_secrets
