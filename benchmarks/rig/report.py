"""What was measured, put together: medians over rounds, added latency, aims, tables and JSON."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from .environments import ROOT
from .load import Measured

POINTS = ("p50_ms", "p95_ms", "p99_ms")
CLEAN = "1 KB, clean"
ONE = (CLEAN, 1)
Cells = Mapping[tuple[str, int, str], Sequence[Measured]]
"""The rounds of each kind of request, number of clients, and subject."""


@dataclass(frozen=True)
class Row:
    """One subject under one load: medians over the rounds."""

    ask: str
    clients: int
    subject: str
    rounds: int
    requests: int
    failed: int
    requests_per_second: float
    requests_per_cpu_second: float
    core_share: float
    latency_ms: dict[str, float]
    added_ms: dict[str, float]  # against asking the upstream directly, in the same round
    of_bare: float | None  # throughput, as a share of the bare application's


@dataclass(frozen=True)
class Aim:
    """One thing the service set out to reach."""

    what: str
    limit: float
    reached: float | None
    at_most: bool

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None when it was not measured."""
        if self.reached is None:
            return None
        return self.reached <= self.limit if self.at_most else self.reached >= self.limit


def rows(cells: Cells) -> list[Row]:
    """A row for every cell."""
    return [_row(cells, *where) for where in cells]


def _row(cells: Cells, ask: str, clients: int, subject: str) -> Row:
    rounds = cells[ask, clients, subject]
    direct, bare = cells[ask, clients, "direct"], cells.get((ask, clients, "bare"))
    speed = median(m.requests_per_second for m in rounds)
    return Row(
        ask=ask,
        clients=clients,
        subject=subject,
        rounds=len(rounds),
        requests=sum(m.requests for m in rounds),
        failed=sum(m.failed for m in rounds),
        requests_per_second=speed,
        requests_per_cpu_second=median(m.requests_per_cpu_second for m in rounds),
        core_share=median(m.core_share for m in rounds),
        latency_ms={point[:3]: median(getattr(m, point) for m in rounds) for point in POINTS},
        added_ms={
            point[:3]: median(
                getattr(m, point) - getattr(d, point) for m, d in zip(rounds, direct, strict=True)
            )
            for point in POINTS
        },
        of_bare=speed / median(m.requests_per_second for m in bare) if bare else None,
    )


def aims(found: Sequence[Row]) -> list[Aim]:
    """What the service set out to reach, and how far it got."""
    by = {(row.ask, row.clients, row.subject): row for row in found}
    one, many = by.get((CLEAN, 1, "service")), by.get((CLEAN, 64, "service"))
    rival = by.get((CLEAN, 64, "litellm"))
    over = many.requests_per_second / rival.requests_per_second if many and rival else None
    added = one.added_ms if one else {}
    share = many.of_bare if many else None
    return [
        Aim("added p50 at 1 client, ms", 1.5, added.get("p50"), True),
        Aim("added p99 at 1 client, ms", 6.0, added.get("p99"), True),
        Aim("throughput at 64 clients over LiteLLM's", 5.0, over, False),
        Aim("throughput at 64 clients over the bare app's", 0.25, share, False),
    ]


def show(console: Console, found: Sequence[Row], names: Mapping[str, str]) -> None:
    """Print a table for every kind of request."""
    for ask in dict.fromkeys(row.ask for row in found):
        table = Table(title=f"{ask} (added latency is against asking the upstream directly)")
        table.add_column("")
        for head in ("clients", "added p50 ms", "p95", "p99", "requests/s", "x bare", "per CPU s"):
            table.add_column(head, justify="right")
        table.add_column("failed", justify="right")
        last = None
        for row in (row for row in found if row.ask == ask):
            if last not in (None, row.clients):
                table.add_section()
            last = row.clients
            shown = row.latency_ms if row.subject == "direct" else row.added_ms
            sign = "" if row.subject == "direct" else "+"
            table.add_row(
                names[row.subject],
                str(row.clients),
                *(f"{sign}{shown[point]:.2f}" for point in ("p50", "p95", "p99")),
                f"{row.requests_per_second:,.0f}",
                "" if row.of_bare is None or row.subject == "direct" else f"{row.of_bare:.2f}",
                f"{row.requests_per_cpu_second:,.0f}",
                str(row.failed or ""),
            )
        console.print(table)


def show_memory(
    console: Console, memory: Mapping[str, Mapping[str, float]], names: Mapping[str, str]
) -> None:
    """Print what each process held."""
    table = Table(title="Memory, MB")
    for head in ("", "after start", "most"):
        table.add_column(head, justify="right" if head else "left")
    for subject, held in memory.items():
        table.add_row(names[subject], f"{held['start']:.0f}", f"{held['most']:.0f}")
    console.print(table)


def show_aims(console: Console, rows: Sequence[Row], found: Sequence[Aim]) -> None:
    """Print what was aimed at, and what of it is the framework's and the client's."""
    for aim in found:
        bound = f"at {'most' if aim.at_most else 'least'} {aim.limit:g}"
        reached = "not measured" if aim.reached is None else f"{aim.reached:.2f}"
        word = {True: "met", False: "NOT MET", None: "-"}[aim.met]
        console.print(f"{word:8} {aim.what}: {reached} ({bound})", highlight=False)
    at_one = {row.subject: row.added_ms["p50"] for row in rows if (row.ask, row.clients) == ONE}
    if {"bare", "service"} <= at_one.keys():
        bare, ours = at_one["bare"], at_one["service"]
        said = f"Of the {ours:.2f} ms, {bare:.2f} are the bare application's: framework and client"
        console.print(f"{said}. Ours on top: {ours - bare:.2f} ms.", highlight=False)


def machine() -> dict[str, Any]:
    """Where this ran, and how busy that was."""
    model = next(
        line.partition(":")[2].strip()
        for line in (*Path("/proc/cpuinfo").read_text().splitlines(), "model name: unknown")
        if line.startswith("model name")
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def commit() -> dict[str, Any]:
    """The commit of the working tree, and whether something in it is not committed."""
    sha = _git("rev-parse", "HEAD")
    return {"sha": sha, "dirty": bool(_git("status", "--porcelain"))}


def as_json(found: Sequence[Row], wanted: Sequence[Aim]) -> dict[str, Any]:
    """Rows and aims as data."""
    return {
        "rows": [asdict(row) for row in found],
        "aims": [{**asdict(aim), "met": aim.met} for aim in wanted],
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
