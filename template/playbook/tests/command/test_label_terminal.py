"""`playbook label` as a person meets it: at a terminal, killed, stopped, and begun again."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from terminal import PATIENCE_SECONDS, Terminal

if TYPE_CHECKING:
    from conftest import Greenhouse

pytestmark = pytest.mark.slow

TEXTS = ("The tap drips", "Snails \x1b]0;owned\x07everywhere", "Pears are ripe", "What is this")


@pytest.fixture
def waiting(greenhouse: "Greenhouse") -> Path:
    path: Path = greenhouse.root / "evals" / "candidates" / "tickets.jsonl"
    path.parent.mkdir(parents=True)
    lines = [
        {
            "id": f"tickets-{number}",
            "input": {"text": text},
            "provenance": "production",
            "source": f"tickets.csv:{number}",
            "added": "2026-11-23",
            "suggested": {"category": "pests"},
        }
        for number, text in enumerate(TEXTS)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture
def opened(greenhouse: "Greenhouse", waiting: Path) -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def _open(greenhouse: "Greenhouse", opened: list[Terminal], *flags: str) -> Terminal:
    terminal = Terminal(greenhouse.root, "label", *flags)
    opened.append(terminal)
    return terminal


def _labels(greenhouse: "Greenhouse") -> dict[str, Any]:
    text = (greenhouse.project.cases / "common.jsonl").read_text("utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    return {c["id"]: c["expected"] for c in cases if c["id"].startswith("tickets")}


def test_killed_in_the_middle_nothing_that_was_said_is_lost(
    greenhouse: "Greenhouse", opened: list[Terminal]
) -> None:
    first = _open(greenhouse, opened)
    first.see("Who is labelling?")
    first.say("\x15Ann")
    first.see("1 of 4")
    first.see("The tap drips")
    first.see("<- suggested, not decided")
    first.say("1", enter=False)  # watering
    first.see("2 of 4")
    first.see("␛]0;owned␇")
    first.say("")  # Enter takes the suggestion
    first.see("3 of 4")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(PATIENCE_SECONDS)
    assert "\x1b]0;owned" not in first.screen
    assert _labels(greenhouse) == {}

    second = _open(greenhouse, opened, "--labeller", "Bo")
    second.see("Kept from a session that was cut off: 2 in evals/cases/common.jsonl")
    second.see("1 of 2")
    second.see("Pears are ripe")
    second.say("u", enter=False)
    second.see("nothing to take back")
    second.say("2", enter=False)
    second.see("2 of 2")
    second.say("u", enter=False)  # back: it was not pests
    second.see("Pears are ripe")
    second.see("Taken back: answer category")
    second.say("3", enter=False)
    second.see("2 of 2")
    second.say("s", enter=False)
    second.see("Labelled: 1 in evals/cases/common.jsonl")
    second.see("1 still wait. Next: uv run playbook label")
    assert second.process.wait(PATIENCE_SECONDS) == 0
    assert _labels(greenhouse) == {
        "tickets-0": {"category": "watering"},
        "tickets-1": {"category": "pests"},
        "tickets-2": {"category": "harvest"},
    }
    assert greenhouse.playbook("data", "check").code != 2


def test_ctrl_c_ends_it_with_what_was_done(
    greenhouse: "Greenhouse", opened: list[Terminal], waiting: Path
) -> None:
    terminal = _open(greenhouse, opened, "--labeller", "Ann")
    terminal.see("1 of 4")
    terminal.see("category")
    terminal.say("3", enter=False)
    terminal.see("2 of 4")
    terminal.see("category")
    terminal.say("\x03", enter=False)
    terminal.see("Labelled: 1 in evals/cases/common.jsonl")
    assert terminal.process.wait(PATIENCE_SECONDS) == 130
    assert _labels(greenhouse) == {"tickets-0": {"category": "harvest"}}
    assert len(waiting.read_text("utf-8").splitlines()) == 3


def test_blind_shows_no_suggestion_and_a_second_session_is_kept_out(
    greenhouse: "Greenhouse", opened: list[Terminal]
) -> None:
    terminal = _open(greenhouse, opened, "--labeller", "Ann", "--blind")
    terminal.see("1 of 4")
    terminal.see("3 harvest")
    other = _open(greenhouse, opened, "--labeller", "Bo")
    other.see("Another labelling session of this service is open")
    assert other.process.wait(PATIENCE_SECONDS) == 2
    terminal.say("a", enter=False)
    terminal.see("all that are acceptable")
    terminal.say(" \x1b[B ")
    terminal.see("2 of 4")
    terminal.see("category")
    terminal.say("q", enter=False)
    terminal.see("Suggestions that were right: 1 of 1.")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0
    assert "suggested, not decided" not in terminal.screen
    assert _labels(greenhouse) == {"tickets-0": {"category": ["watering", "pests"]}}
