"""Whoever opens a service may give its models; no provider's key is asked for that is not used."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sample_config
from labels.pipeline import pipeline
from pydantic import SecretStr
from pydantic_ai.exceptions import ContentFilterError, ModelAuthenticationError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from chassis.config import ConfigError, Settings
from chassis.identity import Caller
from chassis.model import FailureKind
from chassis.providers import Models
from chassis.service import Result, Service

WHO = Caller("tools", "acme", frozenset({"label"}))
ANSWER = '{"label": "fruit", "confidence": 0.9}'


def _saying(text: str | Exception) -> Model:
    def answer(_: list[ModelMessage], __: AgentInfo) -> ModelResponse:
        if isinstance(text, Exception):
            raise text
        return ModelResponse([TextPart(text)])

    return FunctionModel(answer)


def _given(**by_name: str | Exception) -> Models:
    return lambda asked, build: _saying(by_name.get(asked.partition(":")[2], ANSWER))


async def _ask(root: Path, models: Models, *chain: str) -> Result:
    release = {"model": chain[0], "fallbacks": list(chain[1:])}
    sample_config.make(root, releases={"releases": {"label-v1": release}})
    (root / "keys.json").write_text('{"keys": []}', "utf-8")
    settings = Settings(service_secret=SecretStr("s" * 32), api_keys_file=root / "keys.json")
    opened = Service.open(
        pipeline, root, settings=settings, log_stream=io.StringIO(), models=models
    )
    async with opened as service:
        body = b'{"text": "An apple."}'
        return await service.handle(body, {"content-type": "application/json"}, WHO)


async def test_a_given_model_answers_without_the_providers_key(tmp_path: Path) -> None:
    result = await _ask(tmp_path, _given(big=ANSWER), "openai:big")
    assert result.body["answer"]["label"] == "fruit"
    assert (result.call or {})["model_asked"] == "openai:big"
    assert result.failures == ()


async def test_a_client_that_is_built_still_needs_its_key(tmp_path: Path) -> None:
    def models(asked: str, build: Callable[[], Model]) -> Model:
        return build()

    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        await _ask(tmp_path, models, "openai:big")


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ({"big": "no JSON"}, [FailureKind.unusable]),
        ({"big": ContentFilterError("no")}, [FailureKind.filtered]),
        ({"big": ModelAuthenticationError("big", "no")}, [FailureKind.credentials]),
        (
            {"big": "no JSON", "small": ModelAuthenticationError("small", "no")},
            [FailureKind.unusable, FailureKind.credentials],
        ),
        ({"big": "no JSON", "small": ANSWER}, []),
    ],
)
async def test_a_result_says_what_was_in_the_way_at_each_model_that_was_left(
    tmp_path: Path, said: dict[str, Any], kinds: list[FailureKind]
) -> None:
    result = await _ask(tmp_path, _given(**said), *(f"openai:{name}" for name in said))
    assert list(result.failures) == kinds
