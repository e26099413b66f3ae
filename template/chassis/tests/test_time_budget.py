"""One budget of time: whatever hangs, and wherever, a request ends with it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import httpx2
import labels
import pytest
from pydantic import SecretStr
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelServerError
from pydantic_ai.messages import ModelRequest, UserPromptPart
from sample_config import Start
from scripted_provider import Provider, Reply, answers, drips, fails, says, slow
from waiting import until

from chassis import Caller, Context, Draft
from chassis.config import Settings
from chassis.config.guardrails import Guard as GuardPolicy
from chassis.guards.runner import Guards, HostedGuard
from chassis.model import BoundModel, ModelUnavailable
from chassis.prompts import Prompt
from chassis.providers import build_model, http_client, sockets_end
from chassis.record import ModelUse
from chassis.testing import ServiceUnderTest

pytestmark = pytest.mark.slow

GOOD = {"text": "an apple"}
BUDGET_SECONDS = 0.8
SHORT = {
    "request": {"budget_seconds": BUDGET_SECONDS},
    "model": {"timeout_seconds": 0.7, "attempts": 10},
}
WRONG_LABEL = answers({"label": "vegetable"})
PROMPT = Prompt("Label it.", "an apple", "v1", "0" * 64)


async def ends_in_time(service: ServiceUnderTest) -> dict[str, Any]:
    """One request that has to end degraded, within its budget and 100 ms; its line in the log."""
    started = time.perf_counter()
    response = await service.post(GOOD)
    assert time.perf_counter() - started < BUDGET_SECONDS + 0.1
    assert response.json()["outcome"] == "fallback"
    line: dict[str, Any] = service.lines("ai_call")[-1]
    return line


@pytest.fixture
def unanswered() -> Iterator[str]:
    """The address of a listener that takes no connection: whoever connects hears nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]  # fill the queue that is never taken from
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([slow(30)], id="silent"),
        pytest.param([drips(0.01)], id="dripping"),
        pytest.param([WRONG_LABEL, slow(30)], id="silent at the repair"),
        pytest.param([WRONG_LABEL, drips(0.01)], id="dripping at the repair"),
        pytest.param([fails(503), drips(0.01)], id="dripping at the second attempt"),
    ],
)
async def test_a_provider_that_never_ends_does_not_hold_a_request(
    start: Start, provider: Provider, replies: list[Reply]
) -> None:
    """PLAYBOOK 2.4; DESIGN, principle 7. Each byte of a drip renews a socket's patience."""
    service = await start(guardrails=SHORT)
    provider.will(*replies, *[slow(30)] * 10)
    line = await ends_in_time(service)
    assert len(provider.requests) >= len(replies)
    assert line["latency_seconds"] < BUDGET_SECONDS + 0.1


async def test_a_provider_that_takes_no_connection_does_not_hold_a_request(
    start: Start, unanswered: str
) -> None:
    """PLAYBOOK 2.4: the budget reaches the connecting, too."""
    service = await start(guardrails=SHORT, settings={"simulator_url": unanswered})
    line = await ends_in_time(service)
    assert "simulator:small: " in line["model_error"]
    assert service.metric("airworthy_model_failures_total", kind="timeout") >= 1


async def test_a_name_nobody_knows_does_not_hold_a_request(start: Start) -> None:
    """PLAYBOOK 2.4, point 4: DNS."""
    url = "http://no-such-provider.invalid/v1"
    service = await start(guardrails=SHORT, settings={"simulator_url": url})
    line = await ends_in_time(service)
    assert line["model_error"]


