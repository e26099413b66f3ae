"""What a model call holds of the limits until it is known what it used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from pydantic import BaseModel
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.usage import RequestUsage

from ..config.releases import Price
from ..pricing import cost_usd
from .quotas import Amount

# What a chat format adds to a message: roles and separators.
_TOKENS_AROUND_A_MESSAGE = 16
_MILLION = 1_000_000


def estimate(
    messages: Sequence[ModelMessage],
    output: type[BaseModel],
    max_tokens: int,
    provider: str,
    model: str,
    price: Price | None,
) -> Amount:
    """The most that this call of a text model can use.

    A token stands for at least one byte, and an answer is no longer than `max_tokens`. It is held
    for the seconds of the call only, so being several times too high costs little.
    """
    tokens_in = _schema_bytes(output) + sum(map(_bytes, messages))
    if price is not None:
        usage = RequestUsage(input_tokens=tokens_in, output_tokens=max_tokens)
        usd = cost_usd(provider, model, usage, price)
    else:
        per_token_in, per_token_out = _table_prices(provider, model)
        usd = tokens_in * per_token_in + max_tokens * per_token_out
    return Amount.of(tokens_in + max_tokens, usd)


@lru_cache(maxsize=64)
def _table_prices(provider: str, model: str) -> tuple[float, float]:
    """The dollars of a token in and one out, as the table has it for a million; asking is slow.

    Nothing where nobody knows the price: no cost limit sees that model, which the start warns of.
    """
    usages = (RequestUsage(input_tokens=_MILLION), RequestUsage(output_tokens=_MILLION))
    tokens_in, tokens_out = (cost_usd(provider, model, usage, None) or 0.0 for usage in usages)
    return tokens_in / _MILLION, tokens_out / _MILLION


def _bytes(message: ModelMessage) -> int:
    size = _TOKENS_AROUND_A_MESSAGE
    if isinstance(message, ModelRequest):
        size += _length(message.instructions or "")
    for part in message.parts:
        if isinstance(part, UserPromptPart | TextPart) and isinstance(part.content, str):
            size += _length(part.content)
        elif isinstance(part, ToolCallPart):
            size += _length(part.args_as_json_str())
    return size


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=64)
def _schema_bytes(output: type[BaseModel]) -> int:
    return _length(json.dumps(output.model_json_schema()))
