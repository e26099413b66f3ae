"""A progress bar, for a command that takes a while."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Protocol


class Step(Protocol):
    """What is called after each step; `said` stays beside the bar until something else is said."""

    def __call__(self, said: str = "") -> None:
        """One step more."""


@contextlib.contextmanager
def progress(what: str, total: int, done: int = 0) -> Iterator[Step]:
    """A bar on standard error, where a person looks at it; call what it gives after each step.

    Args:
        what: What is counted.
        total: How many there are.
        done: How many of them were done before.
    """
    if not sys.stderr.isatty():
        yield lambda said="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, completed=done, said="")
        yield lambda said="": bar.update(task, advance=1, **({"said": said} if said else {}))
