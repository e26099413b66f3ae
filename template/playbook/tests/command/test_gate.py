"""The gate alone: from results and targets to a decision."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.gate import Target, Targets, decide, percent, percentile
from playbook.evals.results import CaseResult, Mode, mode_of
from playbook.evals.statistics import wilson
from playbook.verdicts import Code

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
) -> list[CaseResult]:
    good = n if right is None else right
    return [
        CaseResult(
            id=f"{slice_}-{i}",
            slice=slice_,
            critical=critical,
            right=i < good and unjudged is None,
            outcome="answered",
            expected={},
            got={},
            unjudged=unjudged,
            mode=MODES[simulated],
            called=simulated is not None,
            seconds=seconds,
            cost_usd=cost_usd,
        )
        for i in range(n)
    ]


def test_all_right_is_met() -> None:
    decision = decide(results(20), TARGETS)
    assert decision.code is Code.MET
    assert decision.measured.mode is Mode.live


def test_exactly_the_target_is_met() -> None:
    assert decide(results(20, right=18), TARGETS).code is Code.MET
    assert decide(results(20, right=17), TARGETS).code is Code.NOT_MET


def test_one_weak_slice_is_not_met_though_the_whole_is() -> None:
    decision = decide(results(90) + results(10, right=7, slice_="edge"), TARGETS)
    assert decision.code is Code.NOT_MET
    assert decision.reasons[0].startswith("edge 70.0%, target 80%")


def test_a_slice_with_too_few_cases_is_said_and_not_judged() -> None:
    decision = decide(results(20) + results(2, right=1, slice_="edge"), TARGETS)
    assert decision.code is Code.MET
    assert "Slices with too few cases to be judged: edge (2 of 5)." in decision.notes


def test_a_declared_slice_without_cases_is_said() -> None:
    decision = decide(results(20), TARGETS)
    assert "Slices with too few cases to be judged: edge (0 of 5)." in decision.notes


def test_a_slice_without_a_target_is_counted_only() -> None:
    decision = decide(results(90) + results(2, right=0, slice_="extra"), TARGETS)
    assert decision.code is Code.MET
    assert [row.name for row in decision.measured.rows] == ["common", "edge", "extra"]


@pytest.mark.parametrize(("failed", "code"), [(2, Code.MET), (3, Code.NOT_JUDGED)])
def test_two_percent_of_failures_outside_the_service_are_borne(failed: int, code: Code) -> None:
    decision = decide(results(100 - failed) + results(failed, unjudged="down"), TARGETS)
    assert decision.code is code
    assert decision.measured.all.n == 100 - failed


def test_failures_outside_are_not_wrong_answers() -> None:
    decision = decide(results(100) + results(2, unjudged="down", simulated=None), TARGETS)
    assert decision.measured.all.share == 1.0


def test_no_cases_are_inconclusive_not_met() -> None:
    assert decide([], TARGETS).code is Code.INCONCLUSIVE


def test_slow_or_dear_answers_are_not_met_when_live() -> None:
    slow = decide(results(20, seconds=3.5), TARGETS)
    assert slow.reasons == ("p95 latency 3.50 s, target 3 s",)
    dear = decide(results(20, cost_usd=0.2), TARGETS)
    assert dear.reasons == ("mean cost USD 0.2000 a call, target 0.15",)


def test_slow_and_dear_answers_of_a_simulator_are_shown_only() -> None:
    assert decide(results(20, simulated=True, seconds=9, cost_usd=9), TARGETS).code is Code.MET


def test_an_unknown_price_is_no_cost_of_zero() -> None:
    decision = decide(results(20, cost_usd=None), TARGETS)
    assert decision.measured.cost.value is None


@pytest.mark.parametrize(
    ("marks", "mode"),
    [
        ([True, None], Mode.simulated),
        ([False, None], Mode.live),
        ([True, False], Mode.mixed),
        ([None], Mode.none),
        ([], Mode.none),
    ],
)
def test_the_mode_is_read_from_the_marks_of_the_answers(
    marks: list[bool | None], mode: Mode
) -> None:
    assert mode_of(result for mark in marks for result in results(1, simulated=mark)) is mode


def test_wilson_agrees_with_published_values() -> None:
    # Newcombe 1998, table I, method 3: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    low, high = wilson(right, n)
    assert 0 <= low <= right / n + 1e-12
    assert right / n - 1e-12 <= high <= 1


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_the_percentile_was_measured_and_covers_its_share(values: list[float]) -> None:
    p95 = percentile(values, 0.95)
    assert p95 in values
    assert sum(value <= p95 for value in values) >= math.ceil(0.95 * len(values))


@given(st.integers(0, 1000), st.integers(1, 1000), st.floats(0.01, 1))
def test_a_share_below_its_target_is_never_shown_as_reaching_it(
    right: int, n: int, target: float
) -> None:
    share = min(right, n) / n
    assert float(percent(share).rstrip("%")) <= share * 100 + 1e-6


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 5), st.booleans())
def test_a_run_is_met_only_if_enough_cases_are_right(
    right: int, wrong: int, failed: int, simulated: bool
) -> None:
    n = right + wrong
    run = results(n, right=right, simulated=simulated) + results(failed, unjudged="down")
    decision = decide(run, TARGETS)
    assert decision.reasons
    if decision.code is Code.MET:
        assert n >= 10
        assert right / n >= 0.9
        assert failed <= 0.02 * len(run)
