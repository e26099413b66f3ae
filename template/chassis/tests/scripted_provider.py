"""A model provider over real HTTP on loopback that does as it is told, one reply after another."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

GOOD = {"label": "fruit", "confidence": 0.9, "remark": "an apple"}


@dataclass(frozen=True)
class Reply:
    """What to do with one request."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    wait_seconds: float = 0.0
    byte_seconds: float = 0.0
    reset: bool = False
    cut_after: int | None = None


def says(text: str, *, model: str = "simulated/small", finish: str = "stop") -> Reply:
    """A chat completion with this text."""
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text},
    }
    return _completion([choice], model)


def answers(answer: dict[str, Any] | None = None, *, model: str = "simulated/small") -> Reply:
    """A chat completion whose text is this object."""
    return says(json.dumps({**GOOD, **(answer or {})}), model=model)


def no_choices() -> Reply:
    """A completion without any choice."""
    return _completion([], "simulated/small")


def malformed() -> Reply:
    """Something that is not JSON at all."""
    return Reply(b"<html>gateway</html>", headers=(("Content-Type", "application/json"),))


def fails(status: int, retry_after: float | str | None = None) -> Reply:
    """An error of the provider."""
    told = f"{retry_after:g}" if isinstance(retry_after, float | int) else retry_after
    headers = () if told is None else (("Retry-After", told),)
    return Reply(json.dumps({"error": {"message": "planted"}}).encode(), status, headers)


def resets() -> Reply:
    """The connection is reset."""
    return Reply(reset=True)


def breaks_off() -> Reply:
    """A good answer of which the half arrives before the connection closes."""
    whole = answers()
    return replace(whole, cut_after=len(whole.body) // 2)


def slow(seconds: float) -> Reply:
    """A good answer that takes its time."""
    return replace(answers(), wait_seconds=seconds)


def drips(seconds_a_byte: float) -> Reply:
    """A good answer that comes byte by byte."""
    return replace(answers(), byte_seconds=seconds_a_byte)


def _completion(choices: list[dict[str, Any]], model: str) -> Reply:
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": choices,
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }
    return Reply(json.dumps(document).encode())


@dataclass
class Provider:
    """The provider as a test sees it: what it will do, and what it was asked."""

    url: str
    replies: deque[Reply] = field(default_factory=deque)
    for_text: dict[str, Reply] = field(default_factory=dict)
    for_model: dict[str, Reply] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def will(self, *replies: Reply) -> None:
        """Give these replies in turn, then good answers."""
        self.replies.extend(replies)

    def forget(self) -> None:
        """Start afresh, for the next test."""
        for each in (self.replies, self.for_text, self.for_model, self.requests, self.headers):
            each.clear()

    def next_for(self, request: dict[str, Any], headers: dict[str, str]) -> Reply:
        """The reply to a request: by its model, by a text in it, or the next one."""
        self.requests.append(request)
        self.headers.append(headers)
        if request.get("model") in self.for_model:
            return self.for_model[request["model"]]
        said = json.dumps(request)
        for text, reply in self.for_text.items():
            if text in said:
                return reply
        return self.replies.popleft() if self.replies else answers()


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port, in a thread of its own."""
    loop = asyncio.new_event_loop()
    provider = Provider("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await _one(provider, reader, writer):
                pass
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(task)
        loop.close()


async def _one(
    provider: Provider, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
    headers = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in head)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    reply = provider.next_for(json.loads(body), headers)
    if reply.wait_seconds:
        await asyncio.sleep(reply.wait_seconds)
    if reply.reset:
        writer.transport.abort()
        return False
    lines = [f"HTTP/1.1 {reply.status} -", f"Content-Length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    if not any(name == "Content-Type" for name, _ in reply.headers):
        lines.append("Content-Type: application/json")
    writer.write("\r\n".join([*lines, "", ""]).encode())
    if reply.byte_seconds:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.byte_seconds)
    else:
        writer.write(reply.body[: reply.cut_after])
    await writer.drain()
    return reply.cut_after is None
