"""Results, targets and baselines for tests of the gate."""

from collections.abc import Sequence
from typing import Any

from playbook.evals.gate import Target, Targets
from playbook.evals.gate.baseline import Baseline, Entry
from playbook.evals.results import CaseResult, Mode

TARGETS = Targets(
    all=Target(0.9, 10),
    slices={"common": Target(0.9, 10), "edge": Target(0.8, 5)},
    critical_at_least=1.0,
    p95_seconds=3.0,
    latency_sample=10,
    cost_usd=0.15,
    cost_sample=10,
)

MODES = {True: Mode.simulated, False: Mode.live, None: None}


def results(
    n: int,
    *,
    right: int | None = None,
    slice_: str = "common",
    simulated: bool | None = False,
    unjudged: str | None = None,
    critical: bool = False,
    seconds: float = 1.0,
    cost_usd: float | None = 0.01,
    hash_: str = "h",
    held_out: bool = False,
) -> list[CaseResult]:
    """Cases of one slice, the first of them right."""
    good = n if right is None else right
    return [
        CaseResult(
            id=f"{slice_}-{i}",
            hash=f"{hash_}{i}",
            slice=slice_,
            critical=critical,
            held_out=held_out,
            right=i < good and unjudged is None,
            outcome="answered",
            expected={},
            got={"category": "right" if i < good else "wrong"},
            unjudged=unjudged,
            mode=MODES[simulated],
            called=simulated is not None,
            seconds=seconds,
            cost_usd=cost_usd,
        )
        for i in range(n)
    ]


def baseline_of(run: Sequence[CaseResult], mode: Any = "live") -> Baseline:
    """The baseline that a run becomes."""
    return Baseline(
        format=1,
        mode=mode,
        release="triage-v1",
        accepted_by="Ann Berg",
        why="the first one",
        accepted_on="2026-11-20",
        git_sha="1a2b3c4",
        bound_to={"model": "openai:gpt"},
        cases=tuple(
            Entry(
                id=one.id,
                hash=one.hash,
                slice=one.slice,
                critical=one.critical,
                held_out=one.held_out,
                right=one.right,
                outcome=one.outcome,
                got=dict(one.got),
            )
            for one in run
        ),
    )
