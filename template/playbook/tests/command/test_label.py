"""Labels are never lost: what a session says, takes back, and leaves, however it is cut off."""

import json
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playbook.data import candidates
from playbook.data.alone import changing
from playbook.data.answers import LabelField, label_fields
from playbook.data.candidates import Candidate
from playbook.label import settle as settling
from playbook.label.journal import Do, Event, Journal
from playbook.label.session import Session, effective
from playbook.label.settle import settle
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from conftest import Greenhouse

FIELDS = [
    LabelField("category", ("watering", "pests", "harvest")),
    LabelField("priority", ("urgent", "normal")),
]


def _candidate(number: int, **other: Any) -> Candidate:
    return Candidate.model_validate(
        {
            "id": f"tickets-{number:08x}",
            "input": {"text": f"The tap number {number} drips"},
            "provenance": "production",
            "source": f"tickets.csv:{number}",
            "added": "2026-11-23",
        }
        | other
    )


def _event(number: int, do: Do = "answer", value: Any = "pests", **other: Any) -> Event:
    said = {"labeller": "Ann", "id": f"tickets-{number:08x}", "do": do, "value": value}
    said |= {"field": "category"} if do == "answer" else {}
    return Event.model_validate({"slice": "common"} | said | other)


@pytest.fixture
def waiting(greenhouse: "Greenhouse") -> Path:
    path = candidates.folder_of(greenhouse.project) / "tickets.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(_candidate(number).line for number in (1, 2, 3)), "utf-8")
    return path


def _settle(greenhouse: "Greenhouse") -> settling.Settled:
    project = greenhouse.project
    journal = Journal(candidates.folder_of(project))
    return settle(project, project.pipeline(), FIELDS[:1], journal)


