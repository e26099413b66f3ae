"""Evaluators that compare an answer with its label."""

from __future__ import annotations

import math
from typing import Any, Literal

from ..pipeline import Evaluator
from .fields import (
    MISSING,
    Score,
    accepted,
    check_gate,
    judged,
    label_of,
    labelled,
    same,
    value_of,
    with_label,
)


def exact(
    field: str, *, gate: bool = False, ignore_case: bool = False, name: str | None = None
) -> Evaluator:
    """The field is what the label says, or one of the acceptable values that the label lists."""

    def alike(value: Any, label: Any) -> bool:
        if ignore_case and isinstance(value, str) and isinstance(label, str):
            return value.strip().casefold() == label.strip().casefold()
        return same(value, label)

    def compare(value: Any, label: Any) -> bool:
        return accepted(value, label, alike)

    return with_label(name or field, field, compare, gate=gate)


def same_set(
    field: str,
    *,
    score: Literal["all", "precision", "recall", "f1"] = "all",
    at_least: float | None = None,
    gate: bool = False,
    name: str | None = None,
) -> Evaluator:
    """The field's list holds what the label lists, in any order; a value twice counts once.

    `all` is right or wrong. `precision` is the share of the answer's that the label has, `recall`
    the share of the label's that the answer has, `f1` their harmonic mean; with `at_least` they
    are right or wrong, too. A label that is a list of lists names several acceptable sets: the one
    that fits best counts.
    """
    named = name or (field if score == "all" else f"{field} {score}")
    if score == "all":
        at_least = 1.0
    check_gate(named, gate, at_least)

    def compare(value: Any, label: Any) -> Score:
        options = label if label and _all_lists(label) else [label]
        best = max(_overlap(_distinct(value), _distinct(one), score) for one in options)
        return judged(best, at_least)

    return with_label(named, field, compare, gate=gate)


def fields_right(
    *fields: str, at_least: float | None = None, gate: bool = False, name: str = "fields right"
) -> Evaluator:
    """The share of labelled fields that are right: of those named here, or of all in the label."""
    check_gate(name, gate, at_least)

    def check(_: Any, answer: Any, expected: Any) -> Score:
        label = labelled(name, expected)
        wanted = {path: label_of(label, path) for path in (fields or label)}
        said = {path: one for path, one in wanted.items() if one is not MISSING}
        if not said:
            return None
        right = sum(accepted(value_of(answer, path), one) for path, one in said.items())
        return judged(right / len(said), at_least)

    return Evaluator(name, check, gate=gate, fields=fields)


def close_to(
    field: str,
    *,
    absolute: float = 0.0,
    relative: float = 0.0,
    gate: bool = False,
    name: str | None = None,
) -> Evaluator:
    """The field's number is the label's, or off by at most `absolute`, or by `relative` of it.

    One of the two is enough. A number may be written as text, as JSON has decimals. What is no
    number, or not finite, is close to nothing.
    """
    named = name or field
    for tolerance in (absolute, relative):
        if not (math.isfinite(tolerance) and tolerance >= 0):
            raise ValueError(f"{named}: a tolerance is a number that is not negative.")

    def alike(value: Any, label: Any) -> bool:
        one, other = _number(value), _number(label)
        if one is None or other is None:
            return value is None and label is None
        return abs(one - other) <= max(absolute, relative * abs(other))

    def compare(value: Any, label: Any) -> bool:
        return accepted(value, label, alike)

    return with_label(named, field, compare, gate=gate)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _all_lists(label: Any) -> bool:
    return isinstance(label, list) and all(isinstance(one, list) for one in label)


def _distinct(value: Any) -> list[Any]:
    """The distinct members; what is no list is a set of one, and null an empty one."""
    members = [] if value is None else value if isinstance(value, (list, tuple)) else [value]
    found: list[Any] = []
    for member in members:
        if not any(same(member, known) for known in found):
            found.append(member)
    return found


def _overlap(answer: list[Any], label: list[Any], score: str) -> float:
    shared = sum(any(same(one, other) for other in label) for one in answer)
    precision = shared / len(answer) if answer else float(not label)
    recall = shared / len(label) if label else float(not answer)
    if score == "all":
        return float(shared == len(answer) == len(label))
    if score != "f1":
        return precision if score == "precision" else recall
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
