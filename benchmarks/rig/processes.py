"""Processes of a benchmark: on their own core, paused while others are measured, and accounted for.

Linux only: /proc says what a process used, and the scheduler keeps it on its core.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

START_SECONDS = 60
STOP_SECONDS = 15
SETTLE_SECONDS = 10
_GLANCE_SECONDS = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")
_OURS = ("VIRTUAL_ENV", "PYTHONPATH", "MAKE", "OTEL_", "LITELLM_")  # not to leak into what runs


def environment(**more: str) -> dict[str, str]:
    """The environment of a process under test: the machine's, without what this run is in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | more


def pinned(core: int | None) -> None:
    """Keep this process on one core; None leaves it where it is."""
    if core is not None:
        os.sched_setaffinity(0, {core})


@dataclass(frozen=True)
class Process:
    """One server under test, with all its children."""

    popen: subprocess.Popen[bytes]
    port: int

    def settle(self) -> None:
        """Wait until it has nothing left to do, such as requests whose callers have gone."""
        until = time.monotonic() + SETTLE_SECONDS
        before = self.cpu_seconds()
        while time.monotonic() < until:
            time.sleep(_GLANCE_SECONDS)
            now = self.cpu_seconds()
            if now - before <= 1 / _TICKS:
                return
            before = now

    def pause(self) -> None:
        """Take it off its core, so that it costs the one that is measured nothing."""
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run again."""
        os.killpg(self.popen.pid, signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """Processor time used since its start."""
        return sum(int(s[11]) + int(s[12]) for s in _stats(self.popen.pid)) / _TICKS

    def megabytes(self, field: str = "VmRSS") -> float:
        """Memory it holds now (VmRSS) or held at most (VmHWM)."""
        pids = [int(stat[-1]) for stat in _stats(self.popen.pid)]
        return sum(_status(pid, field) for pid in pids) / 1024


def _stats(session: int) -> list[list[str]]:
    """/proc/*/stat after the name, of every process of a session; its id is put last."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[3]) == session:
            found.append([*fields, path.parent.name])
    return found


def _status(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0


def spawned(
    command: Sequence[str | Path],
    folder: Path,
    log: IO[bytes],
    variables: Mapping[str, str],
    *,
    core: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that it can be ended with all its children."""
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=None if core is None else lambda: pinned(core),  # noqa: PLW1509 - no threads here
    )


@contextmanager
def running(
    command: Sequence[str | Path],
    port: int,
    *,
    core: int | None,
    folder: Path,
    log: Path,
    variables: Mapping[str, str],
) -> Iterator[Process]:
    """A server that listens on its port, and is stopped at the end."""
    with log.open("wb") as out:
        popen = spawned(command, folder, out, variables, core=core)
    process = Process(popen, port)
    try:
        _wait_until_listening(process, log)
        yield process
    finally:
        _stop(process)


def _wait_until_listening(process: Process, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.popen.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", process.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise SystemExit(f"A server did not start; the end of {log}:\n{last}")


def _stop(process: Process) -> None:
    if process.popen.poll() is None:
        process.resume()
        process.popen.terminate()
    try:
        process.popen.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.popen.pid, signal.SIGKILL)
        process.popen.wait()
