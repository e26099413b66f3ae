"""The matrix as a person reads it, in a terminal and as Markdown, and as evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from playbook.faults.row import Result, Seen, Status
from playbook.faults.rows import GROUPS

COLUMNS = ("fault", "expected", "seen", "seconds", "log line", "metric", "budget")
_SHOWN_OF_A_LINE = (
    "problem",
    "degraded_reason",
    "model_error",
    "retries",
    "fallback_used",
    "model_answered",
)
_STYLES = {Status.held: "green", Status.broke: "bold red"}


def tables(results: Sequence[Result]) -> Iterator[Table]:
    """One table for each group of faults."""
    for group, members in _grouped(results):
        table = Table(title=group, title_justify="left", title_style="bold", expand=True)
        ratios = (6, 3, 3, 2, 7, 7, 2)
        for column, ratio in zip(COLUMNS, ratios, strict=True):
            justify: Any = "right" if column == "seconds" else "left"
            table.add_column(column, ratio=ratio, justify=justify, overflow="fold")
        for result in members:
            cells = _cells(result)
            style = _STYLES.get(result.status, "yellow")
            cells[2] = (
                f"{cells[2]} {result.status.value if result.status is not Status.held else ''}"
            )
            table.add_row(*(Text(c, style=style if i == 2 else "") for i, c in enumerate(cells)))
        yield table


def markdown(results: Sequence[Result], summary: str, changes: str) -> str:
    """The same as a page."""
    lines = ["# Fault matrix", "", summary, "", changes, ""]
    for group, members in _grouped(results):
        lines += [f"## {group}", "", f"| {' | '.join((*COLUMNS, 'held'))} |"]
        lines.append("|" + " --- |" * (len(COLUMNS) + 1))
        for result in members:
            why = "; ".join(result.reasons)
            held = "yes" if result.status is Status.held else f"**{result.status.value}**: {why}"
            cells = [cell.replace("|", "\\|").replace("\n", "<br>") for cell in _cells(result)]
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
    expected = {
        "outcome": row.expected.outcome.value,
        "status": row.expected.of_status,
        "spends_availability_budget": row.expected.spends,
    }
    told: dict[str, Any] = {"name": row.name, "fault": row.fault, "status": result.status.value}
    told |= {"reasons": list(result.reasons), "target": expected}
    if seen is None:
        return told
    told["target"] = {**expected, "seconds_at_most": round(seen.bound_seconds, 3)}
    told["seen"] = {
        "outcome": seen.outcome,
        "status": seen.status,
        "spends_availability_budget": seen.spends,
        "seconds": round(seen.seconds, 3),
        "provider_asked": seen.asked,
        "log_line": _of_line(seen),
        "metrics": list(seen.metrics),
    }
    return told


def _cells(result: Result) -> list[str]:
    row, seen = result.row, result.seen
    expected = f"{row.expected.outcome.value} {row.expected.of_status}"
    if seen is None:
        return [f"{row.name}\n{row.fault}", expected, "-", "-", "; ".join(result.reasons), "-", "-"]
    line = "\n".join(f"{name}: {value}" for name, value in _of_line(seen).items())
    return [
        f"{row.name}\n{row.fault}",
        expected,
        f"{seen.outcome} {seen.status}",
        f"{seen.seconds:.2f}\nof {seen.bound_seconds:.2f}",
        line or ("none" if seen.line is None else "the answer's"),
        "\n".join(metric.removeprefix("airworthy_") for metric in seen.metrics),
        "spends" if seen.spends else "keeps",
    ]


def _of_line(seen: Seen) -> dict[str, Any]:
    """What of the log line tells this fault from an ordinary request."""
    line = seen.line or {}
    told = {name: line.get(name) for name in _SHOWN_OF_A_LINE}
    if not (told["fallback_used"] or told["retries"]):
        del told["model_answered"]
    stopped = [g["guard"] for g in line.get("guards", []) if g["verdict"] == "error"]
    told |= {"guard_error": ", ".join(stopped)}
    return {name: value for name, value in told.items() if value}


def _grouped(results: Sequence[Result]) -> Iterator[tuple[str, list[Result]]]:
    for group, rows in GROUPS.items():
        members = [result for result in results if result.row in rows]
        if members:
            yield group, members
