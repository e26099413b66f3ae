"""What a service brings.

One pipeline, its evaluators, and what it answers when the model cannot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from .identity import Caller
from .prompts import Prompt

AnswerT = TypeVar("AnswerT", bound=BaseModel)
AnswerCo_co = TypeVar("AnswerCo_co", bound=BaseModel, covariant=True)
InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


@dataclass(frozen=True)
class Draft(Generic[AnswerCo_co]):
    """An answer that has not passed the output guards and the confidence check yet.

    `confidence` is between 0 and 1; below the release's threshold the answer goes to a person
    instead.
    """

    answer: AnswerCo_co
    confidence: float


class ModelAccess(Protocol):
    """The model, as a pipeline sees it."""

    async def run(self, prompt: Prompt, output: type[OutputT]) -> OutputT:
        """Ask for one `output`.

        Retries, time budget, fallbacks, cost and logs are the chassis's.
        """
        ...


class Context(Protocol):
    """What a pipeline may use while it works on one request."""

    @property
    def request_id(self) -> str:
        """The id in the answer, the log line and the trace."""
        ...

    @property
    def caller(self) -> Caller:
        """Who asks, for whom."""
        ...

    @property
    def release(self) -> str:
        """The release that answers."""
        ...

    @property
    def model(self) -> ModelAccess:
        """The release's model behind its fallbacks."""
        ...

    def prompt(self, **values: str) -> Prompt:
        """The release's prompt, filled; every value is marked as data, never as instructions."""
        ...

    def allows(self, scope: str) -> bool:
        """Whether the caller has a scope: `ctx.allows("tool:refund")` before offering the tool.

        Permission for a tool is a scope `tool:<name>` of the caller's key or token.
        """
        ...

    def require(self, scope: str) -> None:
        """End the request with 403 and a security event unless the caller has a scope.

        `ctx.require("tool:refund")` is the first line of a tool, because a model that was talked
        into calling it asks for nobody: what counts is what the caller may do, not what the model
        wants. Raises Problem; do not catch it.
        """
        ...


@dataclass(frozen=True)
class Evaluator:
    """One way to score an answer, run by the eval suite and, where `live`, in production too.

    `check(input, answer, expected)` gives True, False or a share between 0 and 1; `expected` is
    None on live traffic. A case is right when all evaluators with `gate` give True.
    """

    name: str
    check: Callable[[Any, Any, Any], bool | float]
    gate: bool = False
    live: bool = False


@dataclass(frozen=True)
class Pipeline(Generic[InputT, AnswerT]):
    """A service: what it takes and gives, how it works, and what it says when it cannot.

    `degraded(input, reason)` must need nothing but its arguments: it answers while the model is
    switched off, unsure or gone. Reasons are those of `chassis.degradation.Reason`. The route is
    `/v1/<name>`.
    """

    name: str
    takes: type[InputT]
    gives: type[AnswerT]
    run: Callable[[InputT, Context], Awaitable[Draft[AnswerT]]]
    degraded: Callable[[InputT, str], AnswerT]
    package: str
    evaluators: tuple[Evaluator, ...] = ()
