"""A provider that costs nothing: OpenAI's chat protocol, the same answer at once, every time.

A protocol of asyncio and no framework, so that it is never what is measured. It takes traces too,
as a collector would, and counts those deliveries.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

SUMMARY = "Charged twice for one month."
_CLASSIFICATION = {
    "category": "billing",
    "priority": "high",
    "confidence": 0.93,
    "summary": SUMMARY,
}
_COMPLETION = {
    "id": "chatcmpl-benchmark",
    "object": "chat.completion",
    "created": 1763856000,
    "model": "simulated/small",  # so that the service says that its answers are simulated
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": json.dumps(_CLASSIFICATION)},
            "finish_reason": "stop",
            "logprobs": None,
        }
    ],
    "usage": {"prompt_tokens": 800, "completion_tokens": 40, "total_tokens": 840},
}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"


def _response(body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_ANSWER = _response(json.dumps(_COMPLETION).encode())
_TAKEN = _response(b"{}")


class Upstream(asyncio.Protocol):
    """One connection. Bodies are read by their Content-Length; nothing in them is looked at."""

    deliveries = 0  # of traces, over all connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._unread = bytearray()

    def data_received(self, data: bytes) -> None:
        """Answer every request that has arrived whole."""
        self._unread += data
        while (end := self._unread.find(_HEAD_END)) >= 0:
            head = bytes(self._unread[:end])
            declared = _LENGTH.search(head)
            whole = end + len(_HEAD_END) + (int(declared[1]) if declared else 0)
            if len(self._unread) < whole:
                return
            del self._unread[:whole]
            self._transport.write(_answer_to(head))


def _answer_to(head: bytes) -> bytes:
    if head.startswith(b"GET /deliveries"):
        return _response(json.dumps(Upstream.deliveries).encode())
    if head.startswith(b"POST /v1/traces"):
        Upstream.deliveries += 1
        return _TAKEN
    return _ANSWER


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", port, backlog=2048)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
