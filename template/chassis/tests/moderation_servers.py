"""Moderation services over real HTTP on loopback, in their documented wire format, and faults.

They hold every request against the documentation (`broken` lists what is not as it says), see the
phrases a test plants, and misbehave as told. What the real services think of a text is not theirs
to know.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

KEY = "key-of-the-moderation-service"  # pragma: allowlist secret
# What the servers see in a text: a phrase, its category, a severity and a score.
VIOLENCE, VIOLENCE_LOW, HATE = "PLANTED VIOLENCE", "PLANTED LOW VIOLENCE", "PLANTED HATE"
ATTACK = "PLANTED ATTACK"
BLOCKLISTED = "PLANTED TERM"

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What to do instead of answering well."""

    status: int = 200
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    reset: bool = False
    hangs: bool = False


def fails(status: int, retry_after: str | None = None) -> Fault:
    """An error, in the form that both services document."""
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    error = {"error": {"code": "Planted", "message": f"planted {KEY}"}}
    return Fault(status, json.dumps(error).encode(), headers)


def says(answer: JsonObject | bytes) -> Fault:
    """An answer of another form than the documented one."""
    return Fault(body=answer if isinstance(answer, bytes) else json.dumps(answer).encode())


RESETS, HANGS = Fault(reset=True), Fault(hangs=True)


class Server(ABC):
    """One service: what it was asked, and what it will do."""

    path: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        self.url = ""
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.requests: list[tuple[str, JsonObject]] = []
        self.broken: list[str] = []
        self.released = threading.Event()

    def will(self, *faults: Fault) -> None:
        """Do these in turn, then answer well."""
        self.faults.extend(faults)

    @abstractmethod
    def texts(self) -> list[str]:
        """Every text it was asked about."""

    @abstractmethod
    def answer(self, path: str, body: JsonObject) -> JsonObject:
        """The answer to a request that is as documented."""

    @abstractmethod
    def check(self, path: str, headers: Mapping[str, str], body: JsonObject) -> list[str]:
        """What is not as documented in a request."""

    def next(self, path: str, headers: Mapping[str, str], raw: bytes) -> Fault:
        """The reply to a request."""
        body = json.loads(raw)
        self.requests.append((path, body))
        wrong = self.check(path, headers, body)
        if headers.get("Content-Type") != "application/json":
            wrong.append("not JSON")
        self.broken += wrong
        if wrong:
            return fails(400)
        if self.always or self.faults:
            return self.always or self.faults.popleft()
        return says(self.answer(path, body))


class Azure(Server):
    """Azure AI Content Safety, API version 2024-09-01: text:analyze and text:shieldPrompt."""

    CATEGORIES = ("Hate", "SelfHarm", "Sexual", "Violence")
    SEEN: ClassVar[dict[str, tuple[str, int]]] = {
        VIOLENCE: ("Violence", 4),
        VIOLENCE_LOW: ("Violence", 2),
        HATE: ("Hate", 6),
    }
    _ANALYZE, _SHIELD = "/contentsafety/text:analyze", "/contentsafety/text:shieldPrompt"
    _KNOWN: ClassVar[dict[str, set[str]]] = {
        _ANALYZE: {"text", "categories", "blocklistNames", "haltOnBlocklistHit", "outputType"},
        _SHIELD: {"userPrompt", "documents"},
    }

    def texts(self) -> list[str]:
        return [body["text"] for _, body in self.requests if "text" in body]

    def shielded(self) -> list[JsonObject]:
        """What Prompt Shields were asked about."""
        return [body for path, body in self.requests if "shield" in path]

    def check(self, path: str, headers: Mapping[str, str], body: JsonObject) -> list[str]:
        address = urlsplit(path)
        wrong = []
        if address.path not in self._KNOWN:
            return [f"no such operation: {address.path}"]
        if parse_qs(address.query) != {"api-version": ["2024-09-01"]}:
            wrong.append(f"api-version: {address.query}")
        if headers.get("Ocp-Apim-Subscription-Key") != KEY:
            wrong.append("no key")
        if unknown := body.keys() - self._KNOWN[address.path]:
            wrong.append(f"unknown: {unknown}")
        if address.path == self._ANALYZE:
            if not isinstance(body.get("text"), str) or len(body["text"]) > 10_000:
                wrong.append("text")
            if not set(body.get("categories", ())) <= set(self.CATEGORIES):
                wrong.append("categories")
            if body.get("outputType", "FourSeverityLevels") != "FourSeverityLevels":
                wrong.append("outputType")
        else:
            documents = body.get("documents", [])
            if len(body.get("userPrompt", "")) > 10_000 or not body:
                wrong.append("userPrompt")
            if len(documents) > 5 or sum(map(len, documents)) > 10_000:
                wrong.append("documents")
        return wrong

    def answer(self, path: str, body: JsonObject) -> JsonObject:
        if "text" not in body:
            attacks = [{"attackDetected": ATTACK in text} for text in body.get("documents", [])]
            prompt = {"attackDetected": ATTACK in body.get("userPrompt", "")}
            return {
                **({"userPromptAnalysis": prompt} if "userPrompt" in body else {}),
                "documentsAnalysis": attacks,
            }
        seen = dict.fromkeys(body.get("categories") or self.CATEGORIES, 0)
        for phrase, (category, severity) in self.SEEN.items():
            if phrase in body["text"] and category in seen:
                seen[category] = max(seen[category], severity)
        term = {"blocklistItemId": "1", "blocklistItemText": BLOCKLISTED}
        return {
            "blocklistsMatch": [
                {"blocklistName": name, **term}
                for name in body.get("blocklistNames", [])
                if BLOCKLISTED in body["text"]
            ],
            "categoriesAnalysis": [{"category": c, "severity": s} for c, s in seen.items()],
        }


