"""`playbook faults`: each fault as the table of outcomes has it, and the matrix red when not.

Playbook 2.2 and point 4.
"""

import json
import shutil
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chassis.outcomes import TABLE, Outcome
from playbook.evidence import digest
from playbook.faults.row import Cause, Expected, Moves, Row, Seen, Status, judge
from playbook.faults.rows import GROUPS, ROWS

if TYPE_CHECKING:
    from conftest import Greenhouse

NAMES = {row.name for row in ROWS}
HERE = shutil.which("redis-server") is not None and find_spec("redis") is not None
LATE = Row("late", "the provider is late", Cause(), Expected(Outcome.fallback))
GOOD = Seen(
    status=200,
    outcome="fallback",
    seconds=1.0,
    bound_seconds=2.1,
    line={"outcome": "fallback", "model_error": "ModelRequestTimeout"},
    metrics=(),
    asked=2,
    spends=True,
    is_json=True,
    said="flags_refused",
)


def _evidence(greenhouse: "Greenhouse") -> dict[str, Any]:
    path = greenhouse.root / "evidence" / "04-faults.json"
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@pytest.mark.slow
def test_every_fault_ends_as_the_table_of_outcomes_says(greenhouse: "Greenhouse") -> None:
    """Point 4: the whole matrix, over real HTTP, and its evidence."""
    before = (greenhouse.root / "config" / "flags.json").read_bytes()
    ran = greenhouse.playbook("faults")
    assert ran.code in (0, 4), ran.out + ran.err
    evidence = _evidence(greenhouse)
    rows = {row["name"]: row for row in evidence["measured"]}
    assert set(rows) == NAMES
    for name, row in rows.items():
        if name.startswith("redis") and not HERE:
            assert row["status"] == "not run", row
            continue
        assert row["status"] == "held", row
        assert row["seen"]["outcome"] == row["target"]["outcome"]
        assert row["seen"]["seconds"] <= row["target"]["seconds_at_most"] <= 2.1
        assert row["seen"]["status"] != 500
    assert ran.code == (0 if HERE else 4), ran.out
    assert evidence["status"] == ("pass" if HERE else "inconclusive")
    assert evidence["id"] == "04-faults"
    assert evidence["mode"] == "simulated"
    assert evidence["expires"] > evidence["started"]
    assert evidence["inputs"]["config/releases.yaml"]
    assert "Traceback" not in ran.out + ran.err
    assert "the provider never answers" in ran.out
    page = (greenhouse.root / "evidence" / "04-faults.md").read_text("utf-8")
    assert "| **guard-crash**: an input guard crashes | unavailable 503 |" in page
    assert (greenhouse.root / "config" / "flags.json").read_bytes() == before


@pytest.mark.slow
def test_without_a_degraded_answer_the_matrix_is_red_and_names_the_row(
    greenhouse: "Greenhouse",
) -> None:
    """A gate is worth what it notices: here a last resort that fails too."""
    greenhouse.edit(
        "src/greenhouse/pipeline.py", "    return Advice(category=None", "    raise OSError(reason"
    )
    greenhouse.edit("src/greenhouse/pipeline.py", ', priority="normal", queue="head-gardener"', "")
    ran = greenhouse.playbook("faults", "--only", "500", "--only", "second-answers")
    assert ran.code == 1
    assert "NOT MET  1 of 2 faults" in ran.out
    (reason,) = greenhouse.verdict()["reasons"]
    assert reason.startswith("500: broke: ended as unavailable, 503; expected fallback, 200")
    assert not (greenhouse.root / "evidence").exists()


