"""OpenAI's client, thin: it sends what the SDK sends, and understands what the SDK understands."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncAzureOpenAI, AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelRequest, ModelResponse, UserPromptPart
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from chassis.model.messages import request_parameters
from chassis.openai_client import ThinAzureOpenAI, ThinChatModel, ThinOpenAI

KEY = "k"
URL = "http://127.0.0.1:9/v1"
AZURE: Any = {"azure_endpoint": "http://127.0.0.1:9", "api_version": "2026-01-01"}

Make = Callable[[httpx2.AsyncClient], AsyncOpenAI]


def _openai(kind: type[AsyncOpenAI]) -> Make:
    return lambda client: kind(api_key=KEY, base_url=URL, http_client=client, max_retries=0)


def _azure(kind: type[AsyncAzureOpenAI]) -> Make:
    return lambda client: kind(api_key=KEY, http_client=client, max_retries=0, **AZURE)


PAIRS = {
    "openai": (_openai(AsyncOpenAI), _openai(ThinOpenAI)),
    "azure": (_azure(AsyncAzureOpenAI), _azure(ThinAzureOpenAI)),
}


class Fruit(BaseModel):
    """Of which fruit it is."""

    name: str
    taste: Literal["sweet", "sour"] | None = None
    parts: list[str] = []


class Tool(BaseModel):
    """Of which tool it is."""

    name: str
    weights: dict[str, float]


def completion(**changed: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": '{"name": "apple"}', **changed.pop("message", {})}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1763856000,
        "model": "simulated/small",
        "choices": [{**choice, **changed.pop("choice", {})}],
        "usage": {"prompt_tokens": 8, "completion_tokens": 4, "total_tokens": 12},
        **changed,
    }


async def _heard(
    make: Make, answer: httpx2.Response | Exception, ask: Callable[[AsyncOpenAI], Awaitable[Any]]
) -> tuple[list[httpx2.Request], Any]:
    """The requests that came of asking, and the result or the error."""
    requests: list[httpx2.Request] = []

    async def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(handle)) as client:
        try:
            return requests, await ask(make(client))
        except Exception as error:  # noqa: BLE001 - the SDK's error is what is compared
            return requests, error


def _wire(request: httpx2.Request) -> tuple[Any, ...]:
    told = {name: value.replace("Thin", "Async") for name, value in request.headers.items()}
    return request.method, str(request.url), told, request.content, request.extensions["timeout"]


async def _asked_alike(pair: tuple[Make, Make], parameters: dict[str, Any]) -> None:
    sent = []
    for make in pair:
        requests, result = await _heard(
            make,
            httpx2.Response(200, json=completion()),
            lambda sdk: sdk.chat.completions.create(**parameters),
        )
        assert not isinstance(result, Exception), result
        sent.append([_wire(request) for request in requests])
    assert sent[0] == sent[1]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCHEMA = st.recursive(
    st.sampled_from([{"type": "string"}, {"type": "number"}, {"enum": ["a", "ä"]}]),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(TEXT, inner, max_size=3),
            "additionalProperties": st.booleans(),
        }
    ),
    max_leaves=4,
)
CALL = st.fixed_dictionaries(
    {
        "id": TEXT,
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": TEXT, "arguments": TEXT}),
    }
)
MESSAGE = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant"]), "content": TEXT}
    ),
    st.fixed_dictionaries(
        {
            "role": st.just("user"),
            "content": st.lists(
                st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}), max_size=2
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "role": st.just("assistant"),
            "content": st.none(),
            "tool_calls": st.lists(CALL, min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries({"role": st.just("tool"), "content": TEXT, "tool_call_id": TEXT}),
)
FORMAT = st.fixed_dictionaries(
    {
        "type": st.just("json_schema"),
        "json_schema": st.fixed_dictionaries(
            {"name": TEXT, "schema": SCHEMA}, optional={"strict": st.booleans()}
        ),
    }
)
FUNCTION = st.fixed_dictionaries(
    {
        "type": st.just("function"),
        "function": st.fixed_dictionaries(
            {"name": TEXT, "description": TEXT, "parameters": SCHEMA}
        ),
    }
)
PARAMETERS = st.fixed_dictionaries(
    {"model": TEXT.filter(lambda name: name.isalnum()), "messages": st.lists(MESSAGE, max_size=3)},
    optional={
        "response_format": FORMAT,
        "tools": st.lists(FUNCTION, max_size=2),
        "tool_choice": st.sampled_from(["required", "auto"]),
        "parallel_tool_calls": st.booleans(),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "max_tokens": st.integers(1, 9999),
        "max_completion_tokens": st.integers(1, 9999),
        "seed": st.none() | st.integers(),
        "user": TEXT,
        "stop": TEXT | st.lists(TEXT),
        "logit_bias": st.dictionaries(TEXT, st.integers(-100, 100), max_size=2),
        "service_tier": st.sampled_from(["auto", "flex"]),
        "stream": st.just(False),
        "extra_body": st.none()
        | st.dictionaries(st.sampled_from(["safety_identifier", "user", "messages"]), TEXT),
        "extra_headers": st.none() | st.just({"X-Ours": "1", "Accept": "text/json"}),
        "extra_query": st.none() | st.just({"asked": "twice"}),
        "timeout": st.none() | st.floats(0.1, 10),
    },
)


@pytest.mark.parametrize("client", PAIRS)
def test_what_is_sent_is_what_the_sdk_sends(client: str) -> None:
    @given(PARAMETERS)
    def each(parameters: dict[str, Any]) -> None:
        asyncio.run(_asked_alike(PAIRS[client], parameters))

    each()


NATIVE: Any = {"supports_json_schema_output": True}
TOOLS: Any = {"supports_json_schema_output": False}
SETTINGS: list[Any] = [
    {},
    {"temperature": 0.0, "max_tokens": 400, "seed": 3, "openai_user": "somebody"},
    {"top_p": 0.5, "extra_body": {"safety_identifier": "somebody"}, "parallel_tool_calls": False},
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("profile", [NATIVE, TOOLS], ids=["native", "tool"])
async def test_structured_output_is_asked_for_in_the_same_bytes_the_second_time_too(
    profile: Any, settings: Any
) -> None:
    """A schema is fitted once: every later call, and another output in between, get their own."""
    sent = []
    for make, kind in zip(PAIRS["openai"], (OpenAIChatModel, ThinChatModel), strict=True):

        async def ask(sdk: AsyncOpenAI, kind: type[OpenAIChatModel] = kind) -> None:
            model = kind("small", provider=OpenAIProvider(openai_client=sdk), profile=profile)
            for output in (Fruit, Tool, Fruit, Tool):
                for word in ("apple", "saw"):
                    message = ModelRequest([UserPromptPart(word)], instructions=f"About {word}.")
                    asked = request_parameters(model, output)
                    await model_request(
                        model, [message], model_settings=settings, model_request_parameters=asked
                    )

        requests, error = await _heard(make, httpx2.Response(200, json=completion()), ask)
        assert error is None
        sent.append([_wire(request) for request in requests])
    assert len(sent[0]) == 8
    assert sent[0] == sent[1]


async def _understood(answer: httpx2.Response | Exception) -> list[Any]:
    """What pydantic-ai makes of an answer, with the SDK's own client and with ours."""
    results = []
    for make, kind in zip(PAIRS["openai"], (OpenAIChatModel, ThinChatModel), strict=True):

        async def ask(sdk: AsyncOpenAI, kind: type[OpenAIChatModel] = kind) -> ModelResponse:
            model = kind("small", provider=OpenAIProvider(openai_client=sdk))
            return await model_request(model, [ModelRequest.user_text_prompt("apple")])

        results.append((await _heard(make, answer, ask))[1])
    return results


