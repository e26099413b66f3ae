"""Clients of the providers: where each one talks to, and that only we retry."""

from __future__ import annotations

import json
import sys
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelOverloadedError
from pydantic_ai.messages import ModelRequest
from pydantic_ai.usage import RequestUsage
from sample_config import Start

from chassis.config import ConfigError, Settings
from chassis.config.problems import Problem
from chassis.config.releases import PROVIDERS, Price
from chassis.pricing import cost_usd
from chassis.providers import _BUILDERS, build_model, http_client

SECRET = SecretStr("s" * 32)
KEYS: dict[str, Any] = {
    "openai_api_key": SecretStr("k"),
    "azure_openai_endpoint": "https://acme.openai.azure.com",
    "azure_openai_api_key": SecretStr("k"),
    "anthropic_api_key": SecretStr("k"),
    "google_api_key": SecretStr("k"),
    "model_base_url": "http://127.0.0.1:4000/v1",
}
USAGE = RequestUsage(input_tokens=1_000_000, output_tokens=100_000)


def settings(**given: Any) -> Settings:
    return Settings(service_secret=SECRET, **given)


def test_every_provider_that_can_be_configured_can_be_built() -> None:
    assert set(_BUILDERS) == set(PROVIDERS)


@pytest.mark.parametrize(
    ("provider", "extra", "url"),
    [
        ("simulator", {}, "http://127.0.0.1:8089/v1/"),
        ("simulator", {"simulator_url": "http://simulator:9/v1"}, "http://simulator:9/v1/"),
        ("openai", {}, "https://api.openai.com/v1/"),
        ("openai-compatible", {}, "http://127.0.0.1:4000/v1/"),
        ("azure", {}, "https://acme.openai.azure.com/openai/v1/"),
        (
            "azure",
            {"azure_openai_api_version": "2026-01-01"},
            "https://acme.openai.azure.com/openai/",
        ),
        ("anthropic", {}, "https://api.anthropic.com"),
    ],
)
async def test_each_client_talks_to_its_address_over_our_connections_and_never_retries(
    provider: str, extra: dict[str, Any], url: str
) -> None:
    """DESIGN, request path: retries belong to one layer, or a time budget cannot hold."""
    if provider == "anthropic":
        pytest.importorskip("anthropic")
    async with http_client(1.0, 4) as client:
        model = build_model(provider, "some-model", settings(**{**KEYS, **extra}), client)
        sdk: Any = model.client  # type: ignore[attr-defined]
        assert str(sdk.base_url) == url
        assert sdk.max_retries == 0
        assert sdk._client is client
        assert model.model_name == "some-model"


