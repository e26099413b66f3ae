"""Calls to the model: what each failure of a provider costs, and what the caller gets."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import labels
import pytest
from labels.pipeline import Label, Note
from pydantic import ConfigDict
from sample_config import Start, flags, write_flags
from scripted_provider import (
    Provider,
    Reply,
    answers,
    drips,
    fails,
    malformed,
    no_choices,
    resets,
    says,
    slow,
)
from waiting import until

from chassis import Context, Draft
from chassis.testing import ServiceUnderTest

pytestmark = pytest.mark.slow

GOOD = {"text": "an apple"}
WRONG_SCHEMA = says('{"label": "fruit"}')
WRONG_LABEL = answers({"label": "vegetable"})
NOT_JSON = says("It is a fruit.")
CUT_OFF = says('{"label": "fru', finish="length")
FALLBACK = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}


async def ask(service: ServiceUnderTest, **more: str) -> tuple[str, dict[str, Any]]:
    """One good request: its outcome, and its line in the log."""
    response = await service.post(GOOD, **more)
    assert response.status_code == 200
    return response.json()["outcome"], service.lines("ai_call")[-1]


@pytest.mark.parametrize(
    ("replies", "outcome", "asked", "error"),
    [
        pytest.param([fails(429)], "answered", 2, None, id="429"),
        pytest.param([fails(408)], "answered", 2, None, id="408"),
        pytest.param([fails(500)], "answered", 2, None, id="500"),
        pytest.param([fails(502)], "answered", 2, None, id="502"),
        pytest.param([fails(503)], "answered", 2, None, id="503"),
        pytest.param([fails(529)], "answered", 2, None, id="529"),
        pytest.param([resets()], "answered", 2, None, id="reset"),
        pytest.param([malformed()], "answered", 2, None, id="malformed"),
        pytest.param([no_choices()], "answered", 2, None, id="no choices"),
        pytest.param([WRONG_SCHEMA], "answered", 2, None, id="wrong schema, repaired"),
        pytest.param([WRONG_LABEL], "answered", 2, None, id="made-up label, repaired"),
        pytest.param([NOT_JSON], "answered", 2, None, id="prose, repaired"),
        pytest.param([says("")], "answered", 2, None, id="empty text, repaired"),
        pytest.param([fails(500)] * 2, "fallback", 2, "500", id="500 twice"),
        pytest.param([fails(503)] * 2, "fallback", 2, "503", id="503 twice"),
        pytest.param([fails(429)] * 2, "fallback", 2, "429", id="429 twice"),
        pytest.param([resets()] * 2, "fallback", 2, "ModelConnectionError", id="reset twice"),
        pytest.param([malformed()] * 2, "fallback", 2, "malformed", id="malformed twice"),
        pytest.param([no_choices()] * 2, "fallback", 2, "malformed", id="no choices twice"),
        pytest.param([WRONG_SCHEMA] * 2, "fallback", 2, "(confidence)", id="wrong schema twice"),
        pytest.param([WRONG_LABEL] * 2, "fallback", 2, "(label)", id="made-up label twice"),
        pytest.param([CUT_OFF], "fallback", 1, "token limit", id="cut off"),
        pytest.param([fails(400)], "fallback", 1, "400", id="rejected"),
        pytest.param([fails(401)], "fallback", 1, "401", id="wrong provider key"),
        pytest.param([fails(404)], "fallback", 1, "404", id="no such model"),
    ],
)
async def test_each_failure_is_retried_repaired_or_given_up(
    service: ServiceUnderTest,
    provider: Provider,
    replies: list[Reply],
    outcome: str,
    asked: int,
    error: str | None,
) -> None:
    """PLAYBOOK 2.2, point 4: each failure mode has its outcome and its number of attempts."""
    provider.will(*replies)
    got, line = await ask(service)
    assert (got, len(provider.requests), line["retries"]) == (outcome, asked, asked - 1)
    assert service.metric("airworthy_model_retries_total") == asked - 1
    assert service.lines("unexpected_error") == []
    if error is None:
        assert (line["model_error"], line["simulated"]) == (None, True)
    else:
        assert error in line["model_error"]
        assert line["model_error"].startswith("simulator:small: ")
        assert line["degraded_reason"] == "provider_unavailable"
        assert "planted" not in line["model_error"]


async def test_what_a_model_calls_a_field_does_not_get_into_the_log(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.10: it may name a field after anything it was told."""

    class Exact(Label):
        model_config = ConfigDict(extra="forbid")

    async def run(note: Note, ctx: Context) -> Draft[Exact]:
        return Draft(await ctx.model.run(ctx.prompt(text=note.text), Exact), 1.0)

    exact = replace(labels.pipeline, gives=Exact, run=run, degraded=lambda *_: Exact(label=None))
    service = await start(exact)
    provider.will(says('{"planted": 1}'), says('{"planted": 1}'))
    outcome, line = await ask(service)
    assert outcome == "fallback"
    assert "(answer, label)" in line["model_error"]
    assert "planted" not in service.log_text()


