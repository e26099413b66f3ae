"""What cases are labelled with: which fields are labels, how often each occurs, who disagrees."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema

from playbook.evals.cases import Case

MOST_VALUES = 20  # a field with more of them is text or a number, not a label
OUTCOME = "outcome"


@dataclass(frozen=True)
class Labels:
    """The expected fields that sort cases into a few kinds.

    Attributes:
        fields: Their names, in the order of the answer.
        possible: By field, every value that the answer's type allows, where it lists them.
    """

    fields: tuple[str, ...]
    possible: dict[str, tuple[str, ...]]

    def of(self, case: Case) -> tuple[str, ...]:
        """The label of a case: its outcomes, and the acceptable values of each field."""
        values = case.expected.values
        said = (f"{name}={_written(values[name])}" for name in self.fields if name in values)
        return (f"{OUTCOME}={'/'.join(sorted(set(case.expected.outcome)))}", *said)

    def disagreement(self, one: Case, other: Case) -> str | None:
        """In what two labels exclude each other, such as `category billing, bug`; else None."""
        for name, mine, theirs in self._both(one, other):
            if not mine & theirs:
                return f"{name} {'/'.join(sorted(mine))}, {'/'.join(sorted(theirs))}"
        return None

    def _both(self, one: Case, other: Case) -> Iterable[tuple[str, set[str], set[str]]]:
        yield OUTCOME, {*map(str, one.expected.outcome)}, {*map(str, other.expected.outcome)}
        a, b = one.expected.values, other.expected.values
        for name in self.fields:
            if name in a and name in b:
                yield name, _values(a[name]), _values(b[name])

    def counts(self, cases: Iterable[Case]) -> dict[str, Counter[str]]:
        """By field, how many cases accept each value."""
        counted: dict[str, Counter[str]] = {name: Counter() for name in self.fields}
        for case in cases:
            for name, value in case.expected.values.items():
                if name in counted:
                    counted[name].update(_values(value))
        return counted


def labels_of(cases: Sequence[Case], gives: type[BaseModel]) -> Labels:
    """Find the label fields: their type lists the values, or the cases use only a few."""
    fields, possible = [], {}
    for name, field in gives.model_fields.items():
        used = Counter(
            value
            for case in cases
            if name in case.expected.values
            for value in _values(case.expected.values[name])
        )
        listed = _listed(field.annotation)
        if listed:
            possible[name] = listed
        few = len(used) <= MOST_VALUES and 2 * len(used) <= used.total()
        if used and (listed or few):
            fields.append(name)
    return Labels(tuple(fields), possible)


def _listed(annotation: Any) -> tuple[str, ...]:
    """The values that a type allows, where it lists them; None is a value of nobody's choosing."""
    try:
        schema = TypeAdapter(annotation).json_schema()
    except PydanticInvalidForJsonSchema:
        return ()
    options = [schema, *schema.get("anyOf", ()), *schema.get("$defs", {}).values()]
    if any(option.get("type") == "boolean" for option in options):
        return ("false", "true")
    return tuple(_said(value) for option in options for value in option.get("enum", ()))


def _values(value: Any) -> set[str]:
    return {_said(one) for one in (value if isinstance(value, list) else [value])}


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _written(value: Any) -> str:
    return "/".join(sorted(_values(value)))
