"""`playbook evals accept` and the gate of `evals run`, whole: commands, files and exit codes."""

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

BASELINE = Path("evals/baselines/simulated.json")
HISTORY = Path("evals/history.jsonl")
ACCEPT = ("evals", "accept", "--why", "the first one", "--by", "Ann Berg")


def forget_pests(provider: "Provider") -> None:
    """The model becomes worse in 8 of 32 cases: the floor is met, and the baseline is not."""
    right = provider.answers
    provider.answers = lambda text: (
        {"category": "watering", "confidence": 0.9}
        if "Snails" in text or "Mildew" in text
        else right(text)
    )


@pytest.fixture
def accepted(greenhouse: "Greenhouse", provider: "Provider") -> "Greenhouse":
    """A service whose first run is its baseline."""
    assert greenhouse.playbook("evals", "run").code == 0
    assert greenhouse.playbook(*ACCEPT).code == 0
    return greenhouse


def git(root: Path, *arguments: str) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    named = ("-c", "user.name=Ann Berg", "-c", "user.email=ann@example.org")
    command = ["git", "-C", str(root), *named, *arguments]
    subprocess.run(command, check=True, env=own, capture_output=True, timeout=60)


def history_of(service: "Greenhouse") -> list[dict[str, Any]]:
    lines = (service.root / HISTORY).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_last_run_becomes_the_baseline_with_who_and_why(accepted: "Greenhouse") -> None:
    written = json.loads((accepted.root / BASELINE).read_text("utf-8"))
    assert written["accepted_by"] == "Ann Berg"
    assert written["why"] == "the first one"
    assert written["mode"] == "simulated"
    assert len(written["cases"]) == 32
    assert "tomatoes" not in (accepted.root / BASELINE).read_text("utf-8"), "no inputs"
    assert [line["accepted"] for line in history_of(accepted)] == [False, True]
    assert accepted.verdict()["command"] == "evals accept"


def test_an_unchanged_rerun_passes_and_leaves_baseline_and_history_as_they_are(
    accepted: "Greenhouse",
) -> None:
    before = [(accepted.root / file).read_bytes() for file in (BASELINE, HISTORY)]
    assert accepted.playbook("evals", "run").code == 0
    assert "no worse than the baseline over 32 cases" in accepted.verdict()["reasons"]
    assert [(accepted.root / file).read_bytes() for file in (BASELINE, HISTORY)] == before


def test_a_worse_service_is_blocked_by_its_baseline_alone(
    accepted: "Greenhouse", provider: "Provider"
) -> None:
    forget_pests(provider)
    ran = accepted.playbook("evals", "run")
    assert ran.code == 1
    assert "points worse than the baseline" in accepted.verdict()["reasons"][0]
    assert len(history_of(accepted)) == 3


def test_a_worse_run_can_be_accepted_and_it_is_said(
    accepted: "Greenhouse", provider: "Provider"
) -> None:
    forget_pests(provider)
    accepted.playbook("evals", "run")
    ran = accepted.playbook("evals", "accept", "--why", "snails are out", "--by", "Bo Lind")
    assert ran.code == 0
    assert "  before  triage-v1, 32 of 32 right (100.0%), by Ann Berg on " in ran.out
    assert "8 flipped: 8 now wrong, 0 now right; 0 new or changed, 0 gone or changed" in ran.out
    assert "This run was NOT MET: " in ran.out
    assert accepted.playbook("evals", "run").code == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("evals/cases/edge.jsonl", "kale", "leek", "the cases"),
        ("src/greenhouse/prompts/v1/instructions.md", "snails", "slugs", "the prompt"),
        ("src/greenhouse/pipeline.py", '"""', '"""Changed: ', "the service's code"),
    ],
)
def test_a_report_of_other_files_is_refused(
    greenhouse: "Greenhouse", provider: "Provider", file: str, old: str, new: str, changed: str
) -> None:
    greenhouse.playbook("evals", "run")
    path = greenhouse.root / file
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    ran = greenhouse.playbook(*ACCEPT)
    assert ran.code == 2
    assert f"Changed since: {changed}." in ran.err
    assert "Next: uv run playbook evals run" in ran.err
    assert not (greenhouse.root / BASELINE).exists()