async def test_a_wait_for_a_connection_ends_with_the_budget_and_blames_nobody(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: our own pool is exhausted; that is no evidence against the provider."""
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={**SHORT, "breaker": breaker})
    chain = service.service.releases["label-v1"].chain
    provider.for_model = {"small": slow(30)}
    (link,) = chain.links
    client: Any = link.client.client  # type: ignore[attr-defined]
    ours = client._client
    async with http_client(1.0, connections=1) as narrow:
        client._client = narrow
        holds = asyncio.create_task(narrow.post(provider.url + "/x", json={"model": "small"}))
        await until(lambda: bool(provider.requests))
        await ends_in_time(service)
        assert len(provider.requests) == 1
        holds.cancel()
    client._client = ours
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 0


@pytest.mark.parametrize("provider_name", ["simulator", "anthropic", "google", "bedrock"])
@pytest.mark.parametrize("reply", [drips(0.01), slow(30)], ids=["dripping", "silent"])
async def test_no_providers_client_outlives_its_call(
    start: Start,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    provider_name: str,
    reply: Reply,
) -> None:
    """PLAYBOOK 2.4: each protocol, each SDK, over real HTTP; boto3 has a thread of its own."""
    settings = any_provider(provider, monkeypatch, provider_name)
    releases = {"releases": {"label-v1": {"model": f"{provider_name}:some-model"}}}
    service = await start(guardrails=SHORT, releases=releases, settings=settings)
    provider.for_text = {"apple": reply}
    await ends_in_time(service)
    assert provider.requests


@pytest.mark.parametrize("provider_name", ["simulator", "anthropic", "google", "bedrock"])
@pytest.mark.parametrize("reply", [fails(500), fails(503), fails(429)], ids=["500", "503", "429"])
async def test_no_providers_client_retries_by_itself(
    start: Start,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    provider_name: str,
    reply: Reply,
) -> None:
    """FIELD, retry: one layer only, or attempts multiply and no budget holds."""
    settings = any_provider(provider, monkeypatch, provider_name)
    releases = {"releases": {"label-v1": {"model": f"{provider_name}:some-model"}}}
    limits = {"model": {"attempts": 2}}
    service = await start(guardrails=limits, releases=releases, settings=settings)
    provider.for_text = {"apple": reply}
    assert (await service.post(GOOD)).json()["outcome"] == "fallback"
    assert len(provider.requests) == 2
    assert service.lines("ai_call")[-1]["retries"] == 1


async def test_gemini_is_told_no_deadline_that_it_would_refuse(
    start: Start, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """google-genai sends its timeout along, and Gemini answers 400 to one below ten seconds."""
    settings = any_provider(provider, monkeypatch, "google")
    releases = {"releases": {"label-v1": {"model": "google:some-model"}}}
    service = await start(guardrails=SHORT, releases=releases, settings=settings)
    provider.will(fails(500))
    await service.post(GOOD)
    assert int(provider.headers[0]["x-server-timeout"]) >= 10


def any_provider(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, name: str
) -> dict[str, object]:
    """Point a provider's client at the scripted one; skips without its SDK."""
    module = {"google": "google.genai", "bedrock": "boto3"}.get(name, name)
    if name != "simulator":
        pytest.importorskip(module)
    base = provider.url.removesuffix("/v1")
    for variable, value in {
        "ANTHROPIC_BASE_URL": base,
        "GOOGLE_GEMINI_BASE_URL": base,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": base,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "key",  # pragma: allowlist secret
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(variable, value)
    return {"anthropic_api_key": SecretStr("k"), "google_api_key": SecretStr("k")}


async def test_sockets_wait_no_longer_than_the_call_they_belong_to() -> None:
    """PLAYBOOK 2.4: what an SDK puts into a request does not count."""
    seen: list[dict[str, float]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.extensions["timeout"])
        return httpx2.Response(500)

    async with http_client(600.0, connections=1) as client:
        client._transport = httpx2.MockTransport(answer)
        client._mounts = {}
        settings = Settings(service_secret=SecretStr("s" * 32))
        model = build_model("simulator", "small", settings, client)
        for seconds in (60.0, 0.5):
            with (
                sockets_end(time.monotonic() + seconds),
                pytest.raises(ModelServerError),
            ):
                await model_request(model, [ModelRequest([UserPromptPart("hi")])])
    long, short = seen
    assert long["connect"] == 2.0
    assert 59 < long["read"] == long["write"] == long["pool"] <= 60
    assert 0.4 < short["connect"] == short["read"] == short["pool"] <= 0.5


async def test_the_time_before_the_first_call_is_in_the_budget(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: what is done to a prompt right before it leaves is a stage like any other."""
    service = await start()

    async def never(prompt: Prompt) -> Prompt:
        await asyncio.sleep(30)
        return prompt

    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="no time was left"):
        await bound(service, started + 0.2, prepare=never).run(PROMPT, labels.Found)
    assert time.monotonic() - started < 0.3
    assert provider.requests == []


async def test_a_prompt_is_prepared_once_however_often_it_is_sent(
    start: Start, provider: Provider
) -> None:
    seen = []

    async def mask(prompt: Prompt) -> Prompt:
        seen.append(prompt.user)
        return Prompt(prompt.instructions, "a [fruit]", prompt.version, prompt.sha256)

    releases = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}
    service = await start(releases=releases)
    provider.for_model = {"small": fails(500), "spare": answers()}
    model = bound(service, time.monotonic() + 2, prepare=mask)
    assert (await model.run(PROMPT, labels.Found)).label == "fruit"
    assert seen == ["an apple"]
    sent = [request["messages"][-1]["content"] for request in provider.requests]
    assert sent == ["a [fruit]"] * 3


async def test_what_may_not_leave_is_not_sent(start: Start, provider: Provider) -> None:
    service = await start()

    async def refuse(prompt: Prompt) -> Prompt:
        raise PermissionError

    with pytest.raises(PermissionError):
        await bound(service, time.monotonic() + 2, prepare=refuse).run(PROMPT, labels.Found)
    assert provider.requests == []


def bound(service: ServiceUnderTest, deadline: float, **more: Any) -> BoundModel:
    """The model of the service's release, as a pipeline is given it."""
    path = service.service._path
    chain = service.service.releases["label-v1"].chain
    labels_of, hold = ("label-v1", "v"), partial(path.limits.call, Caller("ann", "acme"))
    return BoundModel(chain, ModelUse(), deadline, path.tracing.stage, labels_of, hold, **more)


async def test_a_model_that_cannot_be_asked_takes_no_share_of_the_time(
    start: Start, provider: Provider
) -> None:
    """The first model has the whole budget while its fallback's breaker is open."""
    releases = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    limits = {"timeout_seconds": 0.75, "attempts": 1}
    service = await start(
        releases=releases,
        guardrails={"request": {"budget_seconds": 1.0}, "model": limits, "breaker": breaker},
    )
    spare = service.service.releases["label-v1"].chain.links[1].breaker
    permit = spare.admit()
    assert permit is not None
    spare.failed(permit)
    provider.for_model = {"small": slow(0.6)}
    response = await service.post(GOOD)
    assert response.json()["outcome"] == "answered"


async def test_a_filtered_answer_is_neither_repaired_nor_held_against_the_provider(
    start: Start, provider: Provider
) -> None:
    """One caller's input must not take a model from all others."""
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={"breaker": breaker})
    provider.will(says("", finish="content_filter"))
    response = await service.post(GOOD)
    assert response.json()["outcome"] == "fallback"
    assert len(provider.requests) == 1
    assert service.metric("airworthy_model_failures_total", kind="filtered") == 1
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 0


def never_done(budget_ms: int) -> Guards:
    """Hosted guards of which one does not answer."""

    async def ask(_: Sequence[str]) -> Sequence[str]:
        await asyncio.sleep(30)
        return ()

    policy = GuardPolicy(mode="block", budget_ms=budget_ms)
    return Guards(hosted=(HostedGuard("asked", "harmful content", "v1", policy, ask),))


def with_guards(service: ServiceUnderTest, **guards: Guards) -> None:
    service.service._path = replace(service.service._path, **guards)  # type: ignore[arg-type]


async def test_the_models_part_of_the_budget_leaves_the_hosted_guards_theirs(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: split over stages. The model takes all it may, then a guard does the same."""
    service = await start(guardrails=SHORT)
    with_guards(service, output_guards=never_done(300))
    provider.for_model = {"small": slow(0.1)}
    started = time.perf_counter()
    response = await service.post(GOOD)
    assert time.perf_counter() - started < BUDGET_SECONDS + 0.1
    assert (response.status_code, response.json()["type"]) == (503, "/problems/guard-failed")
    provider.for_model = {"small": slow(30)}
    await ends_in_time(service)  # no answer to ask the guard about


async def test_what_the_pipeline_fetched_is_shown_to_the_hosted_guards_before_it_leaves(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.9: a document can give orders too; none are sent when a guard does not answer."""

    async def fetch(note: labels.Note, ctx: Context) -> Draft[labels.Label]:
        found = await ctx.model.run(ctx.prompt(text="a document"), output=labels.Found)
        return Draft(labels.Label(label=found.label), confidence=1.0)

    service = await start(replace(labels.pipeline, run=fetch))

    async def ask(texts: Sequence[str]) -> Sequence[str]:
        return ("orders",) if "a document" in texts else ()

    policy = GuardPolicy(mode="block", budget_ms=300)
    guard = HostedGuard("asked", "hidden orders", "v1", policy, ask)
    with_guards(service, input_guards=Guards(hosted=(guard,)))
    response = await service.post(GOOD)
    assert response.status_code == 422
    assert provider.requests == []
