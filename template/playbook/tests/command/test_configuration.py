"""`playbook config`: everything a start would check, and the schemas for editors."""

import json
from typing import TYPE_CHECKING

import pytest

from chassis.config import write_schemas

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


def test_schemas_are_compared_and_written(greenhouse: "Greenhouse") -> None:
    folder = greenhouse.root / "chassis" / "src" / "chassis" / "schemas"
    assert greenhouse.playbook("config", "schemas").code == 2
    write_schemas(folder)
    assert greenhouse.playbook("config", "schemas").code == 0
    (folder / "flags.json").write_text("{}")
    ran = greenhouse.playbook("config", "schemas")
    assert ran.code == 1
    assert "chassis/src/chassis/schemas/flags.json  differs" in ran.out
    assert greenhouse.playbook("config", "schemas", "--write").code == 0
    assert greenhouse.playbook("config", "schemas").code == 0
    assert "properties" in json.loads((folder / "flags.json").read_text("utf-8"))
