"""Rows of a Redis that holds the limits and is gone: the service goes on with limits of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from socket import create_connection

from chassis.outcomes import Outcome
from playbook import stand_in
from playbook.faults.bench import Bench
from playbook.faults.row import Cause, Expected, Moves, NotBrought, Row
from playbook.faults.staged import set_in

START_SECONDS = 5.0
ADDS_SECONDS = 0.1
SHARED = "airworthy_limits_shared"


class RedisServer:
    """A Redis of our own on loopback, in memory only; one row uses it at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it; gives its URL."""
        self.stop()
        program = shutil.which("redis-server")
        if program is None:
            raise NotBrought("redis-server is not installed here (apt-get install redis-server)")
        if find_spec("redis") is None:
            raise NotBrought("Redis's client is not installed: airworthy-chassis[redis]")
        port = stand_in.free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--appendonly", "no"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _wait_for_pong(port)
        return f"redis://127.0.0.1:{port}/0"

    def hang(self) -> None:
        """Stop its clock: connections stay open, and nothing answers."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def stop(self) -> None:
        """End it, also when it hangs. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()


def _wait_for_pong(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with closing(create_connection(("127.0.0.1", port), timeout=1)) as line:
                line.sendall(b"PING\r\n")
                if line.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.02)
    raise NotBrought("redis-server did not start")


_SERVER = RedisServer()


def _environment() -> dict[str, str]:
    return {"REDIS_URL": _SERVER.start()}


def _keep_limits_there(root: Path) -> None:
    set_in(root, "limits", storage="redis")


@contextmanager
def _hung(bench: Bench) -> Iterator[None]:
    with _used(bench):
        _SERVER.hang()
        yield


@contextmanager
def _dead(bench: Bench) -> Iterator[None]:
    with _used(bench):
        _SERVER.stop()
        yield


@contextmanager
def _used(bench: Bench) -> Iterator[None]:
    """See that the limits are in Redis before it goes."""
    if not bench.wait_for(Moves(SHARED, to=1)):
        raise NotBrought("the service did not take to Redis")
    try:
        yield
    finally:
        _SERVER.stop()


def _row(name: str, fault: str, during: object) -> Row:
    assert callable(during)
    return Row(
        name,
        fault,
        Cause(environment=_environment, edit=_keep_limits_there, during=during),
        Expected(
            Outcome.answered,
            says="limits_local",
            metrics=(Moves(SHARED, to=0),),
            adds_seconds=ADDS_SECONDS,
        ),
    )


ROWS: tuple[Row, ...] = (
    _row("redis-hung", "Redis hangs: connections stay open, nothing answers", _hung),
    _row("redis-dead", "Redis is gone: connections are refused", _dead),
)
