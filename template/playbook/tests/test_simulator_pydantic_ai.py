"""The simulator behind pydantic-ai, which is how a service reaches it: both protocols."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.exceptions import ModelHTTPError, ModelOverloadedError, ModelRateLimitError
from pydantic_ai.messages import ModelMessage, ModelRequest, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.tools import ToolDefinition

from playbook.simulator.brain import Request
from playbook.simulator.embedded import EmbeddedSimulator

pytestmark = pytest.mark.slow

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"category": {"type": "string", "enum": ["billing", "other"]}},
    "required": ["category"],
    "additionalProperties": False,
}


def brain(request: Request) -> dict[str, Any]:
    assert request.schema is not None
    assert "category" in request.schema["properties"]
    return {"category": "billing" if "invoice" in request.user else "other"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[EmbeddedSimulator]:
    with EmbeddedSimulator(brain) as simulator:
        yield simulator


MESSAGES: list[ModelMessage] = [
    ModelRequest.user_text_prompt("My invoice is wrong.", instructions="Triage.")
]
NATIVE = ModelRequestParameters(
    output_mode="native",
    output_object=OutputObjectDefinition(json_schema=SCHEMA, name="triage", strict=True),
)
AS_TOOL = ModelRequestParameters(
    output_mode="tool",
    output_tools=[ToolDefinition(name="triage", parameters_json_schema=SCHEMA, kind="output")],
    allow_text_output=False,
)


def openai(name: str, simulator: EmbeddedSimulator, http: httpx2.AsyncClient) -> Model:
    provider = OpenAIProvider(base_url=simulator.base_url, api_key="any", http_client=http)
    return OpenAIChatModel(name, provider=provider)


def anthropic(name: str, simulator: EmbeddedSimulator, http: httpx2.AsyncClient) -> Model:
    sdk = pytest.importorskip("anthropic", reason="needs the SDK anthropic")
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = sdk.AsyncAnthropic(
        base_url=simulator.url, api_key="any", max_retries=0, http_client=http
    )
    return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client))


# Structured output is for pydantic-ai a matter of the model's name, which it knows only of Claude.
NATIVE_TOO = [(openai, "small"), (anthropic, "claude-haiku-5-5")]
BOTH = [(openai, "small"), (anthropic, "small")]
FORMS = [
    *((connect, name, NATIVE) for connect, name in NATIVE_TOO),
    *((connect, name, AS_TOOL) for connect, name in BOTH),
]
IDS = ["openai native", "anthropic native", "openai tool", "anthropic tool"]
Connect = Callable[[str, EmbeddedSimulator, httpx2.AsyncClient], Model]


@pytest.mark.parametrize(("connect", "name"), NATIVE_TOO, ids=["openai", "anthropic"])
async def test_pydantic_ai_gets_a_native_structured_answer(
    simulator: EmbeddedSimulator, connect: Connect, name: str
) -> None:
    async with httpx2.AsyncClient() as http:
        model = connect(name, simulator, http)
        answer = await model_request(model, MESSAGES, model_request_parameters=NATIVE)
    (part,) = answer.parts
    assert isinstance(part, TextPart)
    assert json.loads(part.content)["category"] == "billing"
    assert answer.model_name == f"simulated/{name}"
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0
    assert answer.finish_reason == "stop"


@pytest.mark.parametrize(("connect", "name"), BOTH, ids=["openai", "anthropic"])
async def test_pydantic_ai_gets_a_tool_call(
    simulator: EmbeddedSimulator, connect: Connect, name: str
) -> None:
    async with httpx2.AsyncClient() as http:
        model = connect(name, simulator, http)
        answer = await model_request(model, MESSAGES, model_request_parameters=AS_TOOL)
    (part,) = answer.parts
    assert isinstance(part, ToolCallPart)
    assert part.tool_name == "triage"
    assert part.args_as_dict()["category"] == "billing"
    assert answer.model_name == "simulated/small"


@pytest.mark.parametrize(("connect", "name", "form"), FORMS, ids=IDS)
async def test_pydantic_ai_streams_the_same_answer(
    simulator: EmbeddedSimulator, connect: Connect, name: str, form: ModelRequestParameters
) -> None:
    async with httpx2.AsyncClient() as http:
        model = connect(name, simulator, http)
        whole = await model_request(model, MESSAGES, model_request_parameters=form)
        async with model_request_stream(model, MESSAGES, model_request_parameters=form) as stream:
            events = [event async for event in stream]
            streamed = stream.get()
    assert len(events) > 3
    (one,), (other,) = whole.parts, streamed.parts
    if isinstance(one, TextPart):
        assert isinstance(other, TextPart)
        assert one.content == other.content
    else:
        assert isinstance(one, ToolCallPart)
        assert isinstance(other, ToolCallPart)
        assert one.args_as_dict() == other.args_as_dict()
    assert streamed.usage.input_tokens == whole.usage.input_tokens
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.model_name == f"simulated/{name}"


@pytest.mark.parametrize(("connect", "name"), BOTH, ids=["openai", "anthropic"])
async def test_pydantic_ai_sees_a_server_error_as_its_own_kind_of_error(
    simulator: EmbeddedSimulator, connect: Connect, name: str
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "server_error", "status": 503, "count": 3})
        with pytest.raises(ModelHTTPError) as caught:
            model = connect(name, simulator, http)
            await model_request(model, MESSAGES, model_request_parameters=AS_TOOL)
        simulator.clear()
    assert caught.value.status_code == 503


async def test_pydantic_ai_hears_from_anthropics_side_that_it_is_overloaded_and_how_long_to_wait(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        model = anthropic("small", simulator, http)
        simulator.plan({"kind": "server_error", "status": 529})
        with pytest.raises(ModelOverloadedError):
            await model_request(model, MESSAGES, model_request_parameters=AS_TOOL)
        simulator.plan({"kind": "rate_limit", "retry_after_seconds": 0.5})
        with pytest.raises(ModelRateLimitError) as caught:
            await model_request(model, MESSAGES, model_request_parameters=AS_TOOL)
        simulator.clear()
    assert caught.value.retry_after == 0.5
