"""How long a caller's connection may take, and be idle: what uvicorn leaves open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# How long the bytes of a refused head are still read, and forgotten: a connection that is closed
# over unread bytes is reset, and the caller loses the answer that says why.
_DISCARD_SECONDS = 1.0
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


def patient_for(seconds: float) -> type[H11Protocol]:
    """uvicorn's protocol, with a limit on the time from a head's first byte to its last.

    uvicorn stops its own clock with the first byte of the next request, so that one byte a minute
    would keep a connection for ever. A connection on which nothing was ever said is ended too, and
    one whose request was answered before all of its body came: nobody reads the rest of it.
    """

    class Patient(H11Protocol):
        _limit: asyncio.TimerHandle | None = None
        _heard = False
        _answered = False  # before the body's end
        _refused = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            if self._refused:
                return
            self._heard = True
            if self.conn.their_state is h11.IDLE:
                self._watch()
            super().data_received(data)
            if self._answered:
                self._answered = self.conn.their_state is h11.SEND_BODY
                awaited = self._answered
            else:
                awaited = self.conn.their_state is h11.IDLE  # the head is not whole
            if not awaited:
                self._leave()
                if self.cycle is not None and _has_two_lengths(self.cycle.scope["headers"]):
                    self.cycle.keep_alive = False

        def connection_lost(self, exc: Exception | None) -> None:
            self._leave()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._heard = False
            self._answered = self.conn.their_state is h11.SEND_BODY
            super().on_response_complete()
            if self._answered:
                self._watch()

        def _watch(self) -> None:
            if self._limit is None:
                self._limit = self.loop.call_later(seconds, self._end)

        def _leave(self) -> None:
            if self._limit is not None:
                self._limit.cancel()
                self._limit = None

        def _end(self) -> None:
            self._limit = None
            if self._heard and not self._answered and self.transport.can_write_eof():
                self._refused = True
                self.transport.write(_TOO_SLOW)
                self.transport.write_eof()
                self._limit = self.loop.call_later(_DISCARD_SECONDS, self.transport.close)
            else:
                self.transport.close()

    return Patient


def _has_two_lengths(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request says its length in two ways, which a proxy may read otherwise than we do.

    RFC 9112, 6.1: the connection has to be closed after it, or what follows could be the body to
    one of us and somebody else's request to the other.
    """
    return {name for name, _ in headers} >= {b"content-length", b"transfer-encoding"}


def connection_options(receive_seconds: float) -> dict[str, Any]:
    """What uvicorn is told about connections."""
    return {
        "http": patient_for(receive_seconds),
        # Load balancers keep idle connections for a minute. Who closes first must not be us, or
        # they send a request into the closing connection, and their caller gets a 502.
        "timeout_keep_alive": 75,
    }
