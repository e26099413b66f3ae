"""The history of whole runs, `evals/history.jsonl`: a line where a result differs from the last."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playbook.project import Project
from playbook.verdicts import Code, Mistake

FILE = Path("evals/history.jsonl")

_NOISE = ("when", "git_sha", "p95_seconds", "cost_usd", "accepted")
"""What differs between two runs of the same thing; it makes no new line."""


def line_of(report: Mapping[str, Any], *, accepted: bool = False) -> dict[str, Any]:
    """The line of a whole run, from its report: counts, never a case.

    Counts are pairs: how many, and how many of them right.
    """
    measured = report["measured"]
    return {
        "when": report["made_at"],
        "mode": report["mode"],
        "release": report["release"],
        "git_sha": report["git"]["sha"],
        "prompt_sha256": report["prompt_sha256"],
        "dataset_sha256": report["dataset_sha256"],
        "n": measured["all"]["n"],
        "right": measured["all"]["right"],
        "slices": {row["name"]: [row["n"], row["right"]] for row in measured["rows"]},
        "critical": [measured["critical"]["n"], measured["critical"]["right"]],
        "held_out": [measured["held_out"]["n"], measured["held_out"]["right"]],
        "p95_seconds": measured["latency"]["value"],
        "cost_usd": measured["cost"]["value"],
        "code": report["verdict"]["code"],
        "accepted": accepted,
    }


def record(project: Project, report: Mapping[str, Any], *, accepted: bool = False) -> bool:
    """Append a run where it differs from the last one of its mode; says whether it did.

    A run that could not be judged, or of a part of the cases, is no point of a trend.
    """
    if report["only"] is not None or report["verdict"]["code"] == Code.NOT_JUDGED:
        return False
    line = line_of(report, accepted=accepted)
    same_mode = [old for old in read(project) if old["mode"] == line["mode"]]
    if same_mode and _same(same_mode[-1], line) and (not accepted or same_mode[-1]["accepted"]):
        return False
    _append(project.root / FILE, json.dumps(line, ensure_ascii=False))
    return True


def read(project: Project) -> list[dict[str, Any]]:
    """Every line, the oldest first; a last one that was torn off while it was written is left out.

    Raises:
        Mistake: Naming the line that is none.
    """
    path = project.root / FILE
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        parsed = _parsed(line)
        if parsed is None and number == len(lines):
            break  # it has no end of line: the writer was stopped in the middle
        if parsed is None:
            raise Mistake(
                f"{FILE.as_posix()}:{number}\n  This is no line of the history: a JSON object with "
                "when, mode, n, right, ...\nDelete the line, or take the file back: "
                f"git checkout -- {FILE.as_posix()}"
            )
        found.append(parsed)
    return found


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    return value if value.keys() >= _FIELDS else None


_FIELDS = {"when", "mode", "release", "n", "right", "slices", "critical", "code", "accepted"}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    names = (one.keys() | other.keys()) - set(_NOISE)
    return all(one.get(name) == other.get(name) for name in names)


def _append(path: Path, line: str) -> None:
    """Add a line; what was torn off before it goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    last = before.rsplit(b"\n", 1)[-1]
    torn = bool(last) and _parsed(last) is None
    if torn:
        os.truncate(path, len(before) - len(last))
    with path.open("ab") as file:
        file.write((b"\n" if last and not torn else b"") + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
