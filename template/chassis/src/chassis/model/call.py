"""One call to one model: a place, the breaker's leave, an end in time, a span, an account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.settings import ModelSettings

from ..breaker import Permit
from ..guards.personal.redaction import redact_all
from ..limits import Amount, Bill, estimate
from ..pricing import cost_usd
from ..providers import sockets_end, user_settings
from .chain import Link, ModelChain
from .failures import Failure, FailureKind, failure_of
from .messages import request_parameters

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from ..record import ModelUse

# A call ends this long before its model's share of the budget, so that the breaker hears of it.
MARGIN_SECONDS = 0.05
# With less than this left no call is begun: no model answers in it.
LEAST_SECONDS = 0.02
# What a model is called that answers without its name.
_UNNAMED = "unnamed"
_LONGEST_NAME = 200

# Holds the most that a call can use until its bill says what it used; it may raise to keep it here.
Hold = Callable[[Amount], AbstractAsyncContextManager[Bill]]


@dataclass
class Turn:
    """One model's turn in a run: until when it lasts, and what came of it so far."""

    link: Link
    deadline: float
    calls: int = 0
    last: Failure | None = None

    def left_seconds(self) -> float:
        """What a call that goes out now may take."""
        return self.deadline - time.monotonic() - MARGIN_SECONDS

    def cause(self, failure: Failure) -> Failure:
        """Why the turn ended; where we ended it ourselves, the cause before that says more."""
        return self.last if failure.local and self.last else failure


@dataclass(frozen=True)
class Caller:
    """Calls for one request, all counted in its `use`."""

    chain: ModelChain
    use: ModelUse
    span: Callable[[str], AbstractContextManager[Span]]
    labels: tuple[str, str]
    hold: Hold
    user: str | None
    fair_seconds: float

    async def call(
        self, turn: Turn, messages: Sequence[ModelMessage], output: type[BaseModel]
    ) -> ModelResponse:
        """One answer of one model.

        Raises Failure when there is none before the turn's deadline.
        """
        link = turn.link
        if not link.may_answer:  # before the wait for a place, not after it
            raise _breaker_open()
        most = self._estimate(link, messages, output)
        async with link.bulkhead.place(), self.hold(most) as bill:
            seconds = min(self.chain.limits.timeout_seconds, turn.left_seconds())
            if seconds < LEAST_SECONDS:
                raise Failure(FailureKind.no_time, "no time was left for a call")
            permit = link.breaker.admit()
            if permit is None:
                raise _breaker_open()
            turn.calls += 1
            self.use.retries += int(turn.calls > 1)
            try:
                response = await self._judged(link, permit, messages, output, seconds)
            except asyncio.CancelledError:
                # Nobody will hear what it used, and the provider may charge it: were it free, who
                # hangs up early could spend more than any limit allows.
                bill.used = most
                raise
            bill.used = self._account(link, response)
        return response

    def _estimate(
        self, link: Link, messages: Sequence[ModelMessage], output: type[BaseModel]
    ) -> Amount:
        max_tokens = self.chain.parameters.get("max_tokens", 0)
        return estimate(messages, output, max_tokens, link.provider, link.name, link.price)

    async def _judged(
        self,
        link: Link,
        permit: Permit,
        messages: Sequence[ModelMessage],
        output: type[BaseModel],
        seconds: float,
    ) -> ModelResponse:
        """Call, and give the breaker its permit back with a verdict, whatever happens."""
        started = time.perf_counter()
        result = "error"
        give_back = link.breaker.abandoned
        try:
            response = await self._traced(link, messages, output, seconds)
            result, give_back = "ok", link.breaker.succeeded
        except Failure as failure:
            if failure.blames and not self._cut_short(failure, seconds):
                give_back = link.breaker.failed
            raise
        finally:
            give_back(permit)
            took = time.perf_counter() - started
            self.use.seconds += took
            duration = self.chain.metrics.model_duration
            duration.labels(link.asked, result, *self.labels).observe(took)
        return response

    def _cut_short(self, failure: Failure, seconds: float) -> bool:
        """Whether the call had too little time to blame the provider for not answering in it.

        After a wait for a place, or late in a request, little is left. Were such an end held
        against the provider, our own crowd would open the breaker of a model that is well.
        """
        return failure.kind is FailureKind.timeout and seconds < self.fair_seconds / 2

    async def _traced(
        self,
        link: Link,
        messages: Sequence[ModelMessage],
        output: type[BaseModel],
        seconds: float,
    ) -> ModelResponse:
        with self.span(f"chat {link.name}") as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.provider.name", link.provider)
            span.set_attribute("gen_ai.request.model", link.name)
            response = await self._request(link, messages, output, seconds)
            span.set_attribute("gen_ai.response.model", self._named(response) or "")
            span.set_attribute("gen_ai.usage.input_tokens", response.usage.input_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", response.usage.output_tokens)
        return response

    async def _request(
        self,
        link: Link,
        messages: Sequence[ModelMessage],
        output: type[BaseModel],
        seconds: float,
    ) -> ModelResponse:
        try:
            # The sockets alone would not do: each byte of a slow answer gives them new patience,
            # and boto3 has sockets of its own, in a thread that pydantic-ai's deadline waits for.
            async with asyncio.timeout(seconds):
                # A little earlier: a socket that gives up says in which phase it was.
                with sockets_end(time.monotonic() + max(seconds - MARGIN_SECONDS, seconds / 2)):
                    return await model_request(
                        link.client,
                        messages,
                        model_settings=self._settings(link),
                        model_request_parameters=request_parameters(link.client, output),
                    )
        except TimeoutError:
            raise Failure(FailureKind.timeout, f"timed out after {seconds:.2f} s") from None
        except Exception as error:
            raise failure_of(error) from error

    def _named(self, response: ModelResponse) -> str:
        """The model's name as the response has it, without what is no name.

        It goes into logs, spans and metrics as it stands.
        """
        name: str = redact_all(self.chain.own_secrets.hide(response.model_name or ""))
        return name[:_LONGEST_NAME]

    def _settings(self, link: Link) -> ModelSettings:
        settings: dict[str, Any] = dict(self.chain.parameters)
        if self.user is not None:
            settings |= user_settings(link.provider, self.user)
        return cast(ModelSettings, settings)

    def _account(self, link: Link, response: ModelResponse) -> Amount:
        usage = response.usage
        answered = self._named(response) or _UNNAMED  # it was heard, and its cost counts
        self.use.answered = answered
        self.use.tokens_in += usage.input_tokens
        self.use.tokens_out += usage.output_tokens
        self.chain.metrics.count_tokens(
            answered, usage.input_tokens, usage.output_tokens, self.labels
        )
        usd = cost_usd(link.provider, link.name, usage, link.price)
        self.use.add_cost(usd)
        return Amount.of(usage.input_tokens + usage.output_tokens, usd)


def _breaker_open() -> Failure:
    return Failure(FailureKind.breaker_open, "circuit breaker open")
