"""One run of the cases at a time: they share log, recordings, reports and history."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook.verdicts import NotJudged

LOCK = Path("evals/reports/.lock")


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Be the only run over a service, until the end of the block or of the process.

    Raises:
        NotJudged: While another one is at work.
    """
    path = root / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:  # it stays: were it removed, two runs could hold one each
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotJudged(
                f"Another run of the cases is at work ({LOCK.as_posix()} is held). "
                "Wait for its end, and run this again."
            ) from None
        yield
