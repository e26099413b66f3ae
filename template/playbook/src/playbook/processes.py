"""Child processes: started, read line by line, stopped by their own id."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from signal import SIGHUP, SIGTERM
from types import FrameType
from typing import Self

from playbook.project import Project
from playbook.stand_in import address
from playbook.verdicts import NotJudged

STOP_SECONDS = 15.0
START_SECONDS = 30.0


class Child:
    """One child process and its output; leaving the `with` block stops it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str, str], None],
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self._on_line = on_line
        # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,  # held open: a child that watches it ends when we die
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, at most so long."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Ask it to finish what is in flight and end; end it by force when it does not."""
        if self._process.poll() is None:
            self._process.send_signal(SIGTERM)
            if self.wait(STOP_SECONDS) is None:
                self._process.kill()
                self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._reader.join(timeout=5)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._on_line(self.name, line.rstrip("\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def service_command(project: Project) -> list[str]:
    """The service's own console script, beside this one where it is installed there."""
    beside = shutil.which(project.service, path=str(Path(sys.executable).parent))
    script = beside or shutil.which(project.service)
    if script:
        return [script]
    call = f"from {project.package}.main import main; main()"
    return [sys.executable, "-c", call]


def unbuffered() -> dict[str, str]:
    """The environment of a Python child whose lines are to be seen at once."""
    source = str(Path(__file__).resolve().parents[1])
    paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": paths}


def wait_until_ready(child: Child, url: str, seconds: float = START_SECONDS) -> None:
    """Wait until the service answers at `/healthz`.

    Raises:
        NotJudged: When it ends instead, or takes too long.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.exit_code is not None:
            raise NotJudged(f"The {child.name} ended with code {child.exit_code}; see above.")
        if _status(url, "/healthz") == 200:
            return
        child.wait(0.05)
    raise NotJudged(f"The {child.name} did not answer at {url} within {seconds:g} s.")


@contextlib.contextmanager
def signals_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end this process as Ctrl-C does: children first."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (SIGTERM, SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _status(url: str, path: str) -> int | None:
    host, port = address(url)
    # http.client, because it knows nothing of proxy settings: loopback stays loopback.
    line = http.client.HTTPConnection(host, port, timeout=2)
    try:
        line.request("GET", path)
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
