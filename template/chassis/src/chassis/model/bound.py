"""The model as one request's pipeline sees it: the chain, under that request's deadline."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import stamina
from pydantic import ValidationError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart

from ..prompts import Prompt
from .call import Caller, Hold, Turn
from .chain import Link, ModelChain
from .failures import Failure, FailureKind, ModelUnavailable
from .messages import OutputT, explain, message, parse, text_of, unfit_fields

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from ..record import ModelUse

# What is done to a prompt right before it leaves; it may raise to keep it here.
Prepare = Callable[[Prompt], Awaitable[Prompt]]

# stamina would log each retry in a format of its own; the log line of the call counts them.
stamina.instrumentation.set_on_retry_hooks(())


class BoundModel:
    """The model as one request's pipeline sees it: the chain, under that request's deadline.

    `prepare` has the last word on each prompt, once, before the first call. `user` is what the
    provider is told of who asks: a pseudonym, never an identity.
    """

    def __init__(
        self,
        chain: ModelChain,
        use: ModelUse,
        deadline: float,
        span: Callable[[str], AbstractContextManager[Span]],
        labels: tuple[str, str],
        hold: Hold,
        *,
        user: str | None = None,
        prepare: Prepare | None = None,
    ) -> None:
        self._chain = chain
        self._use = use
        self._deadline = deadline
        self._prepare = prepare
        share_seconds = self._left_seconds() / len(chain.links)
        fair_seconds = min(chain.limits.timeout_seconds, share_seconds)
        self._caller = Caller(chain, use, span, labels, hold, user, fair_seconds)

    async def run(self, prompt: Prompt, output: type[OutputT]) -> OutputT:
        """One validated `output`.

        Raises ModelUnavailable when no model of the release gave one before the request's deadline.
        """
        links = self._chain.links
        self._use.asked = links[0].asked
        prompt = await self._prepared(prompt)
        reasons: list[str] = []
        kinds: list[FailureKind] = []
        for position, link in enumerate(links):
            turn = Turn(link, self._turn_ends(links[position + 1 :]))
            try:
                async with asyncio.timeout(turn.deadline - time.monotonic()):
                    answer = await self._with_retries(turn, prompt, output)
            except TimeoutError:
                failed = turn.cause(self._failed(turn, _out_of_time()))
            except Failure as failure:
                failed = turn.cause(failure)
            else:
                self._use.fallback_used |= position > 0
                return answer
            reasons.append(f"{link.asked}: {failed}")
            kinds.append(failed.kind)
            self._use.error = "; ".join(reasons)
        self._use.failures += kinds
        raise ModelUnavailable("; ".join(reasons))

    def _left_seconds(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def _turn_ends(self, rest: list[Link]) -> float:
        """When to move on, so that every model after this one that may answer has as long."""
        turns = 1 + sum(link.may_answer for link in rest)
        return time.monotonic() + self._left_seconds() / turns

    async def _prepared(self, prompt: Prompt) -> Prompt:
        if self._prepare is None:
            return prompt
        try:
            async with asyncio.timeout(self._left_seconds()) as limit:
                return await self._prepare(prompt)
        except TimeoutError:
            if not limit.expired():
                raise
            raise ModelUnavailable("no time was left for a call") from None

    async def _with_retries(self, turn: Turn, prompt: Prompt, output: type[OutputT]) -> OutputT:
        limits = self._chain.limits
        backoff_seconds = 0.0

        def wait(error: Exception) -> bool | float:
            return _wait_before_retry(
                error, backoff_seconds, limits.backoff_initial_seconds, turn.left_seconds()
            )

        attempts = stamina.retry_context(
            on=wait,
            attempts=limits.attempts,
            timeout=None,  # the turn ends it
            wait_initial=limits.backoff_initial_seconds,
            wait_max=limits.backoff_max_seconds,
            wait_jitter=limits.backoff_initial_seconds,
        )
        async for attempt in attempts:
            backoff_seconds = attempt.next_wait
            with attempt:
                try:
                    return await self._ask(turn, prompt, output)
                except Failure as failure:
                    raise self._failed(turn, failure) from failure.__cause__
        raise AssertionError("unreachable: the last attempt raises")

    def _failed(self, turn: Turn, failure: Failure) -> Failure:
        self._chain.metrics.model_failures.labels(turn.link.asked, failure.kind.value).inc()
        if not failure.local:
            turn.last = failure
        return failure

    async def _ask(self, turn: Turn, prompt: Prompt, output: type[OutputT]) -> OutputT:
        """Call once, and once more with the mistake explained when the schema is not met."""
        messages: list[ModelMessage] = [message(prompt.user, prompt)]
        response = await self._caller.call(turn, messages, output)
        try:
            return parse(response, output)
        except ValidationError as error:
            messages += [
                ModelResponse([TextPart(text_of(response))]),
                message(explain(error), prompt),
            ]
        response = await self._caller.call(turn, messages, output)
        try:
            return parse(response, output)
        except ValidationError as error:
            unfit = f"answer does not fit the schema ({', '.join(unfit_fields(error, output))})"
            raise Failure(FailureKind.unusable, unfit) from None


def _wait_before_retry(
    error: Exception, backoff_seconds: float, jitter_seconds: float, left_seconds: float
) -> bool | float:
    """Whether to retry after the usual wait, or the seconds the provider asked us to wait.

    A wait that does not fit what is left of the turn is not begun: the next model has that time.
    """
    if not isinstance(error, Failure) or not error.retry:
        return False
    if error.retry_after_seconds is None:
        return backoff_seconds < left_seconds
    # Everybody was told the same: without jitter, all would come back in the same instant.
    asked = max(error.retry_after_seconds, backoff_seconds) + random.uniform(0.0, jitter_seconds)
    return asked if asked < left_seconds else False


def _out_of_time() -> Failure:
    return Failure(FailureKind.no_time, "its share of the time was over")
