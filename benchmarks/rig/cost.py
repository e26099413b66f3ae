"""What one command costs from start to end: time, processor time, memory with its children."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .processes import Process, spawned

GLANCE_SECONDS = 0.02
LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Cost:
    """One run of a command."""

    seconds: float
    cpu_seconds: float
    peak_mb: float  # resident, all its processes together, in two looks 20 ms apart
    code: int


def cost_of(
    command: Sequence[str | Path],
    folder: Path,
    *,
    log: Path,
    variables: Mapping[str, str],
    limit_seconds: float = LIMIT_SECONDS,
) -> Cost:
    """Run a command to its end.

    Raises:
        SystemExit: When it takes longer than the limit; it is stopped with all its children.
    """
    before = _cpu_of_children()
    peak = last = 0.0
    with log.open("wb") as out:
        began = time.perf_counter()
        popen = spawned(command, folder, out, variables)
        session = Process(popen, port=0)
        try:
            while popen.poll() is None:
                with contextlib.suppress(OSError):  # a child ended while it was looked at
                    held = session.megabytes()
                    # In two looks: a process that starts another is counted twice for a moment.
                    peak, last = max(peak, min(held, last)), held
                if time.perf_counter() - began > limit_seconds:
                    raise SystemExit(f"{command[0]} took more than {limit_seconds:g} s: {log}")
                time.sleep(GLANCE_SECONDS)
            seconds = time.perf_counter() - began
        finally:
            if popen.poll() is None:
                os.killpg(popen.pid, signal.SIGKILL)
                popen.wait()
    return Cost(seconds, _cpu_of_children() - before, peak, popen.returncode)


def megabytes_on_disk(folder: Path, without: Sequence[str] = ()) -> float:
    """What a folder takes on disk; a file with several names counts once."""
    seen: dict[int, int] = {}
    for parent, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in without]
        for file in files:
            status = (Path(parent) / file).lstat()
            seen[status.st_ino] = status.st_blocks * 512
    return sum(seen.values()) / 1e6


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
