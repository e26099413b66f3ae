"""What reaches a run from outside while it works: Ctrl-C, SIGTERM, warnings of libraries."""

import asyncio
import contextlib
import signal
import warnings
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def warnings_once() -> Iterator[list[str]]:
    """Gather what libraries warn of, such as a parameter that a model does not take: each once."""
    said: list[str] = []

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        text = f"Warning: {message}"
        if text not in said:
            said.append(text)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield said


@contextlib.contextmanager
def signals_cancel() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM cancel this task, so that everything is closed in order."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError, RuntimeError):  # not the main thread: nothing arrives
            before[number] = signal.getsignal(number)
            loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number, handler in before.items():
            if loop.remove_signal_handler(number):
                signal.signal(number, handler)
