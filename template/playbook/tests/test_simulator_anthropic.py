"""The simulator as Anthropic's clients see it: answers, tools, streams, errors, and the mark."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator_requests import SCHEMA, brain

from playbook.simulator.anthropic_protocol import AnthropicProtocol
from playbook.simulator.core import BadRequestError
from playbook.simulator.embedded import EmbeddedSimulator

anthropic = pytest.importorskip("anthropic", reason="needs the SDK anthropic")

TOOL = {"name": "file_ticket", "input_schema": SCHEMA}
HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01"}


def ask(text: str = "My invoice is wrong.", **more: Any) -> dict[str, Any]:
    """The arguments of one request that wants a triage."""
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    messages = [{"role": "user", "content": text}]
    asked = {"model": "small", "max_tokens": 400, "system": "Triage.", "messages": messages}
    return {**asked, "output_config": form, **more}


def as_tool(text: str = "My invoice is wrong.", **more: Any) -> dict[str, Any]:
    """The same, with a tool that has to be called."""
    asked = ask(text, **{"tools": [TOOL], "tool_choice": {"type": "any"}, **more})
    del asked["output_config"]
    return asked


def connect(simulator: EmbeddedSimulator, **options: Any) -> Any:
    """A client that never retries, so that each answer is seen as it is."""
    settings = {"api_key": "any", "max_retries": 0, "timeout": 5.0, **options}
    return anthropic.AsyncAnthropic(base_url=simulator.url, **settings)


async def post(
    simulator: EmbeddedSimulator, body: Any, headers: dict[str, str] | None = None
) -> httpx2.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = HEADERS if headers is None else headers
    async with httpx2.AsyncClient(timeout=5) as http:
        return await http.post(f"{simulator.base_url}/messages", content=content, headers=sent)


async def test_a_structured_answer_is_the_brains_and_is_marked_simulated(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        raw = await client.messages.with_raw_response.create(**ask())
        answer = await raw.parse()
    (block,) = answer.content
    assert json.loads(block.text)["category"] == "billing"
    assert (answer.stop_reason, answer.role, answer.type) == ("end_turn", "assistant", "message")
    assert answer.model == "simulated/small"
    assert raw.headers["x-simulated"] == "true"
    assert raw.headers["request-id"].startswith("req_")
    assert answer._request_id == raw.headers["request-id"]


async def test_plain_text_comes_back_when_no_form_is_asked_for() -> None:
    with EmbeddedSimulator(brain, seed=7) as simulator:
        async with connect(simulator) as client:
            blocks = [{"type": "text", "text": "Hello"}]
            asked = ask(messages=[{"role": "user", "content": blocks}], system=blocks)
            del asked["output_config"]
            answer = await client.messages.create(**asked)
    assert answer.content[0].text == "Hello|Hello|seed 7"


async def test_usage_counts_one_token_for_every_four_characters(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        messages = [{"role": "user", "content": "x" * 401}]
        answer = await client.messages.create(model="small", max_tokens=500, messages=messages)
    assert answer.usage.input_tokens == 101
    assert answer.usage.output_tokens == -(-len(answer.content[0].text) // 4)


@pytest.mark.parametrize("asked", [ask, as_tool], ids=["text", "tool"])
async def test_max_tokens_cuts_the_answer_and_says_so(
    simulator: EmbeddedSimulator, asked: Any
) -> None:
    async with connect(simulator) as client:
        answer = await client.messages.create(**asked(max_tokens=5))
    assert answer.stop_reason == "max_tokens"
    assert answer.usage.output_tokens == 5


@pytest.mark.parametrize(
    "choice", [{"type": "auto"}, {"type": "any"}, {"type": "tool", "name": "file_ticket"}]
)
async def test_a_tool_is_called_with_arguments_for_its_schema(
    simulator: EmbeddedSimulator, choice: dict[str, str]
) -> None:
    async with connect(simulator) as client:
        answer = await client.messages.create(**as_tool() | {"tool_choice": choice})
    (call,) = answer.content
    assert answer.stop_reason == "tool_use"
    assert (call.type, call.name) == ("tool_use", "file_ticket")
    assert call.input["category"] == "billing"


async def test_after_a_tools_result_the_model_answers_instead_of_calling_again(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        asked = as_tool(tool_choice={"type": "auto"})
        first = await client.messages.create(**asked)
        result = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": "filed"}
        asked["messages"] += [
            {"role": "assistant", "content": [block.model_dump() for block in first.content]},
            {"role": "user", "content": [result]},
        ]
        second = await client.messages.create(**asked)
    assert second.stop_reason == "end_turn"
    assert "filed" in second.content[0].text


@pytest.mark.parametrize("asked", [ask, as_tool], ids=["text", "tool"])
async def test_a_stream_adds_up_to_the_whole_answer(
    simulator: EmbeddedSimulator, asked: Any
) -> None:
    async with connect(simulator) as client:
        whole = await client.messages.create(**asked())
        async with client.messages.stream(**asked()) as stream:
            kinds = [event.type async for event in stream]
            streamed = await stream.get_final_message()
        assert stream.response.headers["x-simulated"] == "true"
    said = [[getattr(m.content[0], n, None) for n in ("text", "input")] for m in (streamed, whole)]
    assert said[0] == said[1]
    assert streamed.usage.input_tokens == whole.usage.input_tokens
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert (streamed.id, streamed.stop_reason) == (whole.id, whole.stop_reason)
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert kinds.count("content_block_delta") > 3


@pytest.mark.parametrize(
    ("headers", "status", "kind", "words"),
    [
        ({}, 401, "authentication_error", "x-api-key header is required"),
        ({"authorization": "Basic abc"}, 401, "authentication_error", "x-api-key"),
        ({"x-api-key": "k"}, 400, "invalid_request_error", "anthropic-version: header is required"),
        (
            {"x-api-key": "k", "anthropic-version": "newest"},
            400,
            "invalid_request_error",
            '"newest" is not a valid version',
        ),
    ],
)
async def test_a_request_without_its_headers_is_refused_as_the_real_api_does(
    simulator: EmbeddedSimulator, headers: dict[str, str], status: int, kind: str, words: str
) -> None:
    answer = await post(simulator, ask(), headers)
    body = answer.json()
    assert answer.status_code == status
    assert (body["type"], body["error"]["type"]) == ("error", kind)
    assert words in body["error"]["message"]
    assert body["request_id"] == answer.headers["request-id"]
    assert answer.headers["x-simulated"] == "true"


async def test_a_bearer_token_serves_as_key_too(simulator: EmbeddedSimulator) -> None:
    headers = {"authorization": "Bearer any", "anthropic-version": "2026-10-21"}
    assert (await post(simulator, ask(), headers)).status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{not json", "not valid JSON"),
        (b"[]", "The body"),
        (ask(max_tokens=0), "max_tokens"),
        ({"model": "small", "messages": [{"role": "user", "content": "x"}]}, "max_tokens"),
        (ask(messages=[]), "messages"),
        (ask(messages=[{"role": "bot", "content": "x"}]), "messages.0.role"),
        (ask(tool_choice={"type": "any"}), "only be specified while providing tools"),
        (ask(tools=[TOOL], tool_choice={"type": "tool", "name": "x"}), "'x' is not in tools"),
        (
            ask(messages=[{"role": "user", "content": [{"type": "image", "source": {}}]}]),
            "text only, not 'image'",
        ),
    ],
)
async def test_a_bad_request_is_a_marked_400_that_names_the_field(
    simulator: EmbeddedSimulator, body: Any, words: str
) -> None:
    answer = await post(simulator, body)
    assert answer.status_code == 400
    assert answer.headers["x-simulated"] == "true"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert words in answer.json()["error"]["message"]


async def test_the_anthropic_client_raises_its_own_errors(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        with pytest.raises(anthropic.BadRequestError, match="tool_choice"):
            await client.messages.create(**ask(tool_choice={"type": "any"}))
    async with httpx2.AsyncClient() as http:
        wrong = await http.get(f"{simulator.base_url}/messages")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "error")
    assert "POST /v1/chat/completions, /v1/messages" in wrong.json()["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "error", "kind"),
    [
        ({"kind": "server_error", "status": 529}, "OverloadedError", "overloaded_error"),
        ({"kind": "server_error", "status": 503}, "ServiceUnavailableError", "api_error"),
        ({"kind": "server_error", "status": 500}, "InternalServerError", "api_error"),
        ({"kind": "rate_limit", "retry_after_seconds": 2}, "RateLimitError", "rate_limit_error"),
    ],
)
async def test_planned_errors_come_in_anthropics_form(
    simulator: EmbeddedSimulator, fault: dict[str, Any], error: str, kind: str
) -> None:
    async with connect(simulator) as client:
        simulator.plan(fault)
        with pytest.raises(getattr(anthropic, error, anthropic.APIStatusError)) as caught:
            await client.messages.create(**ask())
    assert caught.value.body["error"]["type"] == kind
    assert caught.value.request_id
    headers = caught.value.response.headers
    assert headers.get("retry-after") == ("2" if kind == "rate_limit_error" else None)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["timeout", "connection_reset", "truncated_stream"])
async def test_broken_connections_are_connection_errors_and_the_next_call_works(
    simulator: EmbeddedSimulator, fault: str
) -> None:
    async with connect(simulator, timeout=0.3) as client:
        simulator.plan({"kind": fault, "count": 1})
        with pytest.raises((anthropic.APIConnectionError, httpx2.RemoteProtocolError)):
            await client.messages.create(**ask())
        await client.messages.create(**ask())


async def test_an_answer_without_content_says_nothing(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "empty_choices"})
        whole = await client.messages.create(**ask())
        stream = await client.messages.create(**ask(stream=True))
        kinds = [event.type async for event in stream]
    assert whole.content == []
    assert "content_block_start" not in kinds


@pytest.mark.parametrize("asked", [ask, as_tool], ids=["text", "tool"])
async def test_a_wrong_answer_is_wrong_inside_a_message_that_is_right(
    simulator: EmbeddedSimulator, asked: Any
) -> None:
    found = []
    async with connect(simulator) as client:
        for kind in ("wrong_schema", "wrong_label"):
            simulator.plan({"kind": kind})
            (block,) = (await client.messages.create(**asked())).content
            found.append(block.input if block.type == "tool_use" else json.loads(block.text))
    assert "category" not in found[0]
    assert found[1]["category"] not in ("billing", "bug", "other")


@pytest.mark.parametrize("stream", [False, True])
async def test_malformed_and_foreign_bodies_are_marked_200s(
    simulator: EmbeddedSimulator, stream: bool
) -> None:
    simulator.plan({"kind": "malformed_body"})
    malformed = await post(simulator, ask(stream=stream))
    simulator.plan({"kind": "wrong_schema", "part": "body"})
    foreign = await post(simulator, ask(stream=stream))
    first = [answer.text.split("\n\n")[0].split("data: ")[-1] for answer in (malformed, foreign)]
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(first[0])
    assert json.loads(first[1]) == {"status": "ok", "model": "simulated/small"}
    assert {malformed.status_code, foreign.status_code} == {200}


async def test_a_politely_truncated_stream_has_no_end(simulator: EmbeddedSimulator) -> None:
    simulator.plan({"kind": "truncated_stream", "polite": True})
    answer = await post(simulator, ask(stream=True))
    assert "message_start" in answer.text
    assert "message_delta" not in answer.text
    assert "message_stop" not in answer.text


@pytest.mark.slow
async def test_slow_drip_spreads_the_bytes(simulator: EmbeddedSimulator) -> None:
    simulator.plan({"kind": "slow_drip", "seconds": 0.5})
    started = time.monotonic()
    answer = await post(simulator, ask())
    assert 0.4 <= time.monotonic() - started < 4
    assert answer.json()["stop_reason"] == "end_turn"


async def test_a_caller_is_the_end_user_or_who_the_metadata_names() -> None:
    body = json.dumps(ask(metadata={"user_id": "ann"})).encode()
    protocol = AnthropicProtocol()
    assert protocol.read(body, HEADERS).call.caller == "ann"
    assert protocol.read(body, {**HEADERS, "x-end-user": "bob"}).call.caller == "bob"


TEXT = st.sampled_from(["", "type", "text", "tool_result", "name", "content", "é", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*as_tool(), "output_format", "metadata"]), JSON))
def test_no_json_body_whatever_breaks_the_reading_of_requests(body: dict[str, Any]) -> None:
    try:
        AnthropicProtocol().read(json.dumps(ask() | body).encode(), HEADERS)
    except BadRequestError as error:
        assert error.message
