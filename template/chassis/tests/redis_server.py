"""A real Redis for tests: on loopback, keeping nothing, stopped by its own pid."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_START_SECONDS = 10.0


class RedisServer:
    """One redis-server process; it can hang, die and come back at the same address."""

    def __init__(self, program: str, folder: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", folder]
        self._command += ["--save", "", "--appendonly", "no"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended at its start"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.01)

    def hang(self) -> None:
        """Stop it without closing anything: it takes connections and never answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it hung, with all that was sent meanwhile."""
        self._signal(signal.SIGCONT)

    def die(self) -> None:
        """End it at once; what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def running() -> Iterator[RedisServer]:
    """A Redis until the end; without one installed the test is skipped, or fails where required."""
    program = shutil.which("redis-server")
    if program is None:
        _missing("redis-server is not installed")
    elif importlib.util.find_spec("redis") is None:
        _missing("the Python package redis is not installed")
    else:
        with tempfile.TemporaryDirectory(prefix="redis-") as folder:
            server = RedisServer(program, folder)
            try:
                server.start()
                yield server
            finally:
                server.die()


def _missing(what: str) -> None:
    if os.environ.get("AIRWORTHY_REQUIRE_TOOLS") == "1":
        pytest.fail(what)
    pytest.skip(what)
