"""Rows of what stands around the service: flags, traces, the disk, callers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.config.load import FLAGS_FILE
from chassis.outcomes import Outcome
from playbook import stand_in
from playbook.faults.bench import PATIENCE_SECONDS, Answered, Bench, parsed
from playbook.faults.row import Cause, Expected, Moves, NotBrought, Row
from playbook.faults.staged import RECEIVE_SECONDS

FULL = Path("/dev/full")
HALF_A_DOCUMENT = '{"flags": {"ai_enabled": {"state": "ENA'
ADDS_SECONDS = 0.1
FLAGS_REFUSED = Moves("airworthy_flags_valid", to=0)


def _corrupt(root: Path) -> None:
    (root / FLAGS_FILE).write_text(HALF_A_DOCUMENT, encoding="utf-8")


@contextmanager
def _corrupted(bench: Bench) -> Iterator[None]:
    """Spoil the flag file under the running service, and wait until it has looked."""
    _corrupt(bench.root)
    bench.wait_for(FLAGS_REFUSED)
    yield


def _dead_collector() -> dict[str, str]:
    return {
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{stand_in.free_port()}",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
        "OTEL_TRACES_SAMPLER": "always_on",
    }


def _needs_full_device(_: Path) -> None:
    if not FULL.exists():
        raise NotBrought(f"this machine has no {FULL}, which stands for a full disk")


def _send_slowly(bench: Bench) -> Answered:
    """Promise a body, send its first byte, and wait for what the service makes of it."""
    head = [f"POST {bench.route} HTTP/1.1", "Host: service", f"Content-Length: {len(bench.body)}"]
    head += [f"{name}: {value}" for name, value in bench.headers.items()]
    started = time.monotonic()
    with socket.create_connection(bench.address, timeout=PATIENCE_SECONDS) as line:
        line.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode() + bench.body[:1])
        received = b""
        while chunk := line.recv(65536):
            received += chunk
    seconds = time.monotonic() - started
    top, _, body = received.partition(b"\r\n\r\n")
    words = top.split()
    return Answered(int(words[1]) if len(words) > 1 else 0, parsed(body), seconds)


ROWS: tuple[Row, ...] = (
    Row(
        "flags-corrupt",
        "the flag file is spoilt while the service runs",
        Cause(during=_corrupted),
        Expected(Outcome.answered, says="flags_refused.*last good", metrics=(FLAGS_REFUSED,)),
    ),
    Row(
        "flags-never-read",
        "the flag file was spoilt before the start",
        Cause(edit=_corrupt, warm=False),
        Expected(
            Outcome.switched_off,
            line={"degraded_reason": "kill_switch"},
            says="flags_refused.*model stays off",
            metrics=(FLAGS_REFUSED,),
            asked=0,
        ),
    ),
    Row(
        "traces-dead",
        "the trace collector refuses connections",
        Cause(environment=_dead_collector),
        Expected(Outcome.answered, says="opentelemetry", adds_seconds=ADDS_SECONDS),
    ),
    Row(
        "disk-full",
        "the disk is full: no log line can be written",
        Cause(edit=_needs_full_device, log_to=FULL),
        Expected(Outcome.answered, adds_seconds=ADDS_SECONDS, logged=False),
    ),
    Row(
        "slow-sender",
        "a caller sends one byte of the body, and no more",
        Cause(send=_send_slowly),
        Expected(
            Outcome.invalid,
            status=408,
            line={"problem": "input-too-slow"},
            asked=0,
            at_least_seconds=RECEIVE_SECONDS,
            within_seconds=RECEIVE_SECONDS,
        ),
    ),
)
