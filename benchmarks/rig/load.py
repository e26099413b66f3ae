"""Load: h2load over HTTP/1.1, so many clients, each asking again as soon as it has its answer."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from .processes import Process, environment, pinned

WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Target:
    """Where one subject's requests go, and what they carry."""

    url: str
    body: Path
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What one stretch of load showed."""

    requests: int
    failed: int
    requests_per_second: float
    requests_per_cpu_second: float  # of the server: what one core of its own would do, at most
    core_share: float  # of the time, how much the server was at work
    p50_ms: float
    p95_ms: float
    p99_ms: float


def program() -> str:
    """The path of h2load, or the way to get it."""
    found = shutil.which("h2load")
    if found is None:
        raise SystemExit(
            "h2load makes the load and is not installed: apt-get install nghttp2-client"
        )
    return found


def press(
    process: Process, target: Target, clients: int, seconds: float, *, core: int | None, log: Path
) -> Measured:
    """Warm up, then measure every request for so many seconds."""
    log.unlink(missing_ok=True)
    command = [
        *(program(), "--h1", f"--clients={clients}", "--threads=1"),
        f"--warm-up-time={WARM_UP_SECONDS}s",
        f"--duration={seconds}s",
        f"--data={target.body}",
        f"--log-file={log}",
        *(f"--header={header}" for header in ("content-type: application/json", *target.headers)),
        target.url,
    ]
    before = process.cpu_seconds()
    done = subprocess.run(
        command,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: pinned(core),
        timeout=seconds + 60,
    )
    used = process.cpu_seconds() - before
    if done.returncode:
        raise SystemExit(f"h2load ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return _measured(done.stdout, log, seconds, used)


def _measured(said: str, log: Path, seconds: float, used: float) -> Measured:
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    took = sorted(int(row[2]) / 1000 for row in rows if row[1] == "200")
    if len(took) < 2:
        raise SystemExit(f"No request was answered with 200:\n{said}")
    points = quantiles(took, n=100, method="inclusive")
    # A warm-up costs the server as much a second as what is measured after it.
    used *= seconds / (seconds + WARM_UP_SECONDS)
    errored = re.search(r"(\d+) errored, (\d+) timeout", said)
    lost = sum(map(int, errored.groups())) if errored else 0
    return Measured(
        requests=len(took),
        failed=len(rows) - len(took) + lost,
        requests_per_second=len(took) / seconds,
        requests_per_cpu_second=len(took) / max(used, 0.01),
        core_share=used / seconds,
        p50_ms=points[49],
        p95_ms=points[94],
        p99_ms=points[98],
    )
