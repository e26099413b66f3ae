"""One run of the cases at a time: they share log, recordings, reports and history."""

from contextlib import AbstractContextManager
from pathlib import Path

from playbook.data.alone import held
from playbook.verdicts import NotJudged

LOCK = Path("evals/reports/.running.lock")


def alone(root: Path) -> AbstractContextManager[None]:
    """Be the only run over a service, until the end of the block or of the process.

    It raises NotJudged while another one is at work.
    """
    return held(root / LOCK, _refuse)


def _refuse() -> None:
    raise NotJudged(
        f"Another run of the cases is at work ({LOCK.as_posix()} is held). "
        "Wait for its end, and run this again."
    )
