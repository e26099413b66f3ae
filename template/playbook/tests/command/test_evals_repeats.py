"""Where an answer came out otherwise than in the baseline, it is asked again; the first decides."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

WRONG = {"category": "harvest", "confidence": 0.9}


def _accepted(greenhouse: "Greenhouse") -> None:
    assert greenhouse.playbook("evals", "run").code == 0
    ran = greenhouse.playbook("evals", "accept", "--by", "Ann", "--why", "The first.")
    assert ran.code == 0, ran


def _wrong_at(
    provider: "Provider", *times: int, text: str = "Snails on my"
) -> Callable[[str], dict[str, Any]]:
    """The right answers, but wrong ones the first, second ... time that a text is asked about."""
    right, asked = provider.answers, Counter[str]()

    def answers(said: str) -> dict[str, Any]:
        if text not in said:
            return right(said)
        asked[text] += 1
        return WRONG if asked[text] in times else right(said)

    return answers


def _case(greenhouse: "Greenhouse") -> dict[str, Any]:
    cases = greenhouse.report()["cases"]
    return next(case for case in cases if case["id"] == "common-003")


def test_a_flip_is_asked_again_and_its_first_answer_counts(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    _accepted(greenhouse)
    asked = live.asked
    live.answers = _wrong_at(live, 1, text="Snails on my tomatoes")
    ran = greenhouse.playbook("evals", "run", "--repeats", "3")
    assert live.asked == asked + 30 + 2  # only the one that flipped, until it has three answers
    assert (_case(greenhouse)["right"], _case(greenhouse)["repeats"]) == (
        False,
        [False, True, True],
    )
    assert _case(greenhouse)["got"] == {"category": "harvest"}
    assert "(asked again: right 2 of 3 times)" in ran.out


def test_the_configuration_says_how_often(greenhouse: "Greenhouse", live: "Provider") -> None:
    _accepted(greenhouse)
    live.answers = _wrong_at(live, 1, 3, text="Snails on my tomatoes")
    (greenhouse.root / "config/evals.yaml").write_text("repeats: 3\n", "utf-8")
    greenhouse.playbook("evals", "run")
    assert _case(greenhouse)["repeats"] == [False, True, False]


def test_repeats_are_replayed_as_they_were_recorded(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    _accepted(greenhouse)
    live.answers = _wrong_at(live, 1, 3, text="Snails on my tomatoes")
    assert greenhouse.playbook("evals", "run", "--repeats", "3").code == 0
    first = _case(greenhouse)["repeats"]
    asked = live.asked
    baselines = greenhouse.root / "evals/baselines"
    text = (baselines / "live.json").read_text("utf-8")
    (baselines / "replayed.json").write_text(text.replace('"live"', '"replayed"'), "utf-8")
    ran = greenhouse.playbook("evals", "run", "--replayed", "--repeats", "5")
    assert "replayed" in ran.out.splitlines()[0], ran
    assert _case(greenhouse)["repeats"] == first  # no answer is counted twice
    assert live.asked == asked


def test_without_a_baseline_nothing_is_asked_again(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    live.answers = _wrong_at(live, 1)
    greenhouse.playbook("evals", "run", "--repeats", "3")
    assert live.asked == 30
