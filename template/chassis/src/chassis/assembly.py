"""Putting a service together: its parts, in the order in which they need one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from opentelemetry.sdk.trace import SpanProcessor
from starlette.concurrency import run_in_threadpool

from .about import About
from .calibration import warn_of_thresholds
from .config import Config, ConfigError, Settings, check_settings, load_config
from .feedback import FeedbackTokens
from .flags import Flags
from .guards.moderation import ModerationGuards, connections, moderation_guards
from .guards.personal.engine import personal_finder
from .guards.personal.spans import Finder
from .guards.policy import input_guards, masking, output_guards
from .identity import Pseudonyms
from .identity.access import Access
from .identity.opening import open_access
from .language import stop_words
from .limits import Limiter, open_limits
from .logs import Logger, make_logger
from .metrics import Metrics
from .own_secrets import OwnSecrets
from .path import RequestPath
from .pipeline import Pipeline
from .prompts import canary_of, prompts_folder
from .providers import Models, http_client
from .release import LiveRelease, load_releases, warn_of_unknown_prices
from .routes import routes
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
    own_secrets: OwnSecrets
    oidc_issuer: str | None


@asynccontextmanager
async def assemble(
    pipeline: Pipeline[Any, Any],
    root: Path,
    settings: Settings,
    log_stream: TextIO | None,
    span_processor: SpanProcessor | None,
    models: Models | None = None,
) -> AsyncIterator[tuple[RequestPath, Parts]]:
    """The request path over `root/config` and its parts, all closed at the end.

    Raises ConfigError for every mistake in the configuration, before anything is started.
    """
    config = load_config(root)
    if problems := check_settings(config, settings, models_given=models is not None):
        raise ConfigError(problems)
    about = About.of(pipeline.package)
    bound = {
        "service": about.name,
        "environment": settings.environment,
        "version": about.version,
    }
    secret = settings.service_secret.get_secret_value().encode()
    own_secrets = OwnSecrets.of(settings)
    log = make_logger(log_stream, settings.log_level, hide=own_secrets.hide, **bound)
    # What was done is written at every LOG_LEVEL.
    records = make_logger(log_stream, hide=own_secrets.hide, **bound)
    metrics = Metrics(config.criteria, about.version, about.name)
    await _read_ahead()
    model = config.guardrails.model
    asked = {str(m) for release in config.releases.releases.values() for m in release.chain}
    pool = model.concurrency * len(asked) + connections(config.guardrails)
    pseudonyms = Pseudonyms(secret)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        stack.enter_context(config.naming_lines())
        personal = personal_finder(config.guardrails.personal_data)
        client = await enter(http_client(model.timeout_seconds, pool))
        allowed = config.guardrails.access_in_time
        access = await enter(open_access(routes(pipeline), allowed, settings, log, metrics))
        moderation = moderation_guards(config.guardrails, settings, client)
        releases = load_releases(
            config, settings, prompts_folder(pipeline.package), client, metrics, models
        )
        limits = await stack.enter_async_context(
            open_limits(config, settings, about.name, pseudonyms, log, metrics)
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
            pseudonyms=pseudonyms,
            feedback=FeedbackTokens(secret),
            personal=personal,
            secret=secret,
            own_secrets=own_secrets,
            oidc_issuer=settings.oidc_issuer,
        )
        path = _path(pipeline, parts, access, limits, moderation)
        watcher = asyncio.create_task(flags.watch())
        try:
            yield path, parts
        finally:
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher
            flags.close()
            await asyncio.to_thread(tracing.shutdown)


async def _read_ahead() -> None:
    """Load now what the first request would wait for, inside the time of its model.

    The other half of anyio (the HTTP client's connections are made of it) comes with its first use,
    here of a thread, and takes a second on a busy machine: every request that came with the first
    one waited, and some were given up.
    """
    await run_in_threadpool(stop_words)


def _path(
    pipeline: Pipeline[Any, Any],
    parts: Parts,
    access: Access,
    limits: Limiter,
    moderation: ModerationGuards,
) -> RequestPath:
    policy = parts.config.guardrails
    canary = canary_of(parts.secret)
    before = replace(input_guards(policy, parts.personal), hosted=moderation.input)
    after = replace(output_guards(policy, canary, parts.personal), hosted=moderation.output)
    masks = masking(policy, parts.personal)
    looking_in = (*before.names, *(() if masks is None else ("personal_data",)))
    parts.metrics.start_at_zero(
        {name: [link.asked for link in live.chain.links] for name, live in parts.releases.items()},
        [
            *((name, direction) for name in looking_in for direction in ("input", "content")),
            *((name, "output") for name in after.names),
        ],
    )
    return RequestPath(
        pipeline=pipeline,
        policy=policy,
        access=access,
        limits=limits,
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
