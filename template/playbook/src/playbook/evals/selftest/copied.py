"""A copy of the project to break things in; its code, prompts and cases are what is imported."""

import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from chassis.config.load import EVALS_FILE, RELEASES_FILE
from playbook import stand_in
from playbook.evals.cases import Case
from playbook.evals.gate.base import IN_CI
from playbook.project import Project
from playbook.staging import edited
from playbook.verdicts import write_whole

_FOLDERS = ("src", "config", "evals/cases", "evals/held_out")
_GIT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")  # a hook of git's would point at the original


@contextmanager
def copied(project: Project) -> Iterator[Project]:
    """The project in a temporary folder of its own, without git, recordings, reports or `.env`.

    Judges do not gate in it, and a released prompt may be edited. What CI says of a pull request is
    not said of it. At the end it is removed, and what was imported from it forgotten.
    """
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="playbook-selftest-"))
        root = Path(name).resolve() / project.root.name
        for folder in _FOLDERS:
            if (project.root / folder).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(project.root / folder, root / folder, ignore=ignored)
        shutil.copy2(project.root / "pyproject.toml", root)
        copy = replace(project, root=root)
        _let_anything_be_tried(copy)
        stack.enter_context(_alone(root))
        stack.enter_context(_imported_anew(project))
        yield copy


def write_cases(copy: Project, cases: Sequence[Case]) -> None:
    """Put these cases in the place of all others; what is held out is of no matter here."""
    shutil.rmtree(copy.held_out, ignore_errors=True)
    for file in copy.cases.glob("*.jsonl"):
        file.unlink()
    files: dict[str, list[str]] = {}
    for case in cases:
        line = json.dumps(case.model_dump(mode="json", exclude_unset=True))
        files.setdefault(case.slice, []).append(f"{line}\n")
    for slice_, lines in files.items():
        write_whole(copy.cases / f"{slice_}.jsonl", "".join(lines))


def _let_anything_be_tried(copy: Project) -> None:
    with edited(copy.root / RELEASES_FILE) as document:
        for release in document["releases"].values():
            release.pop("prompt_sha256", None)
    if not (copy.root / EVALS_FILE).exists():
        return
    with edited(copy.root / EVALS_FILE) as document:
        for judge in ((document or {}).get("judges") or {}).values():
            judge["gate"] = False


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Neither a pull request, nor a repository above the copy, nor a simulator elsewhere."""
    names = (*IN_CI, *_GIT, stand_in.VARIABLE)
    before = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        with stand_in.variables({"GIT_CEILING_DIRECTORIES": str(root.parent)}):
            yield
    finally:
        os.environ.update(before)


@contextmanager
def _imported_anew(project: Project) -> Iterator[None]:
    """Have the package be imported from the copy, and afterwards be as it was."""
    path, before = list(sys.path), _forget(project.package)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        _forget(project.package)
        sys.modules.update(before)
        sys.path[:] = path
        importlib.invalidate_caches()


def _forget(package: str) -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name.partition(".")[0] == package]
    return {name: sys.modules.pop(name) for name in names}
