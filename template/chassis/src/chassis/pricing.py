"""What a model call cost."""

from __future__ import annotations

from genai_prices import calc_price
from pydantic_ai.usage import RequestUsage

from .config.releases import Price

# The provider ids of genai-prices where they differ from ours.
_PROVIDER_IDS = {"bedrock": "aws"}
_MILLION = 1_000_000


def cost_usd(provider: str, model: str, usage: RequestUsage, price: Price | None) -> float | None:
    """The cost of one call in US dollars.

    The release's own price first, else the genai-prices table.

    None when nobody knows the model's price, which is counted.
    """
    if price is not None:
        return (
            usage.input_tokens * price.input_usd_per_million
            + usage.output_tokens * price.output_usd_per_million
        ) / _MILLION
    try:
        found = calc_price(usage, model, provider_id=_PROVIDER_IDS.get(provider, provider))
    except LookupError:
        return None
    return float(found.total_price)
