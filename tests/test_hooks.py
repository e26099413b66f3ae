"""The hooks on machines that have little: each step is one line, and nothing ever fails."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from support import ROOT, commit_all, files, git, need, render

pytestmark = pytest.mark.slow

LOCKS = '#!/bin/sh\n[ "$1" = lock ] && echo locked > uv.lock\n'
FAILS = "#!/bin/sh\necho 'error: No solution found' >&2\necho '  cause: no network' >&2\nexit 2\n"
INSTALLS = '#!/bin/sh\n[ "$1" = install ] && echo "#!/bin/sh" > .git/hooks/pre-commit\n'


@dataclass
class Machine:
    """A computer with only the programs it was given, and a service just copied onto it."""

    home: Path
    service: Path
    identity: bool = True

    def has(self, program: str) -> Machine:
        """Install a program that is really here."""
        (self.bin / program).symlink_to(need(program))
        return self

    def pretends(self, program: str, script: str) -> Machine:
        """Install a program that behaves as the script says."""
        path = self.bin / program
        path.write_text(script, encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return self

    @property
    def bin(self) -> Path:
        """The one folder of its PATH."""
        folder = self.home / "bin"
        folder.mkdir(exist_ok=True)
        return folder

    def run(self, hook: str, **environment: str) -> list[str]:
        """Run a hook as Copier would, and return its lines. It must never fail."""
        python = self.bin / "python3"
        if not python.exists():  # beside it lies nothing of ours, unlike beside sys.executable
            python.symlink_to(Path(sys.executable).resolve())
        name = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada"} if self.identity else {}
        mail = (
            {"GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_EMAIL": "a@b.c"} if self.identity else {}
        )
        done = subprocess.run(
            [python, "-B", ROOT / "hooks" / hook],
            cwd=self.service,
            env={
                "PATH": str(self.bin),
                "HOME": str(self.home),
                "PYTHONPATH": str(Path(yaml.__file__).parent.parent),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"),
                "PWD": str(self.home),
                **name,
                **mail,
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return done.stdout.splitlines()


@pytest.fixture
def machine(small: Path, tmp_path: Path) -> Machine:
    """A machine with a freshly copied service and nothing else."""
    service = render(small, tmp_path / "home" / "service")
    (service / ".pre-commit-config.yaml").write_text("repos: []\n", encoding="utf-8")
    (tmp_path / "home" / "gitconfig").touch()
    return Machine(tmp_path / "home", service)


def test_with_everything_at_hand_the_service_is_committed_with_its_lock_file(
    machine: Machine,
) -> None:
    machine.has("git").pretends("uv", LOCKS).pretends("pre-commit", INSTALLS)
    lines = machine.run("post_copy.py")
    assert [line.split()[0] for line in lines] == ["git", "lock", "commit", "pre-commit"]
    assert not any("skipped" in line for line in lines)
    assert "uv.lock" in git(machine.service, "ls-files").split()
    assert git(machine.service, "status", "--porcelain") == ""
    assert git(machine.service, "branch", "--show-current") == "main\n"
    assert "Generate Acme Triage with airworthy" in git(machine.service, "log", "--format=%B")
    assert (machine.service / ".git" / "hooks" / "pre-commit").is_file()


def test_without_uv_and_pre_commit_the_lines_say_who_brings_them(machine: Machine) -> None:
    lines = machine.has("git").run("post_copy.py")
    assert any("uv is not on the PATH; `make setup` brings it" in line for line in lines)
    assert any("pre-commit is not on the PATH; `make setup`" in line for line in lines)
    assert git(machine.service, "log", "--oneline").count("\n") == 1


def test_without_git_the_files_stay_and_one_line_says_so(machine: Machine) -> None:
    before = list(files(machine.service))
    lines = machine.pretends("uv", LOCKS).run("post_copy.py")
    assert "git is not installed" in lines[0]
    assert [path for path in files(machine.service) if path.name != "uv.lock"] == before


def test_without_a_git_identity_nothing_is_committed_under_another_name(machine: Machine) -> None:
    machine.identity = False
    (machine.home / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n", encoding="utf-8")
    lines = machine.has("git").run("post_copy.py")
    assert any("git does not know you; set user.name and user.email" in line for line in lines)
    assert "pyproject.toml" in git(machine.service, "diff", "--cached", "--name-only")


def test_without_a_network_the_lock_is_left_to_set_up(machine: Machine) -> None:
    lines = machine.has("git").pretends("uv", FAILS).run("post_copy.py")
    lock = next(line for line in lines if line.split()[0] == "lock")
    assert "skipped: cause: no network (`make setup` tries again)" in lock
    assert git(machine.service, "log", "--oneline").count("\n") == 1


def test_the_real_uv_without_a_network_is_one_line_too(machine: Machine) -> None:
    project = machine.service / "pyproject.toml"
    project.write_text(
        project.read_text(encoding="utf-8")
        + 'requires-python = ">=3.11"\ndependencies = ["there-is-no-such-package>=1"]\n',
        encoding="utf-8",
    )
    machine.has("git").has("uv")
    cache = str(machine.home / "cache")
    lines = machine.run("post_copy.py", UV_OFFLINE="1", UV_CACHE_DIR=cache)
    lock = next(line for line in lines if line.split()[0] == "lock")
    assert "skipped: " in lock and len(lock) < 260


def test_a_repository_that_is_there_is_left_alone(machine: Machine) -> None:
    commit_all(machine.service, "Mine")
    (machine.service / "new.txt").write_text("not committed yet", encoding="utf-8")
    lines = machine.has("git").run("post_copy.py")
    assert "the repository that is here is left alone" in lines[0]
    assert git(machine.service, "log", "--format=%s") == "Mine\n"
    assert "?? new.txt" in git(machine.service, "status", "--porcelain")


def test_inside_another_repository_neither_is_touched(machine: Machine) -> None:
    outer = machine.service.parent
    commit_all(outer, "Monorepo")
    lines = machine.has("git").pretends("pre-commit", INSTALLS).run("post_copy.py")
    assert f"the repository {outer} is left alone" in lines[0]
    assert not (machine.service / ".git").exists()
    assert not (outer / ".git" / "hooks" / "pre-commit").exists()


def test_a_folder_that_the_outer_repository_ignores_gets_its_own(machine: Machine) -> None:
    (machine.service.parent / ".gitignore").write_text("/service/\n", encoding="utf-8")
    commit_all(machine.service.parent, "Template")
    machine.has("git").run("post_copy.py")
    assert (machine.service / ".git").is_dir()


def test_git_hooks_and_their_variables_from_outside_change_nothing(machine: Machine) -> None:
    outer = machine.home / "outer"
    outer.mkdir()
    commit_all(outer, "Outer")
    machine.has("git").run(
        "post_copy.py", GIT_DIR=str(outer / ".git"), GIT_INDEX_FILE=str(outer / ".git" / "index")
    )
    assert git(outer, "log", "--format=%s") == "Outer\n"
    assert "Generate Acme Triage" in git(machine.service, "log", "--format=%s")


def test_a_template_given_by_a_relative_path_is_warned_about(machine: Machine, small: Path) -> None:
    record = machine.service / ".copier-answers.yml"
    given = os.path.relpath(small, machine.home)
    text = record.read_text(encoding="utf-8").replace(str(small), given)
    record.write_text(text, encoding="utf-8")
    lines = machine.has("git").run("post_copy.py")
    assert "is a relative path to the template" in lines[-2]
    assert lines[-1].strip() == f"set _src_path in .copier-answers.yml to {small}"


@pytest.mark.parametrize(
    "source", ["https://example.org/airworthy.git", "git@example.org:a/b.git", "gh:a/b", "~/a"]
)
def test_a_template_given_by_an_address_is_not_warned_about(machine: Machine, source: str) -> None:
    record = machine.service / ".copier-answers.yml"
    record.write_text(f"_src_path: {source}\nservice_name: A\n", encoding="utf-8")
    assert not any("relative" in line for line in machine.has("git").run("post_copy.py"))


def test_a_broken_answers_file_costs_a_line_not_the_service(machine: Machine) -> None:
    (machine.service / ".copier-answers.yml").write_text("a: [1\n", encoding="utf-8")
    lines = machine.has("git").run("post_copy.py")
    assert any("skipped: " in line or "stopped: " in line for line in lines)
    assert (machine.service / "pyproject.toml").is_file()


def test_after_an_update_the_lock_is_made_anew(machine: Machine) -> None:
    commit_all(machine.service)
    lines = machine.has("git").pretends("uv", LOCKS).run("after_update.py")
    assert (machine.service / "uv.lock").read_text(encoding="utf-8") == "locked\n"
    assert [line.split()[0] for line in lines] == ["lock", "merge"]
    assert "no conflicts" in lines[1]


def test_after_an_update_with_conflicts_they_are_named_and_nothing_is_locked(
    machine: Machine,
) -> None:
    commit_all(machine.service)
    project = machine.service / "pyproject.toml"
    project.write_text(
        "<<<<<<< before updating\na = 1\n=======\na = 2\n>>>>>>> after updating\n", encoding="utf-8"
    )
    lines = machine.has("git").pretends("uv", LOCKS).run("after_update.py")
    assert "pyproject.toml has conflict markers; settle them, then: uv lock" in lines[0]
    assert "CONFLICTS in pyproject.toml: keep one side" in lines[1]
    assert not (machine.service / "uv.lock").exists()


def test_the_hooks_need_only_what_copier_brings() -> None:
    allowed = set(sys.stdlib_module_names) | {"yaml", "steps"}
    for hook in (ROOT / "hooks").glob("*.py"):
        lines = hook.read_text(encoding="utf-8").splitlines()
        for line in lines:
            if line.startswith(("import ", "from ")):
                assert line.split()[1].split(".")[0] in allowed, f"{hook.name}: {line}"


def test_copier_runs_the_hook_at_copy(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--trust"]
    done = subprocess.run(
        [*command, str(small), str(tmp_path / "service")],
        env=os.environ | {"UV_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "repository made" in done.stdout
    assert (tmp_path / "service" / ".git").is_dir()
