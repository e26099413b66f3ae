"""The history of runs: a line where a result differs, and no line lost or mixed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.evals.gate import history
from playbook.project import Project
from playbook.verdicts import Mistake


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, "greenhouse", "greenhouse", "acme")


def report(right: int = 90, *, mode: str = "live", code: int = 0, **more: Any) -> dict[str, Any]:
    """A report, as far as the history reads it."""
    row = {"name": "common", "n": 100, "right": right}
    return {
        "made_at": "2026-11-23T08:00:00+00:00",
        "mode": mode,
        "release": "triage-v1",
        "git": {"sha": "1a2b3c4"},
        "prompt_sha256": "p",
        "dataset_sha256": "d",
        "only": None,
        "verdict": {"code": code},
        "measured": {
            "rows": [row],
            "all": row,
            "critical": {"n": 5, "right": 5},
            "held_out": {"n": 0, "right": 0},
            "latency": {"value": 1.0},
            "cost": {"value": 0.01},
        },
        **more,
    }


def text_of(project: Project) -> str:
    return (project.root / history.FILE).read_text("utf-8")


def test_a_rerun_with_the_same_result_leaves_the_file_as_it_is(project: Project) -> None:
    assert history.record(project, report())
    before = text_of(project)
    later = report(made_at="2026-11-24T08:00:00+00:00", git={"sha": "5d6e7f8"})
    later["measured"]["latency"]["value"] = 1.2
    assert not history.record(project, later)
    assert text_of(project) == before


@pytest.mark.parametrize(
    "other",
    [
        report(89),
        report(code=1),
        report(release="triage-v2"),
        report(prompt_sha256="q"),
        report(dataset_sha256="e"),
    ],
)
def test_another_result_is_another_line(project: Project, other: dict[str, Any]) -> None:
    history.record(project, report())
    assert history.record(project, other)
    assert history.record(project, report())
    assert len(history.read(project)) == 3


def test_a_run_is_held_against_the_last_one_of_its_mode(project: Project) -> None:
    history.record(project, report())
    history.record(project, report(70, mode="simulated"))
    assert not history.record(project, report())
    assert not history.record(project, report(70, mode="simulated"))


def test_accepting_is_a_line_once(project: Project) -> None:
    history.record(project, report())
    assert history.record(project, report(), accepted=True)
    assert not history.record(project, report(), accepted=True)
    assert not history.record(project, report())
    assert [line["accepted"] for line in history.read(project)] == [False, True]


@pytest.mark.parametrize("no_point", [report(only="edge"), report(code=3)])
def test_a_part_and_a_run_that_could_not_be_judged_are_no_points(
    project: Project, no_point: dict[str, Any]
) -> None:
    assert not history.record(project, no_point)
    assert not (project.root / history.FILE).exists()


@settings(max_examples=30)
@given(cut=st.integers(1, 400))
def test_a_torn_last_line_is_forgiven_and_replaced(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    project = Project(tmp_path_factory.mktemp("torn"), "greenhouse", "greenhouse", "acme")
    history.record(project, report(80))
    history.record(project, report(81))
    path = project.root / history.FILE
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    path.write_bytes(whole[: max(first, len(whole) - cut)])
    kept = len(history.read(project))
    assert kept in (1, 2)
    assert history.record(project, report(82))
    assert path.read_bytes().endswith(b"\n")
    expected = [80, 81, 82] if kept == 2 else [80, 82]
    assert [line["right"] for line in history.read(project)] == expected
    assert path.read_bytes().startswith(whole[:first])


@pytest.mark.parametrize("bad", ["not json", "[1]", '{"when": 1}'])
def test_a_broken_line_in_the_middle_is_named(project: Project, bad: str) -> None:
    history.record(project, report())
    path = project.root / history.FILE
    path.write_text(f"{text_of(project)}{bad}\n{text_of(project)}", "utf-8")
    with pytest.raises(Mistake, match=r"evals/history\.jsonl:2\n  This is no line of the history"):
        history.read(project)


def test_a_line_holds_counts_and_no_case(project: Project) -> None:
    history.record(project, report())
    assert json.loads(text_of(project)) == {
        "when": "2026-11-23T08:00:00+00:00", "mode": "live", "release": "triage-v1",
        "git_sha": "1a2b3c4", "prompt_sha256": "p", "dataset_sha256": "d", "n": 100, "right": 90,
        "slices": {"common": [100, 90]}, "critical": [5, 5], "held_out": [0, 0],
        "p95_seconds": 1.0, "cost_usd": 0.01, "code": 0, "accepted": False,
    }  # fmt: skip
