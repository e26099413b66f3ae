"""How the demo shows a request: the answer on one side, the log line it left on the other."""

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from playbook.demo.requests import Sent
from playbook.demo.stage import Answered

_WIDE_ENOUGH = 100
_LONGEST = 180
_HIDDEN_IN_ANSWERS = ("feedback_token",)
_SHOWN_OF_A_LINE = (
    "event",
    "request_id",
    "organisation",
    "user",
    "release",
    "model_asked",
    "model_answered",
    "prompt_version",
    "tokens_in",
    "tokens_out",
    "cost_usd",
    "latency_seconds",
    "guards",
    "confidence",
    "outcome",
    "problem",
    "degraded_reason",
    "simulated",
)


def heading(to: Console, text: str) -> None:
    """Begin a part of the story."""
    to.print()
    to.print(Rule(Text(text, style="bold"), align="left"))


def exchange(to: Console, sent: Sent, answered: Answered) -> None:
    """One request, its answer, and its log line."""
    body = _trimmed(sent.body.decode("utf-8", "replace"))
    to.print()
    to.print(Text.assemble((f"{sent.title}  ", "bold"), (body, "dim")))
    pair(to, f"the answer, {answered.status}", answered.body, answered.line)


def pair(
    to: Console, title: str, answer: Mapping[str, Any], line: Mapping[str, Any] | None
) -> None:
    """An answer beside a log line."""
    shown = {key: value for key, value in answer.items() if key not in _HIDDEN_IN_ANSWERS}
    left = Panel(_fields(shown), title=title, title_align="left", border_style="green")
    logged = (
        {key: line[key] for key in _SHOWN_OF_A_LINE if line.get(key) not in (None, [])}
        if line
        else {}
    )
    right = Panel(
        _fields(logged) if logged else Text("(it left none)"),
        title="the log line it left, shortened",
        title_align="left",
        border_style="blue",
    )
    if to.width < _WIDE_ENOUGH:
        to.print(Group(left, right))
        return
    grid = Table.grid(expand=True, padding=(0, 1, 0, 0))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(left, right)
    to.print(grid)


def _fields(content: Mapping[str, Any]) -> Text:
    text = Text()
    for key, value in _flattened(content):
        text.append(f"{key} ", style="dim")
        text.append(f"{_trimmed(value)}\n")
    text.rstrip()
    return text


def _flattened(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    for key, value in content.items():
        if key == "guards":
            verdicts = ", ".join(f"{guard['guard']} {guard['verdict']}" for guard in value)
            fields.append((key, verdicts))
        elif isinstance(value, dict):
            fields += [(f"{key}.{inner}", said) for inner, said in _flattened(value)]
        elif value is not None and value != []:
            fields.append(
                (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            )
    return fields


def _trimmed(text: str) -> str:
    return textwrap.shorten(text, _LONGEST, placeholder=" ...")
