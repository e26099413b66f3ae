"""The numbers the service is judged by: `config/success-criteria.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic.fields import FieldInfo

from .fields import Direction, Key, Strict, mistake, number, share
from .safety import Safety


@dataclass(frozen=True)
class Target:
    """One number of the criteria file, as telemetry exports it and readiness lists it.

    `metric` is the metric of the service that is held against it; None where nothing that runs
    in the service measures it.
    """

    name: str
    value: float
    unit: str
    direction: Direction
    owner: str
    least_sample: int | None
    metric: str | None
    meaning: str


def _owner() -> Any:
    return Field(
        description="Who may change these numbers: a role of ownership.yaml.",
        examples=["product_owner"],
    )


def _least_sample(example: int) -> Any:
    meaning = "Fewer events than this judge nothing: the verdict is inconclusive."
    return number(meaning, unit="count", example=example, ge=1)


class Slice(Strict):
    """The target of one kind of case, such as `edge`."""

    at_least: float = share(
        "Share of this slice's cases that have to be right. Eval gate.",
        example=0.85,
        direction="at_least",
        sampled=True,
    )
    least_sample: int = _least_sample(30)


class Simulated(Strict):
    """The floor of simulated answers: it proves the plumbing, and says nothing about a model."""

    at_least: float = share(
        "Share of cases a simulated run has to get right. Eval gate, simulated runs only.",
        example=0.6,
        direction="at_least",
        sampled=True,
    )
    least_sample: int = _least_sample(10)


class Regression(Strict):
    """What counts as worse than the committed baseline (`playbook evals accept`)."""

    margin: float = share(
        "A drop up to this is borne, even one that is no chance. Eval gate.",
        example=0.02,
        default=0.02,
        lt=0.5,
        weaker="higher",
    )
    least_overlap: float = share(
        "Share of the cases that run and baseline have to have in common; with less, nothing was "
        "compared (exit 4). Eval gate.",
        example=0.8,
        default=0.8,
        gt=0,
        weaker="lower",
    )


class Quality(Strict):
    """How often the answer has to be right."""

    owner: Key = _owner()
    at_least: float = share(
        "Share of all cases that have to be right. Eval gate, quality alert, canary.",
        example=0.92,
        direction="at_least",
        sampled=True,
    )
    critical_at_least: float = share(
        "Share of the cases marked critical that have to be right. Eval gate.",
        example=1.0,
        direction="at_least",
    )
    least_sample: int = _least_sample(200)
    judged_by: Literal["point_estimate", "lower_bound"] = Field(
        default="point_estimate",
        description="What has to reach at_least: the share measured, or the lower end of its 95% "
        "interval, which takes many more right answers (92%: 45 of 45, or 230 of 240).",
        examples=["point_estimate"],
        json_schema_extra={"x-weakest-first": ["point_estimate", "lower_bound"]},
    )
    regression: Regression = Field(
        default=Regression(),
        description="What counts as worse than the committed baseline.",
        examples=["{margin: 0.02}"],
        json_schema_extra={"x-gate-only": True},
    )
    slices: dict[Key, Slice] = Field(
        description="The target of each slice of the cases in evals/cases/.",
        examples=["{edge: {at_least: 0.85, least_sample: 30}}"],
        min_length=1,
    )
    simulated: Simulated = Field(
        description="The floor when answers are simulated.",
        examples=["{at_least: 0.6, least_sample: 10}"],
    )

    @model_validator(mode="after")
    def _critical_is_strictest(self) -> Self:
        if self.critical_at_least < self.at_least:
            message = (
                f"{self.critical_at_least:g} is lower than quality.at_least ({self.at_least:g}): "
                "a critical case cannot matter less than any other. Raise it, usually to 1.0."
            )
            raise mistake(message, "critical_at_least")
        return self

    @model_validator(mode="after")
    def _bound_can_be_reached(self) -> Self:
        if self.judged_by == "lower_bound" and self.at_least == 1:
            message = (
                "No number of right answers has an interval that begins at 100%. Lower "
                "quality.at_least, or judge by point_estimate."
            )
            raise mistake(message, "judged_by")
        return self


class Latency(Strict):
    """How long an answer may take."""

    owner: Key = _owner()
    p95_seconds: float = number(
        "End to end, as the caller sees it: 95 of 100 answers are faster. Latency alert, load "
        "test, canary.",
        unit="seconds",
        example=3.0,
        direction="at_most",
        sampled=True,
        metric="airworthy_request_duration_seconds",
        gt=0,
        le=600,
    )
    least_sample: int = _least_sample(200)


class Availability(Strict):
    """How often an answer has to come at all."""

    owner: Key = _owner()
    at_least: float = share(
        "Share of requests that are answered. Burn-rate alerts, canary.",
        example=0.995,
        direction="at_least",
        sampled=True,
        metric="airworthy_requests_total",
        lt=1.0,
    )
    window_days: int = number(
        "The days over which the error budget is counted.", unit="days", example=30, ge=1, le=90
    )
    least_sample: int = _least_sample(1000)


class Cost(Strict):
    """What the model may cost."""

    owner: Key = _owner()
    per_interaction_usd: float = number(
        "Mean model cost of one request. Eval gate, cost alert, canary.",
        unit="usd",
        example=0.15,
        direction="at_most",
        sampled=True,
        metric="airworthy_cost_usd_total",
        gt=0,
    )
    daily_budget_usd: float = number(
        "Model spend of a day (UTC). Cost alert; the guardrails stop model calls beyond it.",
        unit="usd",
        example=50,
        direction="at_most",
        metric="airworthy_cost_usd_total",
        gt=0,
    )
    weekly_budget_usd: float = number(
        "Model spend of seven days. Cost alert.",
        unit="usd",
        example=250,
        direction="at_most",
        metric="airworthy_cost_usd_total",
        gt=0,
    )
    least_sample: int = _least_sample(200)

    @model_validator(mode="after")
    def _budgets_fit(self) -> Self:
        if self.per_interaction_usd > self.daily_budget_usd:
            message = (
                f"{self.daily_budget_usd:g} USD a day does not pay for one interaction "
                f"(per_interaction_usd is {self.per_interaction_usd:g}). Raise it, or lower that."
            )
            raise mistake(message, "daily_budget_usd")
        return self


class Satisfaction(Strict):
    """What users say."""

    owner: Key = _owner()
    at_least: float = number(
        "Mean rating that users give, 1 to 5. Satisfaction alert, readiness.",
        unit="rating",
        example=4.0,
        direction="at_least",
        sampled=True,
        metric="airworthy_ratings_total",
        ge=1,
        le=5,
    )
    least_sample: int = _least_sample(30)


class Traffic(Strict):
    """What the service has to carry."""

    owner: Key = _owner()
    peak_requests_per_second: float = number(
        "The busiest second that is expected. The load test holds three times this.",
        unit="requests_per_second",
        example=5,
        direction="at_least",
        metric="airworthy_requests_total",
        gt=0,
    )
    replicas: int = number(
        "Copies of the service that run; limits held in memory are divided by it.",
        unit="count",
        example=1,
        ge=1,
    )


class Criteria(Strict):
    """Success criteria: the only place where these numbers stand; all others read them here."""

    quality: Quality = Field(description="How often the answer has to be right.")
    latency: Latency = Field(description="How long an answer may take.")
    availability: Availability = Field(description="How often an answer has to come at all.")
    cost: Cost = Field(description="What the model may cost.")
    satisfaction: Satisfaction = Field(description="What users say.")
    traffic: Traffic = Field(description="What the service has to carry.")
    safety: Safety = Field(default_factory=Safety, description="What attacks may achieve.")

    def targets(self) -> list[Target]:
        """List every number of the file, in its order."""
        return list(_targets(self, "", owner="", least_sample=None))

    def target(self, name: str) -> Target:
        """Find one number by its path, such as `quality.slices.edge.at_least`."""
        return next(target for target in self.targets() if target.name == name)

    def owners(self) -> dict[tuple[str, ...], str]:
        """Say where each owner is named, for the check against ownership.yaml."""
        sections = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {(name, "owner"): section.owner for name, section in sections}

    def warnings(self) -> list[tuple[tuple[str, ...], str]]:
        """List what is allowed but probably not meant: field and sentence."""
        found: list[tuple[tuple[str, ...], str]] = []
        daily, weekly = self.cost.daily_budget_usd, self.cost.weekly_budget_usd
        if weekly > 7 * daily:
            message = f"{weekly:g} is more than seven daily budgets ({7 * daily:g}): never reached."
            found.append((("cost", "weekly_budget_usd"), message))
        if weekly < daily:
            message = f"{weekly:g} is less than the budget of one day ({daily:g})."
            found.append((("cost", "weekly_budget_usd"), message))
        return found


def _targets(block: BaseModel, path: str, owner: str, least_sample: int | None) -> Iterator[Target]:
    owner = getattr(block, "owner", owner)
    least_sample = getattr(block, "least_sample", least_sample)
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        below = f"{path}{name}"
        if _gate_only(field):
            continue  # how the gate compares is nothing a running service is held against
        if isinstance(value, BaseModel):
            yield from _targets(value, f"{below}.", owner, least_sample)
        elif isinstance(value, dict):
            for key, inner in value.items():
                yield from _targets(inner, f"{below}.{key}.", owner, least_sample)
        elif isinstance(value, int | float):
            yield _target(below, value, field, owner, least_sample)


def _gate_only(field: FieldInfo) -> bool:
    about = field.json_schema_extra
    return isinstance(about, dict) and about.get("x-gate-only") is True


def _target(
    name: str, value: float, field: FieldInfo, owner: str, least_sample: int | None
) -> Target:
    about = field.json_schema_extra
    if not isinstance(about, dict) or "x-unit" not in about:
        raise TypeError(f"{name} has no unit: declare it with number() or share()")
    return Target(
        name=name,
        value=float(value),
        unit=str(about["x-unit"]),
        direction=about["x-direction"],  # type: ignore[arg-type]
        owner=owner,
        least_sample=least_sample if about.get("x-sampled") else None,
        metric=str(about["x-metric"]) if "x-metric" in about else None,
        meaning=field.description or "",
    )
