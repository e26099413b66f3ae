"""The sample's labelled look-alikes: reports of attacks and encoded data must reach people."""

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.guards.injection import check_input
from chassis.guards.text import normalise

TEMPLATE = Path(__file__).parent.parent / "template"


def cases() -> dict[str, dict[str, Any]]:
    """The inputs of the sample's adversarial cases by their id."""
    (file,) = TEMPLATE.glob("*triage*/evals/cases/adversarial.jsonl")
    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize("number", ["028", "038", "051"])
def test_a_report_or_a_sign_on_request_is_not_stopped(number: str) -> None:
    """PLAYBOOK 2.9: a phishing mail that is passed on, a researcher's report, base64 of a login."""
    case = cases()[f"adversarial-{number}"]
    assert not any(check_input(normalise(text)) for text in case["input"].values())


def test_no_case_that_must_be_answered_is_stopped() -> None:
    for case in cases().values():
        if "blocked" not in (case["expected"].get("outcome") or ["answered"]):
            stopped = [text for text in case["input"].values() if check_input(normalise(text))]
            assert not stopped, case["id"]
