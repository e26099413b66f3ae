"""The gate alone: from results and targets to a decision."""

import math
from dataclasses import replace

import pytest
from gate_samples import TARGETS, results
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.gate import Target, decide, percent, percentile
from playbook.evals.results import Mode, mode_of
from playbook.evals.statistics import wilson
from playbook.verdicts import Code, Mistake


def test_all_right_is_met() -> None:
    decision = decide(results(20), TARGETS)
    assert decision.code is Code.MET
    assert decision.measured.mode is Mode.live


def test_exactly_the_target_is_met() -> None:
    assert decide(results(20, right=18), TARGETS).code is Code.MET
    assert decide(results(20, right=17), TARGETS).code is Code.NOT_MET


def test_one_bad_slice_is_not_met_though_the_whole_is() -> None:
    decision = decide(results(90) + results(10, right=4, slice_="edge"), TARGETS)
    assert decision.code is Code.NOT_MET
    assert decision.reasons == ("edge 40.0%, target 80% (4 of 10, p 0.013)",)


def test_a_slice_that_chance_may_have_put_below_its_target_is_remarked_and_borne() -> None:
    decision = decide(results(90) + results(10, right=7, slice_="edge"), TARGETS)
    assert decision.code is Code.MET
    assert "Below target, within chance: edge (70.0%, target 80%)." in decision.notes


def test_a_slice_below_a_target_of_all_is_no_chance() -> None:
    targets = replace(TARGETS, slices={"edge": Target(1.0, 5)})
    decision = decide(results(90) + results(10, right=9, slice_="edge"), targets)
    assert decision.reasons == ("edge 90.0%, target 100% (9 of 10, p < 0.001)",)


def test_more_slices_do_not_fail_more_often_by_chance() -> None:
    # 4 of 8 where 80% is asked for: 1 of 18 by chance alone, so 1 slice of 20 looks like this.
    targets = replace(TARGETS, slices={f"s{i}": Target(0.8, 5) for i in range(20)})
    run = results(200)
    for i in range(20):
        run += results(8, right=3 if i == 0 else 8, slice_=f"s{i}")
    assert decide(run, targets).code is Code.MET
    alone = replace(TARGETS, slices={"s0": Target(0.8, 5)})
    assert decide(run, alone).code is Code.NOT_MET


def test_one_failing_critical_case_is_not_met_and_named() -> None:
    critical = results(12, right=11, critical=True)
    decision = decide(critical + results(200, slice_="more"), TARGETS)
    assert decision.code is Code.NOT_MET
    assert decision.reasons == ("11 of 12 critical cases, target all, wrong: common-11",)


def test_what_is_wrong_is_wrong_even_with_too_few_cases() -> None:
    assert decide(results(8), TARGETS).code is Code.INCONCLUSIVE
    assert decide(results(8, right=7, critical=True), TARGETS).code is Code.NOT_MET
    dead = results(8, right=7, critical=True) + results(8, unjudged="down", slice_="edge")
    assert decide(dead, TARGETS).code is Code.NOT_JUDGED


def test_the_lower_end_of_the_interval_may_be_asked_to_reach_the_target() -> None:
    targets = replace(TARGETS, all=Target(0.92, 10), by_lower_bound=True)
    assert decide(results(240, right=229), targets).code is Code.NOT_MET
    decision = decide(results(240, right=230), targets)
    assert decision.code is Code.MET
    assert decision.reasons == (
        "all slices 95.8%, lower end of its 95% interval 92.5%, target 92%",
    )


def test_a_bound_that_no_result_could_reach_is_refused_with_the_number_it_takes() -> None:
    targets = replace(TARGETS, all=Target(0.92, 10), by_lower_bound=True)
    assert decide(results(45), targets).code is Code.MET
    with pytest.raises(Mistake, match=r"44 of 44 right does not clear 92%; it takes 45\.") as said:
        decide(results(44), targets)
    assert "quality.judged_by" in str(said.value)


def test_a_bound_that_failures_outside_put_out_of_reach_is_inconclusive() -> None:
    targets = replace(TARGETS, all=Target(0.92, 10), by_lower_bound=True, unjudged_at_most=0.05)
    decision = decide(results(44) + results(1, unjudged="down", slice_="edge"), targets)
    assert decision.code is Code.INCONCLUSIVE
    assert "44 cases got an answer to judge" in decision.reasons[0]


def test_the_part_held_out_is_counted_apart() -> None:
    run = results(40, right=38) + results(10, right=6, slice_="edge", held_out=True)
    measured = decide(run, TARGETS).measured
    assert (measured.visible.n, measured.visible.right) == (40, 38)
    assert (measured.held_out.n, measured.held_out.right) == (10, 6)


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