CALLED = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": "{}"}}
ANSWERS: dict[str, Any] = {
    "plain": completion(),
    "a null date": completion(created=None),
    "no date": {name: value for name, value in completion().items() if name != "created"},
    "a date as text": completion(created="1763856000"),
    "no finish reason": completion(choice={"finish_reason": None}),
    "a finish reason of its own": completion(choice={"finish_reason": "tired"}),
    "cut off": completion(choice={"finish_reason": "length"}),
    "a tool call": completion(message={"content": None, "tool_calls": [CALLED]}),
    "a refusal": completion(message={"content": None, "refusal": "No."}),
    "fields of its own": completion(
        gateway={"took": 1}, message={"reasoning_content": "Hm.", "provider_specific": [1]}
    ),
    "another tier": completion(service_tier="slow"),
    "usage in detail": completion(
        usage={
            "prompt_tokens": 8,
            "completion_tokens": 4,
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 3, "of_a_new_kind": 2},
        }
    ),
    "no usage": completion(usage=None),
    "a number for text": completion(message={"content": 5}),
    "no choices": completion(choices=[]),
    "null choices": completion(choices=None),
    "a list": [1],
    "nothing": {},
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_understood_as_the_sdk_understands_it(name: str) -> None:
    """Servers that are merely OpenAI compatible leave fields out and add some of their own."""
    theirs, ours = await _understood(httpx2.Response(200, json=ANSWERS[name]))
    if isinstance(theirs, Exception):
        assert (type(ours), str(ours)) == (type(theirs), str(theirs))
        return
    for response in (theirs, ours):
        response.timestamp = None
        for part in response.parts:
            if hasattr(part, "timestamp"):
                part.timestamp = None
    assert ours == theirs


