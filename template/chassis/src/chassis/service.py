"""A service at work.

Everything it needs, opened and closed together, and one way in for a request.
"""

from __future__ import annotations

import asyncio
import os
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import Span, Status, StatusCode

from .config import Config, ConfigError, Settings, check_settings, load_config
from .feedback import FeedbackTokens, Rating
from .flags import Flags
from .form import ReadBody, check_content_type, parse_json, validate
from .guards.policy import input_guards, output_guards
from .identity import ApiKeys, Caller, Pseudonyms, require_scope
from .limits import DailyBudget, RequestLimits
from .logs import Logger, ai_call, make_logger
from .metrics import Metrics
from .outcomes import Outcome
from .path import Answer, RequestPath, outcome_of
from .pipeline import Pipeline
from .problems import Problem, unavailable
from .prompts import canary_of, prompts_folder
from .providers import http_client
from .record import Exchange
from .release import LiveRelease, breaker_states, load_releases
from .tracing import Tracing


@dataclass(frozen=True)
class Result:
    """What goes back to a caller."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None
    call: dict[str, Any] | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Parts:
    """What the service is made of."""

    config: Config
    version: str
    log: Logger
    metrics: Metrics
    tracing: Tracing
    flags: Flags
    releases: dict[str, LiveRelease]
    pseudonyms: Pseudonyms
    feedback: FeedbackTokens
    secret: bytes


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
        self._path = path
        self._parts = parts
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
    ) -> AsyncIterator[Service]:
        """A service over `root/config`, closed at the end with all its connections.

        Raises ConfigError for every mistake in the configuration, before anything is started.
        """
        settings = settings or Settings.load(root)
        config = load_config(root)
        keys = ApiKeys.load(settings.api_keys_file)
        if problems := check_settings(config, settings):
            raise ConfigError(problems)
        code = code_version(pipeline.package)
        log = make_logger(
            log_stream,
            settings.log_level,
            service=pipeline.package,
            environment=settings.environment,
            version=code,
        )
        metrics = Metrics(config.criteria, code, pipeline.package)
        secret = settings.service_secret.get_secret_value().encode()
        model = config.guardrails.model
        async with http_client(model.timeout_seconds, model.concurrency) as client:
            releases = load_releases(
                config, settings, prompts_folder(pipeline.package), client, metrics
            )
            tracing = Tracing(pipeline.package, code, span_processor)
            flags = Flags(config.flags_path, releases, log, metrics)
            flags.reload()
            parts = Parts(
                config,
                code,
                log,
                metrics,
                tracing,
                flags,
                releases,
                Pseudonyms(secret),
                FeedbackTokens(secret),
                secret,
            )
            path = _path(pipeline, parts, keys)
            watcher = asyncio.create_task(flags.watch())
            try:
                yield cls(pipeline, path, parts)
            finally:
                watcher.cancel()
                with suppress(asyncio.CancelledError):
                    await watcher
                flags.close()
                await asyncio.to_thread(tracing.shutdown)

    async def handle(
        self, body: bytes | ReadBody, headers: Mapping[str, str], caller: Caller | None = None
    ) -> Result:
        """Take one request through the whole path.

        Never raises for anything a caller or provider did.

        `caller` skips authentication, for tools that run inside (evals). Header names are lower
        case.
        """

        async def travel(exchange: Exchange) -> dict[str, Any]:
            answer = await self._path.travel(exchange, _reader(body), headers, caller)
            exchange.outcome, exchange.status = outcome_of(answer), 200
            exchange.output = answer.value
            return self._envelope(exchange, answer)

        with self.metrics.in_flight.track_inprogress():
            exchange, result, seconds = await self._run(
                f"POST /v1/{self.pipeline.name}", headers, travel
            )
        call = ai_call(
            exchange, seconds, self.config.guardrails.logs.payload, self._parts.pseudonyms
        )
        self.metrics.observe(exchange, seconds)
        self.log.info("ai_call", **call)
        return Result(result.status, result.body, result.headers, exchange.outcome, call, seconds)

    async def rate(self, body: bytes | ReadBody, headers: Mapping[str, str]) -> Result:
        """Take a rating of an earlier answer."""

        async def travel(exchange: Exchange) -> dict[str, Any]:
            exchange.caller = caller = self._path.keys.authenticate(headers)
            require_scope(caller, "feedback")
            await self._path.limits.admit(caller)
            check_content_type(headers)
            limits = self.config.guardrails.request
            rating = validate(Rating, parse_json(await _reader(body)(limits.max_bytes), limits))
            claims = self._parts.feedback.open(rating.feedback_token)
            self.metrics.ratings.labels(str(rating.rating), claims["release"]).inc()
            self.log.info(
                "feedback",
                request_id=claims["request_id"],
                release=claims["release"],
                rating=rating.rating,
                has_comment=bool(rating.comment),
            )
            exchange.outcome, exchange.status = Outcome.answered, 200
            return {"request_id": exchange.request_id, "rated": claims["request_id"]}

        _, result, _ = await self._run("POST /v1/feedback", headers, travel)
        return result

    def authorise(self, headers: Mapping[str, str], scope: str) -> None:
        """Raise Problem unless these headers prove a caller with the scope."""
        require_scope(self._path.keys.authenticate(headers), scope)

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
        name: str,
        headers: Mapping[str, str],
        travel: Callable[[Exchange], Awaitable[dict[str, Any]]],
    ) -> tuple[Exchange, Result, float]:
        """Run one request inside its root span; turns every exception into a problem document."""
        exchange = Exchange(request_id=new_request_id(), started=time.monotonic())
        extra: dict[str, str] = {}
        with self._parts.tracing.request(name, headers) as span:
            context = span.get_span_context()
            exchange.trace_id = f"{context.trace_id:032x}"
            exchange.span_id = f"{context.span_id:016x}"
            try:
                body = await travel(exchange)
            except Problem as problem:
                body, extra = self._refused(exchange, problem), problem.headers
            except Exception as error:
                self.log.error("unexpected_error", request_id=exchange.request_id, **_where(error))
                bug = unavailable("internal-error", "Something went wrong on our side.")
                body, extra = self._refused(exchange, bug), bug.headers
            _describe(span, exchange)
        seconds = time.monotonic() - exchange.started
        extra = {"X-Request-Id": exchange.request_id, **extra}
        return exchange, Result(exchange.status, body, extra, exchange.outcome), seconds

    def _refused(self, exchange: Exchange, problem: Problem) -> dict[str, Any]:
        exchange.outcome, exchange.status = problem.outcome, problem.status
        exchange.problem = problem.kind
        if problem.outcome in (Outcome.unauthenticated, Outcome.forbidden):
            self.metrics.security_events.labels(problem.kind).inc()
            self.log.warning(
                "security_event",
                kind=problem.kind,
                request_id=exchange.request_id,
                principal=exchange.caller.principal if exchange.caller else None,
            )
        return problem.body(exchange.request_id)

    def _envelope(self, exchange: Exchange, answer: Answer) -> dict[str, Any]:
        user = exchange.caller.user_id if exchange.caller else None
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


def new_request_id() -> str:
    """Make an id for a request: 128 random bits, in hexadecimal."""
    return uuid.uuid4().hex


def code_version(package: str) -> str:
    """The version of the running code.

    SERVICE_VERSION as the image sets it, else the package's own.
    """
    try:
        return os.environ.get("SERVICE_VERSION") or version(package.replace("_", "-"))
    except PackageNotFoundError:
        return "unknown"


def _path(pipeline: Pipeline[Any, Any], parts: Parts, keys: ApiKeys) -> RequestPath:
    criteria, policy = parts.config.criteria, parts.config.guardrails
    replicas = criteria.traffic.replicas
    stop_at = policy.limits.stop_at_daily_budget
    usd = None if stop_at is None else stop_at * criteria.cost.daily_budget_usd
    canary = canary_of(parts.secret)
    before, after = input_guards(policy), output_guards(policy, canary)
    parts.metrics.start_at_zero(parts.releases, [guard.name for guard in (*before, *after)])
    return RequestPath(
        pipeline=pipeline,
        policy=policy,
        keys=keys,
        limits=RequestLimits(policy.limits, replicas),
        budget=DailyBudget(usd, replicas),
        flags=parts.flags,
        releases=parts.releases,
        input_guards=before,
        output_guards=after,
        tracing=parts.tracing,
        secret=parts.secret,
        canary=canary,
        version=parts.version,
    )


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


def _where(error: Exception) -> dict[str, Any]:
    """An exception's type and place; its text may hold what the caller sent, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return {
        "exception": type(error).__name__,
        "at": [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    }
