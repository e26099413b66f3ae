"""Somebody in a hurry, at a real terminal: eight answers, one of them wrong, Enter for the rest."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pexpect
import pytest
import yaml

pytestmark = pytest.mark.slow

ERASE = "\x15"  # Control-U, as a person clears the recommended answer
DOWN = "\x1b[B"
SECONDS = 60

# What the person sees, in order, and what they type; None is Enter.
CONVERSATION: list[tuple[str, str | None]] = [
    ("What is the service called", ERASE + "Claims Desk"),
    ("What is its name in URLs", None),
    ("What is its Python package called", None),
    ("What does the service do", None),
    ("What does it do for whom", ERASE + "Sorts claims for the people who settle them"),
    ("Which organisation runs it", ERASE + "Harbour Insurance"),
    ("What share of labelled cases", ERASE + "95"),
    ("A share between 0.5 and 1, such as 0.92 for 92%", ERASE + "0.95"),
    ("Within how many seconds", None),
    ("What share of requests must get", None),
    ("What may one answered request cost", None),
    ("What should users rate it", None),
    ("How many requests come in a second", None),
    ("What may all model calls of one day cost", ERASE + "80"),
    ("And of one week", None),
    ("Who decides what good enough means", ERASE + "Ada Lovelace <ada@example.org>"),
    ("Who writes the prompt", None),
    ("Who runs it", None),
    ("Who knows which answers are right", None),
    ("Who is paged first", ERASE + "Claims rotation"),
    ("And who, when the first does not answer", None),
    ("Where do they talk during an incident", None),
    ("What wakes them", None),
    ("Which model provider answers", None),
    ("What of inputs and outputs goes", None),
    ("How do callers prove who they are", None),
    ("How far along is it", None),
    ("What runs the checks on a change", DOWN),
    ("On which day did or does", None),
    ("Under which terms", None),
    ("Which Python is the oldest", None),
]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are not Windows's")
def test_a_hurried_person_answers_eight_questions_and_gets_a_repository(
    small: Path, tmp_path: Path
) -> None:
    target = tmp_path / "claims-desk"
    # pexpect does not answer the question where the cursor is; a real terminal does.
    environment = os.environ | {"PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"}
    arguments = ["-m", "copier", "copy", "--skip-tasks", str(small), str(target)]
    terminal = pexpect.spawn(
        sys.executable,
        arguments,
        env=environment,
        encoding="utf-8",
        dimensions=(60, 200),
        timeout=SECONDS,
    )
    for shown, typed in CONVERSATION:
        terminal.expect(re.escape(shown))
        terminal.send((typed or "") + "\r")
    terminal.expect("Claims Desk is ready")
    terminal.expect("Nobody is named yet as AI engineer, platform engineer, domain expert")
    terminal.expect("make setup test")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0

    answers = yaml.safe_load((target / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert answers["service_slug"] == "claims-desk"
    assert answers["package_name"] == "claims_desk"
    assert answers["organisation"] == "Harbour Insurance"
    assert answers["quality_target"] == 0.95, "the corrected answer, not the wrong one"
    assert answers["weekly_budget_usd"] == 400, "a default follows from the answer before it"
    assert answers["product_owner"] == "Ada Lovelace <ada@example.org>"
    assert answers["oncall_primary"] == "Claims rotation"
    assert answers["ci_provider"] == "gitlab"
    assert answers["latency_p95_seconds"] == 3.0
    assert (target / "src" / "claims_desk" / "pipeline.py").is_file()


def test_the_conversation_is_eight_answers_of_which_one_is_corrected() -> None:
    assert sum(typed is not None for _, typed in CONVERSATION) == 8 + 1
