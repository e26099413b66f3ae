"""`playbook evals calibrate`, whole: from cases to a threshold, its curve, and the file."""

import json
import random
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from chassis.config import load_config

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

CATEGORIES = ("watering", "pests", "harvest")


def many_cases(greenhouse: "Greenhouse", n: int) -> dict[str, str]:
    """Replace the cases by `n` of the same slice; gives the right category by text."""
    draw, right = random.Random(1), {}
    folder = greenhouse.root / "evals" / "cases"
    for file in folder.glob("*.jsonl"):
        file.unlink()
    rows = []
    for number in range(n):
        text, category = f"Question number {number:04}", draw.choice(CATEGORIES)
        right[text] = category
        rows.append(
            json.dumps(
                {
                    "id": f"common-{number:04}",
                    "slice": "common",
                    "input": {"text": text},
                    "expected": {"category": category},
                    "provenance": "starter",
                    "labeller": "airworthy",
                }
            )
        )
    (folder / "common.jsonl").write_text("\n".join(rows), "utf-8")
    return right


def a_model(right: dict[str, str], wrong_below: float = 0.4) -> Any:
    """A model that knows when it guesses: below `wrong_below` it is wrong half the time."""

    def answer(prompt: str) -> dict[str, Any]:
        text = next(text for text in right if text in prompt)
        draw = random.Random(text)
        sure, category = round(draw.random(), 2), right[text]
        if sure < wrong_below and draw.random() < 0.5:
            category = next(c for c in CATEGORIES if c != category)
        return {"category": category, "confidence": sure}

    return answer


@pytest.fixture
def live(greenhouse: "Greenhouse", provider: "Provider") -> "Provider":
    """A model that says it is a real one, over 160 cases."""
    provider.named = "real-{}".format
    provider.answers = a_model(many_cases(greenhouse, 160))
    return provider


