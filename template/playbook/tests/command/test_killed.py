"""Killed at every step that changes a file: nothing is lost, half or twice after the next start."""

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playbook.data import candidates
from playbook.data.answers import label_fields
from playbook.evals.cases import load_all
from playbook.label.journal import Event, Journal
from playbook.label.settle import settle

if TYPE_CHECKING:
    from conftest import Greenhouse

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

MOST_STEPS = 40
PATIENCE_SECONDS = 120
KILLED = """
import os, signal, sys
from pathlib import Path
from playbook.cli import execute

left = int(sys.argv[1])

def counted(step):
    def do(*arguments, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments, **more)
    return do

os.fsync = counted(os.fsync)
for name in ("replace", "unlink", "chmod"):
    setattr(Path, name, counted(getattr(Path, name)))
"""
COMMAND = KILLED + "sys.exit(execute(sys.argv[2:]))\n"
SETTLE = (
    KILLED
    + """
from playbook.data import candidates
from playbook.data.answers import label_fields
from playbook.evals.cases import load_all
from playbook.label.journal import Journal
from playbook.label.settle import settle
from playbook.project import find

project = find(Path())
pipeline = project.pipeline()
fields = label_fields(pipeline, load_all(project, pipeline)[0])
settle(project, pipeline, fields, Journal(candidates.folder_of(project)))
"""
)
TABLE = """\
Message,Kind,Who,Part
The tap drips all night,watering,Ann,common
Something eats my kale leaf by leaf,pests,Ann,edge
When are pears ripe enough for the cellar?,,,common
"""


def _lines(root: Path) -> Counter[str]:
    """Every line of every file of cases and candidates, with its folder."""
    found = [file for file in (root / "evals").rglob("*") if file.suffix == ".jsonl"]
    return Counter(
        f"{file.relative_to(root)}: {json.dumps(json.loads(line), sort_keys=True)}"
        for file in found
        if "reports" not in file.parts
        for line in file.read_text("utf-8").split("\n")
        if line
    )


def _run(root: Path, script: str, step: int, *arguments: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", script, str(step), *arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def _killed_at_every_step(
    root: Path, start: Callable[[], object], script: str, *arguments: str
) -> None:
    """After a kill at each step and one more start, all is as if there had been no kill."""
    evals, before = root / "evals", root.parent / "before"
    shutil.copytree(evals, before)
    start()
    wanted = _lines(root)
    for step in range(1, MOST_STEPS):
        shutil.rmtree(evals)
        shutil.copytree(before, evals)
        if _run(root, script, step, *arguments) == 0:
            assert step > 3, "there was something to kill"
            return
        start()
        assert _lines(root) == wanted, f"after a kill at step {step}"
    pytest.fail(f"more than {MOST_STEPS} steps")


def _command(greenhouse: "Greenhouse", *arguments: str) -> None:
    def start() -> None:
        ran = greenhouse.playbook(*arguments)
        assert ran.code == 0, ran

    _killed_at_every_step(greenhouse.root, start, COMMAND, *arguments)


def test_an_import_that_is_killed_is_finished_by_the_next_one(greenhouse: "Greenhouse") -> None:
    table = greenhouse.root.parent / "tickets.csv"
    table.write_text(TABLE, "utf-8")
    columns = ("input.text=Message", "expected.category=Kind", "labeller=Who", "slice=Part")
    flags = [flag for column in columns for flag in ("--map", column)]
    _command(greenhouse, "data", "import", str(table), *flags)


def test_a_split_that_is_killed_is_finished_by_the_next_one(greenhouse: "Greenhouse") -> None:
    _command(greenhouse, "data", "split", "--share", "0.4")


def test_answers_are_settled_once_however_often_that_is_killed(greenhouse: "Greenhouse") -> None:
    folder = candidates.folder_of(greenhouse.project)
    folder.mkdir(parents=True)
    journal = Journal(folder)
    for number, slice_ in enumerate(("common", "edge", "common"), start=1):
        one = candidates.Candidate.model_validate(
            {
                "id": f"tickets-{number:08x}",
                "input": {"text": f"The tap number {number} drips"},
                "provenance": "production",
                "source": f"tickets.csv:{number}",
                "added": "2026-11-23",
            }
        )
        with (folder / "tickets.jsonl").open("a", encoding="utf-8") as file:
            file.write(one.line)
        if number < 3:
            said = {"field": "category", "value": "pests", "slice": slice_}
            journal.add(
                Event.model_validate({"labeller": "Ann", "id": one.id, "do": "answer"} | said)
            )
    project = greenhouse.project
    pipeline = project.pipeline()
    fields = label_fields(pipeline, load_all(project, pipeline)[0])
    _killed_at_every_step(
        greenhouse.root, lambda: settle(project, pipeline, fields, journal), SETTLE
    )
    assert not journal.path.exists()
