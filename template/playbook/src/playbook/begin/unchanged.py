"""Whether what `begin` replaces is still the sample, or somebody's work."""

import json
from collections.abc import Sequence
from pathlib import Path

from playbook.evals.gate import history
from playbook.project import Project
from playbook.verdicts import Mistake

HISTORY = history.FILE.name
_GENERATED_WITH = ".copier-answers.yml"


def refuse_if_changed(
    project: Project, paths: Sequence[Path], of_runs: Sequence[Path] = ()
) -> None:
    """Stop when a file to be replaced holds more than the sample, or is not kept by git.

    Args:
        project: The service.
        paths: What makes room.
        of_runs: What runs left: it only has to be kept by git, but for the history, to which any
            run may have added a line.

    Raises:
        Mistake: Naming the files and what to do.
    """
    names = [project.relative(path) for path in paths]
    if not in_git(project):
        _refuse(_with_other_cases(project, paths), "holds cases that are not the sample's")
        return
    kept = [*names, *(project.relative(path) for path in of_runs if path.name != HISTORY)]
    status = project.git("status", "--porcelain", "--no-renames", "--", *kept) or ""
    _refuse(
        [line[3:] for line in status.splitlines()],
        "is not committed; commit it first, so that git keeps what is replaced",
    )
    first = project.git("log", "--diff-filter=A", "--format=%H", "--reverse", "--", _GENERATED_WITH)
    if first:
        generated = first.splitlines()[0]
        changed = project.git("diff", "--relative", "--name-only", generated, "--", *names) or ""
        _refuse(changed.splitlines(), "was changed since the service was generated")
    _refuse(_with_other_cases(project, paths), "holds cases that are not the sample's")


def in_git(project: Project) -> bool:
    """Whether git keeps what is replaced."""
    return project.git("rev-parse", "--is-inside-work-tree") == "true"


def _refuse(names: Sequence[str], why: str) -> None:
    if names:
        listed = "\n".join(f"{name}  {why}" for name in names)
        raise Mistake(
            f"{listed}\nNothing was changed. "
            "With --force begin replaces these files too, and keeps a copy of them."
        )


def _with_other_cases(project: Project, paths: Sequence[Path]) -> list[str]:
    """The files with a case that did not come with the template."""
    return [
        project.relative(path)
        for path in paths
        if path.suffix == ".jsonl" and any(not _is_starter(line) for line in _lines(path))
    ]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8", errors="replace").split("\n") if line.strip()]


def _is_starter(line: str) -> bool:
    try:
        return bool(json.loads(line).get("provenance") == "starter")
    except (ValueError, AttributeError):
        return False
