"""Where a command is read: the terminal, or plain text of a readable width."""

from rich.console import Console

from playbook.verdicts import ReaderGone

_WIDEST = 140
_WITHOUT_TERMINAL = 120


class _Console(Console):
    """Rich's console; a reader that goes away is no verdict (rich itself would exit with 1)."""

    def on_broken_pipe(self) -> None:
        raise ReaderGone


def console() -> Console:
    """A console for what a person reads."""
    terminal = Console()
    if terminal.is_terminal:
        return _Console(width=min(terminal.width, _WIDEST))
    return _Console(width=_WITHOUT_TERMINAL)
