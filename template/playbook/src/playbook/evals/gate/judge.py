"""Conclude from what was measured: the code, and the reasons that led to it."""

from collections.abc import Iterable, Sequence

from playbook.evals.gate.decision import Decision
from playbook.evals.gate.measure import (
    Measure,
    Measured,
    Row,
    measure,
    percent,
    target_percent,
)
from playbook.evals.gate.targets import Targets
from playbook.evals.results import CaseResult, Mode
from playbook.evals.statistics import wilson
from playbook.verdicts import Code

MOST_UNJUDGED = 0.02
"""Share of cases that may fail for reasons outside the service before a run proves nothing."""


def decide(results: Sequence[CaseResult], targets: Targets, *, only: str | None = None) -> Decision:
    """Judge a run.

    Args:
        results: One for each case that was run.
        targets: The targets that go with the run's mode.
        only: What the run was narrowed to (a slice, or a case); a part cannot prove the whole.
    """
    measured = measure(results, targets, only)
    code, reasons = _judge(results, measured, targets, only)
    notes = _notes(results, measured, only) if code is not Code.NOT_JUDGED else ()
    return Decision(measured, code, tuple(reasons), tuple(notes))


def _judge(
    results: Sequence[CaseResult], measured: Measured, targets: Targets, only: str | None
) -> tuple[Code, list[str]]:
    unusable = _unusable(results, measured.mode)
    if unusable:
        return Code.NOT_JUDGED, unusable
    if only:
        return _judge_part(measured.rows, only)
    overall, critical = measured.all, measured.critical
    if not overall.enough:
        few = f"{_count(overall.n)} judge nothing; it takes {overall.least_sample}."
        return Code.INCONCLUSIVE, [few]
    missed = [_against(overall, "all slices")] if overall.below else []
    if measured.mode is not Mode.simulated:
        missed += [_against(row, row.name) for row in measured.rows if row.enough and row.below]
        wanted = targets.critical_at_least
        if wanted is not None and critical.n and critical.share < wanted - 1e-9:
            target = "all" if wanted == 1 else target_percent(wanted)
            missed.append(f"{critical.right} of {critical.n} critical cases, target {target}")
        missed += _missed_measures(measured.latency, measured.cost)
    return (Code.NOT_MET, missed) if missed else (Code.MET, [_against(overall, "all slices")])


def _unusable(results: Sequence[CaseResult], mode: Mode) -> list[str]:
    """Why these results prove nothing, if so."""
    failed = [result.unjudged for result in results if result.unjudged is not None]
    if len(failed) > MOST_UNJUDGED * len(results):
        causes = sorted(set(failed), key=failed.count, reverse=True)
        counted = ", ".join(f"{failed.count(cause)} {cause}" for cause in causes)
        said = [r.detail for r in results if r.unjudged is not None and r.detail]
        # An open breaker only repeats that something failed before; the cause says more.
        detail = next((text for text in said if "breaker open" not in text), next(iter(said), None))
        return [
            f"{len(failed)} of {len(results)} cases got no answer to judge ({counted}), "
            + f"at most {target_percent(MOST_UNJUDGED)} may",
            *([f"one said: {detail}"] if detail else []),
        ]
    if mode is Mode.mixed:
        return ["some answers came from a real model and some from the simulator"]
    return []


def _judge_part(rows: Sequence[Row], only: str) -> tuple[Code, list[str]]:
    row = next((row for row in rows if row.name == only), None)
    if row is None or row.target is None:
        return Code.INCONCLUSIVE, [f"{only} alone has no target to be held against."]
    if not row.enough:
        few = f"{_count(row.n)} of {row.name} judge nothing; it takes {row.least_sample}."
        return Code.INCONCLUSIVE, [few]
    return (Code.NOT_MET if row.below else Code.MET), [_against(row, row.name)]


def _against(row: Row, name: str) -> str:
    low, high = wilson(row.right, row.n)
    return (
        f"{name} {percent(row.share)}, target {target_percent(row.target or 0)} "
        f"(95% interval {low * 100:.1f} to {high * 100:.1f})"
    )


def _missed_measures(latency: Measure, cost: Measure) -> list[str]:
    missed = []
    if latency.over:
        missed.append(f"p95 latency {latency.value:.2f} s, target {latency.target:g} s")
    if cost.over:
        missed.append(f"mean cost USD {cost.value:.4f} a call, target {cost.target:g}")
    return missed


def _notes(results: Sequence[CaseResult], measured: Measured, only: str | None) -> Iterable[str]:
    """What a reader must know beside the decision."""
    simulated = measured.mode is Mode.simulated
    if simulated:
        yield "Simulated answers say nothing about a real model."
    failed = sum(result.unjudged is not None for result in results)
    if 0 < failed <= MOST_UNJUDGED * len(results):
        yield f"Left out, because they got no answer to judge: {_count(failed)}."
    crashed = sum(result.crashed is not None for result in results)
    if crashed:
        yield f"Crashed in the pipeline or an evaluator, counted as wrong: {_count(crashed)}."
    few = [row for row in measured.rows if row.target is not None and not row.enough]
    if few and not only and not simulated:
        listed = ", ".join(f"{row.name} ({row.n} of {row.least_sample})" for row in few)
        yield f"Slices with too few cases to be judged: {listed}."


def _count(n: int) -> str:
    return "1 case" if n == 1 else f"{n} cases"
