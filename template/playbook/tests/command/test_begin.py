"""`playbook begin`, whole: the service is the team's, and nothing of the sample is left."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML
from terminal import PATIENCE_SECONDS, Terminal

if TYPE_CHECKING:
    from conftest import Greenhouse

OLD_WORDS = ("watering", "pests", "harvest", "tomatoes", "kale", "gardeners bring")
WISHES = """\
about: questions that sailors bring to the harbour office
labels:
  - name: berths
    meaning: a berth in the harbour, mooring, anchoring, how long a boat may stay
    queue: harbour-master
  - name: weather
    meaning: storm, wind, forecast, waves
    queue: watch
  - {name: repairs, meaning: "torn sail, broken engine or mast, leaking hull", queue: shipyard}
cases:
  - {text: "Is a berth free for mooring my boat tonight?", category: berths}
  - {text: "How long may my boat stay in the harbour?", category: berths}
  - {text: "May I stay at anchor off the harbour?", category: berths}
  - {text: "What is the forecast for tomorrow?", category: weather}
  - {text: "Will the storm and the wind get worse?", category: weather, critical: true}
  - {text: "How high are the waves?", category: weather, slice: edge}
  - {text: My sail is torn., category: repairs}
  - {text: The engine is broken., category: [repairs, berths]}
  - {text: The hull is leaking., category: repairs, notes: urgent in truth}
  - {text: A broken mast., category: repairs}
"""


@pytest.fixture
def wishes(greenhouse: "Greenhouse") -> Path:
    path: Path = greenhouse.root / "begin.yaml"
    path.write_text(WISHES, "utf-8")
    return path


def _git(greenhouse: "Greenhouse", *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=greenhouse.root, check=True, capture_output=True)


@pytest.fixture
def committed(greenhouse: "Greenhouse", wishes: Path) -> "Greenhouse":
    (greenhouse.root / ".copier-answers.yml").write_text("_src_path: x\n")
    (greenhouse.root / ".gitignore").write_text("__pycache__/\nverdict.json\nevals/reports/\n")
    _git(greenhouse, "init", "-q")
    _git(greenhouse, "add", "-A")
    _git(greenhouse, "commit", "-qm", "Generate")
    return greenhouse


@pytest.fixture
def unrun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the first run out, where a test is about what comes before it."""
    _measures(monkeypatch, 9)


def _measures(monkeypatch: pytest.MonkeyPatch, right: int) -> None:
    report = {"measured": {"all": {"right": right, "n": 10}}}
    monkeypatch.setattr("playbook.begin.first_run._simulated_run", lambda project: report)
    monkeypatch.setattr("playbook.begin.first_run._accept", lambda project, why: None)


