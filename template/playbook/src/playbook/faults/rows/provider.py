"""Rows of a provider that does not answer, or answers with an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from chassis.outcomes import Outcome
from playbook import stand_in
from playbook.faults.bench import PATIENCE_SECONDS, START_SECONDS, Bench
from playbook.faults.row import SMALL, Cause, Expected, Moves, NotBrought, Row
from playbook.faults.staged import set_in

DEGRADED = {"degraded_reason": "provider_unavailable"}


def failing(name: str, fault: str, says: str, asked: int | None = 2, **rule: Any) -> Row:
    """A provider that keeps failing: two attempts, then the degraded answer."""
    expected = Expected(Outcome.fallback, line={"model_error": says, **DEGRADED}, asked=asked)
    return Row(name, fault, Cause(plan=(rule,)), expected)


def _recovering(name: str, fault: str, *, waits_seconds: float = 0.0, **rule: Any) -> Row:
    """A provider that fails once: the retry is answered, and the caller sees nothing of it."""
    expected = Expected(
        Outcome.answered,
        line={"retries": "^1$", "model_answered": "^simulated/"},
        metrics=(Moves("airworthy_model_retries_total"),),
        asked=2,
        at_least_seconds=waits_seconds,
    )
    return Row(name, fault, Cause(plan=({**rule, "count": 1},)), expected)


def _nowhere(name: str, fault: str, url: str) -> Row:
    """An address at which there is no provider."""

    def environment() -> dict[str, str]:
        return {stand_in.VARIABLE: url.format(closed=stand_in.free_port())}

    cause = Cause(environment=environment, warm=False)
    line = {"model_error": "connection", **DEGRADED}
    return Row(name, fault, cause, Expected(Outcome.fallback, line=line, asked=0))


@contextmanager
def _opened_breaker(bench: Bench) -> Iterator[None]:
    """Let the provider fail for as long as the breaker puts up with it."""
    bench.simulator.plan({"kind": "server_error"})
    bench.send()
    yield


@contextmanager
def _all_places_taken(bench: Bench) -> Iterator[None]:
    """Let another caller's request wait at the model, which takes one at a time."""
    bench.simulator.plan({"kind": "latency", "seconds": 1.5})
    other = threading.Thread(target=bench.send, daemon=True)
    other.start()
    deadline = time.monotonic() + START_SECONDS
    while bench.simulator.stats()["in_flight"] < 1:
        if time.monotonic() > deadline:
            raise NotBrought("no request reached the model")
        time.sleep(0.02)
    yield
    other.join(PATIENCE_SECONDS)


_CROWDED = Row(
    "crowded",
    "all places at the model are taken by slow calls, and its queue is full",
    Cause(
        edit=partial(set_in, section="model", concurrency=1, queue=0, timeout_seconds=1.8),
        during=_all_places_taken,
    ),
    Expected(
        Outcome.fallback,
        line={"model_error": "too many calls", **DEGRADED},
        metrics=(Moves("airworthy_model_failures_total", {"kind": "queue_full"}),),
        asked=0,
        adds_seconds=0.0,
    ),
)

_BREAKER = Row(
    "breaker",
    "the provider failed before: its breaker is open",
    Cause(
        edit=partial(set_in, section="breaker", failures=2),
        plan=({"kind": "server_error"},),
        during=_opened_breaker,
    ),
    Expected(
        Outcome.fallback,
        line={"model_error": "breaker open", **DEGRADED},
        metrics=(Moves("airworthy_breaker_open", {"model": SMALL}, to=1),),
        asked=0,
        adds_seconds=0.0,
    ),
)

ROWS: tuple[Row, ...] = (
    failing("timeout", "the provider never answers", "time", kind="timeout"),
    failing("429", "429 without Retry-After, every time", "429", kind="rate_limit"),
    _recovering(
        "429-soon",
        "429 once, with a Retry-After that fits the budget",
        kind="rate_limit",
        retry_after_seconds=0.3,
        waits_seconds=0.3,
    ),
    failing(
        "429-late",
        "429 with a Retry-After of a minute",
        "429",
        asked=1,
        kind="rate_limit",
        retry_after_seconds=60,
    ),
    *(
        failing(
            str(status), f"{status}, every time", str(status), kind="server_error", status=status
        )
        for status in (500, 502, 503)
    ),
    _recovering("500-once", "500 once", kind="server_error"),
    failing("reset", "the connection is reset (TCP RST)", "connection", kind="connection_reset"),
    _nowhere("refused", "the connection is refused", "http://127.0.0.1:{closed}/v1"),
    # RFC 2606: a name under .invalid never resolves.
    _nowhere("dns", "the provider's name does not resolve", "http://no-such-host.invalid/v1"),
    failing("drip", "the answer drips for 30 s", "time", None, kind="slow_drip", seconds=30),
    _BREAKER,
    _CROWDED,
)
