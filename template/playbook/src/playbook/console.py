"""Where a command is read: the terminal, or plain text of a readable width."""

from rich.console import Console

from playbook.verdicts import ReaderGone

WIDEST = 140
WITHOUT_TERMINAL = 120


class _Console(Console):
    """Rich's console; a reader that goes away is no verdict (rich itself would exit with 1)."""

    def on_broken_pipe(self) -> None:
        raise ReaderGone


def console(otherwise: int = WITHOUT_TERMINAL) -> Console:
    """A console for what a person reads; `otherwise` is its width where there is no terminal."""
    terminal = Console()
    if terminal.is_terminal:
        return _Console(width=min(terminal.width, WIDEST))
    return _Console(width=otherwise)