def _texts(greenhouse: "Greenhouse") -> Iterator[tuple[Path, str]]:
    for folder in ("src", "evals/cases"):
        for path in (greenhouse.root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path, path.read_text("utf-8")


def _cases(greenhouse: "Greenhouse", name: str) -> list[dict[str, Any]]:
    text = (greenhouse.root / "evals" / "cases" / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.slow
def test_from_a_file_the_service_becomes_the_teams_and_stays_green(
    committed: "Greenhouse",
) -> None:
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 0, ran
    for path, text in _texts(committed):
        assert not [word for word in OLD_WORDS if word in text], path
    example = json.loads((committed.root / "src/greenhouse/example.json").read_text("utf-8"))
    assert example == {"text": "Is a berth free for mooring my boat tonight?"}
    assert len(_cases(committed, "common")) == 9
    (edge,) = _cases(committed, "edge")
    assert edge["id"] == "edge-001"
    assert edge["provenance"] == "expert"
    assert "wrote    src/greenhouse/schemas.py" in ran.out
    assert "of 10 right. Simulated" in ran.out
    after = subprocess.run(
        [sys.executable, "-m", "playbook", "evals", "run"],
        cwd=committed.root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert after.returncode == 0, after.stdout + after.stderr
    assert "no worse than the baseline over 10 cases" in after.stdout
    baseline = json.loads((committed.root / "evals/baselines/simulated.json").read_text("utf-8"))
    assert baseline["accepted_by"] == "playbook begin"
    assert "The first run of our own cases" in baseline["why"]
    history = (committed.root / "evals/history.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["accepted"] for line in history] == [False, True]
    assert "later simulated runs are compared with it" in ran.out


def test_nothing_of_the_samples_runs_is_left_to_compare_with(
    committed: "Greenhouse", unrun: None
) -> None:
    left = ["baselines/live.json", "recordings/v1.jsonl", "held_out/edge.jsonl", "history.jsonl"]
    for name in left:
        path = committed.root / "evals" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"provenance": "starter"}\n', "utf-8")
    _git(committed, "add", "-A")
    _git(committed, "commit", "-q", "--amend", "-m", "Generate")
    waiting = committed.root / "evals/candidates/mail.jsonl"
    waiting.parent.mkdir()
    waiting.write_text("{}\n", "utf-8")
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 0, ran
    assert not [name for name in left if (committed.root / "evals" / name).exists()]
    assert "removed  evals/baselines/live.json" in ran.out
    assert waiting.exists()  # the team's own, waiting for a label


def test_what_a_run_left_and_git_does_not_keep_is_not_removed(committed: "Greenhouse") -> None:
    path = committed.root / "evals/recordings/v1.jsonl"
    path.parent.mkdir()
    path.write_text("{}\n", "utf-8")
    (committed.root / "evals/history.jsonl").write_text("{}\n", "utf-8")
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 2
    assert "evals/recordings" in ran.err
    assert "history" not in ran.err
    assert path.exists()


def test_a_floor_below_the_samples_is_for_a_person_to_stand_for(
    committed: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    _measures(monkeypatch, 6)
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert "That is less than the 0.6 of the sample." in ran.out
    assert "criterion: quality.simulated.at_least, to: 0.5," in ran.out
    assert "attestations: []" in (committed.root / "config/ownership.yaml").read_text("utf-8")


def test_the_floor_is_declared_from_the_run_and_no_comment_is_lost(
    committed: "Greenhouse", unrun: None
) -> None:
    before = (committed.root / "config/success-criteria.yaml").read_text("utf-8")
    ran = committed.playbook("begin", "--from", "begin.yaml")
    after = (committed.root / "config/success-criteria.yaml").read_text("utf-8")
    assert YAML().load(after)["quality"]["simulated"]["at_least"] == 0.8
    assert after == before.replace("    at_least: 0.6", "    at_least: 0.8")
    assert "9 of 10 right. Simulated: it says nothing about a real model." in ran.out
    assert "less than" not in ran.out
    assert "is 0.8 now: what was measured, less one case." in ran.out
    assert "Next:" in ran.out


def test_labels_and_cases_that_share_no_words_are_told_how_to_improve(
    committed: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    _measures(monkeypatch, 4)
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 0
    assert "Fewer than half are right: meanings and cases share too few words" in ran.out


def test_the_printed_example_is_a_file_that_can_be_read(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("begin", "--example")
    assert ran.code == 0
    content = YAML().load(ran.out)
    assert len(content["cases"]) >= 10
    assert {case["category"] for case in content["cases"]} <= {
        label["name"] for label in content["labels"]
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: weather", "name: Weather!", "begin.yaml:6  labels[1].name"),
        (
            "name: weather",
            "name: berths",
            "begin.yaml:6  labels[1].name\n  berths is in the list twice",
        ),
        ("queue: watch", "que: watch", "begin.yaml:8  labels[1].que"),
        (
            'tonight?", category: berths',
            'tonight?", category: births',
            "begin.yaml:11  cases[0].category\n  births is not one of your labels.",
        ),
        ("{text: My sail is torn., category", "{subject: My sail, category", "Did you mean"),
        ("text: My sail is torn., ", "", "begin.yaml:17  cases[6].text"),
        ("slice: edge", "slice: Edge Cases", "begin.yaml:16  cases[5].slice"),
        (
            "slice: edge",
            "slice: eddge",
            "cases[5].slice\n  config/success-criteria.yaml declares no slice eddge. Did you mean",
        ),
        ("critical: true", "critical: very", "begin.yaml:15  cases[4].critical"),
        (
            "  - {text: A broken mast., category: repairs}\n",
            "",
            "begin.yaml:10  cases\n  Too few entries: 9; expected at least 10.",
        ),
        ("notes: urgent in truth", "notes: 3", "begin.yaml:19  cases[8].notes"),
        ("slice: edge", "outcome: perfect", "begin.yaml:16  cases[5]"),
        ("labels:", "labels: [", "Not valid YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line_and_nothing_changes(
    committed: "Greenhouse", old: str, new: str, said: str
) -> None:
    committed.edit("begin.yaml", old, new)
    before = dict(_texts(committed))
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 2, ran
    if said != "Did you mean":
        assert said in ran.err
    assert dict(_texts(committed)) == before


def test_a_file_that_is_not_there_is_told(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("begin", "--from", "nowhere.yaml")
    assert ran.code == 2
    assert "begin --example prints one" in ran.err


@pytest.mark.parametrize("commit", [False, True])
def test_work_since_the_generation_is_not_overwritten(
    committed: "Greenhouse", commit: bool
) -> None:
    committed.edit("evals/cases/common.jsonl", "tomatoes", "melons")
    if commit:
        _git(committed, "commit", "-qam", "Work")
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 2
    why = "was changed since the service was generated" if commit else "is not committed"
    assert f"evals/cases/common.jsonl  {why}" in ran.err
    assert "--force" in ran.err
    assert "melons" in (committed.root / "evals/cases/common.jsonl").read_text("utf-8")


def test_other_work_is_no_obstacle(committed: "Greenhouse", unrun: None) -> None:
    committed.edit("src/greenhouse/pipeline.py", "Sort one question.", "Sort a question.")
    assert committed.playbook("begin", "--from", "begin.yaml").code == 0


def test_force_replaces_and_keeps_a_copy(
    committed: "Greenhouse", unrun: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    committed.edit("evals/cases/common.jsonl", "tomatoes", "melons")
    ran = committed.playbook("begin", "--from", "begin.yaml", "--force")
    assert ran.code == 0, ran
    (kept,) = tmp_path.glob("greenhouse-before-begin-*")
    assert f"in {kept}" in ran.out
    assert "melons" in (kept / "evals/cases/common.jsonl").read_text("utf-8")


@pytest.mark.parametrize("theirs", [False, True])
def test_without_git_only_the_samples_own_cases_are_replaced(
    greenhouse: "Greenhouse", wishes: Path, unrun: None, theirs: bool
) -> None:
    if theirs:
        greenhouse.edit("evals/cases/edge.jsonl", '"starter"', '"expert"')
    ran = greenhouse.playbook("begin", "--from", "begin.yaml")
    assert ran.code == (2 if theirs else 0), ran
    assert ("holds cases that are not the sample's" in ran.err) is theirs


def test_a_second_time_the_teams_own_cases_are_safe(committed: "Greenhouse", unrun: None) -> None:
    assert committed.playbook("begin", "--from", "begin.yaml").code == 0
    _git(committed, "add", "-A")
    _git(committed, "commit", "-qm", "Begin")
    assert committed.playbook("begin", "--from", "begin.yaml").code == 2


def test_a_prompt_that_was_released_is_never_edited(committed: "Greenhouse") -> None:
    committed.edit(
        "config/releases.yaml", "prompt: v1", f"prompt: v1\n    prompt_sha256: {'a' * 64}"
    )
    ran = committed.playbook("begin", "--from", "begin.yaml")
    assert ran.code == 2
    assert "was released, so it is never edited" in ran.err


def test_questions_need_a_terminal(committed: "Greenhouse") -> None:
    ran = committed.playbook("begin")
    assert ran.code == 2
    assert "begin --example > begin.yaml" in ran.err


@pytest.fixture
def terminal(committed: "Greenhouse") -> Iterator[Terminal]:
    terminal = Terminal(committed.root, "begin")
    yield terminal
    terminal.close()


@pytest.mark.slow
def test_a_person_is_asked_and_a_wrong_answer_can_be_put_right(
    committed: "Greenhouse", terminal: Terminal
) -> None:
    terminal.see("You sort ...")
    terminal.say("\x15letters to a lighthouse")
    terminal.see("Label 1")
    terminal.say("Two Words")
    terminal.see("Lower-case letters")
    terminal.say("\x15lamps")
    terminal.see("What lamps means")
    terminal.say("the lamp, its light, oil and glass")
    terminal.see("queue")
    terminal.say("")
    terminal.see("Label 2")
    terminal.say("fog")
    terminal.see("What fog means")
    terminal.say("fog, mist, the horn")
    terminal.see("queue")
    terminal.say("\x15horn")
    terminal.see("Label 3 (empty: that was the last)")
    terminal.say("")
    for number in range(10):
        terminal.see(f"Case {number + 1} of 10")
        terminal.see("text")
        fog = number % 2
        terminal.say(f"The {'fog and mist' if fog else 'lamp and its oil'}, letter {number}")
        terminal.see("category")
        terminal.say("\x1b[B" if fog else "")
    terminal.see("10 cases")
    terminal.see("of 10 right")
    terminal.see("Next:")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0
    cases = _cases(committed, "common")
    assert [case["expected"]["category"] for case in cases] == ["lamps", "fog"] * 5
    prompt = (committed.root / "src/greenhouse/prompts/v1/instructions.md").read_text("utf-8")
    assert prompt.startswith("You sort letters to a lighthouse.")
    assert "- `fog`: fog, mist, the horn.\n" in prompt


@pytest.mark.slow
def test_ctrl_c_in_the_middle_changes_nothing(committed: "Greenhouse", terminal: Terminal) -> None:
    before = dict(_texts(committed))
    terminal.see("You sort ...")
    terminal.say("\x03", enter=False)
    assert terminal.process.wait(PATIENCE_SECONDS) == 130
    assert dict(_texts(committed)) == before
