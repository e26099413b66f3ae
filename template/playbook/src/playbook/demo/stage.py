"""The service and the simulator of the demo: on free ports, over a copy of the configuration."""

import contextlib
import http.client
import json
import os
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook import staging, stand_in
from playbook.keys import entry, new_key
from playbook.processes import (
    Child,
    service_command,
    signals_like_ctrl_c,
    unbuffered,
    wait_until_ready,
)
from playbook.project import Project
from playbook.verdicts import write_json

if TYPE_CHECKING:
    from chassis import Pipeline

LINE_SECONDS = 5.0
REQUEST_SECONDS = 30


@dataclass(frozen=True)
class Answered:
    """What came back, and the log line it left."""

    status: int
    body: dict[str, Any]
    line: dict[str, Any] | None

    @property
    def outcome(self) -> str:
        """How it ended: as the log line says, which also names refusals."""
        return str((self.line or {}).get("outcome") or self.body.get("outcome") or "")


class Stage:
    """A running service of the demo."""

    def __init__(self, root: Path, port: int, route: str, key: str, simulator: str) -> None:
        self.root = root
        self.simulator = simulator
        self._port = port
        self._route = route
        self._key = key
        self._lines: list[dict[str, Any]] = []
        self._said: list[str] = []
        self._news = threading.Condition()

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self._port}"

    def heard(self, _: str, text: str) -> None:
        """Take in one line of the service's output."""
        try:
            line = json.loads(text)
        except ValueError:
            line = None
        with self._news:
            self._said.append(text)
            if isinstance(line, dict):
                self._lines.append(line)
            self._news.notify_all()

    def last_words(self, most: int = 8) -> str:
        """The end of the service's output, for when it did not start."""
        with self._news:
            return "\n".join(self._said[-most:])

    def send(self, body: bytes) -> Answered:
        """Send one request, and find the log line that it left."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_SECONDS)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        with contextlib.closing(line):
            line.request("POST", self._route, body, headers)
            response = line.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        return Answered(response.status, answer, self._line_of(answer["request_id"]))

    def _line_of(self, request_id: str) -> dict[str, Any] | None:
        def found() -> dict[str, Any] | None:
            wanted = ("ai_call", request_id)
            lines = (x for x in self._lines if (x.get("event"), x.get("request_id")) == wanted)
            return next(lines, None)

        with self._news:
            self._news.wait_for(lambda: found() is not None, LINE_SECONDS)
            return found()


@contextlib.contextmanager
def on_stage(project: Project, pipeline: "Pipeline[Any, Any]") -> Iterator[Stage]:
    """Start simulator and service; both are stopped at the end, whatever happens."""
    from playbook.simulator.process import running_simulator

    with signals_like_ctrl_c(), contextlib.ExitStack() as stack:
        root = stack.enter_context(staging.staged(project))
        staging.switch(root, ai_enabled=True)
        staging.simulate(root)
        staging.lift_request_limits(root)
        key = new_key()
        write_json(
            staging.keys_file(root), {"keys": [entry(project, "demo", key, [pipeline.name])]}
        )
        simulator = stack.enter_context(running_simulator())
        port, metrics_port = stand_in.free_port(), stand_in.free_port()
        stage = Stage(root, port, f"/v1/{pipeline.name}", key, simulator)
        paths = [str(project.root / "src"), unbuffered()["PYTHONPATH"]]
        environment = {
            **unbuffered(),
            "PYTHONPATH": os.pathsep.join(paths),
            "API_KEYS_FILE": str(staging.keys_file(root)),
            "SERVICE_SECRET": secrets.token_urlsafe(32),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "METRICS_PORT": str(metrics_port),
            "LOG_LEVEL": "INFO",
            "OTEL_TRACES_EXPORTER": "none",
            stand_in.VARIABLE: simulator,
        }
        service = Child(
            "service",
            service_command(project),
            environment=environment,
            on_line=stage.heard,
            folder=root,
        )
        stack.enter_context(service)
        try:
            wait_until_ready(service, stage.url)
        except Exception:
            print(stage.last_words())
            raise
        yield stage
