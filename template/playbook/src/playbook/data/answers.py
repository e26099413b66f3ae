"""Which fields of an answer a label speaks about: those with a fixed set of values."""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

if TYPE_CHECKING:
    from chassis import Pipeline
    from playbook.evals.cases import Case


@dataclass(frozen=True)
class LabelField:
    """One field of the answer, and the values it can have, as they stand in JSON."""

    name: str
    values: tuple[Any, ...]

    def written(self, value: Any) -> str:
        """A value as a person reads and types it."""
        return str(value).lower() if isinstance(value, bool) else str(value)

    @property
    def choices(self) -> dict[str, Any]:
        """The values by how they are written."""
        return {self.written(value): value for value in self.values}


def label_fields(pipeline: "Pipeline[Any, Any]", cases: Iterable["Case"] = ()) -> list[LabelField]:
    """The fields that can be labelled.

    Args:
        pipeline: Whose answers are labelled.
        cases: Where they are given, and any of them labels such a field, only fields that are
            labelled in some case.
    """
    fields = [
        LabelField(name, tuple(dict.fromkeys(values)))
        for name, field in pipeline.gives.model_fields.items()
        if (values := list(_values(field.annotation)))
    ]
    used = {name for case in cases for name in case.expected.values}
    return [field for field in fields if field.name in used] or fields


def _values(annotation: Any) -> Iterator[Any]:
    """The values of a Literal, an enumeration or a truth value, also behind None and names."""
    if hasattr(annotation, "__value__"):  # a `type X = ...`
        annotation = annotation.__value__
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _values(get_args(annotation)[0])
    elif origin is Literal:
        for value in get_args(annotation):
            if value is not None:
                yield value.value if isinstance(value, Enum) else value
    elif origin in (Union, types.UnionType):
        for option in get_args(annotation):
            yield from _values(option)
    elif annotation is bool:
        yield from (True, False)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (member.value for member in annotation)
