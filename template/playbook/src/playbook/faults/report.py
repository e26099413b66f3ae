"""The matrix as a person reads it, in a terminal and as Markdown, and as evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import shorten
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from playbook.faults.row import Result, Row, Seen, Status
from playbook.faults.rows import GROUPS

COLUMNS = ("fault", "expected", "seen", "seconds", "log line", "metric", "budget")
_WIDTHS = {"fault": 30, "expected\nseen": 16, "seconds\nof": 7, "log line": 32, "metric": 29}
_STYLES = {Status.held: "green", Status.broke: "bold red"}
_SHOWN_OF_A_LINE = (
    "problem",
    "degraded_reason",
    "model_error",
    "retries",
    "fallback_used",
    "model_answered",
)


def tables(results: Sequence[Result]) -> Iterator[Table]:
    """One table for each group of faults."""
    for group, members in _grouped(results):
        table = Table(title=group, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        for name, width in (_WIDTHS | {"budget": 6}).items():
            table.add_column(name, width=width, overflow="fold")
        for result in members:
            style = _STYLES.get(result.status, "yellow")
            _, expected, seen, seconds, line, metric, budget = _cells(result)
            table.add_row(
                Text(result.row.name, style=style).append(f"\n{result.row.fault}", "dim"),
                Text(f"{expected}\n").append(seen, style),
                seconds.replace(" of ", "\n"),
                Text(line.replace("simulator:", "")),
                Text("\n".join(map(_brief, metric.splitlines()))),
                budget,
            )
        yield table


def markdown(results: Sequence[Result], summary: str, changes: str) -> str:
    """The same as a page."""
    lines = ["# Fault matrix", "", summary, "", changes, ""]
    for group, members in _grouped(results):
        lines += [f"## {group}", "", f"| {' | '.join((*COLUMNS, 'held'))} |"]
        lines.append("|" + " --- |" * (len(COLUMNS) + 1))
        for result in members:
            cells = [cell.replace("|", "\\|").replace("\n", "<br>") for cell in _cells(result)]
            cells[0] = f"**{result.row.name}**: {result.row.fault}"
            why = "; ".join(result.reasons)
            held = "yes" if result.status is Status.held else f"**{result.status.value}**: {why}"
            lines.append(f"| {' | '.join((*cells, held))} |")
        lines.append("")
    return "\n".join(lines)


def reasons(results: Sequence[Result]) -> Iterator[str]:
    """Why a row did not hold, one line each, the row's name first."""
    for result in results:
        if result.status is not Status.held:
            yield f"{result.row.name}: {result.status.value}: {'; '.join(result.reasons)}"


def measured(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Each row as evidence keeps it."""
    return [_measured(result) for result in results]


def _measured(result: Result) -> dict[str, Any]:
    row, seen = result.row, result.seen
    target: dict[str, Any] = {
        "outcome": row.expected.outcome.value,
        "status": row.expected.of_status,
        "spends_availability_budget": row.expected.spends,
    }
    told = {
        "name": row.name,
        "fault": row.fault,
        "status": result.status.value,
        "reasons": list(result.reasons),
        "target": target,
    }
    if seen is not None:
        target["seconds_at_most"] = round(seen.bound_seconds, 3)
        told["seen"] = {
            "outcome": seen.outcome,
            "status": seen.status,
            "spends_availability_budget": seen.spends,
            "seconds": round(seen.seconds, 3),
            "provider_asked": seen.asked,
            "log_line": _of_line(seen),
            "other_log_event": seen.said,
            "metrics": list(seen.metrics),
        }
    return told


def _cells(result: Result) -> list[str]:
    row, seen = result.row, result.seen
    expected = f"{row.expected.outcome.value} {row.expected.of_status}"
    if seen is None:
        return ["", expected, result.status.value, "", "; ".join(result.reasons), "", ""]
    return [
        "",
        expected,
        f"{seen.outcome} {seen.status}",
        f"{seen.seconds:.2f} of {seen.bound_seconds:.2f}",
        _line_cell(row, seen),
        "\n".join(metric.removeprefix("airworthy_") for metric in seen.metrics),
        "spends" if seen.spends else "keeps",
    ]


def _brief(metric: str) -> str:
    """A series with the values of its labels only: the page and the evidence have them whole."""
    return re.sub(r'\w+="([^"]*)"', r"\1", metric).replace("_total", "").replace("simulator:", "")


def _line_cell(row: Row, seen: Seen) -> str:
    if seen.line is None:
        return "none can be written" if not row.expected.logged else "none"
    told = [f"{name} {value}" for name, value in _of_line(seen).items()]
    told += [f"then {shorten(seen.said, 60)}"] if seen.said else []
    return "\n".join(told) or "as ever"


def _of_line(seen: Seen) -> dict[str, Any]:
    """What of the log line tells this fault from an ordinary request."""
    line = seen.line or {}
    told = {name: line.get(name) for name in _SHOWN_OF_A_LINE}
    if not told["fallback_used"]:
        del told["model_answered"]
    if told["model_error"]:
        del told["degraded_reason"]  # it follows
    told["guard_error"] = ", ".join(
        guard["guard"] for guard in line.get("guards", []) if guard["verdict"] == "error"
    )
    return {name: value for name, value in told.items() if value}


def _grouped(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    for group, rows in GROUPS.items():
        members = [result for result in results if result.row in rows]
        if members:
            yield group, members
