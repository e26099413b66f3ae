"""The command itself: its help, and what it says when something is wrong."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playbook import project
from playbook.cli import execute
from playbook.verdicts import Code, Mistake, NotJudged, recorded, write_whole

if TYPE_CHECKING:
    from conftest import Greenhouse

COMMANDS = (
    "demo",
    "run",
    "begin",
    "simulate",
    "faults",
    "evals run",
    "evals show",
    "evals report",
    "evals adversarial",
    "data import",
    "label",
    "guards personal",
    "keys ensure",
    "keys new",
    "config check",
)


def test_help_fits_a_screen_with_one_whole_line_for_each_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 44
    for command in COMMANDS:
        found = [line for line in lines if re.match(rf"  {command}  +\S", line)]
        assert len(found) == 1, command
        assert not found[0].endswith("..."), found[0]
        assert len(found[0]) <= 80


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from playbook.cli import execute; execute(['--help']);"
        "print([m for m in ('chassis', 'pydantic', 'rich', 'ruamel', 'questionary')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([]) == 2
    said = capsys.readouterr()
    assert "Start here:" in said.out + said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute([*command.split(), "--help"]) == 0
    assert "Usage: playbook" in capsys.readouterr().out


def test_a_misspelt_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["evals", "rum"]) == 2
    assert "Did you mean 'run'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "run",
        "begin",
        "faults",
        "evals run",
        "evals show",
        "label",
        "keys ensure",
        "config check",
    ],
)
def test_outside_of_a_service_it_says_where_it_looked(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(command.split()) == 2
    said = capsys.readouterr().err
    assert "There is no service here." in said
    assert str(tmp_path) in said


def test_it_finds_the_service_from_a_folder_below(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    below = greenhouse.root / "evals" / "cases"
    (greenhouse.root / "evals" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    monkeypatch.chdir(below)
    assert greenhouse.playbook("config", "check").code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[tool.airworthy\n", "This is not valid TOML"),
        ("[tool.airworthy]\nservice = 'x'\n", "tool.airworthy.package"),
        ("[tool]\nairworthy = 3\n", "This must be a table"),
    ],
)
def test_a_broken_project_file_is_told(greenhouse: "Greenhouse", content: str, said: str) -> None:
    (greenhouse.root / "pyproject.toml").write_text(content)
    ran = greenhouse.playbook("config", "check")
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pipeline = Pipeline(", "pipe = Pipeline(", "has no `pipeline = Pipeline(...)`"),
        ("async def advise(", "async def advise(:", "src/greenhouse/pipeline.py:10  SyntaxError"),
        (
            "from .schemas import",
            "import nowhere\nfrom .schemas import",
            "nowhere is not installed",
        ),
        ("pipeline = Pipe", "Boom\npipeline = Pipe", "src/greenhouse/pipeline.py:28  NameError"),
    ],
)
def test_a_mistake_in_the_services_own_code_is_named_with_its_line(
    greenhouse: "Greenhouse", old: str, new: str, said: str
) -> None:
    greenhouse.edit("src/greenhouse/pipeline.py", old, new)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_package_that_is_not_there_is_named(greenhouse: "Greenhouse") -> None:
    greenhouse.edit("pyproject.toml", 'package = "greenhouse"', 'package = "glasshouse"')
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert "The package glasshouse cannot be imported" in ran.err


def test_our_own_bug_shows_no_traceback_and_says_where_it_is(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(project, "find", lambda: 1 / 0)
    ran = greenhouse.playbook("keys", "ensure")
    assert ran.code == 70
    assert "a bug of the playbook" in ran.err
    assert "Traceback" not in ran.out + ran.err
    (saved,) = tmp_path.glob("playbook-*.txt")
    assert str(saved) in ran.err
    assert "ZeroDivisionError" in saved.read_text("utf-8")
    assert saved.stat().st_mode & 0o077 == 0


def test_ctrl_c_ends_in_one_line(greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(project, "find", stop)
    ran = greenhouse.playbook("keys", "ensure")
    assert ran.code == 130
    assert ran.err == "\nStopped by Ctrl-C.\n"


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_bad_verdict(greenhouse: "Greenhouse") -> None:
    done = subprocess.run(
        f"{sys.executable} -m playbook config check | true; exit ${{PIPESTATUS[0]}}",
        check=False,
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode in (0, Code.READER_GONE)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("raised", "code"),
    [(Mistake("wrong"), 2), (NotJudged("down"), 3), (KeyboardInterrupt(), 130), (OSError(), 70)],
)
def test_the_verdict_is_written_however_a_command_ends(
    tmp_path: Path, raised: BaseException, code: int
) -> None:
    with pytest.raises(type(raised)), recorded("some command", tmp_path):
        raise raised
    verdict = json.loads((tmp_path / "verdict.json").read_text("utf-8"))
    assert verdict["command"] == "some command"
    assert verdict["code"] == code
    assert verdict["status"] == Code(code).status
    assert len(verdict["reasons"]) == 1


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    write_whole(path, "before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "after \ud800")
    assert path.read_text("utf-8") == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["verdict.json"]


def test_a_file_behind_a_link_is_written_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"
