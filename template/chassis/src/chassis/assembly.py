"""Putting a service together: its parts, in the order in which they need one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from opentelemetry.sdk.trace import SpanProcessor

from .about import About
from .calibration import warn_of_thresholds
from .config import Config, ConfigError, Settings, check_settings, load_config
from .feedback import FeedbackTokens
from .flags import Flags
from .guards.personal.engine import personal_finder
from .guards.personal.spans import Finder
from .guards.policy import input_guards, masking, output_guards
from .identity import ApiKeys, Pseudonyms
from .language import stop_words
from .limits import DailyBudget, RequestLimits
from .logs import Logger, make_logger
from .metrics import Metrics
from .path import RequestPath
from .pipeline import Pipeline
from .prompts import canary_of, prompts_folder
from .providers import http_client
from .release import LiveRelease, breaker_states, load_releases, warn_of_unknown_prices
from .tracing import Tracing


@dataclass(frozen=True)
class Parts:
    """What the service is made of."""

    config: Config
    about: About
    log: Logger
    records: Logger
    metrics: Metrics
    tracing: Tracing
    flags: Flags
    releases: dict[str, LiveRelease]
    pseudonyms: Pseudonyms
    feedback: FeedbackTokens
    personal: Finder
    secret: bytes


@asynccontextmanager
async def assemble(
    pipeline: Pipeline[Any, Any],
    root: Path,
    settings: Settings,
    log_stream: TextIO | None,
    span_processor: SpanProcessor | None,
) -> AsyncIterator[tuple[RequestPath, Parts]]:
    """The request path over `root/config` and its parts, all closed at the end.

    Raises ConfigError for every mistake in the configuration, before anything is started.
    """
    config = load_config(root)
    keys = ApiKeys.load(settings.api_keys_file)
    if problems := check_settings(config, settings):
        raise ConfigError(problems)
    personal = personal_finder(config.guardrails.personal_data)
    about = About.of(pipeline.package)
    bound = {
        "service": about.name,
        "environment": settings.environment,
        "version": about.version,
    }
    log = make_logger(log_stream, settings.log_level, **bound)
    records = make_logger(log_stream, **bound)  # what was done is written at every LOG_LEVEL
    metrics = Metrics(config.criteria, about.version, about.name)
    secret = settings.service_secret.get_secret_value().encode()
    stop_words()  # read now, not in the first request
    model = config.guardrails.model
    models = {str(m) for release in config.releases.releases.values() for m in release.chain}
    connections = model.concurrency * len(models)
    async with http_client(model.timeout_seconds, connections) as client:
        releases = load_releases(
            config, settings, prompts_folder(pipeline.package), client, metrics
        )
        tracing = Tracing(about.name, about.version, span_processor)
        warn_of_unknown_prices(releases.values(), log)
        warn_of_thresholds(config, releases, log)
        flags = Flags(config.flags_path, releases, log, metrics)
        flags.reload()
        parts = Parts(
            config=config,
            about=about,
            log=log,
            records=records,
            metrics=metrics,
            tracing=tracing,
            flags=flags,
            releases=releases,
            pseudonyms=Pseudonyms(secret),
            feedback=FeedbackTokens(secret),
            personal=personal,
            secret=secret,
        )
        path = _path(pipeline, parts, keys)
        watcher = asyncio.create_task(flags.watch())
        try:
            yield path, parts
        finally:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher
            flags.close()
            await asyncio.to_thread(tracing.shutdown)


def _path(pipeline: Pipeline[Any, Any], parts: Parts, keys: ApiKeys) -> RequestPath:
    criteria, policy = parts.config.criteria, parts.config.guardrails
    replicas = criteria.traffic.replicas
    stop_at = policy.limits.stop_at_daily_budget
    usd = None if stop_at is None else stop_at * criteria.cost.daily_budget_usd
    canary = canary_of(parts.secret)
    before = input_guards(policy, parts.personal)
    after = output_guards(policy, canary, parts.personal)
    masks = masking(policy, parts.personal)
    looking_in = (*before.names, *(() if masks is None else ("personal_data",)))
    parts.metrics.start_at_zero(
        parts.releases,
        breaker_states(parts.releases.values()),
        [
            *((name, direction) for name in looking_in for direction in ("input", "content")),
            *((name, "output") for name in after.names),
        ],
    )
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
        masking=masks,
        tracing=parts.tracing,
        pseudonyms=parts.pseudonyms,
        secret=parts.secret,
        canary=canary,
        version=parts.about.version,
    )
