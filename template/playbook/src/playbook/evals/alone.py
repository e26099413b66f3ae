"""One run of the cases at a time: they share log, recordings, reports and history."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playbook.data.alone import held
from playbook.verdicts import NotJudged

LOCK = Path("evals/reports/.lock")


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Be the only run over a service, until the end of the block or of the process.

    Raises:
        NotJudged: While another one is at work.
    """

    def refuse() -> None:
        raise NotJudged(
            f"Another run of the cases is at work ({LOCK.as_posix()} is held). "
            "Wait for its end, and run this again."
        )

    with held(root / LOCK, refuse):
        yield
