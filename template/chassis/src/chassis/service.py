"""A service at work.

Everything it needs, opened and closed together, and one way in for a request.
"""

from __future__ import annotations

import asyncio
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import Span, Status, StatusCode

from .assembly import Parts, assemble
from .config import Settings
from .feedback import Rating
from .form import ReadBody, validate
from .guards.moderation import ModerationFailed
from .guards.personal.redaction import redact_all
from .guards.text import map_strings
from .identity import Caller, Refused
from .leaving import Leaving, unless
from .logs import ai_call
from .model import FailureKind
from .openapi import describe
from .openapi_details import detailed
from .outcomes import Outcome
from .path import Answer, RequestPath, outcome_of
from .pipeline import Pipeline
from .problems import Problem, unavailable
from .prompts import ValuesMismatch
from .providers import Models
from .record import Exchange
from .release import breaker_states
from .routes import Door, Route, routes


@dataclass(frozen=True)
class Result:
    """What goes back to a caller; what follows `outcome` is for tools that run inside.

    `draft` is the answer that passed the output guards, whatever the confidence check made of it:
    evals judge the threshold by it. It is neither sent nor logged. `failures` says, where no model
    gave a usable answer, what was in the way at each; evals tell a bad answer from none by it.
    """

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    call: dict[str, Any] | None = None
    draft: dict[str, Any] | None = None
    seconds: float = 0.0
    failures: tuple[FailureKind, ...] = ()