async def test_nobody_at_the_other_end_is_an_outcome_too(start: Start) -> None:
    service = await start(settings={"simulator_url": "http://127.0.0.1:9/v1"})
    outcome, line = await ask(service)
    assert (outcome, line["simulated"]) == ("fallback", None)
    assert "ModelConnectionError" in line["model_error"]


async def test_the_repair_tells_the_model_what_was_wrong(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 2.1: output validation."""
    provider.will(WRONG_LABEL)
    await ask(service)
    first, second = (request["messages"] for request in provider.requests)
    assert len(second) == len(first) + 2
    assert "vegetable" in second[-2]["content"]
    assert "label: Input should be 'fruit', 'tool' or 'other'" in second[-1]["content"]


async def test_both_calls_of_a_repair_are_paid_for(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 1.3: cost counts every call, also one whose answer was of no use."""
    provider.will(WRONG_LABEL, WRONG_LABEL)
    _, line = await ask(service)
    assert (line["tokens_in"], line["tokens_out"], line["cost_usd"]) == (200, 20, 0.0004)


async def test_the_provider_says_how_long_to_wait(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 2.2; DESIGN, request path: honours Retry-After."""
    provider.will(fails(429, retry_after=1))
    outcome, line = await ask(service)
    assert outcome == "answered"
    assert 1.0 <= line["latency_seconds"] < 1.5


async def test_a_wait_beyond_the_budget_is_not_waited(
    service: ServiceUnderTest, provider: Provider
) -> None:
    provider.will(fails(429, retry_after=60))
    outcome, line = await ask(service)
    assert (outcome, len(provider.requests)) == ("fallback", 1)
    assert line["latency_seconds"] < 0.5


@pytest.mark.parametrize("failure", [fails(500), resets(), malformed(), CUT_OFF, WRONG_LABEL])
async def test_the_fallback_answers_when_the_first_model_cannot(
    start: Start, provider: Provider, failure: Reply
) -> None:
    """PLAYBOOK 2.2: graceful degradation starts with another model."""
    service = await start(releases=FALLBACK)
    provider.for_model = {"small": failure, "spare": answers(model="simulated/spare")}
    outcome, line = await ask(service)
    assert outcome == "answered"
    assert (line["model_asked"], line["model_answered"]) == ("simulator:small", "simulated/spare")
    assert line["fallback_used"] is True
    assert line["model_error"].startswith("simulator:small: ")
    assert "spare" not in line["model_error"]


async def test_a_hanging_model_leaves_its_fallback_a_share_of_the_budget(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: a budget per request split over stages."""
    budget = {"request": {"budget_seconds": 1.0}, "model": {"timeout_seconds": 0.9, "attempts": 3}}
    service = await start(releases=FALLBACK, guardrails=budget)
    provider.for_model = {"small": slow(30), "spare": answers()}
    outcome, line = await ask(service)
    assert (outcome, line["fallback_used"]) == ("answered", True)
    assert line["latency_seconds"] < 0.7


@pytest.mark.parametrize(
    "failure", [slow(30), drips(0.01), fails(500)], ids=["slow", "drips", "500"]
)
async def test_no_request_takes_longer_than_its_budget(
    start: Start, provider: Provider, failure: Reply
) -> None:
    """PLAYBOOK 2.4; DESIGN, principle 7: never more than the request's time budget."""
    limits = {"timeout_seconds": 0.2, "attempts": 10, "backoff_initial_seconds": 0.05}
    service = await start(guardrails={"request": {"budget_seconds": 0.6}, "model": limits})
    provider.for_model = {"small": failure}
    started = time.perf_counter()
    outcome, line = await ask(service)
    assert time.perf_counter() - started < 0.7
    assert outcome == "fallback"
    assert len(provider.requests) > 1
    assert line["latency_seconds"] < 0.7


async def test_a_slow_provider_costs_one_caller_not_the_others(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: one slow call never blocks the application."""
    service = await start(guardrails={"model": {"timeout_seconds": 0.4, "attempts": 1}})
    provider.for_text = {"slow pear": slow(30)}
    ann = asyncio.create_task(service.post({"text": "a slow pear"}, X_End_User="ann"))
    await until(lambda: bool(provider.requests))
    outcome, line = await ask(service, X_End_User="bob")
    assert (outcome, line["latency_seconds"] < 0.3) == ("answered", True)
    assert not ann.done()
    assert (await ann).json()["outcome"] == "fallback"


async def test_a_model_that_hangs_takes_no_slots_from_its_fallback(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: as many callers as slots hang at one model, and the other still answers all."""
    limits = {"concurrency": 2, "timeout_seconds": 0.3, "attempts": 1}
    service = await start(releases=FALLBACK, guardrails={"model": limits})
    provider.for_model = {"small": slow(30), "spare": answers()}
    responses = await asyncio.gather(*(service.post(GOOD) for _ in range(4)))
    assert [response.json()["outcome"] for response in responses] == ["answered"] * 4


async def test_an_open_breaker_asks_nobody_and_says_so(start: Start, provider: Provider) -> None:
    """PLAYBOOK 2.2: circuit breaker."""
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={"breaker": breaker}, releases=FALLBACK)
    provider.for_model = {"small": fails(500), "spare": answers()}
    await ask(service)
    asked = len(provider.requests)
    outcome, line = await ask(service)
    assert (outcome, line["fallback_used"]) == ("answered", True)
    assert len(provider.requests) == asked + 1  # the fallback alone
    assert line["model_error"] == "simulator:small: circuit breaker open"
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 1
    assert service.metric("airworthy_breaker_open", model="simulator:spare") == 0
    models = (await service.http.get("/readyz")).json()["models"]
    assert models["simulator:small"] == "open"


async def test_releases_of_one_model_share_its_breaker(start: Start, provider: Provider) -> None:
    """A rollback of the prompt alone must not begin with a storm on a model that is down."""
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 30}
    second = {"label-v2": {"model": "simulator:small"}}
    service = await start(guardrails={"breaker": breaker}, releases={"releases": second})
    provider.for_model = {"small": fails(500)}
    await ask(service)
    write_flags(service.service.config.root, flags(release="label-v2"))
    service.service.flags.reload()
    asked = len(provider.requests)
    _, line = await ask(service)
    assert (line["release"], len(provider.requests)) == ("label-v2", asked)


async def test_the_first_answer_after_the_pause_closes_the_breaker(
    start: Start, provider: Provider
) -> None:
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 0.3}
    service = await start(guardrails={"breaker": breaker})
    provider.will(fails(500), fails(500))
    assert [(await ask(service))[0] for _ in range(3)] == ["fallback"] * 3
    assert len(provider.requests) == 2
    await until(lambda: service.service.readiness()[1]["models"]["simulator:small"] == "half_open")
    assert (await ask(service))[0] == "answered"
    assert len(provider.requests) == 3
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 0


@pytest.mark.parametrize("hanging", [slow(30), drips(0.01)], ids=["silent", "dripping"])
async def test_a_model_that_never_finishes_opens_its_breaker(
    start: Start, provider: Provider, hanging: Reply
) -> None:
    limits = {"timeout_seconds": 0.1, "attempts": 2}
    breaker = {"failures": 2, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={"breaker": breaker, "model": limits})
    provider.for_model = {"small": hanging}
    await ask(service)
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 1


@pytest.mark.parametrize("model", ["gpt-5-mini", "not/simulated", "SIMULATED/x", ""])
async def test_simulated_is_read_from_the_response_only(
    service: ServiceUnderTest, provider: Provider, model: str
) -> None:
    """DESIGN, principle 4: recognised from the response itself, never from configuration."""
    provider.will(answers(model=model))
    response = await service.post(GOOD)
    (line,) = service.lines("ai_call")
    assert (response.json()["simulated"], line["simulated"]) == (False, False)
    assert service.metric("airworthy_simulated_answers_total") == 0
