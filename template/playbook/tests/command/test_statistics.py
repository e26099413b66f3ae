"""The interval maths against scipy, statsmodels and scikit-learn, and its own promises."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.statistics import (
    auroc,
    auroc_interval,
    binomial_cdf,
    cases_to_show,
    fewest_that_show,
    lower_bound,
    shows_at_least,
    wilson,
)

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [  # statsmodels 0.15.0: proportion_confint(right, n, alpha=0.05, method="wilson")
        (0, 20, 0.0, 0.1611251580528194),
        (81, 263, 0.2552885198782742, 0.36620957698280004),
        (44, 44, 0.9197043962415192, 1.0),
        (317, 340, 0.9005416617409622, 0.9545035704668113),
    ],
)
def test_wilson_agrees_with_statsmodels(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(
    ("right", "n", "low"),
    [  # scipy 1.17.1: binomtest(right, n, alternative="greater").proportion_ci(0.95, "exact").low
        (0, 20, 0.0),
        (1, 1, 0.050000000000000044),
        (5, 10, 0.22244110100812897),
        (44, 44, 0.9341812288548438),
        (81, 263, 0.26105574600906195),
        (317, 340, 0.9055206058904574),
    ],
)
def test_the_exact_lower_bound_agrees_with_scipy(right: int, n: int, low: float) -> None:
    assert lower_bound(right, n) == pytest.approx(low, abs=1e-9)


@pytest.mark.parametrize(
    ("k", "n", "p", "probability"),
    [  # scipy 1.17.1: binom.cdf(k, n, p)
        (3, 44, 0.08, 0.5276783634076178),
        (0, 36, 0.08, 0.049700617480299476),
        (120, 1000, 0.1, 0.98274276947338),
        (50, 10_000, 0.01, 2.1122399326323768e-08),
    ],
)
def test_the_binomial_distribution_agrees_with_scipy(
    k: int, n: int, p: float, probability: float
) -> None:
    assert binomial_cdf(k, n, p) == pytest.approx(probability, rel=1e-9)


@pytest.mark.slow
def test_whole_grid_agrees_with_scipy_where_it_is_installed() -> None:
    stats = pytest.importorskip("scipy.stats")
    for n in (1, 7, 36, 200, 3000):
        for p in (0.001, 0.08, 0.5, 0.97):
            for k in {0, n // 20, n // 2, n - 1, n}:
                assert binomial_cdf(k, n, p) == pytest.approx(stats.binom.cdf(k, n, p), abs=1e-10)


@given(COUNTS, st.floats(0.01, 0.99))
def test_a_bound_and_the_question_whether_it_is_reached_agree(
    counts: tuple[int, int], share: float
) -> None:
    right, n = counts
    bound = lower_bound(right, n)
    assert 0 <= bound <= right / n
    if abs(bound - share) > 1e-9:
        assert shows_at_least(right, n, share) == (bound > share)


@given(COUNTS)
def test_the_binomial_distribution_ends_at_one_and_never_falls(counts: tuple[int, int]) -> None:
    k, n = counts
    values = [binomial_cdf(j, n, 0.3) for j in range(-1, n + 1)]
    assert values[0] == 0
    assert values[-1] == 1
    assert all(b >= a - 1e-12 for a, b in pairwise(values))
    assert 0 <= values[k] <= 1


@pytest.mark.parametrize("share", [0.5, 0.8, 0.92, 0.95, 0.99])
def test_the_fewest_cases_are_just_enough_when_all_are_right(share: float) -> None:
    n = fewest_that_show(share)
    assert shows_at_least(n, n, share)
    assert not shows_at_least(n - 1, n - 1, share)


@pytest.mark.parametrize(("share", "seen"), [(0.92, 0.95), (0.9, 0.93), (0.8, 0.9), (0.92, 1.0)])
def test_the_number_of_cases_that_is_asked_for_is_about_what_it_takes(
    share: float, seen: float
) -> None:
    """The number printed to a person: enough, and not a fifth more than enough."""
    n = cases_to_show(share, seen)
    assert n is not None
    assert shows_at_least(math.ceil(seen * n), n, share)
    assert not shows_at_least(math.floor(seen * n * 0.8), math.ceil(n * 0.8), share)


def test_no_number_of_cases_shows_what_is_not_there() -> None:
    assert cases_to_show(0.92, 0.92) is None
    assert cases_to_show(0.92, 0.5) is None


def test_the_area_under_the_curve_agrees_with_scikit_learn() -> None:
    # scikit-learn 1.9.1: roc_auc_score(right, said)
    said = [0.9, 0.8, 0.8, 0.7, 0.6, 0.6, 0.5, 0.4, 0.9, 0.3]
    right = [1, 1, 0, 1, 0, 1, 0, 0, 1, 1]
    above = [c for c, r in zip(said, right, strict=True) if r]
    below = [c for c, r in zip(said, right, strict=True) if not r]
    assert auroc(above, below) == pytest.approx(0.7083333333333333)


SCORES = st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.9, 1.0]), min_size=1, max_size=20)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs_in_the_right_order(
    right: list[float], wrong: list[float]
) -> None:
    pairs = [(r > w) + (r == w) / 2 for r in right for w in wrong]
    area = auroc(right, wrong)
    assert area == pytest.approx(sum(pairs) / len(pairs))
    low, high = auroc_interval(area or 0.0, len(right), len(wrong))
    assert 0 <= low <= (area or 0.0) + 1e-9
    assert (area or 0.0) - 1e-9 <= high <= 1


def test_there_is_no_area_without_both_kinds() -> None:
    assert auroc([0.9], []) is None
    assert auroc([], [0.9]) is None


@pytest.mark.parametrize(("right", "wrong"), [(300, 30), (60, 12), (20, 5)])
def test_a_useless_confidence_is_called_useful_in_few_of_many_runs(right: int, wrong: int) -> None:
    """Simulated, seeded: the interval's lower end is above a half in at most 1 in 20 runs."""
    draw = random.Random(7).random
    runs, misled = 300, 0
    for _ in range(runs):
        area = auroc([draw() for _ in range(right)], [draw() for _ in range(wrong)])
        misled += auroc_interval(area or 0.0, right, wrong)[0] > 0.5
    assert misled / runs <= 0.05
