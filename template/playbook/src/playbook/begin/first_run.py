"""The first run on the team's own cases: their floor, and the baseline of simulated answers."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.config import load_config
from chassis.config.load import CRITERIA_FILE
from playbook.begin import edits
from playbook.evals.gate import baseline, history
from playbook.evals.gate.loosening import loosened
from playbook.evals.results import Mode
from playbook.processes import unbuffered
from playbook.project import Project
from playbook.verdicts import Code, Mistake, write_whole

if TYPE_CHECKING:
    from chassis.config import Config

RUN_SECONDS = 600
BY = "playbook begin"
_JUDGED = (Code.MET, Code.NOT_MET, Code.INCONCLUSIVE)
_NO_FLOOR = f"""
Your labels and cases are in place; only the floor of simulated answers is the sample's still.
Next: uv run playbook evals run --simulated, then set quality.simulated.at_least in
{CRITERIA_FILE} to what it measured, less one case."""


def first_run(project: Project, n: int, slices: list[str], config: "Config") -> int:
    """Run the cases on the simulator; declare their floor, and accept them as the baseline.

    They are run twice: it is the second run, held against its own floor, that is the baseline.
    """
    print(f"\nRunning your {n} cases on the simulator ...")
    row = _simulated_run(project)["measured"]["all"]
    right, asked = row["right"], row["n"]
    floor = floor_of(right, asked)
    path = project.root / CRITERIA_FILE
    write_whole(path, edits.with_floor(path.read_text("utf-8"), floor, CRITERIA_FILE))
    (project.root / history.FILE).unlink(missing_ok=True)  # held against the sample's floor
    _simulated_run(project)
    _accept(project, f"The first run of our own cases, {right} of {asked} right: a start")
    for line in _first_result(right, asked, floor, slices, config):
        print(line)
    for line in _stand_for(project, config):
        print(line)
    for line in _NEXT:
        print(line)
    return Code.MET


def floor_of(right: int, n: int) -> float:
    """What was measured, less one case: the first case that is added may be a hard one."""
    return max(0, (right - 1) * 100 // n) / 100 if n else 0.0


_NEXT = (
    "\nNext:",
    "  uv run pytest                the tests, with your labels",
    "  uv run playbook evals run    the gate, with your cases",
    "  uv run playbook run          the service, and a curl with your first case",
)


def _first_result(
    right: int, n: int, floor: float, slices: list[str], config: "Config"
) -> Iterator[str]:
    yield f"{right} of {n} right. Simulated: it says nothing about a real model."
    yield f"{CRITERIA_FILE}: the floor of simulated answers (quality.simulated.at_least)"
    yield f"is {floor:g} now: what was measured, less one case."
    file = baseline.file_of(Mode.simulated).as_posix()
    yield f"{file}: later simulated runs are compared with it."
    if right * 2 < n:
        yield (
            "\nFewer than half are right: meanings and cases share too few words, and the\n"
            "simulator knows only what the prompt says. See what went wrong (uv run playbook\n"
            "evals show), say in each meaning what its cases talk about, run the gate again,\n"
            "and raise the floor."
        )
    empty = [name for name in config.criteria.quality.slices if name not in slices]
    if empty:
        yield f"\nNo cases yet, their targets stay: {', '.join(empty)}."
        yield (
            f"With a real model the gate takes {config.criteria.quality.least_sample} cases to "
            "judge; until then it says inconclusive."
        )


def _stand_for(project: Project, before: "Config") -> Iterator[str]:
    """What a pull request meets where the floor is lower now: it is a person who stands for it."""
    found = loosened(before.criteria, load_config(project.root).criteria)
    if not found:
        return
    yield f"\nThat is less than the {before.criteria.quality.simulated.at_least:g} of the sample."
    yield "In a pull request the gate ends with 1 until somebody stands for it: raise it, or add to"
    yield "config/ownership.yaml, under attestations:"
    yield from (one.line(datetime.now(UTC).date()) for one in found)


def _simulated_run(project: Project) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="playbook-") as folder:
        report = Path(folder) / "report.json"
        try:
            done = _playbook(project, "evals", "run", "--simulated", "--json", str(report))
        except KeyboardInterrupt:
            print(_NO_FLOOR, flush=True)
            raise
        if done.returncode not in _JUDGED:
            raise _did_not_work(done)
        content: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return content


def _accept(project: Project, why: str) -> None:
    done = _playbook(project, "evals", "accept", "--by", BY, "--why", why)
    if done.returncode:
        raise _did_not_work(done)


def _playbook(project: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own: this one has read the sample's labels already."""
    return subprocess.run(
        [sys.executable, "-m", "playbook", *arguments],
        check=False,
        cwd=project.root,
        env=unbuffered(),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )


def _did_not_work(done: "subprocess.CompletedProcess[str]") -> Mistake:
    return Mistake(
        f"{done.stdout}{done.stderr}".strip()
        + "\n\nYour labels and cases are in place; only the first run did not work."
        + "\nNext: uv run playbook evals run"
    )
