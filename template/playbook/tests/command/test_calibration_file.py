"""The edit of `config/releases.yaml`: two keys of one release, and not a space elsewhere."""

from datetime import date
from typing import Any

import pytest
from ruamel.yaml import YAML

from playbook.evals.calibration_file import with_calibration
from playbook.verdicts import Mistake

CALIBRATION: dict[str, Any] = {
    "threshold": 0.62,
    "target": 0.92,
    "model": "openai:gpt-5-mini",
    "prompt_sha256": "a4" * 32,
    "dataset_sha256": "11" * 32,  # digits alone: must not become a number
    "mode": "live",
    "cases": 366,
    "share_right": 0.957,
    "share_answered": 1.0,
    "made_on": date(2027, 1, 31),
}
FILE = """\
# What can be live.

releases:
  triage-v1:   # the first
    model: "simulator:small"   # provider:model
    fallbacks: []
    prompt_sha256: null       # null while it is worked on
    confidence_threshold: 0.5 # below it, a person
    price: {input_usd_per_million: 0.25, output_usd_per_million: 2.0}

  triage-v2:
    model: openai:gpt-5-mini
    confidence_threshold: 0.5
    retires: null
"""


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("release", ["triage-v1", "triage-v2"])
def test_only_the_threshold_and_its_calibration_change(release: str) -> None:
    edited = with_calibration(FILE, release, CALIBRATION)
    wanted = read(FILE)
    wanted["releases"][release] |= {"confidence_threshold": 0.62, "calibration": CALIBRATION}
    assert read(edited) == wanted


def test_comments_order_and_spaces_stay() -> None:
    before, after = FILE.splitlines(), with_calibration(FILE, "triage-v1", CALIBRATION).splitlines()
    assert before[:7] == after[:7]
    assert after[7] == "    confidence_threshold: 0.62 # below it, a person"
    assert after[8].startswith("    calibration: # why the threshold is what it is")
    assert after[9] == "      threshold: 0.62"
    assert before[8:] == after[8 + 11 :]


def test_a_second_calibration_takes_the_place_of_the_first() -> None:
    once = with_calibration(FILE, "triage-v1", CALIBRATION)
    assert with_calibration(once, "triage-v1", CALIBRATION) == once
    again = with_calibration(once, "triage-v1", {**CALIBRATION, "threshold": 0.7})
    assert again == with_calibration(FILE, "triage-v1", {**CALIBRATION, "threshold": 0.7})


@pytest.mark.parametrize("old", ["calibration: null", "calibration: {threshold: 0.5}"])
def test_a_calibration_on_one_line_is_replaced_too(old: str) -> None:
    text = FILE.replace("    retires: null", f"    {old}\n    retires: null")
    edited = with_calibration(text, "triage-v2", CALIBRATION)
    assert read(edited)["releases"]["triage-v2"]["calibration"] == CALIBRATION
    assert edited.count("calibration:") == 1


def test_the_end_of_lines_of_the_file_is_kept_and_a_missing_last_one_is_no_harm() -> None:
    edited = with_calibration(FILE.replace("\n", "\r\n"), "triage-v1", CALIBRATION)
    assert edited == with_calibration(FILE, "triage-v1", CALIBRATION).replace("\n", "\r\n")
    short = FILE.removesuffix("    retires: null\n").rstrip()
    assert read(with_calibration(short, "triage-v2", CALIBRATION))["releases"]["triage-v2"][
        "calibration"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "releases: {triage-v1: {model: m, confidence_threshold: 0.5}}\n",
        "releases:\n  triage-v1: {model: m, confidence_threshold: 0.5}\n",
        "base: &b {confidence_threshold: 0.5}\nreleases:\n  triage-v1:\n    <<: *b\n    model: m\n",
        "releases:\n  triage-v1: &one\n    confidence_threshold: 0.5\n  triage-v2: *one\n",
        "releases:\n  triage-v1:\n    model: m\n",
    ],
)
def test_what_cannot_be_edited_safely_is_left_alone_and_shown(text: str) -> None:
    with pytest.raises(Mistake) as refused:
        with_calibration(text, "triage-v1", CALIBRATION)
    assert "by hand" in str(refused.value)
    assert "    confidence_threshold: 0.62" in str(refused.value)
    assert "Nothing was written." in str(refused.value)
