"""Asking again where an answer came out otherwise than in the baseline: most answers decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from playbook.evals.results import CaseResult


def flipped(
    results: Iterable[CaseResult], before: Mapping[tuple[str, str], bool]
) -> list[CaseResult]:
    """The results that are right where the baseline's were wrong, or the other way round."""
    return [
        result
        for result in results
        if result.unjudged is None
        and before.get((result.id, result.hash), result.right) != result.right
    ]


def majority(asked: Sequence[CaseResult]) -> CaseResult:
    """One result for a case that was asked more than once; it is right if most answers were.

    Where as many were right as wrong it is wrong. What is shown is the first answer of the kind
    that decided, with its own latency and cost.
    """
    judged = [result for result in asked if result.unjudged is None]
    if len(judged) < 2:
        return asked[0]
    said = [result.right for result in judged]
    right = 2 * sum(said) > len(said)
    shown = next(result for result in judged if result.right is right)
    return replace(shown, repeats=tuple(said))
