"""`playbook config`: everything a start would check."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Greenhouse


def test_a_valid_configuration_is_counted(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("config", "check")
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith("config/ is valid: ")
    assert greenhouse.verdict()["status"] == "met"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "config/releases.yaml",
            "simulator:small",
            "smallest",
            "config/releases.yaml:3  releases.triage-v1.model",
        ),
        (
            "config/flags.json",
            '"defaultVariant": "on"',
            '"defaultVariant": "yes"',
            "config/flags.json:",
        ),
        (
            "config/releases.yaml",
            "prompt: v1",
            "prompt: v1\n    prompt_sha256: " + "a" * 64,
            "was edited after it was released",
        ),
        ("config/releases.yaml", "prompt: v1", "prompt: v7", "prompts/v7"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    greenhouse: "Greenhouse", file: str, old: str, new: str, said: str
) -> None:
    greenhouse.edit(file, old, new)
    ran = greenhouse.playbook("config", "check")
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert greenhouse.verdict()["code"] == 2


def test_what_this_machine_lacks_is_said_and_no_mistake(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("config", "check")
    assert ran.code == 0
    assert "SERVICE_SECRET" in ran.out
