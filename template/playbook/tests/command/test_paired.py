"""Better, worse or the same: paired tests against scipy and statsmodels, and their own promises."""

import time
from collections.abc import Sequence
from itertools import product
from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paired_simulation import CASES, DISCORDANCE, DROP, simulate

from playbook.evals.paired import (
    LEVEL,
    WEIGHT_OF_ALL,
    Counts,
    Pair,
    compare,
    judge,
    p_worse,
    power,
    smallest_drop,
)
from playbook.evals.statistics import cases_for_wilson, holm, p_below, wilson

CHANGED = st.tuples(st.integers(0, 200), st.integers(0, 200))
SHARES = st.floats(0, 1)


def pairs(name: str, *, kept: int = 0, lost: int = 0, gained: int = 0) -> list[Pair]:
    """Cases of a slice: right both times, right before, right now."""
    return (
        [(name, True, True)] * kept + [(name, True, False)] * lost + [(name, False, True)] * gained
    )


@pytest.mark.parametrize(
    ("lost", "gained", "p"),
    [  # scipy 1.17.1: binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue, which is
        # half of statsmodels 0.15.0: mcnemar([[0, lost], [gained, 0]], exact=True).pvalue
        (5, 0, 0.03125),
        (9, 2, 0.03271484375),
        (21, 11, 0.055092082591727376),
        (40, 24, 0.029970594783499616),
        (3, 3, 0.65625),
        (120, 80, 0.002842577998375153),
        (0, 0, 1.0),
    ],
)
def test_the_paired_test_agrees_with_scipy_and_statsmodels(
    lost: int, gained: int, p: float
) -> None:
    assert p_worse(lost, gained) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("right", "n", "target", "p"),
    [  # scipy 1.17.1: binomtest(right, n, target, alternative="less").pvalue
        (35, 44, 0.92, 0.00725227415994493),
        (20, 30, 0.85, 0.00965763519955486),
        (110, 122, 0.92, 0.2703800488968522),
        (0, 5, 0.5, 0.03125),
        (29, 30, 1.0, 0.0),
        (30, 30, 1.0, 1.0),
    ],
)
def test_shown_to_be_below_a_target_agrees_with_scipy(
    right: int, n: int, target: float, p: float
) -> None:
    assert p_below(right, n, target) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [  # statsmodels 0.15.0: multipletests(ps, method="holm")[1]
        ([0.01, 0.04, 0.03, 0.005, 0.5], [0.04, 0.09, 0.09, 0.025, 0.5]),
        ([0.2, 0.0001, 0.0167, 0.9], [0.4, 0.0004, 0.0501, 0.9]),
        ([0.03], [0.03]),
        ([], []),
    ],
)
def test_holms_correction_agrees_with_statsmodels(ps: list[float], adjusted: list[float]) -> None:
    assert holm(ps) == pytest.approx(adjusted)


@pytest.mark.slow
def test_whole_grid_agrees_with_scipy_where_it_is_installed() -> None:
    stats = pytest.importorskip("scipy.stats")
    for n in (1, 7, 33, 200, 1500):
        for k in sorted({0, n // 3, n // 2, n - n // 3, n}):
            theirs = stats.binomtest(k, n, 0.5, alternative="greater").pvalue
            assert p_worse(k, n - k) == pytest.approx(theirs, rel=1e-6, abs=1e-14)
            for target in (0.5, 0.85, 0.92):
                theirs = stats.binomtest(k, n, target, alternative="less").pvalue
                assert p_below(k, n, target) == pytest.approx(theirs, rel=1e-6, abs=1e-14)


@given(CHANGED)
def test_the_tests_for_worse_and_for_better_are_mirror_images(changed: tuple[int, int]) -> None:
    lost, gained = changed
    tie = comb(lost + gained, lost) / 2 ** (lost + gained)
    assert 0 <= p_worse(lost, gained) <= 1
    assert p_worse(lost, gained) + p_worse(gained, lost) == pytest.approx(1 + tie)


@given(CHANGED)
def test_one_more_lost_is_never_better_and_one_more_gained_never_worse(
    changed: tuple[int, int],
) -> None:
    lost, gained = changed
    assert p_worse(lost + 1, gained) <= p_worse(lost, gained) + 1e-12
    assert p_worse(lost, gained + 1) >= p_worse(lost, gained) - 1e-12


@given(st.lists(st.tuples(SHARES, st.floats(0.01, 1)), min_size=1, max_size=8))
def test_an_adjusted_p_is_never_smaller_and_keeps_the_order(
    tests: list[tuple[float, float]],
) -> None:
    ps, weights = [p for p, _ in tests], [weight for _, weight in tests]
    for adjusted in (holm(ps), holm(ps, weights)):
        assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))
    ranked = [a for _, a in sorted(zip(ps, holm(ps), strict=True))]
    assert ranked == sorted(ranked)


