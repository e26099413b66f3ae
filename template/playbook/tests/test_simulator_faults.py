"""Each kind of fault, as a client sees it over real HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx2
import openai
import pytest
from simulator_requests import TOOL, ask, connect

from playbook.simulator.embedded import EmbeddedSimulator

pytestmark = pytest.mark.slow


async def post(
    simulator: EmbeddedSimulator, http: httpx2.AsyncClient, **more: Any
) -> httpx2.Response:
    return await http.post(f"{simulator.base_url}/chat/completions", json=ask(**more), timeout=5)


async def test_latency_delays_the_answer_and_changes_nothing_else(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        plain = await client.chat.completions.create(**ask())
        simulator.plan({"kind": "latency", "seconds": 0.2})
        started = time.monotonic()
        late = await client.chat.completions.create(**ask())
        seconds = time.monotonic() - started
    assert 0.2 <= seconds < 2
    assert late.choices == plain.choices


async def test_timeout_never_answers_so_that_the_clients_own_limit_ends_it(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator, timeout=0.2) as client:
        simulator.plan({"kind": "timeout"})
        with pytest.raises(openai.APITimeoutError):
            await client.chat.completions.create(**ask())


async def test_timeout_is_bounded_and_closes_without_an_answer(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "timeout", "seconds": 0.1})
        with pytest.raises(httpx2.RemoteProtocolError, match="disconnected"):
            await post(simulator, http)


@pytest.mark.parametrize(
    ("seconds", "headers"),
    [
        (None, {}),
        (2, {"retry-after": "2"}),
        (0.25, {"retry-after": "1", "retry-after-ms": "250"}),
    ],
)
async def test_rate_limit_is_a_marked_429_with_retry_after(
    simulator: EmbeddedSimulator, seconds: float | None, headers: dict[str, str]
) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "rate_limit", "retry_after_seconds": seconds})
        with pytest.raises(openai.RateLimitError) as caught:
            await client.chat.completions.create(**ask())
    sent = caught.value.response.headers
    assert sent["x-simulated"] == "true"
    assert {name: sent[name] for name in sent if name.startswith("retry-after")} == headers
    assert caught.value.code == "rate_limit_exceeded"


@pytest.mark.parametrize("status", [500, 502, 503, 529])
async def test_server_error_is_a_marked_5xx(simulator: EmbeddedSimulator, status: int) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "server_error", "status": status})
        with pytest.raises(openai.InternalServerError) as caught:
            await client.chat.completions.create(**ask(stream=True))
    assert caught.value.status_code == status
    assert caught.value.response.headers["x-simulated"] == "true"


@pytest.mark.parametrize("stream", [False, True])
async def test_connection_reset_is_a_real_tcp_reset(
    simulator: EmbeddedSimulator, stream: bool
) -> None:
    simulator.plan({"kind": "connection_reset"})
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    body = json.dumps(ask(stream=stream)).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_connection_reset_is_a_connection_error_to_the_client_and_the_next_call_works(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "connection_reset", "count": 1})
        with pytest.raises(openai.APIConnectionError):
            await client.chat.completions.create(**ask())
        await client.chat.completions.create(**ask())


async def test_malformed_body_is_a_200_that_is_not_json(simulator: EmbeddedSimulator) -> None:
    async with httpx2.AsyncClient() as http, connect(simulator) as client:
        simulator.plan({"kind": "malformed_body"})
        answer = await post(simulator, http)
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            answer.json()
        stream = await client.chat.completions.create(**ask(stream=True))
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            _ = [chunk async for chunk in stream]
    assert answer.status_code == 200
    assert answer.headers["x-simulated"] == "true"


async def test_empty_choices_answers_without_an_answer(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "empty_choices"})
        whole = await client.chat.completions.create(**ask())
        stream = await client.chat.completions.create(**ask(stream=True))
        assert [chunk.choices async for chunk in stream] == [[]]
    assert whole.choices == []
    assert whole.model == "simulated/small"


@pytest.mark.parametrize("more", [{}, {"tools": [TOOL]}], ids=["content", "tool"])
async def test_wrong_schema_is_valid_json_of_another_shape(
    simulator: EmbeddedSimulator, more: dict[str, Any]
) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "wrong_schema"})
        answer = await client.chat.completions.create(**ask(**more))
    message = answer.choices[0].message
    text = message.tool_calls[0].function.arguments if message.tool_calls else message.content
    assert "category" not in json.loads(text or "")


@pytest.mark.parametrize("stream", [False, True])
async def test_wrong_schema_can_meet_the_providers_whole_body(
    simulator: EmbeddedSimulator, stream: bool
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "wrong_schema", "part": "body"})
        answer = await post(simulator, http, stream=stream)
    body = json.loads(answer.text.removeprefix("data: ").split("\n\n")[0])
    assert "choices" not in body
    assert body["model"] == "simulated/small"


async def test_wrong_label_names_a_category_that_does_not_exist(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "wrong_label"})
        answer = await client.chat.completions.create(**ask())
    found = json.loads(answer.choices[0].message.content or "")
    assert found["category"] not in ("billing", "bug", "other")
    assert set(found) == {"category", "confidence", "summary"}


async def test_wrong_label_finds_an_enum_behind_a_reference_as_pydantic_writes_it(
    simulator: EmbeddedSimulator,
) -> None:
    schema = {
        "$defs": {"Category": {"enum": ["billing", "not-a-label"], "type": "string"}},
        "properties": {"summary": {"type": "string"}, "category": {"$ref": "#/$defs/Category"}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "t", "schema": schema}}
    async with connect(simulator) as client:
        simulator.plan({"kind": "wrong_label"})
        answer = await client.chat.completions.create(**ask(response_format=form))
    category = json.loads(answer.choices[0].message.content or "")["category"]
    assert category not in ("billing", "other", "not-a-label")


async def test_truncated_stream_breaks_off_before_done(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "truncated_stream"})
        stream = await client.chat.completions.create(**ask(stream=True))
        seen = []
        with pytest.raises(openai.APIConnectionError):
            async for chunk in stream:
                seen.append(chunk)
    assert seen
    assert all(chunk.choices[0].finish_reason is None for chunk in seen)


async def test_a_politely_truncated_stream_looks_like_success_but_has_no_end(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "truncated_stream", "polite": True})
        answer = await post(simulator, http, stream=True)
    assert answer.status_code == 200
    assert "[DONE]" not in answer.text
    assert '"finish_reason": "stop"' not in answer.text
    assert answer.text.endswith("\n\n")


async def test_a_truncated_body_is_shorter_than_its_content_length(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "truncated_stream"})
        with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message"):
            await post(simulator, http)


@pytest.mark.parametrize("stream", [False, True])
async def test_slow_drip_spreads_the_bytes_and_defeats_read_timeouts(
    simulator: EmbeddedSimulator, stream: bool
) -> None:
    async with httpx2.AsyncClient(timeout=0.4) as http:
        simulator.plan({"kind": "slow_drip", "seconds": 0.6})
        started, reads = time.monotonic(), 0
        url = f"{simulator.base_url}/chat/completions"
        async with http.stream("POST", url, json=ask(stream=stream)) as answer:
            async for _ in answer.aiter_raw():
                reads += 1
        seconds = time.monotonic() - started
    assert 0.55 <= seconds < 3
    assert reads > 3
