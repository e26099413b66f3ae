"""Checks the targeting rule of a flag as far as it can be seen without a request.

flagd answers a rule it cannot follow with silence: a misspelt operator or attribute, a weight
that is not a whole number, or a variant there is not, all mean that the rule has no effect, or
that the evaluation fails. For a kill switch that is the worst moment to find out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .files import FieldPath
from .problems import did_you_mean, listed, say

CONTEXT = ("targetingKey", "user", "organisation", "$flagd.flagKey", "$flagd.timestamp")
"""What the chassis tells about a request when it evaluates a flag."""

_COMPARE = ("==", "!=", "===", "!==", "<", ">", "<=", ">=", "!", "!!")
_TRUE_OR_FALSE = {*_COMPARE, "in", "starts_with", "ends_with", "sem_ver", "all", "some", "none"}
_OWN_SCOPE = {"map", "filter", "reduce", "all", "some", "none"}
_CONTROL = {"if", "?:", "and", "or", "fractional"}
_VALUES = {"var", "missing", "missing_some", "cat", "substr", "merge", "log"}
_LISTS = {"map", "filter", "merge", "missing", "missing_some"}
_ARITHMETIC = {"min", "max", "+", "-", "*", "/", "%"}
OPERATORS = frozenset(_TRUE_OR_FALSE | _OWN_SCOPE | _CONTROL | _VALUES | _ARITHMETIC)

Finding = tuple[FieldPath, str]


@dataclass(frozen=True)
class _Rule:
    variants: tuple[str, ...]
    evaluators: Mapping[str, Any]

    def operators(self, node: Any, path: FieldPath, scoped: bool = False) -> Iterator[Finding]:
        """Walk everything: operators there are, attributes there are, weights that are whole."""
        if isinstance(node, list):
            for index, item in enumerate(node):
                yield from self.operators(item, (*path, index), scoped)
        if not isinstance(node, dict) or not node:
            return
        if len(node) != 1:
            yield path, f"A rule has one operator; this has {len(node)}: {listed(node)}."
            return
        [(name, arguments)] = node.items()
        below = (*path, name)
        if name == "$ref":
            if not isinstance(arguments, str) or arguments not in self.evaluators:
                guess = did_you_mean(str(arguments), self.evaluators)
                yield below, f"There is no {say(arguments)} in $evaluators.{guess}"
            return
        if name not in OPERATORS:
            guess = did_you_mean(name, OPERATORS)
            yield below, f'"{name}" is not an operator.{guess} Without it the rule has no effect.'
            return
        if name == "var" and not scoped:
            yield from _check_attribute(arguments, below)
        if name == "fractional":
            yield from _check_weights(arguments, below)
        yield from self.operators(arguments, below, scoped or name in _OWN_SCOPE)

    def results(self, node: Any, path: FieldPath, followed: frozenset[str]) -> Iterator[Finding]:
        """Walk only what the rule can answer: each has to be a variant."""
        if isinstance(node, bool):
            node = str(node).lower()
        if isinstance(node, str | int | float) and str(node) not in self.variants:
            guess = did_you_mean(str(node), self.variants)
            known = f" Variants: {listed(self.variants)}."
            yield path, f"{say(node)} is not a variant of this flag.{guess}{known}"
        if isinstance(node, list) or node == {}:
            known = f"Variants: {listed(self.variants)}."
            yield path, f"{say(node)} is not a variant of this flag. {known}"
        if not isinstance(node, dict) or len(node) != 1:
            return
        [(name, arguments)] = node.items()
        below = (*path, name)
        if name == "$ref":
            if isinstance(arguments, str) and arguments not in followed:
                rule = self.evaluators.get(arguments)
                yield from self.results(rule, below, followed | {arguments})
            return
        if name in _TRUE_OR_FALSE and not {"true", "false"} <= set(self.variants):
            wrapped = f'{{"if": [{{"{name}": ...}}, "{self.variants[0]}"]}}'
            message = f"This answers true or false, which are no variants. Wrap it: {wrapped}."
            yield below, message
        if name in _LISTS:
            yield below, f"{name} answers a list, and a variant is needed."
        for index, result in _answers(name, arguments):
            yield from self.results(result, (*below, *index), followed)


def check_targeting(
    rule: Mapping[str, Any], variants: tuple[str, ...], evaluators: Mapping[str, Any]
) -> list[Finding]:
    """List what is wrong with a rule: the path within it, and the sentence."""
    walk = _Rule(variants, evaluators)
    if not rule:
        return []
    return [*walk.operators(rule, ()), *walk.results(rule, (), frozenset())]


def check_evaluators(evaluators: Mapping[str, Any]) -> list[Finding]:
    """List what is wrong with the rules that flags share."""
    walk = _Rule((), evaluators)
    return [found for name, rule in evaluators.items() for found in walk.operators(rule, (name,))]


def _answers(name: str, arguments: Any) -> Iterator[tuple[FieldPath, Any]]:
    """List the arguments of an operator that can become the rule's answer."""
    if name not in _CONTROL:
        return
    if not isinstance(arguments, list):  # JsonLogic takes one argument without its list.
        yield (), arguments
    elif name in ("if", "?:"):
        for index, argument in enumerate(arguments):
            if index % 2 == 1 or index == len(arguments) - 1:
                yield (index,), argument
    elif name in ("and", "or"):
        for index, argument in enumerate(arguments):
            yield (index,), argument
    elif name == "fractional":
        for index, argument in _buckets(arguments):
            if isinstance(argument, list) and argument:
                yield (index, 0), argument[0]


def _buckets(arguments: list[Any]) -> list[tuple[int, Any]]:
    """List the buckets of `fractional`; what comes before them says whom to keep together."""
    start = 0 if not arguments or isinstance(arguments[0], list) else 1
    return list(enumerate(arguments))[start:]


def _check_weights(arguments: Any, path: FieldPath) -> Iterator[Finding]:
    buckets = _buckets(arguments) if isinstance(arguments, list) else []
    if not buckets:
        yield path, 'Expected buckets of a variant and a weight, such as [["v1", 95], ["v2", 5]].'
    total = 0
    for index, bucket in buckets:
        if not isinstance(bucket, list) or not 1 <= len(bucket) <= 2:
            yield (*path, index), 'Expected a variant and a weight, such as ["v2", 5].'
            continue
        weight = bucket[1] if len(bucket) == 2 else 1
        if isinstance(weight, dict):
            total += 1  # Computed at each request: cannot be seen here.
        elif isinstance(weight, bool) or not isinstance(weight, int) or weight < 0:
            where = (*path, index, 1)
            yield where, f"{say(weight)} is not a weight: expected a whole number, such as 5."
            total += 1
        else:
            total += weight
    if buckets and total == 0:
        yield path, "The weights are all 0: nobody gets a variant. Give one of them a weight."


def _check_attribute(arguments: Any, path: FieldPath) -> Iterator[Finding]:
    name = arguments[0] if isinstance(arguments, list) and arguments else arguments
    if not isinstance(name, dict) and name not in CONTEXT:  # A rule within finds the name later.
        guess = did_you_mean(str(name), CONTEXT)
        yield path, f"No request has {say(name)}.{guess} Known: {listed(CONTEXT)}."