class OpenAI(Server):
    """OpenAI's /v1/moderations with an omni-moderation model."""

    CATEGORIES = (
        "harassment",
        "harassment/threatening",
        "hate",
        "hate/threatening",
        "illicit",
        "illicit/violent",
        "self-harm",
        "self-harm/instructions",
        "self-harm/intent",
        "sexual",
        "sexual/minors",
        "violence",
        "violence/graphic",
    )
    SEEN: ClassVar[dict[str, tuple[str, float]]] = {
        VIOLENCE: ("violence", 0.9),
        VIOLENCE_LOW: ("violence", 0.3),
        HATE: ("hate", 0.99),
    }

    def texts(self) -> list[str]:
        return [text for _, body in self.requests for text in body["input"]]

    def check(self, path: str, headers: Mapping[str, str], body: JsonObject) -> list[str]:
        wrong = []
        if path != "/v1/moderations":
            wrong.append(f"no such operation: {path}")
        if headers.get("Authorization") != f"Bearer {KEY}":
            wrong.append("no key")
        if body.keys() != {"model", "input"} or body["model"] != "omni-moderation-latest":
            wrong.append("body")
        inputs = body.get("input")
        if not isinstance(inputs, list) or not inputs or not all(map(str.strip, inputs)):
            wrong.append("input")
        return wrong

    def answer(self, path: str, body: JsonObject) -> JsonObject:
        results = [self.result(text) for text in body["input"]]
        return {"id": "modr-1", "model": "omni-moderation-latest", "results": results}

    def result(self, text: str) -> JsonObject:
        """What it says of one text."""
        scores = dict.fromkeys(self.CATEGORIES, 0.0001)
        for phrase, (category, score) in self.SEEN.items():
            if phrase in text:
                scores[category] = max(scores[category], score)
        flags = {category: score > 0.5 for category, score in scores.items()}
        return {
            "flagged": any(flags.values()),
            "categories": flags,
            "category_scores": scores,
            "category_applied_input_types": {category: ["text"] for category in flags},
        }


@dataclass
class Chosen:
    """A service, and how a service of ours is told to ask it."""

    server: Any
    provider: str
    settings: JsonObject = field(default_factory=dict)

    def config(self, **changes: Any) -> JsonObject:
        """The changes to `guardrails.yaml` that turn it on, and take long texts."""
        return {
            "request": {
                "budget_seconds": 10.0,
                "max_bytes": 400_000,
                "max_characters": 100_000,
                "max_tokens": 200_000,
            },
            "moderation": {"provider": self.provider, "budget_ms": 5000, **changes},
        }


def chosen(server: Azure | OpenAI) -> Chosen:
    """How a running server is used."""
    if isinstance(server, Azure):
        settings = {
            "azure_content_safety_endpoint": server.url,
            "azure_content_safety_key": KEY,
        }
        return Chosen(server, "azure-content-safety", settings)
    return Chosen(
        server, "openai", {"moderation_base_url": f"{server.url}/v1", "openai_api_key": KEY}
    )


@contextmanager
def running(server: Server) -> Iterator[None]:
    """Serve on a free port until the block ends; what hangs is let go then."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            reply = server.next(self.path, dict(self.headers.items()), raw)
            if reply.hangs:
                server.released.wait(30)
            if reply.reset or reply.hangs:
                self.close_connection = True
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                return
            body = reply.body or b""
            head = [f"HTTP/1.1 {reply.status} -", f"Content-Length: {len(body)}"]
            head += [f"{name}: {value}" for name, value in reply.headers]
            text = "\r\n".join([*head, "Content-Type: application/json", "", ""])
            self.connection.sendall(text.encode() + body)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        server.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.released.set()
            listening.shutdown()
            thread.join()
