"""What a moderation service that is down, slow or wrong does to a request: it fails closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import moderation_servers as servers
import pytest
from moderation_servers import HANGS, KEY, RESETS, VIOLENCE, Azure, Chosen, Fault, fails
from sample_config import Start
from scripted_provider import Provider
from waiting import until

from chassis.config import ConfigError
from chassis.testing import ServiceUnderTest

TEXT = {"text": "an apple nobody else may read about"}


@pytest.fixture(params=[Azure, pytest.param(servers.OpenAI, marks=pytest.mark.slow)])
def moderation(request: pytest.FixtureRequest) -> Iterator[Chosen]:
    """Each of the two services, asked by the same client; every request is as documented."""
    server = request.param()
    with servers.running(server):
        yield servers.chosen(server)
    assert server.broken == []


async def opened(
    start: Start, moderation: Chosen, breaker: dict[str, Any] | None = None, **changes: Any
) -> ServiceUnderTest:
    """A service that asks about the input only, and of Azure for harm only: one call a request."""
    azure = moderation.provider == "azure-content-safety"
    only = {"output": False, **({"prompt_shield": False} if azure else {})}
    config = moderation.config(**{**only, **changes})
    if breaker is not None:
        config["breaker"] = breaker
    return await start(settings=moderation.settings, guardrails=config)


def verdict(service: ServiceUnderTest) -> str:
    """The moderation's verdict on the last input."""
    guards = service.lines("ai_call")[-1]["guards"]
    return str(next(g["verdict"] for g in guards if g["guard"] == "moderation"))


def detail(service: ServiceUnderTest) -> str:
    """What the log says of the last failure."""
    return str(service.lines("unexpected_error")[-1]["detail"])


FOR_GOOD = [
    (fails(400), "HTTP 400"),
    (fails(401), "HTTP 401"),
    (fails(403), "HTTP 403"),
    (fails(404), "HTTP 404"),
    (Fault(302, headers=(("Location", "http://127.0.0.1:9/"),)), "HTTP 302"),
    (servers.says(b"<html>gateway</html>"), "not the documented one"),
    (servers.says(b'{"results": [], "categoriesAnalysis": []}'), "not the documented one"),
    (servers.says({"ok": True}), "not the documented one"),
    (servers.says(b" " * 250_001), "more than 250000 bytes"),
    (fails(429, "60"), "HTTP 429"),
    (fails(503, "60"), "HTTP 503"),
    (fails(503, "nan"), "HTTP 503"),
    (fails(503, "Wed, 25 Nov 2026 07:28:00 GMT"), "HTTP 503"),
]


@pytest.mark.parametrize(("fault", "told"), FOR_GOOD, ids=[told for _, told in FOR_GOOD])
async def test_a_service_that_gives_no_verdict_fails_the_request_at_once(
    start: Start, provider: Provider, moderation: Chosen, fault: Fault, told: str
) -> None:
    """DESIGN principle 7; the log says what it was, never the text or a key."""
    service = await opened(start, moderation)
    moderation.server.will(fault)
    response = await service.post(TEXT)
    assert (response.status_code, response.json()["type"]) == (503, "/problems/guard-failed")
    assert provider.requests == []
    assert len(moderation.server.requests) == 1
    assert verdict(service) == "error"
    assert told in detail(service)
    log = str([line for line in service.lines() if line["event"] != "ai_call"])
    assert KEY not in service.log_text() + response.text and "apple" not in log
    labels = {"guard": "moderation", "direction": "input", "verdict": "error"}
    assert service.metric("airworthy_guard_verdicts_total", **labels) == 1
    assert (await service.post(TEXT)).status_code == 200


async def test_a_service_that_cannot_be_asked_fails_the_request_when_only_observing_too(
    start: Start, moderation: Chosen
) -> None:
    """What nobody looked at must not go out as if somebody had."""
    service = await opened(start, moderation, mode="observe")
    moderation.server.will(fails(401))
    assert (await service.post(TEXT)).status_code == 503


