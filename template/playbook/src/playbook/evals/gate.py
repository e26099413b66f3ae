"""The gate: results of a run and the criteria in, one decision with its reasons out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from playbook.evals.results import CaseResult, Mode, mode_of
from playbook.evals.statistics import wilson
from playbook.verdicts import Code

MOST_UNJUDGED = 0.02
"""Share of cases that may fail for reasons outside the service before a run proves nothing."""


@dataclass(frozen=True)
class Target:
    """One target, and how many cases it takes to judge it."""

    at_least: float
    least_sample: int


@dataclass(frozen=True)
class Targets:
    """The targets a run is held against: the criteria, or the floor of simulated answers."""

    all: Target
    slices: Mapping[str, Target]
    critical_at_least: float | None
    p95_seconds: float
    latency_sample: int
    cost_usd: float
    cost_sample: int


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    n: int
    right: int
    target: float | None = None
    least_sample: int = 0

    @property
    def share(self) -> float:
        """The share that is right; of nothing, nothing."""
        return self.right / self.n if self.n else 0.0

    @property
    def enough(self) -> bool:
        """Whether so many cases judge anything."""
        return self.n >= max(1, self.least_sample)

    @property
    def below(self) -> bool:
        """Whether the target is missed; only asked where there are enough cases."""
        return self.target is not None and self.share < self.target - 1e-9


@dataclass(frozen=True)
class Measure:
    """Latency or cost: measured beside its target."""

    value: float | None
    target: float
    n: int
    least_sample: int

    @property
    def over(self) -> bool:
        """Whether the target is missed, on enough calls to say so."""
        return self.value is not None and self.n >= self.least_sample and self.value > self.target


@dataclass(frozen=True)
class Measured:
    """What a run measured, before anything is concluded from it."""

    mode: Mode
    rows: tuple[Row, ...]
    critical: Row
    all: Row
    latency: Measure
    cost: Measure


@dataclass(frozen=True)
class Decision:
    """What a run showed: measurements, verdict, reasons, and what a reader must know."""

    measured: Measured
    code: Code
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()


def decide(results: Sequence[CaseResult], targets: Targets, *, only: str | None = None) -> Decision:
    """Judge a run.

    Args:
        results: One for each case that was run.
        targets: The targets that go with the run's mode.
        only: What the run was narrowed to (a slice, or a case); a part cannot prove the whole.
    """
    measured = _measure(results, targets, only)
    code, reasons = _judge(results, measured, targets, only)
    notes = _notes(results, measured, only) if code is not Code.NOT_JUDGED else ()
    return Decision(measured, code, tuple(reasons), tuple(notes))


def _measure(results: Sequence[CaseResult], targets: Targets, only: str | None) -> Measured:
    mode = mode_of(results)
    judged = [result for result in results if result.unjudged is None]
    calls = [result for result in judged if result.called]
    costs = [result.cost_usd for result in calls if result.cost_usd is not None]
    p95 = percentile([result.seconds for result in calls], 0.95)
    mean_cost = sum(costs) / len(costs) if costs else None
    critical = [result for result in judged if result.critical]
    return Measured(
        mode=mode,
        rows=tuple(_slice_rows(judged, targets, whole=only is None and mode is not Mode.simulated)),
        critical=_row("critical", critical, None),
        all=_row("all", judged, None if only else targets.all),
        latency=Measure(p95, targets.p95_seconds, len(calls), targets.latency_sample),
        cost=Measure(mean_cost, targets.cost_usd, len(costs), targets.cost_sample),
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: a value that was really measured."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def percent(share: float) -> str:
    """A share as people read it; never rounded up to a target it misses."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:.1f}%"


def target_percent(share: float) -> str:
    """A target as it was written: 92%, or 92.5%."""
    return f"{share * 100:.4g}%"


def _slice_rows(judged: Sequence[CaseResult], targets: Targets, *, whole: bool) -> Iterable[Row]:
    present = {result.slice for result in judged}
    # In a whole run a declared slice without a case is shown too: a target nobody can meet yet.
    declared = [name for name in targets.slices if whole or name in present]
    for name in [*declared, *sorted(present - set(declared))]:
        mine = [result for result in judged if result.slice == name]
        yield _row(name, mine, targets.slices.get(name))


def _row(name: str, results: Sequence[CaseResult], target: Target | None) -> Row:
    right = sum(result.right for result in results)
    if target is None:
        return Row(name, len(results), right)
    return Row(name, len(results), right, target.at_least, target.least_sample)


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
