"""A made-up model: it knows the labels, and answers right or wrong as it is told."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic_ai.exceptions import ModelConnectionError
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage

from chassis.outcomes import Outcome
from playbook.evals.answering import Answering
from playbook.evals.asked import current
from playbook.evals.cases import Case
from playbook.evals.results import Mode
from playbook.simulator.brain import CERTAIN, Request, answer
from playbook.simulator.shape import Schema, choices, number, resolved

if TYPE_CHECKING:
    from chassis.config import Release
    from chassis.config.judges import JudgeSettings
    from chassis.providers import Models

PROVIDER, NAME = "selftest", "selftest/oracle"


@dataclass(frozen=True)
class Swap:
    """A model that says one label wherever it means the other."""

    field: str
    one: Any
    other: Any

    def of(self, name: str, value: Any) -> Any:
        """What it says instead of a value."""
        if name != self.field:
            return value
        return {self.one: self.other, self.other: self.one}.get(value, value)


@dataclass(frozen=True)
class Knowledge:
    """What the model knows, and how it fails.

    Attributes:
        cases: Each case by its id.
        labels: The labels that a field of the model's output can have; it fills with what is asked.
        wrong: The ids of cases that are answered by another label.
        swap: Two labels that it takes for each other.
        dead: It answers nothing at all.
    """

    cases: Mapping[str, Case]
    labels: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()
    swap: Swap | None = None
    dead: bool = False

    @classmethod
    def of(cls, cases: Iterable[Case]) -> "Knowledge":
        """Of these cases, all to be answered right."""
        return cls({case.id: case for case in cases})

    def says(self, asked: str, schema: Schema) -> dict[str, Any]:
        """The answer for a case, in the form that is asked for."""
        case, said = self.cases[asked], answer(Request("", "", schema=schema))
        assert isinstance(said, dict)
        fields: Schema = resolved(schema, schema).get("properties", {})
        for name, form in fields.items():
            if CERTAIN.search(name):
                said[name] = _sure(case, resolved(form, schema), said[name])
        for name, value in case.expected.values.items():
            if name in fields:
                self.labels.setdefault(name, _labels(fields[name], schema))
                said[name] = self._label(case, name, value)
        return said

    def can_be_wrong(self, case: Case) -> bool:
        """Whether there is a wrong label to give it."""
        return any(self._others(name, case) for name in case.expected.values)

    def _label(self, case: Case, name: str, value: Any) -> Any:
        right = acceptable(value)[0]
        if case.id in self.wrong:
            return next(iter(self._others(name, case)), right)
        return self.swap.of(name, right) if self.swap else right

    def _others(self, name: str, case: Case) -> list[Any]:
        right = acceptable(case.expected.values[name])
        return [label for label in self.labels.get(name, ()) if label not in right]


def acceptable(value: Any) -> list[Any]:
    """The values a label accepts."""
    return value if isinstance(value, list) and value else [value]


def _labels(form: Schema, root: Schema) -> tuple[Any, ...]:
    if resolved(form, root).get("type") == "boolean":
        return (True, False)
    return tuple(label for label in choices(form, root) if label is not None)


def _sure(case: Case, form: Schema, otherwise: Any) -> Any:
    """As sure as can be, or not at all where a person is to decide."""
    if form.get("type") not in ("number", "integer"):
        return otherwise
    sure = 0.0 if set(case.expected.outcome) == {Outcome.handed_over} else 1.0
    return number(form, sure, whole=form["type"] == "integer")


class Oracle(Model):
    """The model itself; it is asked in this process, and asks nobody."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__()
        self._knowledge = knowledge

    @property
    def model_name(self) -> str:
        """What its answers are called by."""
        return NAME

    @property
    def system(self) -> str:
        """Who served it."""
        return PROVIDER

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """What it is to say to the case that is being asked."""
        if self._knowledge.dead:
            raise ModelConnectionError(NAME, "made up: the provider cannot be reached")
        tools, native = (
            model_request_parameters.output_tools,
            model_request_parameters.output_object,
        )
        part: TextPart | ToolCallPart = TextPart("Nothing was asked for.")
        if native is not None:
            said = self._knowledge.says(current().case, native.json_schema)
            part = TextPart(json.dumps(said))
        elif tools:
            said = self._knowledge.says(current().case, tools[0].parameters_json_schema)
            part = ToolCallPart(tools[0].name, said)
        return ModelResponse([part], usage=RequestUsage(), model_name=NAME, finish_reason="stop")


@dataclass(frozen=True)
class MadeUp(Answering):
    """The made-up model in the place of every other; it counts as a real one, in a copy only."""

    knowledge: Knowledge = field(default_factory=lambda: Knowledge({}))

    @classmethod
    def by(cls, knowledge: Knowledge, **failing: Any) -> "MadeUp":
        """Answers by what a model knows, failing in one way."""
        return cls(Mode.live, True, made_up=True, knowledge=replace(knowledge, **failing))

    def models(self, release: "Release") -> "Models":
        """The oracle, whoever is asked."""
        return self._oracle

    def judges(self, judges: "Iterable[JudgeSettings]") -> "Models":
        """Judges are not asked."""
        return self._oracle

    def _oracle(self, asked: str, build: Callable[[], Model]) -> Model:
        return Oracle(self.knowledge)
