"""The gate shows that it can fail; what proves it can fail, too."""

import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playbook.evals.gate import Decision, decide, of_service
from playbook.evals.selftest.bench import Bench
from playbook.evals.selftest.command import ROWS
from playbook.verdicts import Code

if TYPE_CHECKING:
    from conftest import Greenhouse


QUICK = [row for row in ROWS if row.stage is not Bench.without_definitions]


pytestmark = pytest.mark.slow


@pytest.fixture
def greenhouse(greenhouse: "Greenhouse") -> "Greenhouse":
    """The greenhouse, with a slice so strict that it can be bad in a good total."""
    greenhouse.edit(
        "config/success-criteria.yaml", "edge:   {at_least: 0.8", "edge: {at_least: 0.99"
    )
    return greenhouse


@pytest.fixture
def without_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the row out that needs the simulator's processes."""
    monkeypatch.setattr("playbook.evals.selftest.command.ROWS", QUICK)


def only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Stage one row."""
    rows = [row for row in ROWS if row.name == name]
    assert rows
    monkeypatch.setattr("playbook.evals.selftest.command.ROWS", rows)


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_a_gate_that_works_gives_every_row_what_it_must(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 0, ran.out + ran.err
    assert "MET  7 of 7 rows" in ran.out
    assert "nothing about a model" in ran.out


@pytest.mark.usefixtures("without_simulator")
def test_nothing_of_it_is_left_in_the_project(greenhouse: "Greenhouse") -> None:
    before = files_of(greenhouse.root)
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 0, ran.out + ran.err
    assert files_of(greenhouse.root).keys() - before.keys() == {"verdict.json"}
    assert before.items() <= files_of(greenhouse.root).items()
    assert greenhouse.verdict()["code"] == 0


def test_afterwards_the_service_is_imported_from_its_own_folder(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "unchanged")
    assert greenhouse.playbook("evals", "selftest").code == 0
    greenhouse.project.pipeline()
    module = importlib.import_module("greenhouse.pipeline")
    assert Path(str(module.__file__)).is_relative_to(greenhouse.root)


@pytest.mark.usefixtures("without_simulator")
def test_a_gate_that_lets_everything_through_is_found_out(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    def asleep(*given: object, **more: object) -> Decision:
        return replace(decide(*given, **more), code=Code.MET)  # type: ignore[arg-type]

    monkeypatch.setattr(of_service, "decide", asleep)
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 1
    assert greenhouse.verdict()["reasons"] == [
        "let through: a model that swaps two labels: expected 1, got 0",
        "let through: one failing critical case: expected 1, got 0",
        "let through: one bad slice hidden by a good total: expected 1, got 0",
        "let through: a dead provider: expected 3, got 0",
        "let through: twenty cases: expected 4, got 0",
    ]


def test_a_gate_that_stops_everything_is_found_out(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    def grim(*given: object, **more: object) -> Decision:
        return replace(decide(*given, **more), code=Code.NOT_MET)  # type: ignore[arg-type]

    only(monkeypatch, "unchanged")
    monkeypatch.setattr(of_service, "decide", grim)
    assert greenhouse.playbook("evals", "selftest").code == 1
    assert greenhouse.verdict()["reasons"] == ["unchanged: expected 0, got 1"]


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("critical cases", "one failing critical case"),
        ("edge ", "one bad slice hidden by a good total"),
    ],
)
def test_a_gate_that_is_blind_to_one_thing_is_found_out(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch, reason: str, row: str
) -> None:
    def blind(*given: object, **more: object) -> Decision:
        decision = decide(*given, **more)  # type: ignore[arg-type]
        seen = tuple(one for one in decision.reasons if reason not in one)
        return replace(decision, reasons=seen or ("something else",))

    only(monkeypatch, row)
    monkeypatch.setattr(of_service, "decide", blind)
    assert greenhouse.playbook("evals", "selftest").code == 1
    [broke] = greenhouse.verdict()["reasons"]
    assert broke.startswith(row)
    assert "not for what was wrong" in broke


def test_a_gate_that_takes_any_prompt_is_found_out(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "a prompt without its label definitions")

    def asleep(*given: object, **more: object) -> Decision:
        return replace(decide(*given, **more), code=Code.MET)  # type: ignore[arg-type]

    monkeypatch.setattr(of_service, "decide", asleep)
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 1
    assert "let through: a prompt without its label definitions" in ran.out


@pytest.mark.usefixtures("without_simulator")
def test_with_few_cases_some_are_asked_again_and_it_says_so(greenhouse: "Greenhouse") -> None:
    for name in ("common", "edge"):
        file = greenhouse.root / f"evals/cases/{name}.jsonl"
        file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[1:6]), "utf-8")
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 0, ran.out + ran.err
    assert "10 cases are too few to be judged" in ran.out
    assert "was made critical" in ran.out


@pytest.mark.usefixtures("without_simulator")
def test_a_row_that_these_targets_do_not_allow_says_why_and_does_not_count(
    greenhouse: "Greenhouse",
) -> None:
    greenhouse.edit(
        "config/success-criteria.yaml", "at_least: 0.9\n  crit", "at_least: 1.0\n  crit"
    )
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 0, ran.out + ran.err
    assert "MET  5 of 5 rows" in ran.out
    assert "1 cannot be staged" in ran.out
    assert "not staged: at most 0 wrong answers leave the total at its target" in ran.out


def test_where_right_answers_cannot_be_made_up_it_says_so(greenhouse: "Greenhouse") -> None:
    greenhouse.edit("src/greenhouse/pipeline.py", "category=found.category", 'category="pests"')
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 3
    assert "wrong with answers made up to be right" in ran.err
    assert "common-001" in ran.err
    assert "break the prompt" in ran.err


def test_a_broken_case_file_is_named_as_in_the_project(greenhouse: "Greenhouse") -> None:
    file = greenhouse.root / "evals/cases/edge.jsonl"
    file.write_text(file.read_text("utf-8") + "{\n", "utf-8")
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 2
    assert "evals/cases/edge.jsonl:9" in ran.err
    assert "playbook-selftest" not in ran.err


def test_neither_a_key_nor_a_pull_request_nor_a_released_prompt_is_in_its_way(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    monkeypatch.setenv("SIMULATOR_URL", "http://127.0.0.1:9/v1")
    greenhouse.edit("config/releases.yaml", "simulator:small", "openai:gpt-5-mini")
    only(monkeypatch, "one failing critical case")
    ran = greenhouse.playbook("evals", "selftest")
    assert ran.code == 0, ran.out + ran.err
    assert json.loads((greenhouse.root / "verdict.json").read_text("utf-8"))["code"] == 0


def test_a_row_that_could_not_be_judged_is_tried_again_and_then_no_verdict_on_the_gate(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*given: object, **more: object) -> Decision:
        return replace(decide(*given, **more), code=Code.NOT_JUDGED)  # type: ignore[arg-type]

    only(monkeypatch, "unchanged")
    asked: list[str] = []
    row = replace(
        ROWS[0],
        stage=lambda bench: (
            asked.append("again"),
            monkeypatch.setattr(of_service, "decide", busy),
            bench.unchanged(),
        )[-1],
    )
    monkeypatch.setattr("playbook.evals.selftest.command.ROWS", [row])
    assert greenhouse.playbook("evals", "selftest").code == 3
    assert asked == ["again", "again"]
    assert greenhouse.verdict()["reasons"] == ["unchanged: expected 0, got 3"]