@pytest.mark.parametrize("fault", [RESETS, fails(500), fails(503), fails(429, "0.01")])
async def test_one_passing_failure_costs_a_second_try_not_the_request(
    start: Start, moderation: Chosen, fault: Fault
) -> None:
    service = await opened(start, moderation)
    moderation.server.will(fault)
    assert (await service.post(TEXT)).status_code == 200
    assert len(moderation.server.requests) == 2
    moderation.server.will(fault)
    assert (await service.post({"text": VIOLENCE})).status_code == 422


async def test_a_second_failure_is_the_last(start: Start, moderation: Chosen) -> None:
    service = await opened(start, moderation)
    moderation.server.will(RESETS, fails(500), fails(500))
    assert (await service.post(TEXT)).status_code == 503
    assert len(moderation.server.requests) == 2


async def test_a_service_that_hangs_costs_the_guards_budget_and_no_more(
    start: Start, moderation: Chosen
) -> None:
    service = await opened(start, moderation, budget_ms=200)
    moderation.server.will(HANGS)
    started = time.monotonic()
    assert (await service.post(TEXT)).status_code == 503
    assert time.monotonic() - started < 1.0
    assert verdict(service) == "error"
    milliseconds = service.lines("ai_call")[-1]["guards"][-1]["milliseconds"]
    assert 150 < milliseconds < 1000


async def test_a_service_that_is_not_there_fails_the_request(
    start: Start, moderation: Chosen
) -> None:
    for name in ("azure_content_safety_endpoint", "moderation_base_url"):
        if name in moderation.settings:
            moderation.settings[name] = "http://127.0.0.1:9"
    service = await opened(start, moderation)
    assert (await service.post(TEXT)).status_code == 503
    assert "ConnectError" in detail(service)


async def test_a_dead_service_is_left_alone_and_the_failure_told_at_once(
    start: Start, moderation: Chosen
) -> None:
    breaker = {"failures": 2, "window_seconds": 60, "reset_seconds": 60}
    service = await opened(start, moderation, breaker, budget_ms=150)
    moderation.server.always = HANGS
    for _ in range(2):
        assert (await service.post(TEXT)).status_code == 503
    asked = len(moderation.server.requests)
    assert (await service.post(TEXT)).status_code == 503
    assert service.lines("ai_call")[-1]["guards"][-1]["milliseconds"] < 150
    assert len(moderation.server.requests) == asked
    assert "left alone" in detail(service)


async def test_a_service_that_came_back_is_asked_again(start: Start, moderation: Chosen) -> None:
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 0.05}
    service = await opened(start, moderation, breaker)
    moderation.server.will(servers.says(b"not JSON"))
    assert (await service.post(TEXT)).status_code == 503
    async with asyncio.timeout(10):
        while (await service.post(TEXT)).status_code != 200:
            assert len(moderation.server.requests) == 1
    assert (await service.post(TEXT)).status_code == 200


@pytest.mark.parametrize("fault", [fails(400), fails(429, "60")])
async def test_refusals_of_single_texts_do_not_take_the_service_away_from_everyone(
    start: Start, moderation: Chosen, fault: Fault
) -> None:
    """A caller whose text is refused, or a limit that is reached, must not open the breaker."""
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 30}
    service = await opened(start, moderation, breaker)
    moderation.server.will(*[fault] * 4)
    for _ in range(4):
        assert (await service.post(TEXT)).status_code == 503
    assert (await service.post(TEXT)).status_code == 200


async def test_many_pieces_of_one_request_count_as_one_failure(
    start: Start, moderation: Chosen
) -> None:
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 30}
    service = await opened(start, moderation, breaker, budget_ms=200)
    moderation.server.always = HANGS
    guards, verdicts = service.service._path.input_guards, []
    with pytest.raises(Exception, match="could not be completed"):
        await guards.ask("input", ["word " * 20_000], verdicts)
    moderation.server.always = None
    assert (await service.post(TEXT)).status_code == 200


async def test_a_large_document_leaves_room_for_other_requests(
    start: Start, moderation: Chosen
) -> None:
    """One request has at most four calls under way; the others are not behind all of its.

    And that its caller went away is not the service's failure.
    """
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await opened(start, moderation, breaker)
    guards = service.service._path.input_guards
    moderation.server.will(*[HANGS] * 4)
    large = asyncio.create_task(guards.ask("content", ["word " * 40_000], []))
    await until(lambda: len(moderation.server.requests) == 4)
    assert (await service.post(TEXT)).status_code == 200
    assert len(moderation.server.requests) == 5
    large.cancel()
    with pytest.raises(asyncio.CancelledError):
        await large
    assert (await service.post(TEXT)).status_code == 200


