"""The request path.

Every stage of a request, in order, each its own span, all inside one time budget.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import to_json

from .config.guardrails import Guardrails
from .degradation import OUTCOMES, Reason
from .flags import Flags
from .form import ReadBody, check_content_type, check_not_empty, parse_json, validate
from .guards.runner import Guards
from .guards.text import map_strings, normalise, strings
from .identity import ApiKeys, Caller, require_scope
from .language import observed
from .limits import DailyBudget, RequestLimits
from .model import BoundModel, ModelUnavailable
from .outcomes import Outcome
from .pipeline import Draft, Pipeline
from .problems import invalid
from .prompts import Prompt
from .record import Exchange
from .release import LiveRelease
from .screening import Screening
from .tracing import Tracing

# What is left of the request's budget for the stages after the pipeline.
_AFTER_PIPELINE_SECONDS = 0.1


@dataclass(frozen=True)
class RequestContext:
    """What a pipeline may use while it works on one request; see `chassis.pipeline.Context`."""

    request_id: str
    caller: Caller
    release: str
    model: BoundModel
    live: LiveRelease
    screening: Screening
    secret: bytes
    canary: str

    def prompt(self, **values: str) -> Prompt:
        """The release's prompt, filled; every value is marked as data, never as instructions.

        A value that the caller did not send goes through the input guards first.
        """
        screened = self.screening.content(values)
        return self.live.prompt.render(screened, secret=self.secret, canary=self.canary)


@dataclass(frozen=True)
class Answer:
    """What the path ends with: the pipeline's answer, or its degraded one with the reason."""

    value: dict[str, Any]
    reason: Reason | None = None


@dataclass(frozen=True)
class RequestPath:
    """The stages and what they need.

    Shared by all requests; one request's state is its Exchange.
    """

    pipeline: Pipeline[Any, Any]
    policy: Guardrails
    keys: ApiKeys
    limits: RequestLimits
    budget: DailyBudget
    flags: Flags
    releases: Mapping[str, LiveRelease]
    input_guards: Guards
    output_guards: Guards
    tracing: Tracing
    secret: bytes
    canary: str
    version: str

    async def travel(
        self,
        exchange: Exchange,
        read: ReadBody,
        headers: Mapping[str, str],
        caller: Caller | None,
    ) -> Answer:
        """Take one request through all stages.

        Raises Problem for every refusal.
        """
        stage = self.tracing.stage
        screening = Screening(self.input_guards, self.output_guards, exchange.guards)
        with stage("authenticate"):
            exchange.caller = caller = caller or self.keys.authenticate(headers)
            require_scope(caller, self.pipeline.name)
        with stage("limits"):
            await self.limits.admit(caller)
        with stage("size_and_form"):
            payload = await self._form(exchange, read, headers)
        with stage("kill_switch_and_release"):
            live, reason = self._route(exchange, caller)
        if reason is not None:
            item = validate(self.pipeline.takes, payload)
            return self._degraded(exchange, screening, item, reason)
        with stage("normalise"):
            payload = map_strings(payload, normalise)
            exchange.input = payload
            check_not_empty(payload, self.policy.request)
            exchange.language = observed(strings(payload, keys=False))
            validate(self.pipeline.takes, payload)
        with stage("input_guards"):
            payload = await screening.input(payload)
            item = validate(self.pipeline.takes, payload)
        try:
            with stage("pipeline"):
                draft = await self._run(exchange, live, caller, item, screening)
        except (ModelUnavailable, TimeoutError):
            return self._degraded(exchange, screening, item, Reason.provider_unavailable)
        with stage("output_schema"):
            answer = self._checked(draft.answer)
        with stage("output_guards"):
            fields = answer.model_dump(mode="json", by_alias=False)
            answer = self._read_back(await screening.output(fields))
        with stage("confidence"):
            confidence = round(draft.confidence, 4)
            # NaN, infinity and percentages are not confidences: nothing is known then.
            exchange.confidence = confidence if 0.0 <= confidence <= 1.0 else 0.0
            exchange.draft = answer.model_dump(mode="json", by_alias=True)
            if exchange.confidence < live.confidence_threshold:
                return self._degraded(exchange, screening, item, Reason.low_confidence)
        return Answer(exchange.draft)

    async def read(self, read: ReadBody, headers: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object of a request's body.

        Raises Problem when it is none, too large or too slow.
        """
        check_content_type(headers)
        try:
            async with asyncio.timeout(self.policy.request.budget_seconds):
                raw = await read(self.policy.request.max_bytes)
        except TimeoutError:
            raise invalid(
                "input-too-slow", "The body did not arrive in time", "Send it again.", status=408
            ) from None
        return parse_json(raw, self.policy.request)

    async def _form(
        self, exchange: Exchange, read: ReadBody, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        exchange.input = payload = await self.read(read, headers)
        validate(self.pipeline.takes, payload)
        return payload

    def _route(self, exchange: Exchange, caller: Caller) -> tuple[LiveRelease, Reason | None]:
        live = self.releases[self.flags.release(caller)]
        exchange.release = live.name
        exchange.prompt_version = live.prompt.version
        exchange.prompt_sha256 = live.prompt.sha256
        if not self.flags.ai_enabled(caller):
            return live, Reason.kill_switch
        if self.budget.exhausted:
            return live, Reason.daily_budget
        return live, None

    async def _run(
        self,
        exchange: Exchange,
        live: LiveRelease,
        caller: Caller,
        item: BaseModel,
        screening: Screening,
    ) -> Draft[Any]:
        deadline = exchange.started + self.policy.request.budget_seconds - _AFTER_PIPELINE_SECONDS
        model = BoundModel(
            live.chain, exchange.model, deadline, self.tracing.stage, (live.name, self.version)
        )
        context = RequestContext(
            exchange.request_id,
            caller,
            live.name,
            model,
            live,
            screening,
            self.secret,
            self.canary,
        )
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                draft: Draft[Any] = await self.pipeline.run(item, context)
                return draft
        finally:
            self.budget.spend(exchange.model.spent_usd)

    def _checked(self, answer: Any) -> BaseModel:
        """The answer, if it is what the service promises."""
        if not isinstance(answer, self.pipeline.gives):
            gave, wanted = type(answer).__name__, self.pipeline.gives.__name__
            raise TypeError(f"the pipeline gave {gave}, not {wanted}")
        return self._read_back(answer.model_dump(mode="json", by_alias=False, warnings="error"))

    def _read_back(self, fields: dict[str, Any]) -> BaseModel:
        """The answer made of these fields: constraints hold again, computed fields follow."""
        gives: type[BaseModel] = self.pipeline.gives
        # Computed fields come back as unknown ones, which a model may forbid.
        extra: Literal["ignore"] | None = (
            None if gives.model_config.get("extra") == "allow" else "ignore"
        )
        return gives.model_validate_json(to_json(fields), extra=extra, by_alias=False, by_name=True)

    def _degraded(
        self, exchange: Exchange, screening: Screening, item: BaseModel, reason: Reason
    ) -> Answer:
        exchange.degraded_reason = reason.value
        answer = self._checked(self.pipeline.degraded(item, reason.value))
        with self.tracing.stage("output_guards"):
            fields = screening.degraded(answer.model_dump(mode="json", by_alias=False))
            answer = self._read_back(fields)
        return Answer(answer.model_dump(mode="json", by_alias=True), reason)


def outcome_of(answer: Answer) -> Outcome:
    """The outcome an answer makes."""
    return Outcome.answered if answer.reason is None else OUTCOMES[answer.reason]
