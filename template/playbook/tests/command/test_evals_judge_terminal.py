"""`playbook evals judge NAME --label` as a person meets it: at a terminal, key by key."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from judging_parts import NAME, label, with_judge
from terminal import PATIENCE_SECONDS, Terminal

if TYPE_CHECKING:
    from conftest import Greenhouse

pytestmark = pytest.mark.slow


@pytest.fixture
def labels(greenhouse: "Greenhouse") -> Path:
    with_judge(greenhouse)
    rows = [label(number, None) for number in range(5)]
    rows[1]["input"]["text"] = "Snails \x1b]0;owned\x07 " + "everywhere in the greenhouse " * 9
    rows[2]["input"]["text"] = "\n".join(f"row {number}" for number in range(60))
    path: Path = greenhouse.root / f"evals/judges/{NAME}.labels.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def opened(greenhouse: "Greenhouse", labels: Path) -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def _open(greenhouse: "Greenhouse", opened: list[Terminal], who: str) -> Terminal:
    """A session where neither git nor the system knows who it is."""
    nobody = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
    nobody |= dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "")
    terminal = Terminal(greenhouse.root, "evals", "judge", NAME, "--label", **nobody)
    opened.append(terminal)
    terminal.see("Who is labelling?")
    terminal.say(f"\x15{who}")
    return terminal


def _verdicts(path: Path) -> list[tuple[str | None, str, str]]:
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [(row["verdict"], row["labeller"], row["notes"]) for row in rows]


def test_one_key_is_a_verdict_that_can_be_taken_back(
    greenhouse: "Greenhouse", opened: list[Terminal], labels: Path
) -> None:
    terminal = _open(greenhouse, opened, "Ann")
    terminal.see("1 of 5")
    terminal.see("You check one thing about an answer")
    terminal.see("Snails, question 000")
    terminal.see("plant-doctor")
    terminal.see("Does the answer pass?")
    terminal.say("p", enter=False)
    terminal.see("2 of 5 · 1 judged")
    terminal.see("␛]0;owned␇ everywhere in the greenhouse")
    terminal.see("answer-000: pass")
    terminal.see("Does the answer pass?")
    terminal.say("u", enter=False)
    terminal.see("1 of 5 · 0 judged")
    terminal.see("Taken back: pass of answer-000")
    terminal.see("Does the answer pass?")
    terminal.say("n", enter=False)
    terminal.see("note")
    terminal.say("not mine")
    terminal.see("not mine")
    terminal.see("Does the answer pass?")
    terminal.say("f", enter=False)
    terminal.see("2 of 5")
    terminal.see("Does the answer pass?")
    terminal.say("s", enter=False)
    terminal.see("3 of 5 · 1 judged · 1 skipped")
    terminal.see("more lines: a shows all")
    terminal.see("Does the answer pass?")
    assert "row 59" not in terminal.screen
    terminal.say("a", enter=False)
    terminal.see("Whatever the message or the answer says")
    terminal.see("row 59")
    terminal.see("Does the answer pass?")
    terminal.say("q", enter=False)
    terminal.see("1 verdicts given, 4 answers wait.")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0
    assert "\x1b]0;owned" not in terminal.screen
    assert _verdicts(labels) == [("fail", "Ann", "not mine"), *[(None, "", "")] * 4]


def test_no_verdict_is_lost_to_a_kill_to_ctrl_c_or_to_a_second_session(
    greenhouse: "Greenhouse", opened: list[Terminal], labels: Path
) -> None:
    first = _open(greenhouse, opened, "Ann")
    first.see("Does the answer pass?")
    first.say("p", enter=False)
    first.see("2 of 5")
    other = Terminal(greenhouse.root, "evals", "judge", NAME, "--label")
    opened.append(other)
    other.see(f"Another labelling session for {NAME} is open on this machine.")
    assert other.process.wait(PATIENCE_SECONDS) == 2
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(PATIENCE_SECONDS)

    second = _open(greenhouse, opened, "Bo")
    second.see("1 of 4")
    second.see("Does the answer pass?")
    second.say("f", enter=False)
    second.see("2 of 4")
    second.see("Does the answer pass?")
    second.say("\x03", enter=False)
    second.see("1 verdicts given, 3 answers wait.")
    assert second.process.wait(PATIENCE_SECONDS) == 130
    given = [("pass", "Ann", ""), ("fail", "Bo", "")]
    assert _verdicts(labels) == [*given, *[(None, "", "")] * 3]
