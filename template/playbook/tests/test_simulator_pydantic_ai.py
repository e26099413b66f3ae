"""The simulator behind pydantic-ai, which is how a service reaches it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic_ai.direct import model_request, model_request_stream
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelRequest, TextPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
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


async def test_pydantic_ai_gets_a_native_structured_answer(simulator: EmbeddedSimulator) -> None:
    async with httpx2.AsyncClient() as http:
        provider = OpenAIProvider(base_url=simulator.base_url, api_key="any", http_client=http)
        model = OpenAIChatModel("small", provider=provider)
        answer = await model_request(model, MESSAGES, model_request_parameters=NATIVE)
    (part,) = answer.parts
    assert isinstance(part, TextPart)
    assert json.loads(part.content)["category"] == "billing"
    assert answer.model_name == "simulated/small"
    assert answer.usage.input_tokens > 0
    assert answer.usage.output_tokens > 0


async def test_pydantic_ai_gets_a_tool_call(simulator: EmbeddedSimulator) -> None:
    async with httpx2.AsyncClient() as http:
        provider = OpenAIProvider(base_url=simulator.base_url, api_key="any", http_client=http)
        model = OpenAIChatModel("small", provider=provider)
        answer = await model_request(model, MESSAGES, model_request_parameters=AS_TOOL)
    (part,) = answer.parts
    assert isinstance(part, ToolCallPart)
    assert part.tool_name == "triage"
    assert part.args_as_dict()["category"] == "billing"
    assert answer.model_name == "simulated/small"


@pytest.mark.parametrize("form", [NATIVE, AS_TOOL], ids=["native", "tool"])
async def test_pydantic_ai_streams_the_same_answer(
    simulator: EmbeddedSimulator, form: ModelRequestParameters
) -> None:
    async with httpx2.AsyncClient() as http:
        provider = OpenAIProvider(base_url=simulator.base_url, api_key="any", http_client=http)
        model = OpenAIChatModel("small", provider=provider)
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
    assert streamed.usage.output_tokens == whole.usage.output_tokens
    assert streamed.model_name == "simulated/small"


async def test_pydantic_ai_sees_a_server_error_as_its_own_kind_of_error(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "server_error", "status": 503, "count": 3})
        provider = OpenAIProvider(base_url=simulator.base_url, api_key="any", http_client=http)
        model = OpenAIChatModel("small", provider=provider)
        with pytest.raises(ModelHTTPError) as caught:
            await model_request(model, MESSAGES, model_request_parameters=NATIVE)
    assert caught.value.status_code == 503