def _cases(greenhouse: "Greenhouse", name: str = "common") -> list[dict[str, Any]]:
    text = (greenhouse.project.cases / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_fields_to_label_are_those_that_cases_label(greenhouse: "Greenhouse") -> None:
    pipeline = greenhouse.project.pipeline()
    assert [(f.name, f.values) for f in label_fields(pipeline)] == [
        ("category", ("watering", "pests", "harvest")),
        ("priority", ("urgent", "normal")),
    ]
    from playbook.evals.cases import load_all

    cases, _ = load_all(greenhouse.project, pipeline)
    assert [f.name for f in label_fields(pipeline, cases)] == ["category"]


def test_a_session_asks_field_after_field_and_case_after_case() -> None:
    session = Session([_candidate(1), _candidate(2)], FIELDS, [])
    first = session.current
    assert first is not None and first.id == _candidate(1).id
    session.add(_event(1))
    assert session.draft(first).next_field(FIELDS).name == "priority"
    session.add(_event(1, value=None, field="priority"))
    assert session.current == _candidate(2)
    assert session.draft(first).expected() == {"category": "pests"}, "an open field says nothing"
    session.add(_event(2, "skip"))
    assert session.current is None
    session.add(_event(2, "undo"))
    assert session.current == _candidate(2)


def test_where_no_answer_is_right_the_outcome_is_all_that_is_said() -> None:
    session = Session([_candidate(1)], FIELDS, [_event(1)])
    session.add(_event(1, "outcome", ["blocked", "handed_over"]))
    assert session.current is None
    assert session.draft(_candidate(1)).expected() == {"outcome": ["blocked", "handed_over"]}


def test_agreement_with_suggestions_is_counted() -> None:
    one = _candidate(1, suggested={"category": "pests"})
    two = _candidate(2, suggested={"category": "pests"})
    session = Session([one, two], FIELDS, [_event(1, value=["watering", "pests"])])
    session.add(_event(2, value="harvest"))
    assert session.agreement() == (1, 2)


@given(st.lists(st.sampled_from(["answer", "note", "skip", "undo"]), max_size=30))
def test_undo_takes_back_one_thing_at_a_time(said: list[Do]) -> None:
    events = [_event(1, do, str(number)) for number, do in enumerate(said)]
    stack: list[int] = []
    for number, do in enumerate(said):
        if do != "undo":
            stack.append(number)
        elif stack:
            stack.pop()
    assert [int(event.value) for event in effective(events)] == stack


def test_undo_takes_back_nothing_that_was_said_of_texts_of_another_sitting() -> None:
    """Such as a finished answer that waits for its text to be imported again."""
    mine, elsewhere = _event(1), _event(2)
    session = Session([_candidate(1)], FIELDS, [mine, elsewhere])
    assert session.last == mine
    undo = _event(1, "undo")
    assert effective([mine, elsewhere, undo]) == [elsewhere]
    session.add(undo)
    assert session.last is None


def test_lines_that_come_while_answers_are_settled_are_not_lost(
    greenhouse: "Greenhouse", waiting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import in another window waits, and adds to what is there then."""
    Journal(waiting.parent).add(_event(1))

    def add() -> None:
        with changing(greenhouse.project):
            waiting.write_text(waiting.read_text() + _candidate(4).line)

    other = threading.Thread(target=add)

    def keep(*arguments: Any) -> None:
        other.start()
        keep_in_file(*arguments)

    keep_in_file = settling._keep
    monkeypatch.setattr(settling, "_keep", keep)
    _settle(greenhouse)
    other.join()
    assert [json.loads(line)["id"][-1] for line in waiting.read_text().splitlines()] == list("234")


@settings(max_examples=25)
@given(st.integers(min_value=0, max_value=500))
@example(156)
def test_a_line_cut_off_by_a_crash_costs_nothing_before_it(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        for number in range(3):
            journal.add(_event(number, value="grün\n"))
        content = journal.path.read_bytes()
        journal.path.write_bytes(content[: min(cut, len(content))])
        whole = content[:cut].count(b"\n")
        assert len(journal.read()) == whole
        journal.add(_event(9))
        assert [event.id[-1] for event in journal.read()] == [*"012"[:whole], "9"]


def test_a_journal_spoilt_in_the_middle_names_the_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.add(_event(1))
    text = journal.path.read_text()
    journal.path.write_text(text + "{oops\n" + text)
    with pytest.raises(Mistake, match=r"\.labels\.jsonl:2"):
        journal.read()


def test_finished_answers_become_cases_and_the_rest_waits(
    greenhouse: "Greenhouse", waiting: Path
) -> None:
    journal = Journal(waiting.parent)
    for event in (
        _event(1, "note", "ask Bo"),
        _event(1, "critical", True),
        _event(1, "slice", "edge"),
        _event(1),
        _event(2, value=["pests", "harvest"]),
        _event(3, "note", "begun"),
    ):
        journal.add(event)
    done = _settle(greenhouse)
    assert done.cases == {"edge": 1, "common": 1}
    one = _cases(greenhouse, "edge")[-1]
    assert one == {
        "id": "tickets-00000001",
        "slice": "edge",
        "input": {"text": "The tap number 1 drips"},
        "expected": {"category": "pests"},
        "provenance": "production",
        "labeller": "Ann",
        "critical": True,
        "notes": "ask Bo",
    }
    assert _cases(greenhouse)[-1]["expected"] == {"category": ["pests", "harvest"]}
    assert [json.loads(line)["id"][-1] for line in waiting.read_text().splitlines()] == ["3"]
    assert [event.value for event in journal.read()] == ["begun"]


@pytest.mark.parametrize("step", ["candidates", "journal"])
def test_a_settlement_that_is_cut_off_is_finished_by_the_next_one(
    greenhouse: "Greenhouse", waiting: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(waiting.parent)
    for number in (1, 2):
        journal.add(_event(number))

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if step == "candidates":
            patch.setattr(settling, "_keep", cut_off)
        else:
            patch.setattr(Journal, "keep", cut_off)
        with pytest.raises(KeyboardInterrupt):
            _settle(greenhouse)
    before = _cases(greenhouse)
    assert not _settle(greenhouse).cases, "they are there already"
    assert _cases(greenhouse) == before
    assert len({case["id"] for case in before}) == len(before)
    assert len(waiting.read_text().splitlines()) == 1
    assert not journal.path.exists()


def test_an_answer_whose_text_is_gone_is_kept_until_it_comes_back(
    greenhouse: "Greenhouse", waiting: Path
) -> None:
    text = waiting.read_text()
    waiting.unlink()
    Journal(waiting.parent).add(_event(1))
    assert _settle(greenhouse).homeless == 1
    waiting.write_text(text)
    assert _settle(greenhouse).cases == {"common": 1}


def test_without_a_terminal_it_says_so(greenhouse: "Greenhouse", waiting: Path) -> None:
    ran = greenhouse.playbook("label")
    assert ran.code == 2
    assert "this is no terminal" in ran.err


def test_a_broken_candidate_is_named_by_line_and_field(
    greenhouse: "Greenhouse", waiting: Path
) -> None:
    waiting.write_text(waiting.read_text() + '{"id": "x", "input": {}, "provenance": "guess"}\n')
    with pytest.raises(Mistake, match=r"evals/candidates/tickets\.jsonl:4  provenance"):
        candidates.load(greenhouse.project, [waiting])