async def test_the_simulator_speaks_anthropics_protocol_to_models_named_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Playbook 2.2: a fallback from one provider's protocol to the other's, without a key."""
    pytest.importorskip("anthropic")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gateway.acme.example")
    asked: list[httpx2.Request] = []

    async def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(529, json={"type": "error", "error": {"type": "overloaded_error"}})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(handle)) as client:
        model = build_model(
            "simulator", "anthropic/large", settings(simulator_url="http://simulator:9/v1"), client
        )
        with pytest.raises(ModelOverloadedError):
            await model_request(model, [ModelRequest.user_text_prompt("Hello")])
    (request,) = asked
    assert str(request.url) == "http://simulator:9/v1/messages"
    assert json.loads(request.content)["model"] == "large"


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("openai", "OPENAI_API_KEY"),
        ("azure", "AZURE_OPENAI_ENDPOINT"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("google", "GOOGLE_API_KEY"),
        ("openai-compatible", "MODEL_BASE_URL"),
    ],
)
async def test_a_provider_without_its_key_says_which_variable_to_set(
    start: Start, name: str, variable: str
) -> None:
    releases = {"releases": {"label-v2": {"model": f"{name}:some-model"}}}
    with pytest.raises(ConfigError) as stopped:
        await start(releases=releases)
    told = stopped.value.render()
    assert variable in told
    assert "in .env or the environment" in told


@pytest.mark.parametrize(
    ("provider", "model", "extra"),
    [
        ("anthropic", "some-model", "anthropic"),
        ("google", "some-model", "google"),
        ("bedrock", "some-model", "bedrock"),
        ("simulator", "anthropic/small", "anthropic"),
    ],
)
async def test_a_provider_without_its_sdk_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, provider: str, model: str, extra: str
) -> None:
    for module in ("anthropic", "google.genai", "boto3"):
        monkeypatch.setitem(sys.modules, module, None)
    for module in [name for name in sys.modules if name.startswith("pydantic_ai.")]:
        if module.endswith((".anthropic", ".google", ".bedrock")):
            monkeypatch.delitem(sys.modules, module)
    async with http_client(1.0, 4) as client:
        with pytest.raises(ConfigError, match=rf"depend on `airworthy-chassis\[{extra}\]`"):
            build_model(provider, model, settings(**KEYS), client)


async def test_the_http_client_has_explicit_timeouts_and_follows_nobody() -> None:
    async with http_client(7.0, 4) as client:
        assert (client.timeout.read, client.timeout.connect) == (7.0, 2.0)
        assert client.timeout.pool == 7.0
        assert client.follow_redirects is False


async def test_a_model_without_structured_output_is_given_a_tool(
    start: Start,
) -> None:
    """Anthropic over its own protocol, with a scripted server."""
    pytest.importorskip("anthropic")
    asked: list[dict[str, Any]] = []

    async def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(json.loads(request.content))
        answer = {"label": "tool", "confidence": 0.8, "remark": "a hammer"}
        tool = asked[-1].get("tools", [{}])[0].get("name", "")
        content = (
            {"type": "tool_use", "id": "t1", "name": tool, "input": answer}
            if tool
            else {"type": "text", "text": json.dumps(answer)}
        )
        return httpx2.Response(
            200,
            json={
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "simulated/claude",
                "content": [content],
                "stop_reason": "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": 5, "output_tokens": 2},
            },
        )

    releases = {"releases": {"label-v1": {"model": "anthropic:claude-haiku-4-5"}}}
    service = await start(releases=releases, settings={"anthropic_api_key": SecretStr("k")})
    link = service.service.releases["label-v1"].chain.links[0]
    client: Any = link.client.client  # type: ignore[attr-defined]
    client._client._transport = httpx2.MockTransport(handle)
    client._client._mounts = {}
    body = (await service.post({"text": "a hammer"})).json()
    assert (body["answer"]["label"], body["simulated"]) == ("tool", True)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("provider", "model", "known"),
    [
        ("openai", "gpt-4o-mini", True),
        ("azure", "gpt-4o-mini", True),
        ("anthropic", "claude-3-5-haiku-latest", True),
        ("google", "gemini-2.0-flash", True),
        ("bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", True),
        ("openai", "no-such-model", False),
        ("openai-compatible", "llama", False),
        ("simulator", "small", False),
    ],
)
def test_a_price_comes_from_the_table_or_is_not_known(
    provider: str, model: str, known: bool
) -> None:
    """PLAYBOOK 1.3: no guess where nobody knows."""
    cost = cost_usd(provider, model, USAGE, None)
    assert (cost is not None and cost > 0) == known


def test_the_releases_own_price_goes_before_the_table() -> None:
    price = Price(input_usd_per_million=2.0, output_usd_per_million=30.0)
    assert cost_usd("openai", "gpt-4o-mini", USAGE, price) == pytest.approx(5.0)


async def test_a_client_that_cannot_be_built_is_told_with_its_release(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ConfigError([Problem("config/releases.yaml", None, "model", "Not installed.")])

    monkeypatch.setattr("chassis.release.build_model", fail)
    with pytest.raises(ConfigError) as stopped:
        await start()
    fields = {problem.field for problem in stopped.value.problems}
    assert "releases.label-v1.model" in fields
    assert "model" not in fields
