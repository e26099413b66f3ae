"""What our request path adds, beside a bare application and LiteLLM, in one run on one machine.

Every subject answers from the same deterministic upstream. Servers share one core and only the one
that is measured runs; load and upstream share another core. Rounds are interleaved, so that noise
hits all alike; figures are medians over rounds. What is printed is ratios: absolute times belong to
the machine. benchmarks/README.md says what this measures and what it does not.

LiteLLM 1.82.7 and 1.82.8 were trojaned on the package index (March 2026, MAL-2026-2144) and are
refused; the version that is installed is pinned with hashes in requirements/litellm.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from rig import environments, report
from rig.bodies import asks
from rig.load import Measured, press, program
from rig.subjects import NAMES, Rig, Subject, all_running, deliveries

SHOWN = {
    "direct": "upstream itself",
    "bare": "bare FastAPI",
    "service": "our service",
    "traced": "our service, 10% traced",
    "litellm": "LiteLLM proxy",
}
_USES = {
    "bare": ("fastapi", "starlette", "uvicorn", "pydantic-ai-slim", "httpx2", "openai"),
    "service": ("starlette", "uvicorn", "pydantic", "pydantic-ai-slim", "httpx2", "openai"),
    "litellm": ("litellm", "fastapi", "uvicorn", "aiohttp", "openai"),
}
_EXPECTED = {"answered", "invalid"}


@dataclass(frozen=True)
class Load:
    """One kind of request at some numbers of clients, in rounds of some seconds."""

    ask: str
    clients: tuple[int, ...]
    rounds: int
    seconds: int


WHOLE = (
    Load("1 KB, clean", (1, 16, 64), 5, 4),
    Load("1 KB, personal data", (1, 64), 2, 2),
    Load("8 KB, clean", (1, 64), 2, 2),
)
QUICK = (
    Load("1 KB, clean", (1, 16, 64), 1, 1),
    Load("1 KB, personal data", (1,), 1, 1),
    Load("8 KB, clean", (1,), 1, 1),
)


def main() -> int:
    """Install, measure, print, write; 1 when requests failed, for then no figure means anything."""
    options = _options()
    console = Console(stderr=False, width=110 if not sys.stdout.isatty() else None)
    begun = time.monotonic()
    program()  # say now if it is missing, not after the installation
    pinned = len(os.sched_getaffinity(0) & {0, 1}) == 2
    console.print("Installing what is compared into build/benchmarks/")
    wanted = tuple(name for name in NAMES if name in options.only)
    service = environments.service()
    rig = Rig(
        service=service,
        bare=environments.bare(service) if "bare" in wanted else None,
        litellm=environments.litellm() if "litellm" in wanted else None,
        pinned=pinned,
    )
    busy = report.machine()
    with all_running(rig, wanted) as subjects:
        found = _measure(console, rig, subjects, QUICK if options.quick else WHOLE)
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python", "benchmarks/overhead.py", *sys.argv[1:]]),
        "seconds": round(time.monotonic() - begun),
        "commit": report.commit(),
        "machine": busy | {"pinned": pinned, "load_average_after": os.getloadavg()},
        "versions": _versions(rig),
        "lifted": list(service.lifted),
        **found,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    console.print(f"\n{result['seconds']} seconds; all of it: {options.out}", highlight=False)
    return _worth(console, result, rig)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what the request path adds.")
    parser.add_argument("--quick", action="store_true", help="short rounds: to try it out")
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, help="subjects; direct is always there"
    )
    parser.add_argument(
        "--out", type=Path, default=environments.HOME / "overhead.json", help="the JSON file"
    )
    return parser.parse_args()


def _measure(
    console: Console, rig: Rig, subjects: dict[str, Subject], loads: tuple[Load, ...]
) -> dict[str, Any]:
    """Every load on every subject, one after the other, round by round."""
    kinds = asks(rig.home)
    memory = {name: {"start": s.process.megabytes()} for name, s in subjects.items()}
    for subject in subjects.values():
        for ask in kinds.values():
            subject.answer(ask)
        _pause(subject)
    cells: dict[tuple[str, int, str], list[Measured]] = {}
    for load in loads:
        for number in range(load.rounds):
            console.print(f"{load.ask}: round {number + 1} of {load.rounds}", highlight=False)
            for clients in load.clients:
                for name, subject in subjects.items():
                    subject.process.resume()
                    cells.setdefault((load.ask, clients, name), []).append(
                        press(
                            subject.process,
                            subject.target(kinds[load.ask]),
                            clients,
                            load.seconds,
                            core=rig.load_core,
                            log=rig.logs / "h2load.tsv",
                        )
                    )
                    _pause(subject)
    for name, subject in subjects.items():
        subject.process.resume()
        memory[name]["most"] = subject.process.megabytes("VmHWM")
    found = report.rows(cells)
    wanted = report.aims(found)
    report.show(console, found, SHOWN)
    report.show_memory(console, memory, SHOWN)
    report.show_aims(console, found, wanted)
    return {
        **report.as_json(found, wanted),
        "rounds": [
            {"ask": ask, "clients": clients, "subject": name, **asdict(measured)}
            for (ask, clients, name), rounds in cells.items()
            for measured in rounds
        ],
        "memory_mb": memory,
        "outcomes": {name: s.outcomes() for name, s in subjects.items() if s.metrics_port},
        "deliveries_of_traces": deliveries(subjects["direct"]),
    }


def _pause(subject: Subject) -> None:
    """Only what is measured runs. The upstream always does: everything else asks it."""
    if subject.name != "direct":
        subject.process.settle()
        subject.process.pause()


def _versions(rig: Rig) -> dict[str, dict[str, str]]:
    pythons = {"service": rig.service.python, "bare": rig.bare, "litellm": rig.litellm}
    return {
        name: environments.versions(python, *_USES[name])
        for name, python in pythons.items()
        if python is not None
    }


def _worth(console: Console, result: dict[str, Any], rig: Rig) -> int:
    """Whether the figures mean what they say."""
    failed = {
        f"{row['subject']} at {row['clients']} clients, {row['ask']}": row["failed"]
        for row in result["rows"]
        if row["failed"]
    }
    # Clients leave in the middle of a request when their time is over: a body that broke off.
    degraded = {name: seen for name, seen in result["outcomes"].items() if seen.keys() - _EXPECTED}
    untraced = "traced" in result["outcomes"] and not result["deliveries_of_traces"]
    for what in (failed, degraded, "no trace arrived at the collector" if untraced else ""):
        if what:
            console.print(f"NOT VALID: {what}", highlight=False)
    return int(bool(failed or degraded or untraced))


if __name__ == "__main__":
    sys.exit(main())
