"""What a run measured: shares right by slice, critical cases, latency and cost."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from playbook.evals.gate.targets import Target, Targets
from playbook.evals.results import CaseResult, Mode, mode_of
from playbook.evals.statistics import Counted, holm, p_below

EPSILON = 1e-9

LEVEL = 0.05
"""How often slices that all reach their targets may be said not to, by chance, over all of them."""


@dataclass(frozen=True)
class Row(Counted):
    """One line of the table.

    Attributes:
        by_lower_bound: The lower end of the interval is held against the target, not the share.
        p: How likely so few right are by chance alone, were the target reached; corrected for the
            number of slices. None where only the share itself is held against the target.
    """

    name: str
    n: int
    right: int
    target: float | None = None
    least_sample: int = 0
    by_lower_bound: bool = False
    p: float | None = None

    @property
    def enough(self) -> bool:
        """Whether so many cases judge anything."""
        return self.n >= max(1, self.least_sample)

    @property
    def below(self) -> bool:
        """Whether the target is missed; only asked where there are enough cases."""
        if self.target is None:
            return False
        held = self.interval[0] if self.by_lower_bound else self.share
        return held < self.target - EPSILON

    @property
    def within_chance(self) -> bool:
        """Whether it is below its target by no more than chance: remarked, and no failure."""
        return self.below and self.p is not None and self.p >= LEVEL


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
    """What a run measured, before anything is concluded from it.

    Attributes:
        visible: The cases everyone sees; beside `held_out`, it shows over-fitting.
        held_out: The cases whose content a prompt's author does not see; n is 0 without any.
    """

    mode: Mode
    rows: tuple[Row, ...]
    critical: Row
    all: Row
    visible: Row
    held_out: Row
    latency: Measure
    cost: Measure


def measure(results: Sequence[CaseResult], targets: Targets, only: str | None) -> Measured:
    """Count what is right, and how long it took and what it cost.

    Args:
        results: One for each case that was run.
        targets: The targets that go with the run's mode.
        only: What the run was narrowed to, a slice or a case.
    """
    mode = mode_of(results)
    whole = only is None and mode is not Mode.simulated
    judged = [result for result in results if result.unjudged is None]
    calls = [result for result in judged if result.called]
    costs = [result.cost_usd for result in calls if result.cost_usd is not None]
    p95 = percentile([result.seconds for result in calls], 0.95)
    mean_cost = sum(costs) / len(costs) if costs else None
    return Measured(
        mode=mode,
        rows=_tested(list(_slices(judged, targets, whole=whole))),
        critical=_row("critical", [result for result in judged if result.critical], None),
        all=_row("all", judged, None if only else targets.all, targets.by_lower_bound),
        visible=_row("visible", [result for result in judged if not result.held_out], None),
        held_out=_row("held out", [result for result in judged if result.held_out], None),
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


def _slices(judged: Sequence[CaseResult], targets: Targets, *, whole: bool) -> Iterable[Row]:
    present = {result.slice for result in judged}
    # In a whole run a declared slice without a case is shown too: a target nobody can meet yet.
    declared = [name for name in targets.slices if whole or name in present]
    for name in [*declared, *sorted(present - set(declared))]:
        mine = [result for result in judged if result.slice == name]
        yield _row(name, mine, targets.slices.get(name))


def _tested(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with their p: one family, so that more slices do not fail more often by chance."""
    asked = [i for i, row in enumerate(rows) if row.target is not None and row.enough]
    ps = holm([p_below(rows[i].right, rows[i].n, rows[i].target or 0.0) for i in asked])
    p_of = dict(zip(asked, ps, strict=True))
    return tuple(replace(row, p=p_of.get(i)) for i, row in enumerate(rows))


def _row(
    name: str,
    results: Sequence[CaseResult],
    target: Target | None,
    by_lower_bound: bool = False,
) -> Row:
    right = sum(result.right for result in results)
    if target is None:
        return Row(name, len(results), right)
    return Row(name, len(results), right, target.at_least, target.least_sample, by_lower_bound)
