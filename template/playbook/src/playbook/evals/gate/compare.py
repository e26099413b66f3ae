"""A run beside the baseline of its mode: the cases both have, and what became of them.

Only first answers are compared. Where flips are asked again and most answers decide, a flip to
right and one to wrong are no longer alike, and the test would stop more often than it says
(docs/decisions/0018-paired-gate.md of the template).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from playbook.evals import paired
from playbook.evals.gate.baseline import Baseline, Entry
from playbook.evals.gate.decision import Comparison, Flip
from playbook.evals.results import CaseResult

Shared = Sequence[tuple[Entry, CaseResult]]


def compare(
    results: Sequence[CaseResult], baseline: Baseline, margin: float, only: str | None = None
) -> Comparison:
    """Compare a run with a baseline, pair by pair.

    A pair is the same id with the same hash: a case whose input or label was changed is another
    case, and says nothing about what changed in the service.

    Args:
        results: One for each case that was run.
        baseline: That of the same mode.
        margin: A drop up to this share is borne.
        only: What the run was narrowed to, a slice or a case.
    """
    judged = [result for result in results if result.unjudged is None]
    before = {entry.id: entry for entry in baseline.cases if only in (None, entry.slice, entry.id)}
    shared = [
        (entry, result)
        for result in judged
        if (entry := before.get(result.id)) is not None and entry.hash == result.hash
    ]
    pairs = ((now.slice, was.right, now.right) for was, now in shared)
    outcome = paired.compare(pairs, margin)
    largest = max(len(judged), len(before))
    return Comparison(
        baseline=baseline.info,
        overlap=len(shared) / largest if largest else 0.0,
        rows=outcome.rows,
        all=outcome.all,
        flips=tuple(_flips(shared)),
        smallest_drop=outcome.smallest_drop,
    )


def lost_critical(results: Iterable[CaseResult], baseline: Baseline) -> list[str]:
    """The critical cases of the baseline that are gone, or critical no longer."""
    critical = {result.id for result in results if result.critical}
    return sorted(
        entry.id for entry in baseline.cases if entry.critical and entry.id not in critical
    )


def _flips(shared: Shared) -> list[Flip]:
    flips = [
        Flip(
            id=now.id,
            slice=now.slice,
            critical=now.critical,
            held_out=now.held_out,
            before=_said(was.outcome, was.got),
            after=_after(now),
            got_worse=was.right,
            repeats=tuple(now.repeats),
        )
        for was, now in shared
        if was.right != now.right
    ]
    return sorted(flips, key=lambda f: (not f.got_worse, not f.critical, f.slice, f.id))


def _after(now: CaseResult) -> Mapping[str, Any]:
    if now.crashed:
        return {"crashed": now.crashed}
    return _said(now.outcome, now.got)


def _said(outcome: str, got: Mapping[str, Any]) -> Mapping[str, Any]:
    return got or {"outcome": outcome}
