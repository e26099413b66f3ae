"""A small service of its own for each test, and a provider that answers as the test says."""

import contextlib
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chassis import providers
from playbook.cli import execute
from playbook.evals.gate.base import IN_CI
from playbook.project import Project, find

GREENHOUSE = Path(__file__).parent / "greenhouse"
WORDS = {
    "watering": ("water", "rain", "dry"),
    "pests": ("snails", "mildew", "insects"),
    "harvest": ("pick", "store", "what to do"),
}


def the_right_answer(text: str) -> dict[str, Any]:
    """What a model that knows everything says."""
    lower = text.lower()
    category = next((c for c, words in WORDS.items() if any(w in lower for w in words)), "pests")
    return {"category": category, "confidence": 0.9}


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    out: str
    err: str


@dataclass
class Greenhouse:
    """A service in a folder of its own, and the command on it."""

    root: Path
    captured: pytest.CaptureFixture[str]

    @property
    def project(self) -> Project:
        return find(self.root)

    def playbook(self, *arguments: str) -> Ran:
        """Run one command line in this process."""
        self.captured.readouterr()
        code = execute(list(arguments))
        said = self.captured.readouterr()
        return Ran(code, said.out, said.err)

    def verdict(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.root / "verdict.json").read_text("utf-8"))
        return content

    def report(self) -> dict[str, Any]:
        path = self.root / "evals" / "reports" / "latest.json"
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return content

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in one of its files."""
        file = self.root / path
        before = file.read_text("utf-8")
        assert old in before, f"{path} has no {old!r}"
        file.write_text(before.replace(old, new), "utf-8")


def _forget(package: str) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == package]:
        del sys.modules[name]


@pytest.fixture
def greenhouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Greenhouse]:
    root = tmp_path / "greenhouse"
    shutil.copytree(GREENHOUSE, root)
    monkeypatch.chdir(root)
    # What CI says of a pull request is about the service whose tests run, not about this one.
    for name in ("SIMULATOR_URL", "SERVICE_SECRET", "API_KEYS_FILE", "DEV_API_KEY", *IN_CI):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    # A connection is made by a loop that a busy machine may keep waiting; its two seconds are for
    # providers that are gone.
    monkeypatch.setattr(providers, "_CONNECT_SECONDS", 20.0)
    _forget("greenhouse")
    yield Greenhouse(root, capsys)
    _forget("greenhouse")


@dataclass
class Provider:
    """A model provider on loopback that answers as the test says.

    Attributes:
        answers: From the user's text to the model's answer.
        named: From the model asked for to the name the answer bears.
        status: What every request gets.
        asked: How many requests came.
    """

    answers: Callable[[str], dict[str, Any]] = the_right_answer
    named: Callable[[str], str] = "simulated/{}".format
    status: Callable[[str], int] = lambda text: 200
    asked: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def respond(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.asked += 1
        text = str(request["messages"][-1]["content"])
        status = self.status(text)
        if status != 200:
            return status, {"error": {"message": "as the test wants it", "type": "test"}}
        message = {"role": "assistant", "content": json.dumps(self.answers(text))}
        return 200, {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": self.named(request["model"]),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }


@contextlib.contextmanager
def serving(provider: Provider) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer; two would wait 40 ms for each other

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            status, body = provider.respond(json.loads(self.rfile.read(length)))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with the usual 5, one of eight callers at once may be sent away

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    provider = Provider()
    with serving(provider):
        monkeypatch.setenv("SIMULATOR_URL", provider.url)
        yield provider


@pytest.fixture
def live(greenhouse: Greenhouse, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """The provider as one that is no simulator; `MODEL_BASE_URL` stands for its key."""
    greenhouse.edit("config/releases.yaml", "simulator:small", "openai-compatible:glass-1")
    monkeypatch.setenv("MODEL_BASE_URL", provider.url)
    provider.named = "glass-1-2026".format
    return provider
