"""The default service, attacked through its own OpenAPI document: every check of Schemathesis.

AIRWORTHY_FUZZ_EXAMPLES sets how many inputs each operation gets (default 25; nightly runs take
more), AIRWORTHY_FUZZ_SEED repeats a run.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chassis.identity.api_keys import hash_key
from playbook.simulator.process import SimulatorProcess

from generated import outside_environment
from support import need, render

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RUN_SECONDS = 600
EXAMPLES = os.environ.get("AIRWORTHY_FUZZ_EXAMPLES", "25")
SEED = os.environ.get("AIRWORTHY_FUZZ_SEED", "20261123")  # the same each time: a gate, no lottery
# What a busy machine and thousands of requests a minute run into is not what is tested here.
LIMITS = re.compile(r"(_requests_per_minute:|budget_ms:) \d+")
KEY = secrets.token_urlsafe(32)


@dataclass
class Served:
    """A service at work."""

    url: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    def read(self, log: Iterable[str]) -> None:
        """Take in its log lines until it ends."""
        self.lines.extend(json.loads(line) for line in log)


@pytest.fixture
def served(template: Path, tmp_path: Path) -> Iterator[Served]:
    """The default service in front of the simulator, run in place, with a key for everything."""
    folder = render(template, tmp_path / "acme-triage")
    guardrails = folder / "config" / "guardrails.yaml"
    guardrails.write_text(LIMITS.sub(r"\1 10000", guardrails.read_text("utf-8")), "utf-8")
    scopes = ["triage", "feedback", "docs", "delegate"]
    key = {"id": "fuzz", "sha256": hash_key(KEY), "organisation": "acme", "scopes": scopes}
    (folder / "keys.json").write_text(json.dumps({"keys": [key]}), "utf-8")
    with SimulatorProcess() as simulator:
        settings = {
            "SERVICE_SECRET": secrets.token_hex(32),
            "API_KEYS_FILE": "keys.json",
            "SIMULATOR_URL": f"{simulator.url}/v1",
            "PORT": "0",
            "METRICS_PORT": "0",
            "PYTHONPATH": os.pathsep.join((str(folder / "src"), *_packages())),
            "PYTHONUNBUFFERED": "1",
        }
        running = subprocess.Popen(
            [sys.executable, "-c", "from acme_triage.main import main; main()"],
            cwd=folder,
            env=outside_environment() | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield _started(running)
        finally:
            running.terminate()
            running.wait(30)


def _packages() -> list[str]:
    """Where the two packages are imported from here: the service runs on the same."""
    return [path for path in sys.path if path.endswith("/src")]


def _started(running: subprocess.Popen[str]) -> Served:
    """Wait for the line that says where it listens; go on reading, so that the pipe never fills."""
    assert running.stdout is not None
    for text in running.stdout:
        line = json.loads(text)
        if line["event"] == "started":
            served = Served(line["url"])
            threading.Thread(target=served.read, args=(running.stdout,), daemon=True).start()
            return served
    raise AssertionError("the service did not start")


def test_no_input_the_document_allows_or_forbids_gets_an_answer_it_does_not_name(
    served: Served, tmp_path: Path
) -> None:
    """PLAYBOOK 2.3, points 4 and 9; no 5xx, and every other answer as /openapi.json says."""
    schemathesis = need(str(Path(sys.executable).with_name("schemathesis")))
    done = subprocess.run(
        [
            *(schemathesis, "--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{served.url}/openapi.json", "--checks", "all", "--no-color"),
            *(
                "--header",
                f"Authorization: Bearer {KEY}",
                "--seed",
                SEED,
                "--max-examples",
                EXAMPLES,
            ),
            *("--generation-database", "none"),
        ],
        cwd=tmp_path,
        env=outside_environment() | {"PYTHONPATH": str(HERE)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
    assert "4 selected / 4 total" in done.stdout
    assert not [line for line in served.lines if line["event"] == "unexpected_error"]
    assert {line["outcome"] for line in served.lines if line["event"] == "ai_call"} >= {
        "handed_over",  # random words are no ticket: the simulator is unsure, and says so
        "invalid",
        "unauthenticated",
    }
