"""Calls to the model.

One time budget, retries, breaker and fallback chain, and a typed answer out of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

import stamina
from pydantic import BaseModel, ValidationError
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelConnectionError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelUnavailableError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from .breaker import Breaker, State
from .config.guardrails import ModelLimits
from .config.releases import Price
from .limits import Amount, Bill, estimate
from .pricing import cost_usd
from .prompts import Prompt

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from .metrics import Metrics
    from .record import ModelUse

OutputT = TypeVar("OutputT", bound=BaseModel)

TRANSIENT = (
    ModelRateLimitError,
    ModelUnavailableError,
    ModelServerError,
    ModelConnectionError,
    ModelRequestTimeout,
)
_ANSWER_TOOL = "answer"
# A call ends this long before its model's share of the budget, so that the breaker hears of it.
_MARGIN_SECONDS = 0.05
# What a model is called that answers without its name.
_UNNAMED = "unnamed"
_PARAMETERS: dict[type[BaseModel], tuple[ModelRequestParameters, ModelRequestParameters]] = {}

# stamina would log each retry in a format of its own; the log line of the call counts them.
stamina.instrumentation.set_on_retry_hooks(())


class ModelUnavailable(Exception):
    """No model of the release gave a usable answer within the time budget."""


class _ProviderFault(Exception):
    """The provider failed without saying so in its protocol. It may do better next time."""


class _Unusable(Exception):
    """The model answered something else than it was asked for. Asking again costs the same."""


class _BreakerOpen(Exception):
    """The model's breaker does not let the call out."""


@dataclass(frozen=True)
class Link:
    """One model of a chain, with what all its calls share: client, breaker, slots."""

    provider: str
    name: str
    client: Model
    breaker: Breaker
    slots: asyncio.Semaphore
    price: Price | None

    @property
    def asked(self) -> str:
        """As releases.yaml names it."""
        return f"{self.provider}:{self.name}"


class ModelChain:
    """The models of one release, in the order in which they are tried. Shared by all requests."""

    def __init__(
        self,
        links: Sequence[Link],
        parameters: Mapping[str, Any],
        limits: ModelLimits,
        metrics: Metrics,
    ) -> None:
        self.links = list(links)
        self.settings = cast(ModelSettings, {k: v for k, v in parameters.items() if v is not None})
        self.limits = limits
        self.metrics = metrics


