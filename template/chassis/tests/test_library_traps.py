"""Traps of the libraries around a model call, each one seen before: here they stay shut."""

from __future__ import annotations

import ast
import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import labels
import pytest
import sample_config
from pydantic import SecretStr
from pydantic_ai.exceptions import ContentFilterError, UserError
from sample_config import Start
from scripted_provider import Provider, answers, breaks_off, no_choices, says

import chassis
from chassis.model.failures import FailureKind, failure_of
from chassis.providers import user_settings
from chassis.testing import service_under_test

GOOD = {"text": "an apple"}
FALLBACK = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}


@pytest.mark.slow
async def test_two_services_in_a_process_do_not_stall_each_other(
    tmp_path: Path, provider: Provider
) -> None:
    """FIELD, model client: with the library's default client this stood still for ten minutes."""
    sample_config.make(tmp_path)
    started = time.perf_counter()
    async with AsyncExitStack() as stack:
        opened = [
            service_under_test(labels.pipeline, tmp_path, simulator_url=provider.url)
            for _ in range(2)
        ]
        services = [await stack.enter_async_context(each) for each in opened]
        for _ in range(3):
            both = (service.post(GOOD) for service in services for _ in range(6))
            responses = await asyncio.gather(*both)
            assert {response.json()["outcome"] for response in responses} == {"answered"}
        clients: list[Any] = [
            service.service.releases["label-v1"].chain.links[0].client for service in services
        ]
        connections = [client.client._client for client in clients]
        assert connections[0] is not connections[1]
    assert all(client.is_closed for client in connections)  # each closed with its service
    assert time.perf_counter() - started < 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(no_choices(), "malformed", id="choices: []"),
        pytest.param(breaks_off(), "connection", id="half a body"),
        pytest.param(says('{"label": "fru', finish="length"), "unusable", id="cut at the limit"),
        pytest.param(says('{"label": "fruit", "conf'), "unusable", id="half an answer, said whole"),
    ],
)
async def test_half_an_answer_is_no_answer(
    start: Start, provider: Provider, reply: Any, kind: str
) -> None:
    """FIELD, model client: an IndexError escapes, a truncated answer counts as success."""
    service = await start(releases=FALLBACK)
    provider.for_model = {"small": reply, "spare": answers({"label": "tool"})}
    body = (await service.post(GOOD)).json()
    assert (body["outcome"], body["answer"]["label"]) == ("answered", "tool")
    assert service.lines("unexpected_error") == []
    assert service.metric("airworthy_model_failures_total", model="simulator:small", kind=kind) > 0


def test_no_request_pays_for_an_agent() -> None:
    """FIELD, model client: `Agent.run` costs 4.8 ms where `direct.model_request` costs 1.8."""
    source = Path(chassis.__file__).parent
    used = {
        name.name
        for file in source.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pydantic_ai")
        for name in node.names
    }
    assert "model_request" in used
    assert used.isdisjoint({"Agent", "FallbackModel"})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ContentFilterError("filtered"), FailureKind.filtered),
        (UserError("this model takes no such setting"), FailureKind.rejected),
    ],
)
def test_what_is_not_the_providers_fault_is_not_held_against_it(
    error: Exception, kind: FailureKind
) -> None:
    failure = failure_of(error)
    assert (failure.kind, failure.retry, failure.blames) == (kind, False, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "where"),
    [("simulator", ("user",)), ("anthropic", ("metadata", "user_id"))],
)
async def test_a_provider_is_told_a_pseudonym_never_an_identity(
    start: Start,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    where: tuple[str, ...],
) -> None:
    """PLAYBOOK 2.5: hashes of different kinds cannot be joined."""
    if name == "anthropic":
        pytest.importorskip("anthropic")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", provider.url.removesuffix("/v1"))
    service = await start(
        releases={"releases": {"label-v1": {"model": f"{name}:some-model"}}},
        guardrails={"model": {"attempts": 1}},
        settings={"anthropic_api_key": SecretStr("k")},
    )
    for user in ("ann", "ann", "bob"):
        await service.post(GOOD, X_End_User=user)
    told = []
    for request in provider.requests:
        value: Any = request
        for key in where:
            value = value[key]
        told.append(value)
    assert told[0] == told[1] != told[2]
    assert "ann" not in str(provider.requests)
    assert told[0] not in service.log_text()


async def test_a_provider_is_told_nothing_of_who_asks_unless_it_is_wanted(
    start: Start, provider: Provider
) -> None:
    service = await start(guardrails={"model": {"send_user": False}})
    await service.post(GOOD, X_End_User="ann")
    assert "user" not in provider.requests[0]


def test_only_providers_that_know_the_field_are_sent_it() -> None:
    """A server that is merely OpenAI compatible may refuse what it does not know."""
    assert user_settings("openai", "h") == {"extra_body": {"safety_identifier": "h"}}
    assert user_settings("azure", "h") == {"openai_user": "h"}
    for name in ("openai-compatible", "google", "bedrock"):
        assert user_settings(name, "h") == {}
