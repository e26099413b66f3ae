"""The targets that go with a mode: the criteria's own, or the floor of simulated answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook.evals.results import Mode

if TYPE_CHECKING:
    from chassis.config import Criteria


@dataclass(frozen=True)
class Target:
    """One target, and how many cases it takes to judge it."""

    at_least: float
    least_sample: int


@dataclass(frozen=True)
class Regression:
    """What counts as worse than the baseline, and how much of it has to be shared."""

    margin: float = 0.02
    least_overlap: float = 0.8


@dataclass(frozen=True)
class Targets:
    """The targets a run is held against.

    Attributes:
        by_lower_bound: Whether the lower end of the interval has to reach the overall target.
        unjudged_at_most: Share of cases that may fail for reasons outside the service.
    """

    all: Target
    slices: Mapping[str, Target]
    critical_at_least: float | None
    p95_seconds: float
    latency_sample: int
    cost_usd: float
    cost_sample: int
    by_lower_bound: bool = False
    regression: Regression = Regression()
    unjudged_at_most: float = 0.02


def targets_of(criteria: "Criteria", mode: Mode, *, unjudged_at_most: float = 0.02) -> Targets:
    """The targets that go with a mode.

    A floor is a floor: simulated answers are never held against a lower bound.
    """
    quality = criteria.quality
    simulated = mode is Mode.simulated
    overall = quality.simulated if simulated else quality
    slices = {} if simulated else quality.slices
    regression = quality.regression
    return Targets(
        all=Target(overall.at_least, overall.least_sample),
        slices={name: Target(s.at_least, s.least_sample) for name, s in slices.items()},
        critical_at_least=None if simulated else quality.critical_at_least,
        p95_seconds=criteria.latency.p95_seconds,
        latency_sample=criteria.latency.least_sample,
        cost_usd=criteria.cost.per_interaction_usd,
        cost_sample=criteria.cost.least_sample,
        by_lower_bound=not simulated and quality.judged_by == "lower_bound",
        regression=Regression(regression.margin, regression.least_overlap),
        unjudged_at_most=unjudged_at_most,
    )