async def test_an_answer_that_is_no_json_is_told_apart() -> None:
    page = httpx2.Response(200, text="<html>A gateway's page</html>")
    theirs, ours = await _understood(page)
    assert isinstance(ours, UnexpectedModelBehavior)
    assert str(ours) == str(theirs)


@pytest.mark.parametrize("status", [400, 401, 404, 408, 429, 500, 503, 529])
async def test_an_error_is_the_sdks_with_the_time_to_wait(status: int) -> None:
    error = {"error": {"message": "Not now.", "code": "busy", "type": "load"}}
    refused = httpx2.Response(status, json=error, headers={"Retry-After": "7"})
    theirs, ours = await _understood(refused)
    assert isinstance(ours, ModelHTTPError)
    assert (type(ours), str(ours), ours.body) == (type(theirs), str(theirs), theirs.body)
    assert ours.headers is not None
    assert ours.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "failure", [httpx2.ReadTimeout("slow"), httpx2.ConnectError("refused")], ids=["slow", "refused"]
)
async def test_a_connection_that_fails_is_the_sdks_error(failure: Exception) -> None:
    theirs, ours = await _understood(failure)
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))
    assert type(ours.__cause__) is type(theirs.__cause__)


async def test_a_stream_still_streams() -> None:
    def chunk(text: str) -> str:
        delta = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        whole = completion(object="chat.completion.chunk", choices=[delta])
        return f"data: {json.dumps(whole)}\n\n"

    told = f"{chunk('app')}{chunk('le')}data: [DONE]\n\n"
    answer = httpx2.Response(200, text=told, headers={"content-type": "text/event-stream"})

    async def ask(sdk: AsyncOpenAI) -> str:
        messages: Any = [{"role": "user", "content": "Which?"}]
        stream = await sdk.chat.completions.create(model="small", messages=messages, stream=True)
        return "".join([piece.choices[0].delta.content or "" async for piece in stream])

    for make in PAIRS["openai"]:
        assert (await _heard(make, answer, ask))[1] == "apple"


async def test_outputs_made_for_one_call_are_not_kept_for_ever() -> None:
    async with httpx2.AsyncClient() as client:
        provider = OpenAIProvider(openai_client=_openai(ThinOpenAI)(client))
        model = ThinChatModel("small", provider=provider)
        for _ in range(100):
            output = type("Once", (Fruit,), {})
            model.customize_request_parameters(request_parameters(model, output))
        assert len(model._fitted) <= 64
