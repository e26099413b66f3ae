"""A recording is found again by everything its answer may hang on, and by nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from chassis.model import FailureKind
from playbook.evals.asked import Asked
from playbook.evals.recordings import heard, key_of

SCHEMA = {"type": "object", "properties": {"category": {"type": "string"}}}


def _native(schema: dict[str, Any]) -> ModelRequestParameters:
    output = OutputObjectDefinition(json_schema=schema, name="Sorted")
    return ModelRequestParameters(output_mode="native", output_object=output)


def _key(
    model: str = "openai:gpt-5-mini",
    text: str = "My beans are dry.",
    instructions: str = "Sort it.",
    schema: ModelRequestParameters | None = None,
    repair: str | None = None,
    when: datetime | None = None,
    **settings: Any,
) -> str:
    part = UserPromptPart(text, timestamp=when or datetime(2026, 11, 20, tzinfo=UTC))
    messages: list[ModelMessage] = [ModelRequest([part], instructions=instructions)]
    if repair:
        messages += [ModelResponse([TextPart(repair)]), ModelRequest([UserPromptPart("Again.")])]
    given = ModelSettings(**{"temperature": 0.0, **settings})  # type: ignore[typeddict-item]
    return key_of(model, given, messages, schema or _native(SCHEMA))


@pytest.mark.parametrize(
    "same",
    [
        {"when": datetime(2027, 1, 1, tzinfo=UTC)},
        {"extra_body": {"safety_identifier": "3f9c"}},
        {
            "schema": ModelRequestParameters(
                output_mode="tool",
                output_tools=[ToolDefinition(name="answer", parameters_json_schema=SCHEMA)],
            )
        },
    ],
)
def test_who_asks_when_and_in_which_protocol_does_not_count(same: dict[str, Any]) -> None:
    assert _key(**same) == _key()


@pytest.mark.parametrize(
    "other",
    [
        {"model": "openai:gpt-5"},
        {"text": "My beans are wet."},
        {"instructions": "Sort it well."},
        {"schema": _native({"type": "object"})},
        {"temperature": 1.0},
        {"max_tokens": 10},
        {"repair": '{"category": "weather"}'},
    ],
)
def test_whatever_a_model_is_told_counts(other: dict[str, Any]) -> None:
    assert _key(**other) != _key()


def test_the_key_is_the_same_in_every_version_of_the_playbook() -> None:
    # Where this changes, every recording of every service is lost: say so in the changelog.
    assert _key() == "aaf0ac8bcded4dcb867bf00bc12e63db1646cfec88c00ad8faa5973ff40d0b23"


def test_of_a_call_that_was_tried_again_only_the_end_is_kept() -> None:
    asked = Asked("common-001")
    good = ModelResponse([TextPart("{}")])
    for failed in (FailureKind.server_error, FailureKind.timeout, None):
        response = None if failed else good
        asked.heard.append(heard("a", "m", 0.1, response=response, failed=failed))
    asked.heard.append(heard("b", "m", 0.1, failed=FailureKind.timeout))
    asked.heard.append(heard("a", "m", 0.1, response=good))
    kept = [(one["key"], "response" in one) for one in asked.kept()]
    assert kept == [("a", True), ("b", False), ("a", True)]
