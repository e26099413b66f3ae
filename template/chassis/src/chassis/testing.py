"""For tests: a made-up context for a pipeline, and a whole service behind an HTTP client."""

from __future__ import annotations

import io
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from pydantic import BaseModel, SecretStr

from .app import app_of
from .config import Settings
from .identity import Caller, require_scope
from .identity.api_keys import hash_key
from .pipeline import Pipeline
from .prompts import Prompt, PromptVersion, prompts_folder
from .service import Service

OutputT = TypeVar("OutputT", bound=BaseModel)
ALL_SCOPES = ("delegate", "docs", "feedback")


class FakeContext:
    """A context whose model gives made-up answers, in turn; `prompts` is what it was asked.

    `scopes` are those of the caller, such as `tool:refund`.
    """

    request_id = "request-1"
    release = "test"

    def __init__(
        self,
        pipeline: Pipeline[Any, Any],
        *answers: BaseModel,
        prompt_version: str = "v1",
        scopes: Iterable[str] = (),
    ) -> None:
        self.caller = Caller("tester", "acme", frozenset(scopes))
        self.answers = list(answers)
        self.prompts: list[Prompt] = []
        self._prompt = PromptVersion.load(prompts_folder(pipeline.package) / prompt_version)

    @property
    def model(self) -> FakeContext:
        """The model: this context answers for it."""
        return self

    def prompt(self, **values: str) -> Prompt:
        """The service's own prompt, filled."""
        return self._prompt.render(values, secret=b"test", canary="ref-test")

    def allows(self, scope: str) -> bool:
        """Whether the caller has a scope."""
        return self.caller.allows(scope)

    def require(self, scope: str) -> None:
        """Raise Problem (403) unless the caller has a scope."""
        require_scope(self.caller, scope)

    async def run(self, prompt: Prompt, output: type[OutputT]) -> OutputT:
        """The next made-up answer."""
        self.prompts.append(prompt)
        assert self.answers, "no answer left: the pipeline asked more often than the test expects"
        answer = self.answers.pop(0)
        assert isinstance(answer, output), f"the pipeline wants {output.__name__}"
        return answer


@dataclass
class ServiceUnderTest:
    """A service that runs in this process, and what it left behind."""

    service: Service
    http: httpx2.AsyncClient
    key: str
    keys_file: Path
    _log: io.StringIO
    _spans: InMemorySpanExporter

    async def post(
        self, body: Any, *, route: str | None = None, key: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Send a body (bytes, or anything JSON) with the test key, or another.

        It goes to the use case's route, unless another is named; `X_End_User="ann"` sends that
        header.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {key or self.key}", **sent}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
        address = route or f"/v1/{self.service.pipeline.name}"
        return await self.http.post(address, content=content, headers=sent)

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The log lines so far, parsed; those of one event only, if named."""
        parsed = [json.loads(line) for line in self.log_text().splitlines()]
        return [line for line in parsed if event in (None, line["event"])]

    def log_text(self) -> str:
        """The log so far, as it was written."""
        return self._log.getvalue()

    def close_log(self) -> None:
        """Break the log's stream, as a full disk or a closed pipe does."""
        self._log.close()

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that ended so far."""
        return self._spans.get_finished_spans()

    def metrics(self) -> str:
        """What /metrics shows now."""
        return generate_latest(self.service.metrics.registry).decode()

    def metric(self, name: str, **labels: str) -> float:
        """The value of one series, or the sum of those with these labels; 0.0 without any."""
        return sum(
            sample.value
            for family in self.service.metrics.registry.collect()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@asynccontextmanager
async def service_under_test(
    pipeline: Pipeline[Any, Any],
    root: Path,
    *,
    scopes: Iterable[str] = ALL_SCOPES,
    keys: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> AsyncIterator[ServiceUnderTest]:
    """Open the service of `root/config` with a key of its own.

    `keys` are further API keys with what their entries say otherwise (organisation, scopes,
    expires); `settings` are those of `Settings`.
    """
    key = secrets.token_urlsafe(32)
    log, spans = io.StringIO(), InMemorySpanExporter()
    with tempfile.TemporaryDirectory() as folder:
        usual = {"organisation": "acme", "scopes": [pipeline.name, *scopes]}
        entries = [
            {"id": f"tester-{number}", "sha256": hash_key(text), **usual, **entry}
            for number, (text, entry) in enumerate({key: {}, **(keys or {})}.items())
        ]
        file = Path(folder) / "keys.json"
        file.write_text(json.dumps({"keys": entries}), "utf-8")
        values = {"service_secret": SecretStr("s" * 32), "api_keys_file": file, **settings}
        opened = Service.open(
            pipeline,
            root,
            settings=Settings(**values),
            log_stream=log,
            span_processor=SimpleSpanProcessor(spans),
        )
        async with opened as service:
            transport = httpx2.ASGITransport(app_of(service))
            async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
                yield ServiceUnderTest(service, http, key, file, log, spans)
