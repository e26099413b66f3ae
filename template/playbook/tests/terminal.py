"""A command in a pseudo-terminal, as a person uses it; Windows has none."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

PATIENCE_SECONDS = 60


class Terminal:
    """One command, its screen as text, and keys."""

    def __init__(self, root: Path, *arguments: str, **environment: str) -> None:
        self._end, child = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "playbook", *arguments],
            cwd=root,
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PROMPT_TOOLKIT_NO_CPR": "1",
                "TERM": "xterm",
                "COLUMNS": "100",
                "LINES": "40",
                **environment,
            },
        )
        os.close(child)
        self.screen = ""
        self._read = 0

    def see(self, text: str) -> None:
        """Wait until a text is on the screen, after what was seen before."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.screen.find(text, self._read)) < 0:
            ready, _, _ = select.select([self._end], [], [], deadline - time.monotonic())
            assert ready, f"waited for {text!r}:\n{self.screen[self._read :]}"
            try:
                received = os.read(self._end, 4096).decode("utf-8", "replace")
            except OSError:
                received = ""
            assert received, f"ended before {text!r}:\n{self.screen[self._read :]}"
            self.screen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", received)
        self._read = found + len(text)

    def say(self, keys: str, *, enter: bool = True) -> None:
        os.write(self._end, (keys + ("\r" if enter else "")).encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._end)
