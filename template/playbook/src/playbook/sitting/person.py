"""Who sits there, alone, and what they write besides."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import questionary

from playbook.data.alone import held
from playbook.project import Project
from playbook.verdicts import Mistake


def who(project: Project) -> str:
    """Ask once who stands for what is said; git's name is the suggestion, where it has one."""
    default = project.git("config", "user.name") or ""
    answer = questionary.text(
        "Who is labelling?",
        default=default,
        validate=lambda text: bool(text.strip()) or "A label needs somebody who stands for it.",
    ).unsafe_ask()
    return " ".join(str(answer).split())


def note(before: str) -> str:
    """Ask for a note, on one line."""
    return " ".join(str(questionary.text("note", default=before).unsafe_ask()).split())


@contextmanager
def alone(lock: Path, session: str) -> Iterator[None]:
    """Keep a second session out, as long as this one lasts.

    Raises:
        Mistake: When there is another one, of what `session` names.
    """

    def refuse() -> None:
        raise Mistake(f"Another {session} is open on this machine. End it with q.")

    with held(lock, refuse):
        yield
