"""Opening the way in: the methods that are on, with the files and keys they watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from ..config import ConfigError, Settings
from ..config import Problem as ConfigProblem
from ..config.guardrails import Access as AccessPolicy
from ..config.guardrails import Oidc
from ..config.load import GUARDRAILS_FILE
from ..providers import http_client
from ..routes import Door, Route
from .access import Access
from .key_file import KeyFile

if TYPE_CHECKING:
    from ..logs import Logger
    from ..metrics import Metrics
    from .tokens import Tokens

# A fetch follows one discovery; more at once there are not.
_CONNECTIONS = 2


@asynccontextmanager
async def open_access(
    doors: Mapping[Door, Route],
    policy: AccessPolicy,
    settings: Settings,
    log: Logger,
    metrics: Metrics,
) -> AsyncIterator[Access]:
    """The way in, and what it watches while it is open.

    Raises ConfigError when there is no good key file, or the library for tokens is missing. An
    identity provider that is down does not: it may come back, and keys work meanwhile.
    """
    async with AsyncExitStack() as stack:
        keys = tokens = None
        if "api_key" in policy.methods:
            keys = KeyFile(settings.api_keys_file, log, metrics)
            await stack.enter_async_context(_while_open(keys.watch()))
        if "oidc" in policy.methods:
            tokens = await stack.enter_async_context(
                _open_tokens(policy.oidc, settings, log, metrics)
            )
        yield Access(doors, keys, tokens)


@asynccontextmanager
async def _open_tokens(
    policy: Oidc, settings: Settings, log: Logger, metrics: Metrics
) -> AsyncIterator[Tokens]:
    try:
        from .signing_keys import SigningKeys
        from .tokens import Tokens
    except ImportError:
        message = (
            "The library for tokens is not installed. "
            "In pyproject.toml depend on `airworthy-chassis[oidc]`, then run `uv sync`."
        )
        problem = ConfigProblem(GUARDRAILS_FILE, None, "access.methods", message)
        raise ConfigError([problem]) from None
    issuer, audience = settings.oidc_issuer or "", settings.oidc_audience or ""
    async with http_client(policy.timeout_seconds, _CONNECTIONS) as client:
        keys = SigningKeys(issuer, settings.oidc_jwks_url, policy, client, log, metrics)
        try:
            await keys.ask()
            async with _while_open(keys.watch()):
                yield Tokens(issuer, audience, policy, keys)
        finally:
            await keys.close()


@asynccontextmanager
async def _while_open(watch: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    watcher = asyncio.create_task(watch)
    try:
        yield
    finally:
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