class BoundModel:
    """The model as one request's pipeline sees it: the chain, under that request's deadline."""

    def __init__(
        self,
        chain: ModelChain,
        use: ModelUse,
        deadline: float,
        span: Callable[[str], AbstractContextManager[Span]],
        labels: tuple[str, str],
        hold: Callable[[Amount], AbstractAsyncContextManager[Bill]],
    ) -> None:
        self._chain = chain
        self._hold = hold
        self._use = use
        self._deadline = deadline
        self._span = span
        self._labels = labels

    async def run(self, prompt: Prompt, output: type[OutputT]) -> OutputT:
        """One validated `output`.

        Raises ModelUnavailable when no model of the release gave one before the request's deadline.
        """
        links = self._chain.links
        self._use.asked = links[0].asked
        reasons = []
        for position, link in enumerate(links):
            now = time.monotonic()
            deadline = now + max(0.0, self._deadline - now) / (len(links) - position)
            try:
                async with asyncio.timeout(deadline - now):
                    answer = await self._with_retries(link, prompt, output, deadline)
            except (TimeoutError, ModelAPIError, _ProviderFault, _Unusable, _BreakerOpen) as error:
                reasons.append(f"{link.asked}: {_describe(error)}")
                self._use.error = "; ".join(reasons)
                continue
            self._use.fallback_used |= position > 0
            return answer
        raise ModelUnavailable("; ".join(reasons))

    async def _with_retries(
        self, link: Link, prompt: Prompt, output: type[OutputT], deadline: float
    ) -> OutputT:
        limits = self._chain.limits
        attempts = stamina.retry_context(
            on=lambda error: _wait_before_retry(error, deadline - time.monotonic()),
            attempts=limits.attempts,
            timeout=deadline - time.monotonic(),
            wait_initial=limits.backoff_initial_seconds,
            wait_max=limits.backoff_max_seconds,
            wait_jitter=limits.backoff_initial_seconds,
        )
        async for attempt in attempts:
            with attempt:
                self._use.retries += int(attempt.num > 1)
                return await self._ask(link, prompt, output, deadline)
        raise AssertionError("unreachable: the last attempt raises")

    async def _ask(
        self, link: Link, prompt: Prompt, output: type[OutputT], deadline: float
    ) -> OutputT:
        """Call once, and once more with the mistake explained when the schema is not met."""
        messages: list[ModelMessage] = [_message(prompt.user, prompt)]
        response = await self._call(link, messages, output, deadline)
        try:
            return _parse(response, output)
        except ValidationError as error:
            messages += [
                ModelResponse([TextPart(_text_of(response))]),
                _message(_explain(error), prompt),
            ]
        self._use.retries += 1
        response = await self._call(link, messages, output, deadline)
        try:
            return _parse(response, output)
        except ValidationError as error:
            fields = sorted({".".join(map(str, e["loc"])) for e in error.errors()})
            raise _Unusable(f"answer does not fit the schema ({', '.join(fields)})") from None

    async def _call(
        self,
        link: Link,
        messages: list[ModelMessage],
        output: type[BaseModel],
        deadline: float,
    ) -> ModelResponse:
        if link.breaker.state is State.open:  # before the wait for a slot, not after it
            raise _BreakerOpen
        async with link.slots, self._hold(self._estimate(link, messages, output)) as bill:
            permit = link.breaker.admit()
            if permit is None:
                raise _BreakerOpen
            started = time.perf_counter()
            result = "error"
            try:
                response = await self._traced(link, messages, output, deadline)
            except (*TRANSIENT, _ProviderFault):
                link.breaker.failed(permit)
                raise
            except BaseException:
                link.breaker.abandoned(permit)
                raise
            else:
                link.breaker.succeeded(permit)
                result = "ok"
            finally:
                seconds = time.perf_counter() - started
                self._use.seconds += seconds
                metrics = self._chain.metrics
                metrics.model_duration.labels(link.asked, result, *self._labels).observe(seconds)
                is_open = link.breaker.state is not State.closed
                metrics.breaker.labels(link.asked).set(int(is_open))
            bill.used = self._account(link, response)
        return response

    def _estimate(
        self, link: Link, messages: list[ModelMessage], output: type[BaseModel]
    ) -> Amount:
        max_tokens = self._chain.settings.get("max_tokens", 0)
        return estimate(messages, output, max_tokens, link.provider, link.name, link.price)

    async def _traced(
        self,
        link: Link,
        messages: list[ModelMessage],
        output: type[BaseModel],
        deadline: float,
    ) -> ModelResponse:
        with self._span(f"chat {link.name}") as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.provider.name", link.provider)
            span.set_attribute("gen_ai.request.model", link.name)
            response = await self._request(link, messages, output, deadline)
            span.set_attribute("gen_ai.response.model", response.model_name or "")
            span.set_attribute("gen_ai.usage.input_tokens", response.usage.input_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", response.usage.output_tokens)
        return response

    async def _request(
        self,
        link: Link,
        messages: list[ModelMessage],
        output: type[BaseModel],
        deadline: float,
    ) -> ModelResponse:
        left = deadline - time.monotonic() - _MARGIN_SECONDS
        timeout = max(_MARGIN_SECONDS, min(self._chain.limits.timeout_seconds, left))
        settings = cast(
            ModelSettings,
            {**self._chain.settings, "timeout": timeout, "request_timeout": timeout},
        )
        try:
            return await model_request(
                link.client,
                messages,
                model_settings=settings,
                model_request_parameters=_parameters(link.client, output),
            )
        except ModelAPIError as error:
            if type(error) is ModelAPIError:  # none of its kinds: a body that is not JSON, mostly
                raise _ProviderFault("malformed response") from error
            if getattr(error, "status_code", None) == HTTPStatus.REQUEST_TIMEOUT:
                raise _ProviderFault("408, request timeout") from error
            raise
        except (TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:
            # A body that is not the protocol's surfaces as whatever its parser raised, such as an
            # IndexError for `choices: []`: the provider's fault, not a bug of ours.
            raise _ProviderFault(f"malformed response ({type(error).__name__})") from error

    def _account(self, link: Link, response: ModelResponse) -> Amount:
        usage = response.usage
        answered = response.model_name or _UNNAMED  # it was heard, and its cost counts
        self._use.answered = answered
        self._use.tokens_in += usage.input_tokens
        self._use.tokens_out += usage.output_tokens
        self._chain.metrics.count_tokens(
            answered, usage.input_tokens, usage.output_tokens, self._labels
        )
        usd = cost_usd(link.provider, link.name, usage, link.price)
        self._use.add_cost(usd)
        return Amount.of(usage.input_tokens + usage.output_tokens, usd)


def _wait_before_retry(error: Exception, remaining_seconds: float) -> bool | float:
    """Whether to retry, or the seconds the provider asked us to wait, when they fit the budget."""
    if isinstance(error, _ProviderFault):
        return True
    if not isinstance(error, TRANSIENT):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after < remaining_seconds else False


def _describe(error: BaseException) -> str:
    if isinstance(error, _BreakerOpen):
        return "circuit breaker open"
    if isinstance(error, _ProviderFault | _Unusable):
        return str(error)
    status = getattr(error, "status_code", None)
    return f"{type(error).__name__}{f' {status}' if status else ''}"


def _parameters(model: Model, output: type[BaseModel]) -> ModelRequestParameters:
    """Native structured output where the model has it, else one tool that the model must call."""
    cached = _PARAMETERS.get(output)
    if cached is None:
        schema = output.model_json_schema()
        native = ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(json_schema=schema, name=output.__name__),
        )
        tool = ModelRequestParameters(
            output_mode="tool",
            output_tools=[
                ToolDefinition(
                    name=_ANSWER_TOOL,
                    parameters_json_schema=schema,
                    description="Give the answer.",
                    kind="output",
                )
            ],
            allow_text_output=False,
        )
        cached = _PARAMETERS[output] = (native, tool)
    supports_native = model.profile.get("supports_json_schema_output", False)
    return cached[0] if supports_native else cached[1]


def _text_of(response: ModelResponse) -> str:
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args_as_json_str()
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def _message(text: str, prompt: Prompt) -> ModelRequest:
    return ModelRequest([UserPromptPart(text)], instructions=prompt.instructions)


def _parse(response: ModelResponse, output: type[OutputT]) -> OutputT:
    if response.finish_reason == "length":
        raise _Unusable("answer cut off at the token limit (parameters.max_tokens)")
    return output.model_validate_json(_text_of(response))


def _explain(error: ValidationError) -> str:
    mistakes = "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:5]
    )
    return f"That answer does not fit the schema ({mistakes}). Answer again, with valid JSON only."
