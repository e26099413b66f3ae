"""How sure answers say they are, measured: bins, calibration error, Brier."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.confidence import (
    Said,
    bins,
    brier,
    calibration_error,
    error_by_chance,
    ranks,
    said_by,
    summary,
    summary_line,
)
from playbook.evals.results import CaseResult

ANSWERS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.9, 0.95, 1.0]), st.booleans()),
    min_size=1,
    max_size=300,
).map(lambda pairs: [Said(str(i), c, r) for i, (c, r) in enumerate(pairs)])


def result(name: str, confidence: float | None, right: bool | None, outcome: str) -> CaseResult:
    return CaseResult(
        id=name,
        slice="common",
        critical=False,
        right=bool(right) and outcome == "answered",
        outcome=outcome,
        expected={},
        got={},
        confidence=confidence,
        right_if_answered=right,
    )


@given(ANSWERS)
def test_every_answer_is_in_one_bin_and_equal_ones_in_the_same(said: list[Said]) -> None:
    binned = bins(said)
    assert sum(one.n for one in binned) == len(said)
    assert sum(one.right for one in binned) == sum(one.right for one in said)
    assert all(a.high < b.low for a, b in pairwise(binned))
    assert len(binned) <= max(1, len(said) // 20)
    assert 0 <= calibration_error(binned) <= 1
    assert 0 <= brier(said) <= 1


def test_bins_hold_about_equally_many() -> None:
    draw = random.Random(3)
    binned = bins([Said(str(i), draw.random(), True) for i in range(400)])
    assert [one.n for one in binned] == [40] * 10


def test_a_model_that_means_what_it_says_has_almost_no_calibration_error() -> None:
    """PLAYBOOK 2.1: 20,000 answers of a perfectly calibrated model."""
    draw = random.Random(5)
    sure = [draw.random() for _ in range(20_000)]
    said = [Said(str(i), c, draw.random() < c) for i, c in enumerate(sure)]
    assert calibration_error(bins(said)) < 0.01


def test_a_model_that_always_says_90_and_is_right_in_60_is_off_by_30_points() -> None:
    said = [Said(str(i), 0.9, i % 10 < 6) for i in range(200)]
    assert calibration_error(bins(said)) == pytest.approx(0.3)
    assert brier(said) == pytest.approx(0.6 * 0.01 + 0.4 * 0.81)
    found = ranks(said)
    assert found is not None
    assert not found.tells_apart


def test_what_chance_gives_is_seldom_passed_by_a_calibrated_model() -> None:
    draw = random.Random(11)
    passed = 0
    for _ in range(100):
        said = []
        for i in range(100):
            sure = draw.random()
            said.append(Said(str(i), sure, draw.random() < sure))
        passed += calibration_error(bins(said)) > error_by_chance(said)
    assert passed <= 12  # 5 expected, of 100


def test_only_answers_with_a_draft_are_counted() -> None:
    results = [
        result("a", 0.9, True, "answered"),
        result("b", 0.3, False, "handed_over"),
        result("c", None, None, "blocked"),
    ]
    assert [one.id for one in said_by(results)] == ["a", "b"]


def test_a_report_tells_what_is_handed_over_and_what_that_wins() -> None:
    results = [result(f"a{i}", 0.9, True, "answered") for i in range(3)]
    results.append(result("b", 0.3, False, "handed_over"))
    about = summary(results)
    assert about is not None
    assert about["handed_over"] == 0.25
    assert about["right_among_answered"] == 1.0
    assert about["right_had_all_been_answered"] == 0.75
    assert summary_line(about) == (
        "Confidence of 4 answers: handed over 25.0%; right among the answered 100.0%, had all been "
        "answered 75.0%; calibration error 0.0 points (ECE over 1 bin), Brier 0.030."
    )


def test_a_report_of_handed_over_answers_only_divides_by_nothing() -> None:
    about = summary([result("b", 0.3, False, "handed_over")])
    assert about is not None
    assert about["right_among_answered"] is None
    assert "nothing answered" in summary_line(about)


def test_a_run_without_answers_says_nothing_about_confidence() -> None:
    assert summary([result("c", None, None, "blocked")]) is None
