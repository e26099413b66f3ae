"""What a service brings.

One pipeline, its evaluators, and what it answers when the model cannot.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from .config.problems import did_you_mean
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

    `check(input, answer, expected)` gives True, False or a share between 0 and 1, or None where it
    has nothing to say of this case; `expected` is None on live traffic. A case is right when all
    evaluators with `gate` that say something give True. `chassis.evaluators` has ready-made ones;
    `fields` are those of the answer it reads (or `input.<field>`), checked by the Pipeline.
    """

    name: str
    check: Callable[[Any, Any, Any], bool | float | None]
    gate: bool = False
    live: bool = False
    fields: tuple[str, ...] = ()


def everything(item: Any, answer: Any) -> dict[str, str]:
    """Show a judge the whole input and the whole answer, as JSON."""
    return {"input": _as_json(item), "answer": _as_json(answer)}


def _as_json(item: Any) -> str:
    return json.dumps(to_jsonable_python(item), indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class Judge:
    """A model that says of an answer whether it passes, for one failure mode; see `chassis.judge`.

    Its prompt is `src/<package>/judges/<name>/` (instructions.md, input.md), its model stands in
    `config/evals.yaml` under `judges.<name>`. `shows(input, answer)` gives the values for input.md,
    each of which the judge sees marked as data.
    """

    name: str
    shows: Callable[[Any, Any], Mapping[str, str]] = everything


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
    judges: tuple[Judge, ...] = ()

    def __post_init__(self) -> None:
        """Refuse evaluators of fields that do not exist, and names that are taken twice.

        Raises:
            ValueError: Naming the evaluator, its field and those there are.
        """
        names = [one.name for one in self.evaluators] + [one.name for one in self.judges]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"Two evaluators or judges are called {name!r}. Rename one.")
        for evaluator in self.evaluators:
            for path in evaluator.fields:
                self._check_field(evaluator.name, path)

    def _check_field(self, name: str, path: str) -> None:
        whole, _, rest = path.partition(".")
        model, field = (
            (self.takes, rest.partition(".")[0]) if whole == "input" else (self.gives, whole)
        )
        known = [*model.model_fields, *model.model_computed_fields]
        if field not in known:
            raise ValueError(
                f"The evaluator {name!r} reads {path}, but {model.__name__} has no field {field}: "
                f"{', '.join(known)}.{did_you_mean(field, known)}"
            )
