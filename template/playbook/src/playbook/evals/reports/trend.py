"""The runs before this one, as `evals/history.jsonl` holds them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HISTORY = Path("evals/history.jsonl")
MOST_RUNS = 40


@dataclass(frozen=True)
class Run:
    """One run of the whole suite."""

    day: str
    release: str
    n: int
    right: int


def runs(path: Path, mode: str) -> list[Run]:
    """The latest runs of a mode, oldest first; lines that cannot be read are passed over.

    A picture is no judge: what stands against a file of history, the command that writes it says.
    """
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return []
    return [run for line in text.split("\n") if (run := _run(line, mode))][-MOST_RUNS:]


def of(report: Mapping[str, Any]) -> Run:
    """The run of a report, as the last point of a trend."""
    row = report["measured"]["all"]
    return Run(report["made_at"][:10], report["release"], row["n"], row["right"])


def with_this(before: Iterable[Run], report: Mapping[str, Any]) -> list[Run]:
    """The runs, and this one where it is whole and not the last of them already."""
    known, this = list(before), of(report)
    if report["only"] is None and this.n and (not known or known[-1] != this):
        known.append(this)
    return known[-MOST_RUNS:]


def _run(line: str, mode: str) -> Run | None:
    try:
        row = json.loads(line)
        if row["mode"] != mode:
            return None
        whole = row["all"]
        run = Run(str(row["made_at"])[:10], str(row["release"]), int(whole["n"]), whole["right"])
    except (ValueError, KeyError, TypeError):
        return None
    return run if isinstance(run.right, int) and 0 <= run.right <= run.n and run.n else None
