"""What is said to a model and understood of its answer: from prompt to typed output."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.tools import ToolDefinition

from ..prompts import Prompt
from .failures import Failure, FailureKind

OutputT = TypeVar("OutputT", bound=BaseModel)

_ANSWER_TOOL = "answer"
_PARAMETERS: dict[type[BaseModel], tuple[ModelRequestParameters, ModelRequestParameters]] = {}


def request_parameters(model: Model, output: type[BaseModel]) -> ModelRequestParameters:
    """Native structured output where the model has it, else one tool that the model must call."""
    cached = _PARAMETERS.get(output)
    if cached is None:
        schema = output.model_json_schema()
        native = ModelRequestParameters(
            output_mode="native",
            output_object=OutputObjectDefinition(json_schema=schema, name=output.__name__),
        )
        tool = ModelRequestParameters(
            output_mode="tool",
            output_tools=[
                ToolDefinition(
                    name=_ANSWER_TOOL,
                    parameters_json_schema=schema,
                    description="Give the answer.",
                    kind="output",
                )
            ],
            allow_text_output=False,
        )
        cached = _PARAMETERS[output] = (native, tool)
    supports_native = model.profile.get("supports_json_schema_output", False)
    return cached[0] if supports_native else cached[1]


def text_of(response: ModelResponse) -> str:
    """The text of an answer, or what it called the answer tool with."""
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args_as_json_str()
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))


def message(text: str, prompt: Prompt) -> ModelRequest:
    """A message of ours, under the prompt's instructions."""
    return ModelRequest([UserPromptPart(text)], instructions=prompt.instructions)


def parse(response: ModelResponse, output: type[OutputT]) -> OutputT:
    """The typed answer.

    Raises ValidationError when the schema is not met, which the model may repair, and Failure when
    asking again would cost the same and help nothing.
    """
    if response.finish_reason == "length":
        cut_off = "answer cut off at the token limit (parameters.max_tokens)"
        raise Failure(FailureKind.unusable, cut_off)
    if response.finish_reason == "content_filter":
        raise Failure(FailureKind.filtered, "the provider's content filter stopped the answer")
    return output.model_validate_json(text_of(response))


def unfit_fields(error: ValidationError, output: type[BaseModel]) -> list[str]:
    """Which fields of an answer are wrong, for the log: names of ours, never what a model wrote."""
    known = {field.alias or name for name, field in output.model_fields.items()}
    first = (str(mistake["loc"][0]) if mistake["loc"] else "" for mistake in error.errors())
    return sorted({name if name in known else "answer" for name in first})


def explain(error: ValidationError) -> str:
    """Tell the model what was wrong with its answer."""
    mistakes = "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:5]
    )
    return f"That answer does not fit the schema ({mistakes}). Answer again, with valid JSON only."