@pytest.mark.slow
def test_guards_that_fail_open_make_the_matrix_red(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    """DESIGN, principle 7: a guard that crashes blocks."""
    monkeypatch.setattr("chassis.guards.runner._refuse", lambda *_: None)
    ran = greenhouse.playbook("faults", "--only", "guard-crash", "--only", "hosted-guard-hung")
    assert ran.code == 1
    reasons = greenhouse.verdict()["reasons"]
    assert [reason.split(":")[0] for reason in reasons] == ["guard-crash", "hosted-guard-hung"]
    # Without its refusal a local guard still has no text to let through: a bug, 503.
    assert "problem is 'internal-error'; expected guard-failed" in reasons[0]
    assert "ended as answered, 200; expected unavailable, 503" in reasons[1]


@pytest.mark.slow
def test_what_cannot_be_brought_about_is_not_run_and_never_held(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playbook.faults.rows.redis.shutil.which", lambda _: None)
    ran = greenhouse.playbook("faults", "--only", "redis-dead")
    assert ran.code == 4
    assert "redis-dead: not run: redis-server is not installed" in ran.out
    assert greenhouse.verdict()["status"] == "inconclusive"


@pytest.mark.slow
def test_a_service_that_does_not_answer_without_a_fault_is_not_judged(
    greenhouse: "Greenhouse",
) -> None:
    (greenhouse.root / "src/greenhouse/example.json").write_text('{"text": ""}')
    ran = greenhouse.playbook("faults", "--only", "timeout")
    assert ran.code == 3
    assert "src/greenhouse/example.json" in ran.err
    assert "Without any fault the service ends as invalid" in ran.err


@pytest.mark.slow
def test_a_service_without_labels_has_no_rows_of_labels(greenhouse: "Greenhouse") -> None:
    greenhouse.edit("src/greenhouse/schemas.py", "    category: Category\n", "    category: str\n")
    greenhouse.edit("src/greenhouse/pipeline.py", "category=found.category, ", "category=None, ")
    greenhouse.edit("src/greenhouse/pipeline.py", "QUEUES[found.category]", '"pump-house"')
    ran = greenhouse.playbook("faults", "--only", "wrong-label", "--only", "wrong-schema")
    assert ran.code == 0, ran.out
    assert "wrong-label: left out: the model's answer has no field with fixed values" in ran.out


def test_a_row_that_does_not_exist_is_a_mistake_that_names_those_there_are(
    greenhouse: "Greenhouse",
) -> None:
    ran = greenhouse.playbook("faults", "--only", "meteor")
    assert ran.code == 2
    assert "--only meteor" in ran.err
    assert "guard-overrun" in ran.err


def test_without_an_example_it_says_what_to_write(greenhouse: "Greenhouse") -> None:
    (greenhouse.root / "src/greenhouse/example.json").unlink()
    ran = greenhouse.playbook("faults")
    assert ran.code == 2
    assert "src/greenhouse/example.json" in ran.err


def test_every_row_has_a_name_of_its_own_and_an_end_that_the_table_knows() -> None:
    assert Counter(row.name for row in ROWS).most_common(1)[0][1] == 1
    assert sum(map(len, GROUPS.values())) == len(ROWS) >= 30
    for row in ROWS:
        assert row.expected.of_status in TABLE[row.expected.outcome].statuses, row.name


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": 0}, "no answer came at all"),
        ({"status": 500, "outcome": ""}, "ended as nothing, 500; expected fallback, 200"),
        ({"status": 500}, "the caller got a raw 500"),
        ({"is_json": False}, "the caller got a raw 200"),
        ({"seconds": 2.2}, "took 2.20 s; the bound is 2.10 s"),
        ({"spends": False}, "did not spend the availability budget, which it should"),
        ({"asked": 3}, "the provider was asked 3 times; expected 2"),
        ({"line": None}, "left no log line"),
        ({"line": {"model_error": "other"}}, "the log line's model_error is 'other'"),
        ({"said": None}, "no line of the log says flags"),
        ({"unmoved": ("airworthy_x",)}, "airworthy_x did not move as it should"),
        ({"seconds": 0.1}, "it had to wait 0.5 s"),
    ],
)
def test_each_difference_breaks_the_row(change: dict[str, Any], said: str) -> None:
    expected = replace(
        LATE.expected, line={"model_error": "time"}, asked=2, says="flags", at_least_seconds=0.5
    )
    row = replace(LATE, expected=expected)
    assert judge(row, GOOD).status is Status.held
    result = judge(row, replace(GOOD, **change))
    assert result.status is Status.broke
    assert said in "; ".join(result.reasons)


def test_a_series_is_named_as_prometheus_does() -> None:
    assert str(Moves("airworthy_flags_valid")) == "airworthy_flags_valid"
    assert str(Moves("x_total", {"a": "b", "c": "d"})) == 'x_total{a="b", c="d"}'


def test_evidence_knows_when_its_inputs_changed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    (tmp_path / "data.bin").write_text("1")
    first = digest(tmp_path)
    (tmp_path / "data.bin").write_text("2")
    assert digest(tmp_path) == first
    (tmp_path / "a.py").write_text("2")
    assert digest(tmp_path) != first
    assert digest(tmp_path / "nowhere") is None