@given(st.lists(SHARES, min_size=2, max_size=8), st.randoms())
def test_the_order_in_which_slices_come_changes_nothing(ps: list[float], random: Random) -> None:
    shuffled = list(enumerate(ps))
    random.shuffle(shuffled)
    again = holm([p for _, p in shuffled])
    there = {i: a for (i, _), a in zip(shuffled, again, strict=True)}
    assert holm(ps) == pytest.approx([there[i] for i in range(len(ps))])


def chance_of_worse(changed: Sequence[int], lost_share: Sequence[float], of: set[str]) -> float:
    """How likely any of these rows is called worse: every possible outcome, one by one."""
    total = 0.0
    for lost in product(*(range(m + 1) for m in changed)):
        slices = [
            Counts(str(i), m, m, k, m - k)
            for i, (m, k) in enumerate(zip(changed, lost, strict=True))
        ]
        if of & {row.name for row in judge(slices).worse}:
            chance = 1.0
            for m, k, share in zip(changed, lost, lost_share, strict=True):
                chance *= comb(m, k) * share**k * (1 - share) ** (m - k)
            total += chance
    return total


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=3))
def test_an_unchanged_system_is_called_worse_anywhere_in_at_most_1_of_20_runs_exactly(
    changed: list[int],
) -> None:
    """Overall and slices together, however many cases changed where: 5% is a bound, not a mean."""
    rows = {"all", *map(str, range(len(changed)))}
    assert chance_of_worse(changed, [0.5] * len(changed), rows) <= LEVEL + 1e-12


@settings(max_examples=25)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=3), st.floats(0.5, 1))
def test_one_bad_slice_makes_the_gate_no_more_likely_to_accuse_another(
    changed: list[int], lost_share: float
) -> None:
    others = {str(i) for i in range(1, len(changed))}
    shares = [lost_share] + [0.5] * (len(changed) - 1)
    assert chance_of_worse(changed, shares, others) <= LEVEL + 1e-12


@pytest.mark.parametrize("cases", CASES)
@pytest.mark.parametrize("discordance", DISCORDANCE)
def test_the_gate_stops_an_unchanged_system_in_at_most_1_of_20_simulated_runs(
    cases: int, discordance: float
) -> None:
    """Playbook 2.15: seeded, case by case; a gate that must not drop stops nearly half."""
    blocked = simulate(cases, discordance, 0, runs=1000)
    assert blocked.gate <= LEVEL
    assert blocked.naive > 0.4


@pytest.mark.parametrize(("discordance", "seen"), [(0.08, 0.97), (0.16, 0.77)])
def test_the_gate_sees_a_drop_of_5_points_as_often_as_it_was_built_for(
    discordance: float, seen: float
) -> None:
    blocked = simulate(400, discordance, DROP, runs=500)
    assert blocked.gate >= seen - 0.02


@pytest.mark.parametrize(("discordance", "seen"), [(0.08, 0.97), (0.12, 0.88), (0.16, 0.78)])
def test_power_by_enumeration_is_what_simulations_gave_beforehand(
    discordance: float, seen: float
) -> None:
    assert power(400, DROP, discordance) == pytest.approx(seen, abs=0.005)


@pytest.mark.parametrize(
    ("n", "drop", "discordance", "margin"),
    [(20, 0.2, 0.3, 0.0), (40, 0.1, 0.15, 0.02), (40, 0.15, 0.15, 0.1), (25, 0, 0.2, 0.0)],
)
def test_power_is_the_sum_over_every_possible_outcome(
    n: int, drop: float, discordance: float, margin: float
) -> None:
    lost_share, gained_share = (discordance + drop) / 2, (discordance - drop) / 2
    chance = sum(
        comb(n, lost)
        * comb(n - lost, gained)
        * lost_share**lost
        * gained_share**gained
        * (1 - discordance) ** (n - lost - gained)
        for lost in range(n + 1)
        for gained in range(n + 1 - lost)
        if p_worse(lost, gained) <= LEVEL and lost - gained > margin * n + 1e-9
    )
    assert power(n, drop, discordance, margin=margin) == pytest.approx(chance, abs=1e-6)


@given(st.integers(5, 300), st.floats(0.01, 0.3), st.floats(0, 0.2))
def test_a_larger_drop_is_seen_more_often(n: int, discordance: float, drop: float) -> None:
    less, more = power(n, drop, discordance), power(n, drop + 0.05, discordance)
    assert -1e-9 <= less <= more + 1e-6 <= 1 + 2e-6


