"""Where one request's time goes, seen from inside: by stage, by library, by function.

Run by benchmarks/stages.py with the service's own interpreter, in its folder:
python inside.py REQUEST_FILE API_KEY REQUESTS RESULT_FILE
"""

from __future__ import annotations

import asyncio
import cProfile
import importlib
import json
import os
import pstats
import re
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any, TextIO

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from chassis.service import Service

WARM_UP = 200
TURN = 20  # requests
_PACKAGE = re.compile(r"site-packages/([\w.]+)|(chassis)/src/chassis/([\w/]+)|(src/\w+)/")


class Times(SpanProcessor):
    """Keeps how long each span took, without the spans inside it, by name."""

    def __init__(self) -> None:
        self.own: dict[str, list[float]] = defaultdict(list)
        self._inside: dict[int, int] = defaultdict(int)

    def on_end(self, span: ReadableSpan) -> None:
        """Add one span; those inside it have ended before."""
        took = (span.end_time or 0) - (span.start_time or 0)
        context = span.get_span_context()
        own = took - self._inside.pop(context.span_id if context else 0, 0)
        self.own[span.name].append(own / 1000)
        if span.parent is not None:
            self._inside[span.parent.span_id] += took


def _pipeline() -> Any:
    """The service's own, which has no name known here."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    return importlib.import_module(f"{project['tool']['airworthy']['package']}.pipeline").pipeline


async def _requests(service: Service, body: bytes, key: str, count: int) -> list[float]:
    """So many requests, one after the other, in microseconds each."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    took = []
    for _ in range(count):
        begun = time.perf_counter()
        result = await service.handle(body, headers)
        took.append((time.perf_counter() - begun) * 1e6)
        # On a busy machine a guard may overrun its time; anything else is a mistake of the rig.
        if result.outcome not in ("answered", "unavailable"):
            raise SystemExit(f"not answered but {result.outcome}: {result.body}")
    return took


async def _measure(body: bytes, key: str, count: int, nowhere: TextIO) -> dict[str, Any]:
    pipeline, root = _pipeline(), Path.cwd()
    times, plain, recorded = Times(), list[float](), list[float]()
    async with (
        Service.open(pipeline, root, log_stream=nowhere) as service,
        Service.open(pipeline, root, log_stream=nowhere, span_processor=times) as traced,
    ):
        await _requests(service, body, key, WARM_UP)
        await _requests(traced, body, key, WARM_UP)
        times.own.clear()
        for _ in range(count // TURN):  # in turns, so that noise hits both
            plain += await _requests(service, body, key, TURN)
            recorded += await _requests(traced, body, key, TURN)
        profile = cProfile.Profile()
        profile.enable()
        await _requests(service, body, key, count)
        profile.disable()
    libraries, functions = _by_library(profile, count)
    return {
        "request_us": median(plain),
        "request_with_every_span_recorded_us": median(recorded),
        "stages_us": {name: median(took) for name, took in times.own.items()},
        "libraries_share": libraries,
        "functions_us": functions,
    }


def _by_library(profile: cProfile.Profile, count: int) -> tuple[dict[str, float], dict[str, float]]:
    """Each library's share of the time, and the functions that took most, profiler's cost included.

    What is built in counts for whoever called it.
    """
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    libraries: dict[str, float] = defaultdict(float)
    functions: dict[str, float] = defaultdict(float)
    for (file, line, name), (_, _, own, _, callers) in stats.items():
        functions[f"{_library(file)} {name}:{line}"] += own
        if file != "~":
            libraries[_library(file)] += own
            continue
        for (caller, _, _), (_, _, part, _) in callers.items():
            libraries[_library(caller)] += part
    whole = sum(libraries.values())
    most = sorted(functions.items(), key=lambda item: -item[1])[:40]
    return (
        {name: part / whole for name, part in sorted(libraries.items(), key=lambda i: -i[1])},
        {name: part / count * 1e6 for name, part in most},
    )


def _library(file: str) -> str:
    found = _PACKAGE.search(file)
    if found is None:
        return "built in" if file == "~" else "standard library"
    if found[2]:
        return f"chassis.{found[3].replace('/', '.')}"
    return found[1] or found[4]


if __name__ == "__main__":
    request, key, count, result = sys.argv[1:]
    sent = Path(request).read_bytes()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # where log lines go
        measured = asyncio.run(_measure(sent, key, int(count), nowhere))
    Path(result).write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
