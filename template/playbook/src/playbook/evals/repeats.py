"""Asking again where an answer came out otherwise than in the baseline: is the change steady?"""

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


def together(asked: Sequence[CaseResult]) -> CaseResult:
    """One result for a case that was asked more than once: the first, beside what became of all.

    The first decides. Were it most answers, only cases that flipped would get a second chance, and
    the comparison would stop systems that did not change (decision 0018).
    """
    judged = [result for result in asked if result.unjudged is None]
    if len(judged) < 2:
        return asked[0]
    return replace(judged[0], repeats=tuple(result.right for result in judged))