@pytest.mark.parametrize(("n", "changed"), [(60, 0), (240, 0), (240, 19), (400, 64), (1000, 80)])
def test_the_smallest_drop_that_is_named_is_seen_in_4_of_5_runs_and_half_of_it_is_not(
    n: int, changed: int
) -> None:
    drop = smallest_drop(n, changed)
    assert drop is not None
    discordance = max(changed, 3) / n
    seen = {"margin": 0.02, "level": LEVEL * WEIGHT_OF_ALL}
    assert power(n, drop, discordance, **seen) == pytest.approx(0.8, abs=0.01)
    assert power(n, drop / 2, discordance, **seen) < 0.5


def test_more_cases_see_smaller_drops_and_more_changes_hide_larger_ones() -> None:
    by_cases = [smallest_drop(n, n // 10) or 1 for n in (60, 120, 240, 480, 960)]
    by_changes = [smallest_drop(400, changed) or 1 for changed in (0, 3, 16, 32, 64)]
    assert by_cases == sorted(by_cases, reverse=True)
    assert by_changes == sorted(by_changes)


def test_a_handful_of_cases_shows_no_drop_at_all_and_no_drop_is_named() -> None:
    assert smallest_drop(4, 0) is None
    assert compare([]).smallest_drop is None


def test_nothing_that_changed_does_not_mean_that_any_drop_would_have_been_seen() -> None:
    drop = smallest_drop(240, 0)
    assert drop is not None
    assert drop * 240 > 5, "five lost and none gained is the least that p < 5% can be"


@pytest.mark.parametrize("target", [0.5, 0.8, 0.92, 0.95, 0.99])
def test_the_cases_for_a_lower_bound_are_just_enough_when_all_are_right(target: float) -> None:
    n = cases_for_wilson(target)
    assert n is not None
    assert wilson(n, n)[0] >= target > wilson(n - 1, n - 1)[0]


def test_44_of_44_do_not_clear_92_percent_and_nothing_clears_100() -> None:
    assert cases_for_wilson(0.92) == 45
    assert cases_for_wilson(1.0) is None


def test_a_comparison_tells_a_bad_slice_apart_from_a_good_total() -> None:
    bad = pairs("edge", kept=28, lost=13)
    good = pairs("common", kept=100, lost=2, gained=12)
    compared = compare([*good, *bad])
    common, edge = compared.rows
    assert (edge.name, edge.shared, edge.before_right, edge.now_right) == ("edge", 41, 41, 28)
    assert (edge.verdict, compared.all.verdict) == ("worse", "same")
    assert [row.name for row in compared.worse] == ["edge"]
    assert edge.change == pytest.approx(-13 / 41)
    assert edge.p == pytest.approx(0.5**13)
    assert edge.p < edge.adjusted_p < LEVEL
    assert (common.lost, common.gained) == (2, 12)


def test_better_is_said_as_carefully_as_worse() -> None:
    assert compare(pairs("edge", kept=40, gained=9)).all.verdict == "better"
    assert compare(pairs("edge", kept=40, gained=4)).all.verdict == "same"


def test_a_drop_within_the_margin_is_no_worse_however_sure_it_is() -> None:
    answers = pairs("common", kept=990, lost=10)
    assert compare(answers, margin=0.02).all.adjusted_p < LEVEL
    assert compare(answers, margin=0.02).all.verdict == "same"
    assert compare(answers, margin=0.01).all.verdict == "same", "exactly the margin is within it"
    assert compare(answers, margin=0.005).all.verdict == "worse"


def test_a_suite_of_one_slice_is_tested_once() -> None:
    compared = compare(pairs("common", kept=50, lost=5))
    assert compared.rows == ()
    assert compared.all.adjusted_p == compared.all.p == 0.03125
    assert compared.all.verdict == "worse"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=120))
def test_slices_add_up_to_all_and_turning_time_round_turns_the_verdicts_round(
    answers: list[Pair],
) -> None:
    forth = compare(answers)
    back = compare([(name, now, before) for name, before, now in answers])
    for field in ("shared", "before_right", "now_right", "lost", "gained"):
        if forth.rows:
            assert getattr(forth.all, field) == sum(getattr(row, field) for row in forth.rows)
    turned = {"worse": "better", "better": "worse", "same": "same"}
    for one, other in zip((forth.all, *forth.rows), (back.all, *back.rows), strict=True):
        assert (one.lost, one.before_right) == (other.gained, other.now_right)
        assert turned[one.verdict] == other.verdict
        assert one.p <= one.adjusted_p <= 1


def test_ten_thousand_cases_are_compared_in_a_moment() -> None:
    answers = [(f"slice {i % 6}", i % 11 > 0, i % 13 > 0) for i in range(10_000)]
    began = time.process_time()
    compare(answers)
    assert time.process_time() - began < 1, (
        "a few milliseconds, and time to spare on a busy machine"
    )
