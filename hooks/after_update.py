"""After `copier update`, when everything is merged: lock again, and name what waits for a person.

Runs once, in the real project. It takes nothing for granted, because an older tag's hook may run
again at a later update, and it never fails, because that would throw a finished merge away.
"""

from __future__ import annotations

from pathlib import Path

from steps import attempt, conflicted, find, lock, run


def unsettled() -> list[str]:
    """Files in which Copier left conflict markers."""
    if not find("git"):
        return []
    changed = run("git", "status", "--porcelain", "-z", "--no-renames").output.split("\0")
    paths = [Path(entry[3:]) for entry in changed if len(entry) > 3]
    return sorted(str(path) for path in paths if path.is_file() and conflicted(path))


def report() -> str:
    """Say which files wait for a decision; Copier itself ends with 0 whatever is left."""
    files = unsettled()
    if not files:
        return "no conflicts"
    return (
        f"CONFLICTS in {', '.join(files)}: keep one side between the <<<<<<< and >>>>>>> markers, "
        "then: git add, uv lock, make setup test"
    )


if __name__ == "__main__":
    attempt("lock", lock)
    attempt("merge", report)