OPENAI_GOOD = servers.OpenAI().result("an apple")


@pytest.mark.parametrize(
    "result",
    [
        {**OPENAI_GOOD, "categories": {}},
        {**OPENAI_GOOD, "category_scores": None},
        {**OPENAI_GOOD, "flagged": True},
        {**OPENAI_GOOD, "flagged": "no"},
        {**OPENAI_GOOD, "category_scores": {**OPENAI_GOOD["category_scores"], "violence": 7}},
        {**OPENAI_GOOD, "categories": {**OPENAI_GOOD["categories"], "a\nline": True}},
    ],
)
async def test_an_incomplete_verdict_of_openai_is_none(start: Start, result: Any) -> None:
    with servers.running(server := servers.OpenAI()):
        service = await opened(start, servers.chosen(server), thresholds={"hate": 0.4})
        server.will(servers.says({"id": "1", "model": "omni", "results": [result]}))
        assert (await service.post(TEXT)).status_code == 503


async def test_a_category_newer_than_this_code_counts_by_its_flag(start: Start) -> None:
    with servers.running(server := servers.OpenAI()):
        service = await opened(start, servers.chosen(server))
        flags = {**OPENAI_GOOD["categories"], "extremism": True, "illicit": None}
        new = {**OPENAI_GOOD, "flagged": True, "categories": flags}
        server.will(servers.says({"id": "1", "model": "omni", "results": [new]}))
        assert (await service.post(TEXT)).status_code == 422
        assert service.lines("ai_call")[-1]["guards"][-1]["found"] == ["extremism"]


@pytest.mark.parametrize(
    "analysis",
    [
        [{"category": c, "severity": 0} for c in ("Hate", "SelfHarm", "Sexual")],
        [{"category": c} for c in Azure.CATEGORIES],
        [{"category": c, "severity": 9} for c in Azure.CATEGORIES],
        [{"category": c, "severity": "0"} for c in Azure.CATEGORIES],
    ],
)
async def test_an_incomplete_verdict_of_azure_is_none(start: Start, analysis: Any) -> None:
    with servers.running(server := Azure()):
        service = await opened(start, servers.chosen(server))
        server.will(servers.says({"categoriesAnalysis": analysis}))
        assert (await service.post(TEXT)).status_code == 503


@pytest.mark.parametrize(
    "answer", [{"documentsAnalysis": []}, {"userPromptAnalysis": {}}, {"userPromptAnalysis": None}]
)
async def test_an_incomplete_verdict_of_prompt_shields_is_none(start: Start, answer: Any) -> None:
    with servers.running(server := Azure()):
        chosen = servers.chosen(server)
        service = await start(settings=chosen.settings, guardrails=chosen.config())
        server.always = servers.says(answer)
        assert (await service.post(TEXT)).status_code == 503


async def test_a_document_without_a_verdict_of_its_own_fails_them_all(start: Start) -> None:
    with servers.running(server := Azure()):
        chosen = servers.chosen(server)
        service = await start(settings=chosen.settings, guardrails=chosen.config())
        shield = service.service._path.input_guards.hosted[-1]
        assert shield.ask_content is not None
        server.will(servers.says({"documentsAnalysis": [{"attackDetected": False}]}))
        with pytest.raises(Exception, match="not the documented one"):
            await shield.ask_content(["one", "two"])


@pytest.mark.parametrize(
    ("provider_name", "variables"),
    [
        ("azure-content-safety", "AZURE_CONTENT_SAFETY_ENDPOINT, AZURE_CONTENT_SAFETY_KEY"),
        ("openai", "OPENAI_API_KEY"),
    ],
)
async def test_a_service_without_its_key_does_not_start(
    start: Start, provider_name: str, variables: str
) -> None:
    with pytest.raises(ConfigError) as error:
        await start(guardrails={"moderation": {"provider": provider_name}})
    told = str(error.value)
    them = "them" if "," in variables else "it"
    assert told.startswith("config/guardrails.yaml:")
    assert f"moderation.provider\n  {provider_name} needs {variables}. Set {them} in .env" in told
