"""The service under test: in this process, behind real HTTP, its log and metrics in reach."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import uvicorn

from chassis.assembly import assemble
from chassis.config import Settings
from chassis.logs import StandardLibraryHandler
from chassis.process import http_config
from chassis.service import Service
from playbook.faults.row import Moves
from playbook.simulator.control import Control
from playbook.simulator.process import bind
from playbook.verdicts import NotJudged

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.path import RequestPath

START_SECONDS = 30.0
STOP_SECONDS = 15.0
SAY_SECONDS = 3.0
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Answered:
    """What came back, and how long that took as the caller sees it; status 0 is no answer."""

    status: int
    body: dict[str, Any] | None
    seconds: float


class Ear(io.TextIOBase):
    """The service's standard output, line by line."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self._news = threading.Condition()

    def write(self, text: str) -> int:
        """Take in a line; the chassis's logger writes whole ones."""
        with self._news:
            self.lines.append(json.loads(text))
            self._news.notify_all()
        return len(text)

    def line_of(self, request_id: object) -> dict[str, Any] | None:
        """The log line of a request; it is written before the answer goes out."""
        with self._news:
            found = (x for x in self.lines if x["event"] == "ai_call")
            return next((x for x in found if x["request_id"] == request_id), None)

    def hears(self, pattern: str, seconds: float = SAY_SECONDS) -> str | None:
        """The event of a line that says this by then; None when none does."""

        def said() -> str | None:
            found = (line for line in self.lines if re.search(pattern, json.dumps(line)))
            return next((str(line["event"]) for line in found), None)

        with self._news:
            return self._news.wait_for(said, seconds)


class Bench:
    """A running service; leaving the `with` block stops it."""

    def __init__(
        self,
        pipeline: Pipeline[Any, Any],
        root: Path,
        body: bytes,
        key: str,
        simulator: Control,
        *,
        alter: Callable[[RequestPath], RequestPath] | None = None,
        log_to: Path | None = None,
    ) -> None:
        self.root = root
        self.body = body
        self.simulator = simulator
        self.ear = Ear()
        self._pipeline = pipeline
        self._key = key
        self._alter = alter
        self._log_to = log_to
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._service: Service | None = None
        self._server: uvicorn.Server | None = None
        self._listener = bind("127.0.0.1", 0)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def service(self) -> Service:
        """The service inside."""
        assert self._service is not None
        return self._service

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self._listener.getsockname()
        return host, port

    @property
    def route(self) -> str:
        """Where the use case is."""
        return f"/v1/{self._pipeline.name}"

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}

    @property
    def budget_seconds(self) -> float:
        """The time one request has."""
        return self.service.config.guardrails.request.budget_seconds

    def send(self) -> Answered:
        """Send the example, as a caller does."""
        line = http.client.HTTPConnection(*self.address, timeout=PATIENCE_SECONDS)
        started = time.monotonic()
        status, content = 0, b""
        with closing(line), suppress(OSError, http.client.HTTPException):
            line.request("POST", self.route, self.body, self.headers)
            response = line.getresponse()
            status, content = response.status, response.read()
        return Answered(status, parsed(content), time.monotonic() - started)

    def value(self, series: Moves) -> float:
        """The value of a series now, or the sum of those with these labels."""
        return sum(
            sample.value
            for family in self.service.metrics.registry.collect()
            for sample in family.samples
            if sample.name == series.name and series.labels.items() <= sample.labels.items()
        )

    def wait_for(self, series: Moves, seconds: float = SAY_SECONDS) -> bool:
        """Wait until a gauge has the value that is due."""
        deadline = time.monotonic() + seconds
        while self.value(series) != series.to:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise NotJudged(f"The service did not start within {START_SECONDS:g} s.")
        if self._failed is not None:
            self._listener.close()
            raise self._failed
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(STOP_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told to who waits for the start
            self._failed = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        if self._log_to is None:
            await self._serve_with(self.ear)
            return
        file = self._log_to.open("w", encoding="utf-8")
        try:
            await self._serve_with(file)
        finally:
            with suppress(OSError):  # closing writes what is left
                file.close()

    async def _serve_with(self, stream: Any) -> None:
        settings = Settings.load(self.root)
        with ExitStack() as stack:  # libraries speak until everything is closed
            opened = assemble(self._pipeline, self.root, settings, stream, None)
            async with opened as (path, parts):
                stack.enter_context(_libraries_log_to(StandardLibraryHandler(parts.log)))
                altered = self._alter(path) if self._alter else path
                self._service = Service(self._pipeline, altered, parts)
                config = http_config(self._service)
                config.lifespan, config.timeout_graceful_shutdown = "off", 1
                self._server = _Server(config, self._ready)
                await self._server.serve(sockets=[self._listener])


@contextmanager
def _libraries_log_to(handler: logging.Handler) -> Iterator[None]:
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._said = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._said.set()


def parsed(content: bytes) -> dict[str, Any] | None:
    """The JSON object of a body; None when it is none."""
    try:
        body = json.loads(content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
