"""How an answer's bytes leave: whole, late, dripping, cut short, reset, or never."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from collections.abc import Mapping
from typing import Any, Literal

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from .core import MARK_HEADERS

DRIP_INTERVAL_SECONDS = 0.05

Ending = Literal["whole", "close", "reset"]


class SimulatorHTTP(H11Protocol):
    """Uvicorn's HTTP protocol, which hands its connection to the application.

    ASGI can neither reset a connection nor end a body before its Content-Length; these faults need
    the transport, and find it in the request's state as `connection`.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, "connection": self}, _loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Send small writes at once.

        asyncio switches Nagle's algorithm off only for sockets made with an explicit protocol
        number; without this every answer took 44 ms instead of 2 (measured).
        """
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def close(self) -> None:
        """End the connection once everything written so far is sent (TCP FIN)."""
        self.transport.close()

    def reset(self) -> None:
        """Drop the connection and what is unsent (TCP RST: SO_LINGER on, zero seconds)."""
        linger = struct.pack("ii", 1, 0)
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not even HTTP; the base class's answer would not be marked."""
        body = msg.encode("ascii")
        head = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **MARK_HEADERS,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{lines}\r\n".encode() + body)
        self.transport.close()


class Delivery(Response):
    """One answer on its way.

    Attributes:
        pieces: What is sent, in order; None sends nothing, not even a status.
        length: The Content-Length that is promised; None streams without one.
        wait_seconds: Time before the first byte.
        drip_seconds: Time over which the bytes are spread.
        ending: `whole` ends the response properly; `close` and `reset` end the connection instead.
        stopping: Set when the server stops; cuts every wait short.
    """

    def __init__(
        self,
        pieces: list[bytes] | None,
        *,
        stopping: asyncio.Event,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
        wait_seconds: float = 0.0,
        drip_seconds: float = 0.0,
        ending: Ending = "whole",
    ) -> None:
        sized = {} if length is None else {"content-length": str(length)}
        super().__init__(status_code=status, headers={**(headers or {}), **sized})
        if length is None:
            del self.headers["content-length"]
        self.pieces = pieces
        self.wait_seconds = wait_seconds
        self.drip_seconds = drip_seconds
        self.ending = ending
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Deliver. Ends early when the caller hangs up or the server stops."""
        watch = _Watch(receive, self.stopping)
        try:
            through = await watch.pause(self.wait_seconds)
            if through and self.pieces is not None:
                through = await self._send(self.pieces, watch, send)
            if through and self.ending == "whole":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            connection: SimulatorHTTP | None = scope.get("state", {}).get("connection")
            if connection is None:
                raise RuntimeError("this fault needs the simulator's own server, not another one")
            connection.reset() if through and self.ending == "reset" else connection.close()
            await watch.until_gone()
        finally:
            watch.close()

    async def _send(self, pieces: list[bytes], watch: _Watch, send: Send) -> bool:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        if self.drip_seconds > 0:
            pieces = _drops(b"".join(pieces), self.drip_seconds)
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if not await watch.pause(self.drip_seconds / len(pieces)):
                return False
        return True


class _Watch:
    """Waits that end when the caller hangs up or the server stops; free where there are none."""

    def __init__(self, receive: Receive, stopping: asyncio.Event) -> None:
        self._receive = receive
        self._stopping = stopping
        self._tasks: list[asyncio.Task[Any]] = []

    async def pause(self, seconds: float) -> bool:
        """Wait; True when the time passed undisturbed."""
        if seconds <= 0:
            return True
        self._open()
        done, _ = await asyncio.wait(
            self._tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        return not done

    async def until_gone(self) -> None:
        """Wait until the connection is closed, as it is about to be."""
        self._open()
        await self._tasks[0]

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _open(self) -> None:
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._gone()),
                asyncio.create_task(self._stopping.wait()),
            ]

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _drops(body: bytes, seconds: float) -> list[bytes]:
    """Cut a body into as many pieces as drips fit into the time."""
    count = max(1, min(len(body), math.ceil(seconds / DRIP_INTERVAL_SECONDS)))
    size = math.ceil(len(body) / count)
    return [body[at : at + size] for at in range(0, len(body), size)]
