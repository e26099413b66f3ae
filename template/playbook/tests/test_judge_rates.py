"""A judge's rates, its agreement beyond chance, and the pass rate freed of its errors."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.judge.rates import Agreement, Rate, agreement, corrected


def rates(tp: int, passed: int, tn: int, failed: int) -> Agreement:
    return Agreement(on_passed=Rate(right=tp, n=passed), on_failed=Rate(right=tn, n=failed))


def test_the_rates_are_of_what_people_passed_and_of_what_they_failed() -> None:
    pairs = [(True, True)] * 9 + [(True, False)] + [(False, False)] * 3 + [(False, True)]
    found = agreement(pairs)
    assert (found.on_passed.right, found.on_passed.n) == (9, 10)
    assert (found.on_failed.right, found.on_failed.n) == (3, 4)
    assert found.n == 14


def test_kappa_is_that_of_the_textbook() -> None:
    """Two readers of 50 grant applications: 20 both yes, 15 both no, 5 and 10 apart; kappa 0.4."""
    assert rates(20, 25, 15, 25).kappa == pytest.approx(0.4)
    assert rates(5, 5, 5, 5).kappa == 1.0
    assert rates(5, 5, 0, 0).kappa is None
    assert rates(0, 0, 0, 0).kappa is None
    assert rates(5, 10, 5, 10).kappa == 0.0


VERDICTS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


@given(pairs=VERDICTS)
def test_kappa_stays_within_its_range_and_does_not_mind_the_order(
    pairs: list[tuple[bool, bool]],
) -> None:
    kappa = agreement(pairs).kappa
    assert kappa is None or -1.0 - 1e-9 <= kappa <= 1.0 + 1e-9
    assert agreement(reversed(pairs)).kappa == kappa


def test_a_judge_without_errors_needs_no_correction() -> None:
    found = corrected(90, 100, rates(500, 500, 500, 500))
    assert found is not None
    assert found.share == pytest.approx(0.9)
    assert found.low < 0.9 < found.high


def test_the_correction_is_rogan_and_gladen_s() -> None:
    """(0.8 + 0.9 - 1) / (0.95 + 0.9 - 1)."""
    found = corrected(80, 100, rates(95, 100, 90, 100))
    assert found is not None and found.share == pytest.approx(0.7 / 0.85)


@pytest.mark.parametrize("known", [(5, 10, 5, 10), (0, 0, 9, 10), (2, 10, 2, 10)])
def test_a_judge_no_better_than_a_coin_corrects_nothing(known: tuple[int, int, int, int]) -> None:
    assert corrected(80, 100, rates(*known)) is None
    assert corrected(0, 0, rates(9, 10, 9, 10)) is None


@given(
    data=st.data(),
    n=st.integers(1, 500),
    passed=st.integers(1, 100),
    failed=st.integers(1, 100),
)
def test_an_estimate_is_a_share_within_its_interval(
    data: st.DataObject, n: int, passed: int, failed: int
) -> None:
    known = rates(
        data.draw(st.integers(0, passed)), passed, data.draw(st.integers(0, failed)), failed
    )
    found = corrected(data.draw(st.integers(0, n)), n, known)
    if found is not None:
        assert 0 <= found.low <= found.high <= 1
        assert 0 <= found.share <= 1


def test_the_interval_holds_the_true_rate_nearly_always() -> None:
    """Seeded: 95% is promised, over judges and suites as they come."""
    draw = random.Random(20261123)

    def count(n: int, share: float) -> int:
        return sum(draw.random() < share for _ in range(n))

    held = tries = 0
    for true, tpr, tnr in ((0.92, 0.9, 0.85), (0.7, 0.95, 0.9), (0.5, 0.85, 0.85)):
        for _ in range(200):
            known = rates(count(40, tpr), 40, count(30, tnr), 30)
            truly = count(240, true)
            found = corrected(count(truly, tpr) + count(240 - truly, 1 - tnr), 240, known)
            tries += 1
            held += found is not None and found.low <= true <= found.high
    assert held / tries >= 0.93
