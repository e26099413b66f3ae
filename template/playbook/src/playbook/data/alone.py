"""Locks: two commands that each copy a file, add to it and replace it would lose lines."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook.project import Project

_LOCK = ".changing.lock"


@contextmanager
def held(path: Path, taken: Callable[[], None]) -> Iterator[None]:
    """Hold a lock; where another process has it, wait for that one after `taken`, which may raise.

    Windows has no such lock: two commands at once are not noticed there.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:  # it stays: were it removed, two could hold one each
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            taken()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def changing(project: Project) -> Iterator[None]:
    """Be the only command that changes cases and candidates, from reading them to writing them."""
    with held(project.root / "evals" / "reports" / _LOCK, _say_so):
        yield


def _say_so() -> None:
    print("Another command is changing cases or candidates; waiting for it.", file=sys.stderr)
