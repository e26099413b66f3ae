"""The subjects of the comparison: how each is started, asked, and checked to do what it says."""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playbook.stand_in import free_port

from . import environments
from .bodies import Ask
from .load import Target
from .processes import Process, running
from .upstream import SUMMARY

SERVER_CORE, LOAD_CORE = 0, 1
NAMES = ("direct", "bare", "service", "traced", "litellm")
_TRACED_SHARE = 0.1
_PROXY_KEY = "sk-benchmark"  # pragma: allowlist secret


@dataclass(frozen=True)
class Subject:
    """One thing to be measured."""

    name: str
    process: Process
    path: str
    headers: tuple[str, ...] = ()
    speaks_chat: bool = False
    metrics_port: int | None = None

    def target(self, ask: Ask) -> Target:
        """Where a kind of request goes, in the form this subject takes."""
        body = ask.chat if self.speaks_chat else ask.ticket
        return Target(f"http://127.0.0.1:{self.process.port}{self.path}", body, self.headers)

    def answer(self, ask: Ask) -> str:
        """Ask once; the answer must be the upstream's, and no degraded one."""
        target = self.target(ask)
        headers = dict(header.split(": ", 1) for header in self.headers)
        request = urllib.request.Request(
            target.url, target.body.read_bytes(), {"Content-Type": "application/json", **headers}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            text: str = response.read().decode()
        if SUMMARY not in text:
            raise SystemExit(f"{self.name} does not answer with the upstream's words: {text[:500]}")
        return text

    def outcomes(self) -> dict[str, int]:
        """What became of all requests so far, by the service's own metrics."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics") as response:
            text = response.read().decode()
        found: dict[str, int] = {}
        pattern = r'^airworthy_requests_total\{outcome="(\w+)".*\} (\S+)$'
        for outcome, count in re.findall(pattern, text, re.MULTILINE):
            if float(count):
                found[outcome] = found.get(outcome, 0) + int(float(count))
        return found


@dataclass(frozen=True)
class Rig:
    """Everything installed, and where its files go."""

    service: environments.Service
    bare: Path | None
    litellm: Path | None
    home: Path = environments.HOME
    logs: Path = field(default=environments.HOME / "logs")
    pinned: bool = True

    @property
    def server_core(self) -> int | None:
        """Where servers run."""
        return SERVER_CORE if self.pinned else None

    @property
    def load_core(self) -> int | None:
        """Where the load and the upstream run."""
        return LOAD_CORE if self.pinned else None


@contextmanager
def all_running(rig: Rig, wanted: tuple[str, ...]) -> Iterator[dict[str, Subject]]:
    """The wanted subjects, started; all are stopped at the end."""
    rig.logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        upstream = stack.enter_context(upstream_running(rig))
        found = {"direct": upstream}
        url = f"http://127.0.0.1:{upstream.process.port}"
        for name in wanted:
            if name == "bare" and rig.bare:
                found[name] = stack.enter_context(_bare(rig, rig.bare, url))
            elif name == "litellm" and rig.litellm:
                found[name] = stack.enter_context(_litellm(rig, rig.litellm, url))
            elif name in ("service", "traced"):
                found[name] = stack.enter_context(service_running(rig, name, url))
        yield found


@contextmanager
def upstream_running(rig: Rig) -> Iterator[Subject]:
    """The provider. It shares its core with the load, so that servers have theirs to themselves."""
    port = free_port()
    command: list[str | Path] = [sys.executable, Path(__file__).with_name("upstream.py"), str(port)]
    with running(
        command,
        port,
        core=rig.load_core,
        folder=rig.home,
        log=rig.logs / "upstream.log",
        variables={},
    ) as process:
        yield Subject("direct", process, "/v1/chat/completions", speaks_chat=True)


def deliveries(upstream: Subject) -> int:
    """How often the upstream was handed traces."""
    with urllib.request.urlopen(f"http://127.0.0.1:{upstream.process.port}/deliveries") as response:
        return int(response.read())


@contextmanager
def _bare(rig: Rig, python: Path, upstream: str) -> Iterator[Subject]:
    port = free_port()
    command: list[str | Path] = [
        *(python, Path(__file__).with_name("bare.py")),
        *(str(port), f"{upstream}/v1", rig.service.instructions),
    ]
    with running(
        command,
        port,
        core=rig.server_core,
        folder=rig.home,
        log=rig.logs / "bare.log",
        variables={},
    ) as process:
        yield Subject("bare", process, "/v1/triage")


@contextmanager
def service_running(rig: Rig, name: str, upstream: str) -> Iterator[Subject]:
    """Our service. Its log lines go to a file; `traced` exports a tenth of its traces as well."""
    port, metrics_port = free_port(), free_port()
    variables = {
        "PORT": str(port),
        "METRICS_PORT": str(metrics_port),
        "SIMULATOR_URL": f"{upstream}/v1",
    }
    if name == "traced":
        variables |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": upstream,
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": str(_TRACED_SHARE),
            "OTEL_BSP_SCHEDULE_DELAY": "1000",  # so that deliveries fall into what is measured
        }
    with running(
        [rig.service.command],
        port,
        core=rig.server_core,
        folder=rig.service.folder,
        log=rig.logs / f"{name}.log",
        variables=variables,
    ) as process:
        key = f"authorization: Bearer {rig.service.key}"
        yield Subject(name, process, "/v1/triage", (key,), metrics_port=metrics_port)


@contextmanager
def _litellm(rig: Rig, python: Path, upstream: str) -> Iterator[Subject]:
    """LiteLLM as its pages on production and benchmarks say: no callbacks, only errors logged."""
    port = free_port()
    model = {"model": "openai/small", "api_base": f"{upstream}/v1", "api_key": "any"}
    config: Mapping[str, Any] = {
        "model_list": [{"model_name": "small", "litellm_params": model}],
        "litellm_settings": {"callbacks": [], "num_retries": 0, "request_timeout": 30},
        "general_settings": {"master_key": _PROXY_KEY},
    }
    path = rig.home / "litellm.json"  # JSON is YAML
    path.write_text(json.dumps(config))
    command: list[str | Path] = [
        *(python.with_name("litellm"), "--config", path, "--host", "127.0.0.1"),
        *("--port", str(port), "--num_workers", "1", "--telemetry", "False"),
    ]
    with running(
        command,
        port,
        core=rig.server_core,
        folder=rig.home,
        log=rig.logs / "litellm.log",
        variables={
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_LOG": "ERROR",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # no request to the internet at the start
        },
    ) as process:
        key = f"authorization: Bearer {_PROXY_KEY}"
        yield Subject("litellm", process, "/v1/chat/completions", (key,), speaks_chat=True)
