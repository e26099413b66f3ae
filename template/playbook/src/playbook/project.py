"""Find the service this command is about, and import its pipeline."""

import importlib
import os
import subprocess
import sys
import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook.hashes import hash_of
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

SECTION = "tool.airworthy"
GIT_SECONDS = 30

NOT_FOUND = """\
There is no service here.
playbook looks for a pyproject.toml with a [tool.airworthy] section, in {start}
and in the folders above it.
Next: cd into your service's folder and run the command again."""


@dataclass(frozen=True)
class Project:
    """One generated service: where it is and what it is called."""

    root: Path
    package: str
    service: str
    organisation: str

    @property
    def source(self) -> Path:
        """The folder of the service's own package."""
        return self.root / "src" / self.package

    @property
    def cases(self) -> Path:
        """The folder of its labelled cases."""
        return self.root / "evals" / "cases"

    @property
    def held_out(self) -> Path:
        """The folder of those that the prompt's author does not see."""
        return self.root / "evals" / "held_out"

    def relative(self, path: Path) -> str:
        """A path as the person sees it: from the service's folder where it is inside."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return str(path)

    def git(self, *arguments: str) -> str | None:
        """What git says from the service's folder; None when it says no, or is not there."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self.root), *arguments],
                check=False,
                capture_output=True,
                text=True,
                timeout=GIT_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.rstrip("\n") if done.returncode == 0 else None

    def environment(self) -> dict[str, str]:
        """What the service would see: `.env`, and over it the process's own; empty ones are not."""
        from dotenv import dotenv_values

        both = (dotenv_values(self.root / ".env"), os.environ)
        return {name: value for source in both for name, value in source.items() if value}

    def source_hash(self) -> str:
        """The hash of the service's own Python: the pipeline, its schemas and its evaluators."""
        return hash_of(self.source, self.source.rglob("*.py"))

    def pipeline(self) -> "Pipeline[Any, Any]":
        """Import `<package>.pipeline` and take its `pipeline`.

        Raises:
            Mistake: With the line of the service's own code at which the import failed.
        """
        source = str(self.root / "src")
        if source not in sys.path:
            sys.path.insert(0, source)
        importlib.invalidate_caches()
        name = f"{self.package}.pipeline"
        try:
            module = importlib.import_module(name)
        except Exception as error:
            raise Mistake(self._why_not(name, error)) from error
        from chassis import Pipeline

        pipeline = getattr(module, "pipeline", None)
        if not isinstance(pipeline, Pipeline):
            raise Mistake(
                f"src/{self.package}/pipeline.py  pipeline\n"
                f"  The module has no `pipeline = Pipeline(...)`; every command starts from it."
            )
        return pipeline

    def _why_not(self, module: str, error: Exception) -> str:
        if isinstance(error, ModuleNotFoundError) and error.name in (self.package, module):
            return (
                f"The package {self.package} cannot be imported: there is no src/{self.package}/"
                f"pipeline.py.\npyproject.toml names it in [{SECTION}] package."
            )
        if isinstance(error, ModuleNotFoundError):
            return (
                f"{self._place(error)}  {error.name} is not installed.\n"
                "Next: uv sync, and run the command through uv: uv run playbook ..."
            )
        return f"{self._place(error)}  {type(error).__name__}\n  {error}"

    def _place(self, error: Exception) -> str:
        """The innermost line of the service's own code in the error's trace."""
        if isinstance(error, SyntaxError) and error.filename:
            return f"{self.relative(Path(error.filename))}:{error.lineno}"
        own = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if self.source.resolve() in Path(frame.filename).resolve().parents
        ]
        if not own:
            return f"src/{self.package}/pipeline.py"
        return f"{self.relative(Path(own[-1].filename))}:{own[-1].lineno}"


def find(start: Path | None = None) -> Project:
    """The service whose folder this is, or one of the folders above.

    Raises:
        Mistake: When there is none, or its pyproject.toml cannot be read.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if not file.is_file():
            continue
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Mistake(f"{file}\n  This is not valid TOML: {error}") from error
        section = content.get("tool", {}).get("airworthy")
        if section is not None:
            return _read(folder, section)
    raise Mistake(NOT_FOUND.format(start=start))


def _read(root: Path, section: object) -> Project:
    if not isinstance(section, dict):
        raise Mistake(f"{root / 'pyproject.toml'}  {SECTION}\n  This must be a table.")
    for key in ("package", "service"):
        if not isinstance(section.get(key), str) or not section[key]:
            raise Mistake(
                f"{root / 'pyproject.toml'}  {SECTION}.{key}\n"
                f'  This is missing. For example: {key} = "acme_triage"'
            )
    service = str(section["service"])
    organisation = str(section.get("organisation") or service)
    return Project(root, str(section["package"]), service, organisation)
