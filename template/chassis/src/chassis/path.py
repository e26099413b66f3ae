"""The request path.

Every stage of a request, in order, each its own span, all inside one time budget.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from .config.guardrails import Guardrails
from .degradation import OUTCOMES, Reason
from .flags import Flags
from .form import ReadBody, check_content_type, check_not_empty, parse_json, validate
from .guards.personal.masking import Masking
from .guards.runner import Guards
from .guards.text import map_strings, normalise, strings
from .identity import Caller, Pseudonyms, require_scope
from .identity.access import Access
from .language import observed
from .limits import DailyBudgetSpent, Limiter
from .model import BoundModel, ModelUnavailable
from .outcomes import Outcome
from .pipeline import Draft, Pipeline
from .problems import invalid
from .prompts import Prompt
from .record import Exchange, GuardVerdict
from .release import LiveRelease
from .routes import Door
from .screening import Screening
from .tracing import Tracing

# What is left of the request's budget for the stages after the pipeline, hosted guards apart.
_AFTER_PIPELINE_SECONDS = 0.1
# What is left of it for the pipeline after the model: it hears that there was no answer, and the
# log line why, before the pipeline itself is cut off.
_AFTER_MODEL_SECONDS = 0.02


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

    def allows(self, scope: str) -> bool:
        """Whether the caller has a scope, such as `tool:refund`."""
        return self.caller.allows(scope)

    def require(self, scope: str) -> None:
        """Raise Problem (403) unless the caller has a scope, such as `tool:refund`."""
        require_scope(self.caller, scope)


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
    access: Access
    limits: Limiter
    flags: Flags
    releases: Mapping[str, LiveRelease]
    input_guards: Guards
    output_guards: Guards
    masking: Callable[[list[GuardVerdict]], Masking] | None
    tracing: Tracing
    pseudonyms: Pseudonyms
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
        masking = self.masking(exchange.guards) if self.masking else None
        screening = Screening(self.input_guards, self.output_guards, masking, exchange.guards)
        with stage("authenticate"):
            exchange.caller = caller = caller or await self.access.authenticate(headers)
            self.access.require(caller, Door.use_case)
        with stage("limits"):
            await self.limits.admit(caller)
        with stage("size_and_form"):
            payload = await self._form(exchange, read, headers)
            item = validate(self.pipeline.takes, payload)
        with stage("kill_switch_and_release"):
            live, reason = self._route(exchange, caller)
        if reason is not None:
            return self._degraded(exchange, screening, item, reason)
        with stage("normalise"):
            exchange.input = map_strings(payload, normalise)
            check_not_empty(exchange.input, self.policy.request)
            exchange.language = observed(strings(exchange.input, keys=False))
            item = self._again(payload, exchange.input, item)
        with stage("input_guards"):
            payload = await screening.input(exchange.input)
            item = self._again(exchange.input, payload, item)
        try:
            with stage("pipeline"):
                draft = await self._run(exchange, live, caller, item, screening)
        except DailyBudgetSpent:
            return self._degraded(exchange, screening, item, Reason.daily_budget)
        except (ModelUnavailable, TimeoutError):
            return self._degraded(exchange, screening, item, Reason.provider_unavailable)
        with stage("output_schema"):
            answer = self._checked(draft.answer)
        with stage("output_guards"):
            fields = answer.model_dump(mode="json", by_alias=False)
            answer = self._restored(screening, await screening.output(fields))
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
        allowed = self.policy.request.receive_seconds
        try:
            async with asyncio.timeout(allowed):
                raw = await read(self.policy.request.max_bytes)
        except TimeoutError:
            raise invalid(
                "input-too-slow",
                "The body did not arrive in time",
                f"This service waits {allowed:g} seconds for it. Send it again.",
                status=408,
                headers={"Connection": "close"},
            ) from None
        return parse_json(raw, self.policy.request)

    async def _form(
        self, exchange: Exchange, read: ReadBody, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        async def timed(max_bytes: int) -> bytes:
            began = time.monotonic()
            try:
                return await read(max_bytes)
            finally:
                exchange.receiving_seconds += time.monotonic() - began

        exchange.input = payload = await self.read(timed, headers)
        return payload

    def _again(self, before: Any, after: Mapping[str, Any], item: BaseModel) -> BaseModel:
        """The input, validated again only where a stage changed it."""
        return item if after == before else validate(self.pipeline.takes, after)

    def _route(self, exchange: Exchange, caller: Caller) -> tuple[LiveRelease, Reason | None]:
        live = self.releases[self.flags.release(caller)]
        exchange.release = live.name
        exchange.prompt_version = live.prompt.version
        exchange.prompt_sha256 = live.prompt.sha256
        if not self.flags.ai_enabled(caller):
            return live, Reason.kill_switch
        if self.limits.is_day_spent():
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
        budget_seconds = self.policy.request.budget_seconds
        deadline = exchange.ends(budget_seconds) - self._after_pipeline_seconds

        async def prepare(prompt: Prompt) -> Prompt:
            await screening.hosted()
            return prompt

        model = BoundModel(
            live.chain,
            exchange.model,
            deadline - _AFTER_MODEL_SECONDS,
            self.tracing.stage,
            (live.name, self.version),
            partial(self.limits.call, caller),
            user=self._told_user(caller),
            prepare=prepare,
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
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            draft: Draft[Any] = await self.pipeline.run(item, context)
            return draft

    @property
    def _after_pipeline_seconds(self) -> float:
        """What the later stages may need: the hosted guards are asked all at once."""
        hosted = (guard.policy.budget_ms / 1000 for guard in self.output_guards.hosted)
        return _AFTER_PIPELINE_SECONDS + max(hosted, default=0.0)

    def _told_user(self, caller: Caller) -> str | None:
        """What a provider is told of who asks: a hash of a kind that is stored nowhere here."""
        if not self.policy.model.send_user:
            return None
        return self.pseudonyms.of("provider", caller.identity)

    def _checked(self, answer: Any) -> BaseModel:
        """The answer, if it is what the service promises."""
        if not isinstance(answer, self.pipeline.gives):
            gave, wanted = type(answer).__name__, self.pipeline.gives.__name__
            raise TypeError(f"the pipeline gave {gave}, not {wanted}")
        return self._read_back(answer.model_dump(mode="json", by_alias=False, warnings="error"))

    def _restored(self, screening: Screening, fields: dict[str, Any]) -> BaseModel:
        """The answer with the caller's own data back, where it still has the form then."""
        answer = self._read_back(fields)
        restored = screening.restored(fields)
        if restored == fields:
            return answer
        try:
            return self._read_back(restored)
        except ValidationError:
            return answer

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
