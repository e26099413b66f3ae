"""`playbook evals judge`: a judge is measured against people, or it does not gate."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from judging_parts import NAME, RIGHT, a_judge, card, configure, label, with_judge, write_labels

from chassis.config import load_config
from playbook.evals.judge.asking import Answers, first_paragraph
from playbook.evals.judge.card import card_problems
from playbook.evals.judge.example import INSTRUCTIONS
from playbook.evals.judge.labels import Label, load
from playbook.sitting.page import texts_of

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider


@pytest.fixture
def live(greenhouse: "Greenhouse", provider: "Provider") -> "Provider":
    """A judge's model that says it is a real one; 120 labels."""
    provider.named = "real-{}".format
    provider.answers = a_judge()
    with_judge(greenhouse)
    write_labels(greenhouse, 120)
    return provider


def problems(greenhouse: "Greenhouse", *, simulated: bool = False) -> list[str]:
    return card_problems(greenhouse.project, load_config(greenhouse.root), simulated=simulated)


def test_a_judge_that_agrees_with_people_gets_a_card_and_may_gate(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    """PLAYBOOK 2.14: an LLM judge is itself judged against people."""
    live.answers = a_judge(wrong=0.06)
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 0, ran
    assert f"{NAME} · simulator:judge · prompt" in ran.out
    assert "true positive rate" in ran.out and "true negative rate" in ran.out
    assert "Cohen's kappa" in ran.out
    assert "MET  queue_fits agrees with people on" in ran.out
    assert greenhouse.verdict()["status"] == "met"
    written = card(greenhouse)
    assert written["mode"] == "live"
    assert written["answered_by"] == "real-judge"
    labels = load(greenhouse.project, NAME, greenhouse.project.pipeline())
    held_out = [one for one in labels if one.held_out]
    assert 50 < len(held_out) < 95
    counted = written["held_out"]["on_passed"]["n"] + written["held_out"]["on_failed"]["n"]
    assert counted == len(held_out)
    assert live.asked == 120
    assert problems(greenhouse) == []


@pytest.mark.slow
def test_only_mistakes_that_its_author_may_see_are_shown(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    live.answers = a_judge(wrong=0.15)
    ran = greenhouse.playbook("evals", "judge", NAME)
    labels = load(greenhouse.project, NAME, greenhouse.project.pipeline())
    assert "While writing (not counted):" in ran.out
    shown = [one for one in labels if f"{one.id}: people" in ran.out]
    assert shown and not any(one.held_out for one in shown)
    assert "judge pass: Looked at" in ran.out or "judge fail: Looked at" in ran.out


def test_rates_under_80_percent_are_not_met_and_refused(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    live.answers = lambda text: {"reason": "All is well.", "verdict": "pass"}
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 1
    assert "NOT MET  It agrees with people on 0 of" in ran.out
    assert "answers that they failed (0%), not 80%." in ran.out
    (refused,) = problems(greenhouse)
    assert refused.startswith(f"evals/judges/{NAME}.card.json\n  It agrees with people on 0 of")
    assert f"Next: uv run playbook evals judge {NAME}" in refused
    assert problems(greenhouse, simulated=True) == []


def test_too_few_labels_are_inconclusive_and_the_number_it_takes_is_said(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    write_labels(greenhouse, 20)
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 4
    assert "INCONCLUSIVE  Only" in ran.out
    assert "not 20." in ran.out
    assert "With 20 of a kind a measured 90% still means 70% to 97%" in ran.out
    assert "Only" in problems(greenhouse)[0]


def test_no_label_at_all_asks_no_model(greenhouse: "Greenhouse", live: "Provider") -> None:
    (greenhouse.root / f"evals/judges/{NAME}.labels.jsonl").unlink()
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 4
    assert "0 answers have a person's verdict" in ran.out
    assert f"uv run playbook evals judge {NAME} --collect 100" in ran.out
    assert live.asked == 0
    assert "has no judge card" in problems(greenhouse)[0]


def test_a_card_is_stale_when_anything_it_hangs_on_changed(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    assert greenhouse.playbook("evals", "judge").code == 0
    folder = f"src/greenhouse/judges/{NAME}"
    edits = [
        (f"{folder}/instructions.md", "not style", "not colour", "its prompt"),
        (f"evals/judges/{NAME}.labels.jsonl", "question 007", "question 907", "the labels"),
        ("config/evals.yaml", "simulator:judge", "simulator:other", "its model"),
        ("config/evals.yaml", '"gate": true', '"gate": true, "parameters": {"max_tokens": 9}', ""),
    ]
    for path, old, new, told in edits:
        before = (greenhouse.root / path).read_text("utf-8")
        greenhouse.edit(path, old, new)
        (stale,) = problems(greenhouse)
        assert f"The card is stale: {told or 'its parameters'} changed since." in stale, path
        (greenhouse.root / path).write_text(before, "utf-8")
    assert problems(greenhouse) == []


@pytest.mark.slow
def test_another_note_of_the_labeller_makes_no_card_stale(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    assert greenhouse.playbook("evals", "judge").code == 0
    greenhouse.edit(f"evals/judges/{NAME}.labels.jsonl", '"notes": ""', '"notes": "sure"')
    assert problems(greenhouse) == []


def test_a_simulated_card_says_so_and_never_counts(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = a_judge()
    with_judge(greenhouse)
    write_labels(greenhouse, 120)
    ran = greenhouse.playbook("evals", "judge", "--simulated")
    assert ran.code == 0, ran
    assert "· simulated" in ran.out
    assert "Simulated verdicts say nothing about a real model" in ran.out
    assert card(greenhouse)["mode"] == "simulated"
    assert any("made with simulated verdicts" in one for one in problems(greenhouse))
    assert problems(greenhouse, simulated=True) == []


@pytest.mark.slow
def test_a_simulated_card_never_takes_a_live_one_s_place(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.playbook("evals", "judge")
    before = card(greenhouse)
    live.named = "simulated/{}".format
    ran = greenhouse.playbook("evals", "judge")
    assert "was made by a real model and is kept" in ran.out
    assert card(greenhouse) == before


@pytest.mark.slow
def test_a_dead_provider_is_could_not_be_judged_and_leaves_no_card(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    live.status = lambda text: 500
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 3
    assert "120 of 120 calls gave no verdict, at most 2% may" in ran.err
    assert "No card was written" in ran.err
    assert not (greenhouse.root / f"evals/judges/{NAME}.card.json").exists()


@pytest.mark.slow
def test_a_judge_that_changes_its_mind_is_told(greenhouse: "Greenhouse", live: "Provider") -> None:
    asked: dict[str, int] = {}

    def wavering(text: str) -> dict[str, Any]:
        shown = text.split("question ", 1)[-1][:3]
        asked[shown] = asked.get(shown, 0) + 1
        return a_judge()(text) if asked[shown] != 3 or shown > "010" else a_judge(1.0)(text)

    live.answers = wavering
    ran = greenhouse.playbook("evals", "judge", "--repeats", "3")
    assert "Asked 3 times, it always said the same of" in ran.out
    written = card(greenhouse)
    held_out = written["held_out"]["on_passed"]["n"] + written["held_out"]["on_failed"]["n"]
    assert 0 < held_out - written["always_the_same"] <= 11


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": "maybe"}, ":2  verdict\n  Input should be 'pass' or 'fail'."),
        ({"labeller": ""}, ":2  label\n  A verdict needs its `labeller`"),
        ({"verdit": "pass"}, "verdit\n  There is no such field. Did you mean verdict?"),
        ({"input": {"texd": "x"}}, ":2  input.text\n  Field required."),
        ({"answer": {**RIGHT, "category": "weeds"}}, ":2  answer.category"),
        ({"id": "answer-000"}, "The same id is at line 1 already"),
        ({"input": {"text": "Snails, question 000"}}, "The same answer is at line 1 already"),
    ],
)
def test_a_broken_label_is_named_with_its_line(
    greenhouse: "Greenhouse", live: "Provider", change: dict[str, Any], told: str
) -> None:
    path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    rows = [label(0, "pass"), {**label(1, "pass"), **change}]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 2
    assert f"evals/judges/{NAME}.labels.jsonl" in ran.err
    assert told in ran.err
    assert live.asked == 0


def test_a_line_that_is_not_json_is_named(greenhouse: "Greenhouse", live: "Provider") -> None:
    (greenhouse.root / f"evals/judges/{NAME}.labels.jsonl").write_text("{", "utf-8")
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 2
    assert f"{NAME}.labels.jsonl:1  This is not JSON" in ran.err


def test_a_service_without_a_judge_is_told_how_to_get_one(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("evals", "judge")
    assert ran.code == 2
    assert "The pipeline has no judge" in ran.err
    assert "evals judge --new summary_says_the_wish" in ran.err
    assert problems(greenhouse) == []


def test_a_new_judge_is_a_worked_example_and_is_never_overwritten(
    greenhouse: "Greenhouse",
) -> None:
    ran = greenhouse.playbook("evals", "judge", "--new", "says_the_wish")
    assert ran.code == 0
    assert 'judges=(Judge("says_the_wish"),)' in ran.out
    assert "      says_the_wish:\n        model: " in ran.out
    text = (greenhouse.root / "src/greenhouse/judges/says_the_wish/instructions.md").read_text()
    assert "- `pass`:" in text and "- `fail`:" in text
    again = greenhouse.playbook("evals", "judge", "--new", "says_the_wish")
    assert again.code == 2 and "nothing was changed" in again.err
    assert greenhouse.playbook("evals", "judge", "--new", "Says It").code == 2
    unnamed = greenhouse.playbook("evals", "judge", "says_the_wish")
    assert unnamed.code == 2 and "the pipeline does not name it yet" in unnamed.err
    assert 'judges=(Judge("says_the_wish"),)' in unnamed.err and "--new" not in unnamed.err


@pytest.fixture
def answers(greenhouse: "Greenhouse", live: "Provider") -> Answers:
    """Five answers without a verdict."""
    path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    path.write_text("\n".join(json.dumps(label(i, None)) for i in range(5)), "utf-8")
    return Answers(greenhouse.project, NAME, greenhouse.project.pipeline())


def kept(greenhouse: "Greenhouse") -> list[Label]:
    return load(greenhouse.project, NAME, greenhouse.project.pipeline())


def current(answers: Answers) -> Label:
    assert answers.current is not None
    return answers.current


def test_every_key_is_on_the_disk_at_once_and_can_be_taken_back(
    greenhouse: "Greenhouse", answers: Answers
) -> None:
    answers.note(current(answers), "clear")
    assert kept(greenhouse)[0].notes == "clear"
    assert answers.judge(current(answers), "pass", "Ann") == "answer-000: pass"
    answers.skip(current(answers))
    answers.judge(current(answers), "fail", "Ann")
    assert [one.verdict for one in kept(greenhouse)] == ["pass", None, "fail", None, None]
    assert (kept(greenhouse)[0].notes, kept(greenhouse)[0].labeller) == ("clear", "Ann")
    assert (answers.given, answers.waiting) == (2, 3)
    assert answers.where == "4 of 5 · 2 judged · 1 skipped"
    for what in ("fail of answer-002", "skip of answer-001", "pass of answer-000"):
        assert answers.undo() == f"Taken back: {what}"
    assert current(answers).id == "answer-000"
    assert answers.undo() == "Taken back: note of answer-000"
    assert "nothing to take back" in answers.undo()
    assert kept(greenhouse) == [Label.model_validate(label(i, None)) for i in range(5)]
    assert answers.given == 0


def test_what_is_written_into_the_file_meanwhile_is_kept(
    greenhouse: "Greenhouse", answers: Answers
) -> None:
    theirs = [label(0, "pass"), label(2, None), label(3, "pass"), label(9, "fail")]
    path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    path.write_text("\n".join(map(json.dumps, theirs)), "utf-8")
    assert "was changed in the file meanwhile" in answers.judge(current(answers), "fail", "Ann")
    assert "is no longer in the file" in answers.judge(current(answers), "fail", "Ann")
    assert answers.judge(current(answers), "fail", "Ann") == "answer-002: fail"
    assert [(one.id[-1], one.verdict, one.labeller) for one in kept(greenhouse)] == [
        ("0", "pass", "Di"),
        ("2", "fail", "Ann"),
        ("3", "pass", "Di"),
        ("9", "fail", "Di"),
    ]
    assert (answers.given, answers.waiting) == (1, 1)


def test_the_question_is_the_first_paragraph_that_is_no_heading() -> None:
    assert first_paragraph(INSTRUCTIONS).startswith("You check one thing about an answer")
    assert first_paragraph(INSTRUCTIONS).endswith("that person has not read it.")
    assert first_paragraph("# Tone\n\n## It\nIs it\n  kind?\n\nMore") == "Is it kind?"
    assert first_paragraph("# Only this") == "# Only this"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"text": "a\x1b[2J\nb", "n": 1}, ["text\na␛[2J\nb", "n  1"]),
        ("whole\x9b2J", ["whole‹U+009B›2J"]),
        ({"both": ["é", 2]}, ['both\n[\n  "é",\n  2\n]']),
    ],
)
def test_what_is_judged_is_shown_and_cannot_drive_the_terminal(
    value: object, shown: list[str]
) -> None:
    assert [text.plain for text in texts_of(value)] == shown


def test_without_a_terminal_nobody_is_asked(greenhouse: "Greenhouse", live: "Provider") -> None:
    ran = greenhouse.playbook("evals", "judge", NAME, "--label")
    assert ran.code == 2
    assert "asks a person, and there is no terminal" in ran.err


@pytest.mark.slow
def test_what_needs_no_gate_needs_no_card(greenhouse: "Greenhouse", live: "Provider") -> None:
    configure(greenhouse, gate=False)
    assert problems(greenhouse) == []
