"""Clients of the model providers.

One HTTP client for all, explicit timeouts, their own retries switched off.

Retries belong to one layer only (`chassis.model`), or a time budget cannot hold.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from typing import Any

import httpx2
from opentelemetry.propagate import inject
from pydantic import SecretStr
from pydantic_ai.models import Model

from .config import ConfigError, Settings
from .config.load import RELEASES_FILE
from .config.problems import Problem as ConfigProblem

# What gives the model of a `provider:model`. It may build the provider's own client, by what it is
# given, and put something around it; or answer without one, and then needs no key. For tools that
# run inside, such as evals that record answers and replay them.
Models = Callable[[str, Callable[[], Model]], Model]

_AS_ANTHROPIC = "anthropic/"
_ANY_KEY = "the-simulator-takes-any-key"
_CONNECT_SECONDS = 2.0
_SOCKETS_END: ContextVar[float | None] = ContextVar("sockets_end", default=None)
# google-genai tells the server its timeout, and Gemini refuses one that is shorter (400,
# "Minimum allowed deadline is 10s"). The call itself still ends when we say.
_GOOGLE_LEAST_SECONDS = 10.0


def http_client(timeout_seconds: float, connections: int) -> httpx2.AsyncClient:
    """The one HTTP client of the service; closed with it."""
    return httpx2.AsyncClient(
        verify=_certificates(),
        timeout=httpx2.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS, timeout_seconds)),
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,
        event_hooks={"request": [_continue_trace, _end_in_time]},
    )


@contextmanager
def sockets_end(at: float) -> Iterator[None]:
    """Let no socket of the HTTP client wait longer than until then (`time.monotonic()`).

    It holds for what this task sends meanwhile, whatever timeout an SDK puts into its requests.
    """
    token = _SOCKETS_END.set(at)
    try:
        yield
    finally:
        _SOCKETS_END.reset(token)


async def _end_in_time(request: httpx2.Request) -> None:
    """Give each phase what is left. An SDK sends one number for all phases, connecting included."""
    ends = _SOCKETS_END.get()
    if ends is not None:
        left = max(0.001, ends - time.monotonic())
        phases = dict.fromkeys(("read", "write", "pool"), left)
        request.extensions["timeout"] = {"connect": min(_CONNECT_SECONDS, left), **phases}


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates; reading them takes longer than all the rest of a client."""
    return httpx2.create_ssl_context()


async def _continue_trace(request: httpx2.Request) -> None:
    """Send our trace context along, so that a gateway's or a local model's spans join the trace."""
    inject(request.headers)


