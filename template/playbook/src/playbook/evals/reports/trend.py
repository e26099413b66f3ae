"""The runs before this one, as `evals/history.jsonl` holds them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

MOST_RUNS = 40


@dataclass(frozen=True)
class Run:
    """One run of the whole suite."""

    day: str
    release: str
    n: int
    right: int
    accepted: bool = False  # as the baseline

    def same(self, other: "Run") -> bool:
        """Whether the result is the same, on whatever day."""
        return (self.release, self.n, self.right) == (other.release, other.n, other.right)


def runs(path: Path, mode: str) -> list[Run]:
    """The latest runs of a mode, oldest first; lines that cannot be read are passed over.

    A picture is no judge: what stands against a file of history, the command that writes it says.
    """
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return []
    found: list[Run] = []
    for line in text.split("\n"):
        run = _run(line, mode)
        if run and run.accepted and found and run.same(found[-1]):
            found[-1] = replace(found[-1], accepted=True)
        elif run:
            found.append(run)
    return found[-MOST_RUNS:]


def of(report: Mapping[str, Any]) -> Run:
    """The run of a report, as the last point of a trend."""
    row = report["measured"]["all"]
    return Run(report["made_at"][:10], report["release"], row["n"], row["right"])


def with_this(before: Iterable[Run], report: Mapping[str, Any]) -> list[Run]:
    """The runs, and this one where it is whole and not the last of them already."""
    known, this = list(before), of(report)
    if report["only"] is None and this.n and not (known and known[-1].same(this)):
        known.append(this)
    return known[-MOST_RUNS:]


def _run(line: str, mode: str) -> Run | None:
    try:
        row = json.loads(line)
        if row["mode"] != mode:
            return None
        n, right = int(row["n"]), int(row["right"])
        accepted = row.get("accepted") is True
        run = Run(str(row["when"])[:10], str(row["release"]), n, right, accepted)
    except (ValueError, KeyError, TypeError):
        return None
    return run if 0 <= right <= n and n else None