def test_a_threshold_is_found_shown_and_written_with_its_reasons(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    """PLAYBOOK 2.1: a calibrated threshold per release from the eval set, with the curve."""
    ran = greenhouse.playbook("evals", "calibrate", "--write")
    assert ran.code == 0, ran
    assert "160 answers with a confidence" in ran.out
    assert "Calibration error" in ran.out
    assert "equal-mass bins" in ran.out
    assert "Confidence tells right from wrong: AUROC" in ran.out
    assert "MET  threshold 0." in ran.out
    assert "On cases it was not chosen on (5 parts, each by the other 4)" in ran.out
    release = load_config(greenhouse.root).releases["triage-v1"]
    assert release.calibration is not None
    assert release.confidence_threshold == release.calibration.threshold
    assert 0.2 < release.confidence_threshold < 0.5
    assert release.calibration.mode == "live"
    assert release.calibration.cases == 160
    assert release.calibration.share_right >= 0.9
    assert release.calibration.dataset_sha256 == greenhouse.report()["dataset_sha256"]
    curve = json.loads((greenhouse.root / "evals/reports/triage-v1-calibration.json").read_text())
    assert curve["chosen"]["threshold"] == release.confidence_threshold
    assert len(curve["curve"]) > 50
    assert greenhouse.verdict()["status"] == "met"
    note = greenhouse.playbook("config", "check")
    assert "calibrat" not in note.out


def test_the_picture_is_one_file_that_asks_nothing_of_the_network(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.playbook("evals", "calibrate")
    text = (greenhouse.root / "evals/reports/triage-v1-calibration.svg").read_text("utf-8")
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in text
    assert text.count("http") == 1  # the namespace
    assert len(text) < 20_000


def test_handed_over_drafts_count_though_the_caller_never_saw_them(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    """A threshold of today that hands half over does not hide how right that half was."""
    greenhouse.edit("config/releases.yaml", "threshold: 0.5", "threshold: 0.99")
    greenhouse.playbook("evals", "run")
    drafts = [case for case in greenhouse.report()["cases"] if case["outcome"] == "handed_over"]
    assert len(drafts) > 100
    assert sum(case["right_if_answered"] for case in drafts) > 90
    ran = greenhouse.playbook("evals", "calibrate")
    assert ran.code == 0, ran


def test_the_last_run_is_used_as_long_as_it_speaks_for_the_release(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    many_cases(greenhouse, 5)
    provider.answers = lambda text: {"category": "pests", "confidence": 0.9}
    assert greenhouse.playbook("evals", "run").code == 4
    greenhouse.playbook("evals", "calibrate")
    assert provider.asked == 5
    greenhouse.playbook("evals", "calibrate", "--fresh")
    assert provider.asked == 10
    for path, old, new in (
        ("src/greenhouse/prompts/v1/instructions.md", "snails", "slugs"),
        ("src/greenhouse/pipeline.py", "found.confidence", "found.confidence * 0.9"),
        ("config/releases.yaml", "max_tokens: 400", "max_tokens: 300"),
        ("evals/cases/common.jsonl", "0001", "1001"),
    ):
        greenhouse.edit(path, old, new)
        before = provider.asked
        greenhouse.playbook("evals", "calibrate")
        assert provider.asked == before + 5, path


def test_a_threshold_from_simulated_answers_is_not_written_unless_asked_for_by_name(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = a_model(many_cases(greenhouse, 160))
    before = (greenhouse.root / "config/releases.yaml").read_bytes()
    ran = greenhouse.playbook("evals", "calibrate", "--write")
    assert ran.code == 2
    assert "· simulated" in ran.out
    assert "Simulated answers say nothing about a real model." in ran.out
    assert "--simulated-anyway" in ran.err
    assert (greenhouse.root / "config/releases.yaml").read_bytes() == before
    ran = greenhouse.playbook("evals", "calibrate", "--write", "--simulated-anyway")
    assert ran.code == 0, ran
    calibration = load_config(greenhouse.root).releases["triage-v1"].calibration
    assert calibration is not None
    assert calibration.mode == "simulated"
    greenhouse.edit(
        "config/releases.yaml",
        "model: simulator:small\n    prompt:",
        "model: openai:gpt-5\n    prompt:",
    )
    note = greenhouse.playbook("config", "check")
    assert "calibrated on simulated answers, which say nothing about openai:gpt-5" in note.out


def test_a_release_that_is_out_is_never_edited(greenhouse: "Greenhouse", live: "Provider") -> None:
    greenhouse.playbook("evals", "run")
    sha = greenhouse.report()["prompt_sha256"]
    greenhouse.edit("config/releases.yaml", "prompt: v1", f"prompt: v1\n    prompt_sha256: {sha}")
    asked = live.asked
    ran = greenhouse.playbook("evals", "calibrate", "--write")
    assert ran.code == 2
    assert "triage-v1 was released" in ran.err
    assert live.asked == asked
    assert greenhouse.playbook("evals", "calibrate").code == 0


def test_twenty_cases_are_too_few_and_the_number_it_takes_is_said(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = a_model(many_cases(greenhouse, 20))
    ran = greenhouse.playbook("evals", "calibrate", "--write")
    assert ran.code == 4
    assert "INCONCLUSIVE  20 answers cannot show 90% right: it takes 29" in ran.out
    assert "Nothing was written." in ran.out
    assert greenhouse.verdict()["code"] == 4


def test_a_model_that_always_says_the_same_is_told_so(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    right = a_model(many_cases(greenhouse, 60))
    provider.answers = lambda text: {**right(text), "confidence": 0.9}
    ran = greenhouse.playbook("evals", "calibrate")
    assert ran.code == 1
    assert "every answer has the same confidence, 0.9" in ran.out
    assert "do not rely on it" in ran.out


def test_a_pipeline_without_a_confidence_of_its_own_is_told_so(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = a_model(many_cases(greenhouse, 60))
    greenhouse.edit("src/greenhouse/pipeline.py", "confidence=found.confidence", "confidence=1.0")
    ran = greenhouse.playbook("evals", "calibrate")
    assert ran.code == 1
    assert "every answer has the same confidence, 1:" in ran.out


def test_a_dead_provider_is_could_not_be_judged(greenhouse: "Greenhouse", live: "Provider") -> None:
    live.status = lambda text: 500
    ran = greenhouse.playbook("evals", "calibrate")
    assert ran.code == 3
    assert "got no answer to judge" in ran.err
    assert "Next: unset SIMULATOR_URL, or start what it names; then uv run playbook" in ran.err
    assert "evals calibrate" in ran.err
    assert not (greenhouse.root / "evals/reports/triage-v1-calibration.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--release", "triage-v9"), "has no such release: triage-v1"),
        (("--target-right", "92"), "--target-right"),
        (("--max-handed-over", "2"), "--max-handed-over"),
    ],
)
def test_wrong_usage_asks_nobody(
    greenhouse: "Greenhouse", provider: "Provider", arguments: tuple[str, ...], said: str
) -> None:
    ran = greenhouse.playbook("evals", "calibrate", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert provider.asked == 0


def test_a_run_shows_calibration_error_and_what_handing_over_wins(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    """PLAYBOOK 2.1: the eval report shows calibration error."""
    ran = greenhouse.playbook("evals", "run")
    line = next(line for line in ran.out.splitlines() if line.startswith("Confidence of"))
    assert line.startswith("Confidence of 160 answers: handed over ")
    assert "had all been answered" in line
    assert "calibration error" in line
    about = greenhouse.report()["confidence"]
    assert about["right_among_answered"] > about["right_had_all_been_answered"]
    assert 0 < about["brier"] < 1
    assert len(about["bins"]) == 8
