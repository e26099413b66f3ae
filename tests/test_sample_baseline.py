"""A fresh service is compared from its first run on, and a run changes nothing in its tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generated import outside_environment
from support import commit_all, git, render

pytestmark = pytest.mark.slow

AGAIN = "the sample's baseline is not of the sample as it is: make sample-baseline, read its diff"
OTHERS = {
    "provider": "openai",
    "package_name": "claims",
    "service_slug": "claims-desk",
    "authentication": "oidc",
    "log_payload": "hash",
    "latency_p95_seconds": 5.0,
}


def evals_run(folder: Path, *options: str) -> tuple[int, str]:
    """Run the cases of a rendered service with the packages of this working tree."""
    done = subprocess.run(
        [sys.executable, "-m", "playbook", "evals", "run", *options],
        cwd=folder,
        env=outside_environment() | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


@pytest.mark.parametrize("answers", [{}, OTHERS], ids=["default", "others"])
def test_a_fresh_service_is_as_its_baseline_and_its_tree_stays_clean(
    template: Path, tmp_path: Path, answers: dict[str, Any]
) -> None:
    folder = render(template, tmp_path / "service", answers)
    commit_all(folder)
    for _ in range(2):
        code, said = evals_run(folder, "--simulated")
        assert code == 0, said
    report = read(folder / "evals/reports/latest.json")
    assert report["comparison"]["flips"] == [], AGAIN
    assert report["comparison"]["overlap"] == 1, AGAIN
    assert {row["verdict"] for row in report["comparison"]["rows"]} == {"same"}
    bound = read(folder / "evals/baselines/simulated.json")["bound_to"]
    for name in ("prompt_sha256", "source_sha256", "dataset_sha256"):
        assert bound[name] == report[name], f"{name}: {AGAIN}"
    assert git(folder, "status", "--porcelain") == ""
