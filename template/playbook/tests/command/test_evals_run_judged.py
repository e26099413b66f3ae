"""A run with a judge, whole: its verdict is part of right and wrong, paid apart, recorded too."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from judging_parts import NAME, a_judge, card, configure, with_judge, write_labels

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow


@pytest.fixture
def judged(greenhouse: "Greenhouse", provider: "Provider") -> "Provider":
    """A service with a judge that gates and has its card; all answers are right."""
    usual = provider.answers
    provider.named = "real-{}".format
    provider.answers = a_judge(otherwise=usual)
    greenhouse.edit(  # a busy machine is slow, and that is not what is judged here
        "config/success-criteria.yaml", "3.0, least_sample: 20", "3.0, least_sample: 2000"
    )
    with_judge(greenhouse)
    write_labels(greenhouse, 120)
    assert greenhouse.playbook("evals", "judge").code == 0
    return provider


def fails_pests(provider: "Provider") -> None:
    """Let the judge fail every answer that goes to the plant doctor."""
    before = provider.answers

    def answer(text: str) -> dict[str, Any]:
        if "The answer:" in text and "plant-doctor" in text:
            return {"reason": "The doctor is out.", "verdict": "fail"}
        return before(text)

    provider.answers = answer


def test_a_verdict_joins_the_scores_and_decides_where_it_gates(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    before = greenhouse.playbook("evals", "run", "--live")
    assert before.code == 0, before.out
    answered = [one for one in greenhouse.report()["cases"] if one["outcome"] == "answered"]
    assert answered and all(one["scores"][NAME] is True for one in answered)
    assert all(one["judged"][NAME]["reason"].startswith("Looked at") for one in answered)
    assert f"Judge {NAME} passed {len(answered)} of {len(answered)} answers" in before.out
    assert "with its known errors corrected about 100.0%" in before.out
    fails_pests(judged)
    ran = greenhouse.playbook("evals", "run", "--live")
    assert ran.code == 1
    wrong = [one for one in greenhouse.report()["cases"] if not one["right"]]
    assert wrong and {one["judged"][NAME]["reason"] for one in wrong} == {"The doctor is out."}
    assert all(one["scores"]["category"] is True for one in wrong)


def test_what_judges_cost_is_no_part_of_an_answer_s_cost(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    price = {"input_usd_per_million": 1000.0, "output_usd_per_million": 1000.0}
    configure(greenhouse, price=price)
    greenhouse.playbook("evals", "run", "--live")
    one = next(one for one in greenhouse.report()["cases"] if one["judged"])
    assert one["judged"][NAME]["cost_usd"] == pytest.approx(0.11)
    assert one["cost_usd"] < 0.001
    ran = greenhouse.playbook("evals", "run", "--live", "--fresh", "--cost-cap", "0.5")
    assert ran.code == 3
    assert "Stopped at the cost cap" in ran.err


@pytest.mark.parametrize("gone", ["missing", "stale", "simulated", "low"])
def test_a_judge_without_a_valid_card_is_refused_before_anything_is_asked(
    greenhouse: "Greenhouse", judged: "Provider", gone: str
) -> None:
    path = greenhouse.root / f"evals/judges/{NAME}.card.json"
    if gone == "missing":
        path.unlink()
    elif gone == "stale":
        greenhouse.edit(f"src/greenhouse/judges/{NAME}/instructions.md", "not style", "not taste")
    elif gone == "simulated":
        path.write_text(json.dumps({**card(greenhouse), "mode": "simulated"}), "utf-8")
    else:
        document = card(greenhouse)
        document["held_out"]["on_failed"]["right"] = 3
        path.write_text(json.dumps(document), "utf-8")
    asked = judged.asked
    ran = greenhouse.playbook("evals", "run", "--live")
    assert ran.code == 2
    assert f"evals/judges/{NAME}.card.json" in ran.err
    assert f"Next: uv run playbook evals judge {NAME}" in ran.err
    assert "Nothing was run." in ran.err
    assert judged.asked == asked
    configure(greenhouse, gate=False)
    assert greenhouse.playbook("evals", "run", "--live").code == 0


def test_a_judge_that_gates_and_has_no_provider_is_an_infrastructure_error(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    judged.status = lambda text: 500 if "The answer:" in text else 200
    ran = greenhouse.playbook("evals", "run", "--live")
    assert ran.code == 3
    assert "judge_unavailable" in ran.out + ran.err


def test_a_simulated_run_shows_simulated_verdicts_and_lets_none_count(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    (greenhouse.root / f"evals/judges/{NAME}.card.json").unlink()
    judged.named = "simulated/{}".format
    fails_pests(judged)
    ran = greenhouse.playbook("evals", "run", "--simulated")
    assert ran.code == 0, ran
    cases = greenhouse.report()["cases"]
    assert any(one["scores"].get(NAME) is False and one["right"] for one in cases)
    assert "simulated, so it counts for nothing" in ran.out


def test_answers_of_a_run_are_collected_once_and_never_held_out_ones(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    configure(greenhouse, gate=False)
    greenhouse.playbook("evals", "run", "--live")
    path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    before = path.read_text("utf-8").splitlines()
    ran = greenhouse.playbook("evals", "judge", NAME, "--collect", "5")
    assert ran.code == 0, ran
    assert "5 answers added." in ran.out and f"{NAME} --label" in ran.out
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) == len(before) + 5
    assert all(row["verdict"] is None for row in rows[-5:])
    assert len({row["input"]["text"] for row in rows[-5:]}) == 5
    again = greenhouse.playbook("evals", "judge", NAME, "--collect", "1000")
    assert "all there were; 1000 were asked for" in again.out
    last = greenhouse.playbook("evals", "judge", NAME, "--collect", "9")
    assert ": 0 answers added" in last.out


def test_verdicts_are_recorded_and_replayed_like_answers(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    fails_pests(judged)
    greenhouse.playbook("evals", "run", "--live")
    first = {one["id"]: one["right"] for one in greenhouse.report()["cases"]}
    asked = judged.asked
    ran = greenhouse.playbook("evals", "run", "--replayed")
    assert ran.code == 1, ran
    assert "· replayed" in ran.out
    assert {one["id"]: one["right"] for one in greenhouse.report()["cases"]} == first
    assert judged.asked == asked
    greenhouse.edit(f"src/greenhouse/judges/{NAME}/instructions.md", "not style", "not taste")
    configure(greenhouse, gate=False)
    advised = greenhouse.playbook("evals", "run", "--replayed")
    assert advised.code == 0, advised
    assert "gave no verdict on" in advised.out


def test_a_verdict_that_decides_and_was_never_recorded_is_inconclusive(
    greenhouse: "Greenhouse", judged: "Provider"
) -> None:
    configure(greenhouse, gate=False)
    greenhouse.playbook("evals", "run", "--live")
    path = greenhouse.root / "evals/recordings/triage-v1.jsonl"
    rows = path.read_text("utf-8").splitlines()
    path.write_text("".join(f"{row}\n" for row in rows if "verdict" not in row), "utf-8")
    configure(greenhouse)
    ran = greenhouse.playbook("evals", "run", "--replayed")
    assert ran.code == 4, ran
    assert "are not in evals/recordings/triage-v1.jsonl" in ran.out + ran.err
