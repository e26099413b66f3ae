"""Opening the limits that a configuration asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..config import Config, ConfigError, Settings
from ..config.load import GUARDRAILS_FILE
from ..config.problems import Problem
from ..identity import Pseudonyms
from ..logs import Logger
from .limiter import Limiter
from .quotas import Quotas
from .shared import ANSWER_SECONDS, SharedCounts, prefix_of

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from ..metrics import Metrics

_CONNECTIONS = 32


@asynccontextmanager
async def open_limits(
    config: Config,
    settings: Settings,
    service: str,
    pseudonyms: Pseudonyms,
    log: Logger,
    metrics: Metrics,
) -> AsyncIterator[Limiter]:
    """The limits in force, closed at the end.

    A Redis that does not answer is no reason not to start.

    Raises ConfigError when Redis is asked for and its client is not installed.
    """
    quotas = Quotas.of(config.guardrails.limits, config.criteria)
    replicas = config.criteria.traffic.replicas
    if config.guardrails.limits.storage == "memory":
        yield Limiter(quotas, replicas, pseudonyms, log, metrics)
        return
    client = redis_client(settings)
    try:
        shared = SharedCounts(client, prefix_of(service, settings.environment), quotas)
        limiter = Limiter(quotas, replicas, pseudonyms, log, metrics, shared)
        async with limiter.running():
            yield limiter
    finally:
        await client.aclose()


def redis_client(settings: Settings) -> Redis:
    """A client of REDIS_URL that never retries and never waits long; it connects when it is used.

    Raises ConfigError when the package is not there.
    """
    try:
        from redis.asyncio import BlockingConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        fix = (
            "redis needs its client. Name the extra in pyproject.toml, "
            '"airworthy-chassis[redis]", and run `uv sync`.'
        )
        raise ConfigError([Problem(GUARDRAILS_FILE, None, "limits.storage", fix)]) from None
    url = settings.redis_url
    assert url is not None, "check_settings has seen to that"
    pool = BlockingConnectionPool.from_url(
        url.get_secret_value(),
        max_connections=_CONNECTIONS,
        timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    return Redis.from_pool(pool)
