"""A generated service as its owner has it: installed, and used by its own commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support import KICKOFF, ROOT, commit_all, copy_of_template, need, render

INSTALL_SECONDS = 600
TEST_SECONDS = 900
LINES = 40  # of a failed command's output


@dataclass(frozen=True)
class Service:
    """A generated service, installed."""

    folder: Path

    def run(self, *command: str, seconds: float = 300) -> str:
        """Run a command in it and return what it printed; it must end well."""
        code, said = self.code_of(*command, seconds=seconds)
        if code:
            last = "\n".join(said.splitlines()[-LINES:])
            pytest.fail(f"{' '.join(command)} gave {code}:\n{last}", pytrace=False)
        return said

    def code_of(
        self,
        *command: str,
        seconds: float = 300,
        environment: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Run a command in it and return its exit code and what it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=outside_environment() | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        return done.returncode, done.stdout + done.stderr


def outside_environment() -> dict[str, str]:
    """The environment without what the tests themselves run in."""
    # Whose pull request CI runs is said of this repository; a generated one has no such base.
    requests = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_", "SYSTEM_PULLREQUEST_")
    ours = ("VIRTUAL_ENV", "PYTEST_", "MAKE", "PYTHONPATH", "COV_", *requests)
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def generate(template: Path, target: Path, answers: dict[str, Any], *options: str) -> Service:
    """`copier copy`, as the README says it."""
    data = [f"--data={name}={value}" for name, value in (KICKOFF | answers).items()]
    command = (sys.executable, "-m", "copier", "copy", "--defaults", *options, *data)
    Service(ROOT).run(*command, str(template), str(target))
    return Service(target)


def installed_default(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The default service, installed, without hooks."""
    need("uv")
    need("make")
    folder = tmp_path_factory.mktemp("installed") / "acme-triage"
    made = Service(render(copy_of_template(tmp_path_factory.mktemp("template")), folder))
    commit_all(folder)
    made.run("make", "setup", seconds=INSTALL_SECONDS)
    return made
