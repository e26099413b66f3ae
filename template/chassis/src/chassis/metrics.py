"""Prometheus metrics.

Every instrument of the service, in one place, with the targets it is held against.

Names follow OpenTelemetry's GenAI conventions where one exists. Every label set that is known at
start begins at zero, because a counter born at its first event hides that event from `increase()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from .breaker import Breaker, State
from .config.criteria import Criteria
from .model import Bulkhead, FailureKind
from .outcomes import TABLE, CountsAs, Outcome
from .record import Exchange

if TYPE_CHECKING:
    from .limits import Limiter

_LATENCY_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0)
_TOKEN_BUCKETS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576)

# Names come from the provider's responses, so they are bounded: how many are kept apart, how long.
_MODEL_NAMES = 20
_MODEL_NAME_CHARACTERS = 100
_OTHER_MODEL = "other"

# Release of a request that ended before one was chosen.
NO_RELEASE = "none"
# The kinds of refused credentials, as problems name them.
SECURITY_EVENTS = (
    "no-key",
    "wrong-key",
    "expired-key",
    "revoked-key",
    "no-token",
    "malformed-token",
    "wrong-algorithm",
    "wrong-token-type",
    "unknown-token-key",
    "wrong-token",
    "wrong-issuer",
    "wrong-audience",
    "wrong-claims",
    "expired-token",
    "early-token",
    "scope-missing",
    "tool-not-allowed",
)
# Release and version of the code, which most series carry.
Labels = tuple[str, str]

# One more series for each of ours, which nothing here reads.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The instruments of one service, on a registry of their own."""

    def __init__(self, criteria: Criteria, version: str, service: str) -> None:
        self.registry = CollectorRegistry()
        self._version = version
        self._models: set[str] = set()
        self._slow_after_seconds = criteria.latency.p95_seconds
        buckets = tuple(round(criteria.latency.p95_seconds * share, 4) for share in _LATENCY_SHARES)
        registry = self.registry
        labels = ("release", "version")
        self.requests = Counter(
            "airworthy_requests", "Requests by outcome.", ("outcome", *labels), registry=registry
        )
        self.good = Counter(
            "airworthy_good_requests",
            "Requests that count as good for availability.",
            labels,
            registry=registry,
        )
        self.bad = Counter(
            "airworthy_bad_requests",
            "Requests that spend the availability budget.",
            labels,
            registry=registry,
        )
        self.slow = Counter(
            "airworthy_slow_requests",
            "Requests slower than the latency target.",
            labels,
            registry=registry,
        )
        self.duration = Histogram(
            "airworthy_request_duration_seconds",
            "Time of the requests that count as good or bad, less the wait for the caller's body.",
            labels,
            buckets=buckets,
            registry=registry,
        )
        self.in_flight = Gauge(
            "airworthy_requests_in_flight", "Requests in work now.", registry=registry
        )
        self.tokens = Histogram(
            "gen_ai_client_token_usage",
            "Tokens of a model call.",
            ("gen_ai_token_type", "gen_ai_response_model", *labels),
            buckets=_TOKEN_BUCKETS,
            registry=registry,
        )
        self.model_duration = Histogram(
            "gen_ai_client_operation_duration_seconds",
            "Time of one model call, by result.",
            ("gen_ai_request_model", "result", *labels),
            buckets=buckets,
            registry=registry,
        )
        self.cost = Counter(
            "airworthy_cost_usd", "Model spend in US dollars.", labels, registry=registry
        )
        self.cost_unknown = Counter(
            "airworthy_cost_unknown",
            "Requests with a model call whose price nobody knows.",
            labels,
            registry=registry,
        )
        self.simulated = Counter(
            "airworthy_simulated_answers",
            "Answers that the simulator made.",
            labels,
            registry=registry,
        )
        self.retries = Counter(
            "airworthy_model_retries", "Repeated model calls.", labels, registry=registry
        )
        self.guards = Counter(
            "airworthy_guard_verdicts",
            "Verdicts of guards, by what they looked at: input, content or output.",
            ("guard", "direction", "verdict", *labels),
            registry=registry,
        )
        self.languages = Counter(
            "airworthy_input_languages",
            "Requests by the language observed in the input; und when it could not be told.",
            ("language", *labels),
            registry=registry,
        )
        self.ratings = Counter(
            "airworthy_ratings",
            "Ratings by users, 1 to 5.",
            ("rating", "release"),
            registry=registry,
        )
        self.breaker = Gauge(
            "airworthy_breaker_open",
            "1 while a model's circuit breaker is open or waits for its probe.",
            ("model",),
            registry=registry,
        )
        self.breaker_state = Gauge(
            "airworthy_breaker_state",
            "1 for the state a model's circuit breaker is in.",
            ("model", "state"),
            registry=registry,
        )
        self.model_queue = Gauge(
            "airworthy_model_queue",
            "Requests that wait for a place at a model (model.queue in guardrails.yaml).",
            ("model",),
            registry=registry,
        )
        self.model_in_use = Gauge(
            "airworthy_model_in_use",
            "Calls of a model in progress (model.concurrency in guardrails.yaml).",
            ("model",),
            registry=registry,
        )
        self.model_failures = Counter(
            "airworthy_model_failures",
            "Model calls without a usable answer, and those not made, by kind.",
            ("model", "kind"),
            registry=registry,
        )
        self.model_fallbacks = Counter(
            "airworthy_model_fallbacks",
            "Requests answered by another model than the release's first.",
            labels,
            registry=registry,
        )
        self.flags_ok = Gauge(
            "airworthy_flags_valid",
            "1 while the newest flag document is the one in use.",
            registry=registry,
        )
        self.ai_enabled = Gauge(
            "airworthy_ai_enabled",
            "1 unless the kill switch is thrown for everyone.",
            registry=registry,
        )
        self.api_keys_ok = Gauge(
            "airworthy_api_keys_valid",
            "1 while the newest file of API keys is the one in use.",
            registry=registry,
        )
        self.token_keys_ok = Gauge(
            "airworthy_token_keys_valid",
            "1 while the identity provider gave usable signing keys when last asked.",
            registry=registry,
        )
        self.token_keys_fetched = Gauge(
            "airworthy_token_keys_fetched_timestamp_seconds",
            "When the identity provider's signing keys in use were fetched; 0 for never.",
            registry=registry,
        )
        self.security_events = Counter(
            "airworthy_security_events",
            "Refused credentials and scopes.",
            ("kind",),
            registry=registry,
        )
        self.limit_refusals = Counter(
            "airworthy_limit_refusals",
            "Requests and model calls that a limit stopped, by the limit.",
            ("limit",),
            registry=registry,
        )
        self.limit_used = Gauge(
            "airworthy_limit_used_ratio",
            "How much of a limit of the whole service is taken; of this replica's part when local.",
            ("limit",),
            registry=registry,
        )
        self.daily_budget = Gauge(
            "airworthy_daily_budget_spent_ratio",
            "Today's spend as a share of cost.daily_budget_usd, calls in flight at their estimate.",
            registry=registry,
        )
        self.target = Gauge(
            "airworthy_target",
            "The numbers of success-criteria.yaml.",
            ("criterion", "unit"),
            registry=registry,
        )
        build = Gauge(
            "airworthy_build_info", "Always 1.", ("service", "version"), registry=registry
        )
        build.labels(service, version).set(1)
        for target in criteria.targets():
            self.target.labels(target.name, target.unit).set(target.value)

    def start_at_zero(
        self,
        releases: Mapping[str, Sequence[str]],
        guards: Iterable[tuple[str, str]],
    ) -> None:
        """Create every series that can be foreseen, but those of each language.

        `releases` names each one's models, `guards` are pairs of name and direction.
        """
        looked_at = list(guards)
        for kind in SECURITY_EVENTS:
            self.security_events.labels(kind)
        for release, models in (*releases.items(), (NO_RELEASE, ())):
            labels = (release, self._version)
            for model in models:
                for kind in FailureKind:
                    self.model_failures.labels(model, kind.value)
                for result in ("ok", "error"):
                    self.model_duration.labels(model, result, *labels)
            for family in (
                self.good,
                self.bad,
                self.slow,
                self.duration,
                self.cost,
                self.cost_unknown,
                self.simulated,
                self.retries,
                self.model_fallbacks,
            ):
                family.labels(*labels)
            for outcome in Outcome:
                self.requests.labels(outcome.value, *labels)
            for guard, direction in looked_at:
                for verdict in ("pass", "block", "redact", "observe", "error"):
                    self.guards.labels(guard, direction, verdict, *labels)
            for rating in range(1, 6):
                self.ratings.labels(str(rating), release)

    def watch_limits(self, limits: Limiter, names: Iterable[str]) -> None:
        """Show the limits as they are at each scrape, refusals from zero."""
        for name in names:
            self.limit_refusals.labels(name)
        self.daily_budget.set_function(lambda: limits.budget_ratio)
        self.limit_used.labels("service_requests").set_function(lambda: limits.requests_ratio)
        if limits.tokens_ratio is not None:
            self.limit_used.labels("service_tokens").set_function(lambda: limits.tokens_ratio or 0)

    def limits_shared(self) -> Gauge:
        """The gauge of limits kept in Redis; a service that keeps them in memory has none."""
        return Gauge(
            "airworthy_limits_shared",
            "1 while Redis keeps the limits, 0 while each replica allows its part by itself.",
            registry=self.registry,
        )

    def watch_model(self, model: str, breaker: Breaker, bulkhead: Bulkhead) -> None:
        """Show a model's breaker and places as they are whenever somebody looks."""
        self.breaker.labels(model).set_function(lambda: breaker.state is not State.closed)
        for state in State:
            shown = self.breaker_state.labels(model, state.value)
            shown.set_function(partial(lambda state: breaker.state is state, state))
        self.model_queue.labels(model).set_function(lambda: bulkhead.waiting)
        self.model_in_use.labels(model).set_function(lambda: bulkhead.in_use)

    def observe(self, exchange: Exchange, seconds: float) -> None:
        """Count one finished request."""
        if exchange.outcome is None:
            return
        labels = (exchange.release or NO_RELEASE, self._version)
        exemplar = {"trace_id": exchange.trace_id} if exchange.trace_id else None
        self.requests.labels(exchange.outcome.value, *labels).inc()
        counts_as = TABLE[exchange.outcome].counts_as
        if counts_as is not CountsAs.neither:  # refusals are fast and would flatter the percentiles
            self.duration.labels(*labels).observe(seconds, exemplar=exemplar)
        if counts_as is CountsAs.good:
            self.good.labels(*labels).inc()
            if seconds > self._slow_after_seconds:
                self.slow.labels(*labels).inc()
        elif counts_as is CountsAs.bad:
            self.bad.labels(*labels).inc()
        for verdict in exchange.guards:
            self.guards.labels(verdict.guard, verdict.direction, verdict.verdict, *labels).inc()
        if exchange.language:
            self.languages.labels(exchange.language, *labels).inc()
        self._observe_model(exchange, labels)

    def count_tokens(self, model: str, tokens_in: int, tokens_out: int, labels: Labels) -> None:
        """Count the tokens of one model call; `model` is what the response calls it."""
        model = self._bounded(model)
        self.tokens.labels("input", model, *labels).observe(tokens_in)
        self.tokens.labels("output", model, *labels).observe(tokens_out)

    def _bounded(self, model: str) -> str:
        """The model's name as a label: the first few that answer, `other` for all further ones."""
        if model not in self._models:
            if len(self._models) >= _MODEL_NAMES or len(model) > _MODEL_NAME_CHARACTERS:
                return _OTHER_MODEL
            self._models.add(model)
        return model

    def _observe_model(self, exchange: Exchange, labels: Labels) -> None:
        use = exchange.model
        if use.retries:
            self.retries.labels(*labels).inc(use.retries)
        if use.fallback_used:
            self.model_fallbacks.labels(*labels).inc()
        if use.answered is None:
            return
        if use.simulated:
            self.simulated.labels(*labels).inc()
        self.cost.labels(*labels).inc(use.spent_usd)
        if use.price_unknown:
            self.cost_unknown.labels(*labels).inc()
