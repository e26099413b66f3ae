"""What both hooks share: running a program without ever failing, and reporting a step in one line.

Runs in Copier's own environment, so nothing is imported here but the standard library.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LOCK_SECONDS = 180
GIT_SECONDS = 60
# Set while git runs a hook of its own; with them, `git init` would act on the repository outside.
OUTSIDE = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX")


@dataclass(frozen=True)
class Ran:
    """How a program ended: its exit code (127: not there, 124: took too long) and its words."""

    code: int
    output: str
    errors: str

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.code == 0

    @property
    def why(self) -> str:
        """The line of its errors that says most, for a report of one line."""
        lines = [line.strip(" \t│├╰─▶×") for line in self.errors.splitlines() if line.strip()]
        telling = [line for line in lines if re.search(r"(?i)error|fatal|cause|fail|refus", line)]
        return (telling or lines or [f"exit code {self.code}"])[-1][:200]


def find(program: str) -> str | None:
    """Find a program on the PATH, beside Copier's own Python, or where uv's installer put it."""
    folders = (Path(sys.executable).parent, Path.home() / ".local" / "bin")
    beside = os.pathsep.join(str(folder) for folder in folders)
    return shutil.which(program) or shutil.which(program, path=beside)


def run(*command: str, seconds: float = GIT_SECONDS) -> Ran:
    """Run a program in the new repository, without a shell, without questions, and with an end."""
    environment = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "NO_COLOR": "1"}
    environment.pop("VIRTUAL_ENV", None)  # the template's or Copier's own, never the service's
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(124, "", f"no end after {seconds:.0f} s")
    except OSError as error:
        return Ran(127, "", str(error))
    return Ran(done.returncode, done.stdout, done.stderr)


def say(step: str, what: str) -> None:
    """Report one step in one line."""
    print(f"  {step:<12}{what}", flush=True)


def attempt(step: str, work: Callable[[], str]) -> None:
    """Do one optional step; whatever goes wrong in it is said, and ends there."""
    try:
        say(step, work())
    except Exception as error:  # noqa: BLE001 - a step that fails must not take the files with it
        say(step, f"skipped: {type(error).__name__}: {error}")


def lock() -> str:
    """Write uv.lock from pyproject.toml, or say what stands in the way."""
    project = Path("pyproject.toml")
    if not project.is_file():
        return "skipped: there is no pyproject.toml"
    if conflicted(project):
        return "skipped: pyproject.toml has conflict markers; settle them, then: uv lock"
    uv = find("uv")
    if uv is None:
        return "skipped: uv is not on the PATH; `make setup` brings it and locks then"
    done = run(uv, "lock", seconds=LOCK_SECONDS)
    if not done.ok:
        return f"skipped: {done.why} (`make setup` tries again)"
    return "dependencies locked in uv.lock"


def conflicted(path: Path) -> bool:
    """Whether Copier's merge left both versions in a file."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return bool(re.search(r"^<<<<<<< .*^=======$.*^>>>>>>> ", text, re.MULTILINE | re.DOTALL))