def build_model(provider: str, model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    """The pydantic-ai model for one `provider:model`.

    Raises ConfigError when the provider's key or SDK is missing, naming the variable or command
    that helps.
    """
    return _BUILDERS[provider](model, settings, client)


def _openai_model(
    model: str, client: httpx2.AsyncClient, *, base_url: str | None, api_key: str
) -> Model:
    from pydantic_ai.providers.openai import OpenAIProvider

    from .openai_client import ThinChatModel, ThinOpenAI

    sdk = ThinOpenAI(api_key=api_key, base_url=base_url, http_client=client, max_retries=0)
    return ThinChatModel(model, provider=OpenAIProvider(openai_client=sdk))


def _simulator(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    """The simulator. It speaks OpenAI's protocol, and Anthropic's to `simulator:anthropic/<model>`.

    So that a fallback from one protocol to the other can be tried without a key.
    """
    url = settings.simulator_url
    if model.startswith(_AS_ANTHROPIC):
        name = model.removeprefix(_AS_ANTHROPIC)
        return _anthropic_model(name, client, base_url=url.removesuffix("/v1"), api_key=_ANY_KEY)
    return _openai_model(model, client, base_url=url, api_key=_ANY_KEY)


def _openai(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    key = _secret(settings.openai_api_key, "OPENAI_API_KEY")
    return _openai_model(model, client, base_url=None, api_key=key)


def _openai_compatible(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    url = _value(settings.model_base_url, "MODEL_BASE_URL")
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else "none"
    return _openai_model(model, client, base_url=url, api_key=key)


def _azure(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    """Azure OpenAI.

    Its v1 API speaks plain OpenAI; a dated API version needs the SDK's Azure client.
    """
    endpoint = _value(settings.azure_openai_endpoint, "AZURE_OPENAI_ENDPOINT")
    key = _secret(settings.azure_openai_api_key, "AZURE_OPENAI_API_KEY")
    if settings.azure_openai_api_version is None:
        return _openai_model(model, client, base_url=f"{endpoint}/openai/v1/", api_key=key)
    from pydantic_ai.providers.azure import AzureProvider

    from .openai_client import ThinAzureOpenAI, ThinChatModel

    sdk = ThinAzureOpenAI(
        api_key=key,
        azure_endpoint=endpoint,
        api_version=settings.azure_openai_api_version,
        http_client=client,
        max_retries=0,
    )
    return ThinChatModel(model, provider=AzureProvider(openai_client=sdk))


def _anthropic(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    """Anthropic. The SDK reads ANTHROPIC_BASE_URL itself, for a gateway in between."""
    key = _secret(settings.anthropic_api_key, "ANTHROPIC_API_KEY")
    return _anthropic_model(model, client, base_url=None, api_key=key)


def _anthropic_model(
    model: str, client: httpx2.AsyncClient, *, base_url: str | None, api_key: str
) -> Model:
    anthropic, models, providers = _sdk(
        "anthropic", "anthropic", "pydantic_ai.models.anthropic", "pydantic_ai.providers.anthropic"
    )
    sdk = anthropic.AsyncAnthropic(
        api_key=api_key, base_url=base_url, http_client=client, max_retries=0
    )
    built: Model = models.AnthropicModel(
        model, provider=providers.AnthropicProvider(anthropic_client=sdk)
    )
    return built


def _google(model: str, settings: Settings, client: httpx2.AsyncClient) -> Model:
    key = _secret(settings.google_api_key, "GOOGLE_API_KEY")
    models, providers = _sdk("google", "pydantic_ai.models.google", "pydantic_ai.providers.google")
    provider = providers.GoogleProvider(api_key=key, http_client=client)
    told_seconds = max(_GOOGLE_LEAST_SECONDS, client.timeout.read or 0.0)
    built: Model = models.GoogleModel(model, provider=provider, settings={"timeout": told_seconds})
    return built


def _bedrock(model: str, _: Settings, client: httpx2.AsyncClient) -> Model:
    """Bedrock speaks through boto3, with an HTTP client and credentials chain of its own."""
    boto3, config, exceptions, models, providers = _sdk(
        "bedrock",
        "boto3",
        "botocore.config",
        "botocore.exceptions",
        "pydantic_ai.models.bedrock",
        "pydantic_ai.providers.bedrock",
    )
    timeout = client.timeout
    options = config.Config(
        retries={"total_max_attempts": 1},
        connect_timeout=timeout.connect,
        read_timeout=timeout.read,
    )
    try:
        sdk = boto3.client("bedrock-runtime", config=options)
    except exceptions.BotoCoreError as error:
        message = f"Bedrock could not be set up: {error} Set AWS_DEFAULT_REGION and credentials."
        raise ConfigError([ConfigProblem(RELEASES_FILE, None, "model", message)]) from None
    provider = providers.BedrockProvider(bedrock_client=sdk)
    built: Model = models.BedrockConverseModel(model, provider=provider)
    return built


def user_settings(provider: str, pseudonym: str) -> dict[str, Any]:
    """The setting in which a provider wants to hear who asks, to find those who misuse it.

    Nothing where it has none, or where an unknown field could be refused: servers that are merely
    OpenAI compatible differ in that.
    """
    if provider == "openai":  # `user` also parts the prompt cache, at every user's expense
        return {"extra_body": {"safety_identifier": pseudonym}}
    if provider in ("azure", "simulator"):
        return {"openai_user": pseudonym}
    if provider == "anthropic":
        return {"anthropic_metadata": {"user_id": pseudonym}}
    return {}


_BUILDERS: dict[str, Callable[[str, Settings, httpx2.AsyncClient], Model]] = {
    "simulator": _simulator,
    "openai": _openai,
    "openai-compatible": _openai_compatible,
    "azure": _azure,
    "anthropic": _anthropic,
    "google": _google,
    "bedrock": _bedrock,
}


def _value(value: str | None, variable: str) -> str:
    if not value:
        message = f"This release's provider needs {variable}. Set it in .env or in the environment."
        raise ConfigError([ConfigProblem(RELEASES_FILE, None, "model", message)])
    return value


def _secret(value: SecretStr | None, variable: str) -> str:
    return _value(value.get_secret_value() if value else None, variable)


def _sdk(extra: str, *modules: str) -> list[Any]:
    """Modules that only this provider's users have; by name, so that types hold without them."""
    try:
        return [import_module(module) for module in modules]
    except ImportError:
        message = (
            f"The SDK for {extra} is not installed. "
            f"In pyproject.toml depend on `airworthy-chassis[{extra}]`, then run `uv sync`."
        )
        raise ConfigError([ConfigProblem(RELEASES_FILE, None, "model", message)]) from None