class Service:
    """One service.

    `handle` takes a request through the path, and leaves its log line, spans and metrics.
    """

    def __init__(self, pipeline: Pipeline[Any, Any], path: RequestPath, parts: Parts) -> None:
        self.pipeline = pipeline
        self.config = parts.config
        self.metrics = parts.metrics
        self.releases = parts.releases
        self.log = parts.log
        self.flags = parts.flags
        self._path = path
        self._parts = parts
        self._doors: dict[Door, Route] = routes(pipeline)
        self.stopping = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        pipeline: Pipeline[Any, Any],
        root: Path,
        *,
        settings: Settings | None = None,
        log_stream: TextIO | None = None,
        span_processor: SpanProcessor | None = None,
        models: Models | None = None,
    ) -> AsyncIterator[Service]:
        """A service over `root/config`, closed at the end with all its connections.

        `models` gives the models that answer, in the place of the providers' own clients or around
        them; a provider's key is then asked for only where such a client is built.

        Raises ConfigError for every mistake in the configuration, before anything is started.
        """
        async with assemble(
            pipeline, root, settings or Settings.load(root), log_stream, span_processor, models
        ) as (path, parts):
            yield cls(pipeline, path, parts)

    async def handle(
        self,
        body: bytes | ReadBody,
        headers: Mapping[str, str],
        caller: Caller | None = None,
        *,
        left: Leaving | None = None,
    ) -> Result:
        """Take one request through the whole path.

        Never raises for anything a caller or provider did.

        `caller` skips authentication, for tools that run inside (evals). Header names are lower
        case. `left` ends when the caller has gone: the request does then, too.
        """

        async def travel(exchange: Exchange) -> dict[str, Any]:
            travelling = self._path.travel(exchange, _reader(body), headers, caller)
            answer = await unless(left, travelling)
            exchange.outcome, exchange.status = outcome_of(answer), 200
            exchange.output = answer.value
            return self._envelope(exchange, answer)

        exchange = _exchange()
        with self.metrics.in_flight.track_inprogress():
            try:
                result = await self._run(exchange, Door.use_case, headers, travel)
            finally:
                seconds = exchange.seconds()
                call = self._record(exchange, seconds)
        failures = tuple(exchange.model.failures)
        return replace(result, call=call, draft=exchange.draft, seconds=seconds, failures=failures)

    async def rate(self, body: bytes | ReadBody, headers: Mapping[str, str]) -> Result:
        """Take a rating of an earlier answer."""

        async def travel(exchange: Exchange) -> dict[str, Any]:
            await self._admit(exchange, Door.feedback, headers)
            rating = validate(Rating, await self._path.read(_reader(body), headers))
            claims = self._parts.feedback.open(rating.feedback_token)
            self.metrics.ratings.labels(str(rating.rating), claims["release"]).inc()
            self._parts.records.info(
                "feedback",
                request_id=claims["request_id"],
                release=claims["release"],
                rating=rating.rating,
                has_comment=bool(rating.comment),
            )
            exchange.outcome, exchange.status = Outcome.answered, 200
            return {"request_id": exchange.request_id, "rated": claims["request_id"]}

        return await self._run(_exchange(), Door.feedback, headers, travel)

    async def describe(self, headers: Mapping[str, str]) -> Result:
        """Give the OpenAPI document to a caller with the scope `docs`."""

        async def travel(exchange: Exchange) -> dict[str, Any]:
            await self._admit(exchange, Door.openapi, headers)
            exchange.outcome, exchange.status = Outcome.answered, 200
            return self._document

        return await self._run(_exchange(), Door.openapi, headers, travel)

    async def _admit(self, exchange: Exchange, door: Door, headers: Mapping[str, str]) -> None:
        """Authenticate a request for a door and count it."""
        access = self._path.access
        exchange.caller = caller = await access.authenticate(headers)
        access.require(caller, door)
        await self._path.limits.admit(caller, spends=False)

    @cached_property
    def _document(self) -> dict[str, Any]:
        methods = self.config.guardrails.access.methods
        document = describe(self.pipeline, self._parts.about, methods, self._parts.oidc_issuer)
        return detailed(document, self.config.guardrails.request)

    def readiness(self) -> tuple[bool, dict[str, Any]]:
        """Whether to send requests here, and the state of what the service depends on.

        A provider that is down does not make a replica unready: all replicas share it, and degraded
        answers beat none.
        """
        ready = not self.stopping
        return ready, {
            "ready": ready,
            "stopping": self.stopping,
            "flags": "valid"
            if self._parts.flags.valid
            else "last good"
            if self._parts.flags.ever_read
            else "never read: model off",
            "models": breaker_states(self.releases.values()),
        }

    async def _run(
        self,
        exchange: Exchange,
        door: Door,
        headers: Mapping[str, str],
        travel: Callable[[Exchange], Awaitable[dict[str, Any]]],
    ) -> Result:
        """Run one request inside its root span; turns every exception into a problem document."""
        extra: dict[str, str] = {}
        route = str(self._doors[door])
        with self._parts.tracing.request(route, headers) as span:
            context = span.get_span_context()
            exchange.trace_id = f"{context.trace_id:032x}"
            exchange.span_id = f"{context.span_id:016x}"
            try:
                body = await travel(exchange)
            except Problem as problem:
                if problem.__cause__ is not None:
                    self._unexpected(exchange, problem.__cause__)
                if isinstance(problem, Refused):
                    self._security_event(exchange, problem, route)
                body, extra = self._refused(exchange, problem), problem.headers
            except Exception as error:  # noqa: BLE001 - no bug of ours reaches a caller
                self._unexpected(exchange, error)
                bug = unavailable("internal-error", "Something went wrong on our side.")
                body, extra = self._refused(exchange, bug), bug.headers
            except asyncio.CancelledError:
                self._refused(exchange, unavailable("cancelled", "The service is stopping."))
                raise
            finally:
                _describe(span, exchange)
        extra = {"X-Request-Id": exchange.request_id, **extra}
        return Result(exchange.status, body, extra, exchange.outcome)

    def _record(self, exchange: Exchange, seconds: float) -> dict[str, Any]:
        """Count a finished request and write its log line."""
        self.metrics.observe(exchange, seconds)
        policy = self.config.guardrails.logs.payload
        call = ai_call(exchange, seconds, policy, self._parts.pseudonyms)
        self._parts.records.info("ai_call", **call)
        return call

    def _unexpected(self, exchange: Exchange, error: BaseException) -> None:
        self.log.error("unexpected_error", request_id=exchange.request_id, **_where(error))

    def _refused(self, exchange: Exchange, problem: Problem) -> dict[str, Any]:
        exchange.outcome, exchange.status = problem.outcome, problem.status
        exchange.problem = problem.kind
        hidden: dict[str, Any] = map_strings(
            problem.body(exchange.request_id), self._parts.own_secrets.hide
        )
        return hidden

    def _security_event(self, exchange: Exchange, refused: Refused, route: str) -> None:
        """Write down who was refused what; never what was presented."""
        self.metrics.security_events.labels(refused.kind).inc()
        self._parts.records.warning(  # whatever LOG_LEVEL is
            "security_event",
            kind=refused.kind,
            request_id=exchange.request_id,
            route=route,
            principal=self._parts.pseudonyms.principal(refused.caller or exchange.caller),
            scope=refused.scope,
        )

    def _envelope(self, exchange: Exchange, answer: Answer) -> dict[str, Any]:
        user = exchange.caller.identity if exchange.caller else None
        release = exchange.release or ""
        return {
            "outcome": exchange.outcome,
            "answer": answer.value,
            "degraded": answer.reason
            and {
                "reason": answer.reason.value,
                "detail": self.config.guardrails.hand_over.message,
            },
            "release": release,
            "simulated": exchange.model.simulated,
            "request_id": exchange.request_id,
            "feedback_token": self._parts.feedback.issue(
                exchange.request_id, release, self._parts.pseudonyms.of("user", user)
            ),
        }


def _exchange() -> Exchange:
    return Exchange(request_id=new_request_id(), started=time.monotonic())


def new_request_id() -> str:
    """Make an id for a request: 128 random bits, in hexadecimal."""
    return uuid.uuid4().hex


def _reader(body: bytes | ReadBody) -> ReadBody:
    if not isinstance(body, bytes):
        return body

    async def read(_: int) -> bytes:
        return body

    return read


def _describe(span: Span, exchange: Exchange) -> None:
    span.set_attribute("http.response.status_code", exchange.status)
    span.set_attribute("airworthy.outcome", exchange.outcome or "")
    span.set_attribute("airworthy.release", exchange.release or "")
    span.set_attribute("airworthy.request_id", exchange.request_id)
    if exchange.status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _where(error: BaseException) -> dict[str, Any]:
    """An exception's type and place; its text may hold what the caller sent, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    ours = isinstance(error, (ModerationFailed, ValuesMismatch))
    return {
        **({"detail": redact_all(str(error))} if ours else {}),
        "exception": type(error).__name__,
        "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }
