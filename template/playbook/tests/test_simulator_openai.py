"""The simulator as OpenAI clients see it: answers, streams, tools, usage, and the mark."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator_requests import TOOL, ask, brain, connect

from playbook.simulator.core import BadRequestError
from playbook.simulator.embedded import EmbeddedSimulator
from playbook.simulator.openai_protocol import OpenAIProtocol


async def test_a_structured_answer_is_the_brains_and_is_marked_simulated(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        raw = await client.chat.completions.with_raw_response.create(**ask())
        answer = raw.parse()
    assert json.loads(answer.choices[0].message.content or "")["category"] == "billing"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "simulated/small"
    assert answer.system_fingerprint == "simulated"
    assert raw.headers["x-simulated"] == "true"


async def test_plain_text_comes_back_when_no_form_is_asked_for() -> None:
    with EmbeddedSimulator(brain, seed=7) as simulator:
        async with connect(simulator) as client:
            asked = ask("Hello", response_format={"type": "text"})
            answer = await client.chat.completions.create(**asked)
    assert answer.choices[0].message.content == "Triage.|Hello|seed 7"


async def test_json_object_mode_answers_with_an_object(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        answer = await client.chat.completions.create(
            **ask(response_format={"type": "json_object"})
        )
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


async def test_usage_counts_one_token_for_every_four_characters(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        answer = await client.chat.completions.create(
            model="small", messages=[{"role": "user", "content": "x" * 401}]
        )
    usage, text = answer.usage, answer.choices[0].message.content or ""
    assert usage is not None
    assert usage.prompt_tokens == 101
    assert usage.completion_tokens == -(-len(text) // 4)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


async def test_max_tokens_cuts_the_answer_and_says_so(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        answer = await client.chat.completions.create(**ask(max_tokens=5))
    assert answer.choices[0].finish_reason == "length"
    assert len(answer.choices[0].message.content or "") == 20
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


async def test_a_stream_adds_up_to_the_whole_answer_and_every_chunk_is_marked(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        whole = await client.chat.completions.create(**ask())
        stream = await client.chat.completions.create(
            **ask(stream=True, stream_options={"include_usage": True})
        )
        chunks = [chunk async for chunk in stream]
        assert stream.response.headers["x-simulated"] == "true"
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert len(chunks) > 4
    assert {chunk.model for chunk in chunks} == {"simulated/small"}
    assert {chunk.id for chunk in chunks} == {whole.id}
    assert chunks[-1].usage == whole.usage
    assert chunks[-2].choices[0].finish_reason == "stop"


async def test_a_stream_without_include_usage_has_no_usage(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        stream = await client.chat.completions.create(**ask(stream=True))
        assert [chunk async for chunk in stream if chunk.usage] == []


async def test_a_stream_ends_with_done_on_the_wire(simulator: EmbeddedSimulator) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.post(f"{simulator.base_url}/chat/completions", json=ask(stream=True))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(
    "choice",
    [
        "auto",
        "required",
        {"type": "function", "function": {"name": "file_ticket"}},
        {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "file_ticket"}}],
            },
        },
    ],
)
async def test_a_tool_is_called_with_arguments_for_its_parameters(
    simulator: EmbeddedSimulator, choice: Any
) -> None:
    async with connect(simulator) as client:
        whole = await client.chat.completions.create(**ask(tools=[TOOL], tool_choice=choice))
        stream = await client.chat.completions.create(
            **ask(tools=[TOOL], tool_choice=choice, stream=True)
        )
        deltas = [chunk.choices[0].delta async for chunk in stream]
    assert whole.choices[0].finish_reason == "tool_calls"
    assert whole.choices[0].message.content is None
    (call,) = whole.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "file_ticket"
    assert json.loads(call.function.arguments)["category"] == "billing"
    parts = [part.function for delta in deltas for part in delta.tool_calls or [] if part.function]
    assert parts[0].name == "file_ticket"
    assert "".join(part.arguments or "" for part in parts) == call.function.arguments


async def test_after_a_tools_result_the_model_answers_instead_of_calling_again(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        first = await client.chat.completions.create(**ask(tools=[TOOL]))
        asked = ask(tools=[TOOL])
        asked["messages"] += [
            first.choices[0].message.model_dump(exclude_none=True),
            {
                "role": "tool",
                "tool_call_id": (first.choices[0].message.tool_calls or [])[0].id,
                "content": "filed",
            },
        ]
        second = await client.chat.completions.create(**asked)
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.tool_calls is None


async def test_the_same_seed_gives_the_same_answers_and_another_seed_other_ids() -> None:
    seen = []
    for seed in (1, 1, 2):
        with EmbeddedSimulator(brain, seed=seed) as simulator:
            async with connect(simulator) as client:
                asked = [ask(text) for text in ("a", "b", "a")]
                answers = [await client.chat.completions.create(**each) for each in asked]
        seen.append([(a.id, a.choices[0].message.content, a.usage) for a in answers])
    assert seen[0] == seen[1]
    assert seen[0][0] == seen[0][2] != seen[0][1]
    assert seen[0][0][0] != seen[2][0][0]


async def test_a_seed_in_the_request_varies_the_answer(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        texts = {
            (
                await client.chat.completions.create(
                    **ask(response_format={"type": "text"}, seed=seed)
                )
            )
            .choices[0]
            .message.content
            for seed in (1, 2, 1)
        }
    assert len(texts) == 2


async def test_models_are_listed_and_any_other_name_is_accepted(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        assert [model.id async for model in client.models.list()] == ["small", "large"]
        assert (await client.models.retrieve("vendor/other")).owned_by == "simulated"
        answer = await client.chat.completions.create(**ask(model="vendor/other"))
    assert answer.model == "simulated/vendor/other"


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        (b"{not json", None, "not valid JSON"),
        (b"[]", None, "The body"),
        (b'{"model": "small"}', "messages", "required"),
        (b'{"model": "small", "messages": []}', "messages", "at least 1"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "model", "required"),
        (json.dumps(ask(tool_choice="required")).encode(), "tool_choice", "no tools"),
        (json.dumps(ask(tools=[TOOL], tool_choice="maybe")).encode(), "tool_choice", "maybe"),
        (
            json.dumps(
                ask(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "x"}})
            ).encode(),
            "tool_choice",
            "not in tools",
        ),
        (json.dumps(ask(n=3)).encode(), "n", "1"),
        (
            json.dumps(ask(response_format={"type": "json_schema"})).encode(),
            "response_format.json_schema",
            "needs",
        ),
        (
            b'{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}',
            "messages",
            "text only",
        ),
    ],
)
async def test_a_bad_request_is_a_marked_400_that_says_what_is_wrong(
    simulator: EmbeddedSimulator, body: bytes, field: str | None, word: str
) -> None:
    async with httpx2.AsyncClient() as http:
        answer = await http.post(f"{simulator.base_url}/chat/completions", content=body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert answer.headers["x-simulated"] == "true"
    assert error["type"] == "invalid_request_error"
    assert error["param"] == field
    assert word in error["message"]


async def test_the_openai_client_raises_its_own_bad_request_error(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        with pytest.raises(openai.BadRequestError, match="no tools"):
            await client.chat.completions.create(**ask(tool_choice="required"))


async def test_an_unknown_path_and_a_wrong_method_are_marked_errors_in_openais_format(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        missing = await http.post(f"{simulator.base_url}/completions")
        wrong = await http.get(f"{simulator.base_url}/chat/completions")
        large = await http.post(f"{simulator.base_url}/chat/completions", content=b"x" * 9_000_000)
    assert [missing.status_code, wrong.status_code, large.status_code] == [404, 405, 413]
    for answer in (missing, wrong, large):
        assert answer.headers["x-simulated"] == "true"
        assert answer.json()["error"]["type"] == "invalid_request_error"
    assert "POST /v1/chat/completions" in missing.json()["error"]["message"]


async def test_what_is_not_even_http_gets_a_marked_400(simulator: EmbeddedSimulator) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", simulator.port)
    writer.write(b"garbage\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"X-Simulated: true\r\n" in answer


async def test_a_brain_that_breaks_is_a_marked_500_without_a_traceback(
    simulator: EmbeddedSimulator,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def broken(request: object) -> str:
        raise KeyError("brain")

    async with connect(simulator) as client:
        simulator.simulator.brain = broken
        with pytest.raises(openai.InternalServerError, match="simulator itself") as caught:
            await client.chat.completions.create(**ask())
    assert caught.value.response.headers["x-simulated"] == "true"
    assert "Traceback" not in capfd.readouterr().err


TEXT = st.sampled_from(["", "type", "function", "json_schema", "name", "é", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*ask(), "tools", "tool_choice", "n", "seed"]), JSON))
def test_no_json_body_whatever_breaks_the_reading_of_requests(body: dict[str, Any]) -> None:
    try:
        OpenAIProtocol().read(json.dumps(ask() | body).encode(), {})
    except BadRequestError as error:
        assert error.message
