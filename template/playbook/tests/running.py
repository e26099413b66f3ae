"""A command in a process of its own, and what it says."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

PATIENCE_SECONDS = 60


class Running:
    """A command in a process of its own, and what it says."""

    def __init__(self, root: Path, *arguments: str, apart: bool = False, **variables: str) -> None:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(root / "src"), *filter(None, sys.path)]),
            **variables,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "playbook", *(arguments or ("run",))],
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        if not apart:  # else the test reads by itself
            self._reader.start()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it says something."""
        found: Callable[[], re.Match[str] | None] = lambda: re.search(pattern, self.said)
        with self._news:
            self._news.wait_for(lambda: found() is not None, PATIENCE_SECONDS)
            match = found()
        assert match, self.said
        return match

    def stop(self, signum: int = signal.SIGINT) -> int:
        self.process.send_signal(signum)
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE_SECONDS)
        if self.process.poll() is None:
            self.process.kill()