def test_a_part_and_a_run_without_a_provider_are_refused(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    assert greenhouse.playbook(*ACCEPT).code == 2
    greenhouse.playbook("evals", "run", "--slice", "common")
    ran = greenhouse.playbook(*ACCEPT)
    assert ran.code == 2
    assert "The last run was of common only" in ran.err
    provider.status = lambda text: 500
    assert greenhouse.playbook("evals", "run").code == 3
    ran = greenhouse.playbook(*ACCEPT)
    assert ran.code == 2
    assert "could not be judged" in ran.err


def test_who_and_why_are_asked_for_where_nobody_says_them(
    greenhouse: "Greenhouse", provider: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.playbook("evals", "run")
    ran = greenhouse.playbook("evals", "accept", "--by", "Ann Berg")
    assert (ran.code, "--why" in ran.err) == (2, True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    ran = greenhouse.playbook("evals", "accept", "--why", "the first one")
    assert (ran.code, "--by" in ran.err) == (2, True)
    git(greenhouse.root, "init", "--quiet")
    git(greenhouse.root, "config", "user.name", "Cy Holm")
    assert greenhouse.playbook("evals", "accept", "--why", "the first one").code == 0
    assert json.loads((greenhouse.root / BASELINE).read_text("utf-8"))["accepted_by"] == "Cy Holm"


def test_a_baseline_that_is_none_stops_before_a_case_is_asked_and_can_be_replaced(
    accepted: "Greenhouse", provider: "Provider"
) -> None:
    (accepted.root / BASELINE).write_text('{"cases": []}\n', "utf-8")
    asked = provider.asked
    ran = accepted.playbook("evals", "run")
    assert ran.code == 2
    assert "evals/baselines/simulated.json:1  format" in ran.err
    assert provider.asked == asked
    ran = accepted.playbook(*ACCEPT)
    assert ran.code == 0
    assert "Replaced a file that was no baseline" in ran.out
    assert accepted.playbook("evals", "run").code == 0


def test_a_bound_that_32_cases_cannot_reach_is_refused(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit(
        "config/success-criteria.yaml",
        "at_least: 0.9\n",
        "at_least: 0.9\n  judged_by: lower_bound\n",
    )
    assert greenhouse.playbook("evals", "run").code == 0, "a floor is no bound"
    provider.named = "real-{}".format
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert "32 of 32 right does not clear 90%; it takes 35." in ran.err


def test_a_loosened_target_is_blocked_until_somebody_stands_for_it(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    git(greenhouse.root, "init", "--quiet", "--initial-branch", "main")
    git(greenhouse.root, "add", "--all")
    git(greenhouse.root, "commit", "--quiet", "--message", "as it was")
    greenhouse.edit(
        "config/success-criteria.yaml", "edge:   {at_least: 0.8", "edge: {at_least: 0.6"
    )
    ran = greenhouse.playbook("evals", "run", "--base", "main")
    assert ran.code == 1
    said = "quality.slices.edge.at_least is loosened from 0.8 to 0.6"
    assert greenhouse.verdict()["reasons"] == [said]
    line = next(line for line in ran.out.splitlines() if "criterion:" in line)
    greenhouse.edit("config/ownership.yaml", "attestations: []", f"attestations:\n{line}")
    ran = greenhouse.playbook("evals", "run", "--base", "main")
    assert ran.code == 0, ran
    assert said in ran.out
    assert greenhouse.playbook("evals", "run", "--base", "nowhere").code == 3


def test_two_branches_that_both_ran_the_suite_merge_their_histories(
    accepted: "Greenhouse",
) -> None:
    root = accepted.root
    (root / "evals/.gitattributes").write_text("history.jsonl merge=union\n", "utf-8")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "as it was")
    ours = history_of(accepted)[0]
    for branch, right in (("one", 30), ("two", 31)):
        git(root, "switch", "--quiet", "--create", branch, "main")
        with (root / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps({**ours, "right": right}) + "\n")
        git(root, "commit", "--quiet", "--all", "--message", branch)
    git(root, "merge", "--quiet", "one")
    assert sorted(line["right"] for line in history_of(accepted)) == [30, 31, 32, 32]
    assert accepted.playbook("evals", "run").code == 0


def test_cases_of_another_folder_are_held_against_no_baseline(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.playbook("evals", "run")
    assert greenhouse.playbook("evals", "accept", "--by", "Ann", "--why", "The first.").code == 0
    elsewhere = greenhouse.root / "elsewhere"
    elsewhere.mkdir()
    text = (greenhouse.root / "evals/cases/common.jsonl").read_text("utf-8")
    (elsewhere / "common.jsonl").write_text(text.replace("common-", "other-"), "utf-8")
    ran = greenhouse.playbook("evals", "run", "--cases", "elsewhere")
    assert ran.code == 0, ran
    assert "baseline" not in ran.out
