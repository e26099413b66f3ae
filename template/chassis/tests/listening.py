"""The service of a test behind a real server: uvicorn on loopback, set up as its process does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn

from chassis.app import app_of
from chassis.connections import connection_options
from chassis.testing import ServiceUnderTest

_ANSWER_SECONDS = 20.0


@asynccontextmanager
async def listening(service: ServiceUnderTest, receive_seconds: float) -> AsyncIterator[int]:
    """The port on which it listens, until the end of the block."""
    options = connection_options(receive_seconds)
    config = uvicorn.Config(app_of(service.service), port=0, log_config=None, **options)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running


@dataclass(frozen=True)
class Heard:
    """What came back on one connection; nothing at all has the status 0."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def say(port: int, request: bytes) -> Heard:
    """Send bytes on a connection of their own; what comes until the server closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            writer.write(request)
            raw = await reader.read()
    except ConnectionError:
        return Heard()
    finally:
        writer.close()
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in named}
    length = int(headers.get("content-length", len(body)))  # what else was said is not this answer
    return Heard(int(first.split()[1]) if first else 0, headers, body[:length])
