"""Models around a provider's: one that records what it says, one that replays what was recorded."""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import replace

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelContextWindowExceededError,
    ModelNotFoundError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from chassis.config import ModelId
from chassis.model import FailureKind
from chassis.model.failures import failure_of
from chassis.providers import Models
from chassis.record import SIMULATED_PREFIX
from playbook.evals.asked import THE_MODELS_OWN, current
from playbook.evals.recordings import Recordings, heard, key_of, ready


class Recorded(WrapperModel):
    """A provider's model; what it says is kept for replay, unless it is the simulator."""

    def __init__(self, wrapped: Model, asked: str) -> None:
        super().__init__(wrapped)
        self._asked = asked

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Ask, and remember how it ended."""
        case, started = current(), time.perf_counter()

        def key() -> str:
            return key_of(self._asked, model_settings, messages, model_request_parameters)

        try:
            response = await super().request(messages, model_settings, model_request_parameters)
        except asyncio.CancelledError:
            took = time.perf_counter() - started
            case.heard.append(heard(key(), self._asked, took, failed=FailureKind.timeout))
            raise
        except Exception as error:
            took = time.perf_counter() - started
            case.heard.append(heard(key(), self._asked, took, failed=failure_of(error).kind))
            raise
        if not (response.model_name or "").startswith(SIMULATED_PREFIX):
            case.live += 1
            took = time.perf_counter() - started
            case.heard.append(heard(key(), self._asked, took, response=response))
        return response


class Replayed(Model):
    """Says what a model said when it was recorded; asks nobody."""

    def __init__(self, asked: str, recordings: Recordings) -> None:
        super().__init__()
        self._asked = asked
        self._recordings = recordings

    @property
    def model_name(self) -> str:
        """The model's name, as releases.yaml has it."""
        return ModelId.parse(self._asked).name

    @property
    def system(self) -> str:
        """Who served it."""
        return ModelId.parse(self._asked).provider

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """The recorded answer, or the failure there was."""
        case = current()
        key = key_of(self._asked, model_settings, messages, model_request_parameters)
        row = self._recordings.rows.get(key)
        position = case.turn + case.taken[key]
        case.taken[key] += 1
        if row is None or (case.turn and position >= len(row.answers)):
            case.missed += 1
            raise ModelNotFoundError(self._asked, "never recorded")
        answer = row.answers[min(position, len(row.answers) - 1)]
        case.recorded_seconds += answer.seconds
        if answer.failed is not None:
            case.recorded_failure = f"{self._asked}: {answer.failed}, when it was recorded"
            raise _again(answer.failed, self._asked)
        case.replayed += 1
        return replace(answer.as_given)


def _again(failed: FailureKind, model: str) -> Exception:
    """The failure that was recorded; one that has nobody try again what would fail again."""
    if failed is FailureKind.filtered:
        return ContentFilterError("filtered")
    if failed in THE_MODELS_OWN:
        return ModelContextWindowExceededError(model, "too long")
    return ModelNotFoundError(model, "no answer was recorded")


def recording(chain: Collection[str]) -> Models:
    """Record the models of a release; those of others are never asked, and need no key."""
    ready()

    def models(asked: str, build: Callable[[], Model]) -> Model:
        return Recorded(build(), asked) if asked in chain else Replayed(asked, _NOTHING)

    return models


def replaying(recordings: Recordings) -> Models:
    """Replay what was recorded, whatever is asked."""
    ready()
    return lambda asked, build: Replayed(asked, recordings)


_NOTHING = Recordings("", {})
