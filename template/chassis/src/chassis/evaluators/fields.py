"""Reading a field of an answer or of a label, and telling whether two JSON values are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ..config.problems import did_you_mean
from ..pipeline import Evaluator

Score = bool | float | None
Compare = Callable[[Any, Any], Score]


class NeedsLabel(ValueError):
    """An evaluator that compares with a label was asked about an answer without one."""


class NoSuchField(LookupError):
    """An evaluator names a field that the answer does not have."""


MISSING = object()
"""What a label says of a field that it does not name: nothing."""


def value_of(item: Any, path: str) -> Any:
    """The value of a field as JSON has it; `customer.name` and `lines.0` reach further in.

    Raises NoSuchField where the path ends nowhere.
    """
    value = item
    for part in path.split("."):
        value = _step(value, part, path)
    return to_jsonable_python(value)


def _step(value: Any, part: str, path: str) -> Any:
    if isinstance(value, BaseModel):
        known = {*type(value).model_fields, *type(value).model_computed_fields}
        if part in known:
            return getattr(value, part)
        raise NoSuchField(_no_field(part, path, known))
    if isinstance(value, Mapping):
        if part in value:
            return value[part]
        raise NoSuchField(_no_field(part, path, map(str, value)))
    if isinstance(value, (list, tuple)) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    raise NoSuchField(f"{path}: there is no {part} in it.")


def _no_field(part: str, path: str, known: Iterable[str]) -> str:
    names = sorted(known)
    shown = ", ".join(names) or "nothing"
    return f"{path}: there is no field {part}, only {shown}.{did_you_mean(part, names)}"


def label_of(expected: Mapping[str, Any], path: str) -> Any:
    """What a label says of a field; MISSING where it says nothing."""
    if path in expected:
        return expected[path]
    try:
        return value_of(expected, path)
    except NoSuchField:
        return MISSING


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 is 1.0, but not true, and "1" is a word."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def accepted(value: Any, label: Any, alike: Callable[[Any, Any], bool] = same) -> bool:
    """Whether a value is the label's, or one of the acceptable ones that it lists."""
    return alike(value, label) or (
        isinstance(label, list) and any(alike(value, one) for one in label)
    )


def with_label(name: str, path: str, compare: Compare, *, gate: bool) -> Evaluator:
    """An evaluator that compares one field with its label.

    It says nothing (None) where the label does not name the field.
    """

    def check(_: Any, answer: Any, expected: Any) -> Score:
        label = label_of(labelled(name, expected), path)
        return None if label is MISSING else compare(value_of(answer, path), label)

    return Evaluator(name, check, gate=gate, fields=(path,))


def labelled(name: str, expected: Any) -> Mapping[str, Any]:
    """The label.

    Raises NeedsLabel when there is none, as on production traffic.
    """
    if not isinstance(expected, Mapping):
        raise NeedsLabel(f"{name} compares with a label, and this answer has none.")
    return expected


def judged(share: float, at_least: float | None) -> bool | float:
    """A share as it is, or held against the least that will do."""
    return share if at_least is None else share >= at_least - 1e-9


def check_gate(name: str, gate: bool, at_least: float | None) -> None:
    """Raise ValueError for a gate on a share of which nobody said how much will do."""
    if at_least is not None and not 0 <= at_least <= 1:
        raise ValueError(f"{name}: at_least is a share between 0 and 1, not {at_least:g}.")
    if gate and at_least is None:
        raise ValueError(f"{name} gives a share; to gate it needs at_least=, such as at_least=1.0.")
