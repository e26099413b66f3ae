"""Callers who send slowly: they have a limit of their own, and nothing of ours is spent on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from listening import listening
from sample_config import Start
from scripted_provider import Provider, slow
from waiting import until

from chassis.testing import ServiceUnderTest

pytestmark = pytest.mark.slow

GOOD = {"text": "an apple"}


async def dripping(body: bytes, seconds: float) -> AsyncIterator[bytes]:
    """A body that takes so long to send, in twenty pieces."""
    size = -(-len(body) // 20)
    for start in range(0, len(body), size):
        await asyncio.sleep(seconds / 20)
        yield body[start : start + size]


async def send_slowly(service: ServiceUnderTest, seconds: float, key: str = "") -> tuple[int, str]:
    headers = {
        "Authorization": f"Bearer {key or service.key}",
        "Content-Type": "application/json",
    }
    body = dripping(b'{"text": "an apple"}', seconds)
    response = await service.http.post("/v1/label", content=body, headers=headers)
    document = response.json()
    return response.status_code, document.get("outcome") or document["type"]


async def test_a_slow_body_is_refused_and_is_nobodys_failure(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4; DESIGN, outcomes: invalid input spends no availability."""
    service = await start(guardrails={"request": {"receive_seconds": 0.3}})
    assert await send_slowly(service, 1.0) == (408, "/problems/input-too-slow")
    (line,) = service.lines("ai_call")
    assert (line["outcome"], line["latency_seconds"] < 0.2) == ("invalid", True)
    assert service.metric("airworthy_bad_requests_total") == 0
    assert service.metric("airworthy_requests_total", outcome="invalid") == 1
    assert provider.requests == []


async def test_the_feedback_door_is_not_held_open_either(start: Start) -> None:
    service = await start(guardrails={"request": {"receive_seconds": 0.2}})
    headers = {"Authorization": f"Bearer {service.key}"}
    body = dripping(b'{"rating": 5}', 1.0)
    response = await service.http.post("/v1/feedback", content=body, headers=headers)
    assert (response.status_code, response.headers["connection"]) == (408, "close")


async def test_a_slow_body_does_not_spend_the_budget_nor_count_as_our_latency(
    start: Start, provider: Provider
) -> None:
    """The caller took longer than the whole budget, and still gets the whole of it."""
    service = await start(
        guardrails={
            "request": {"budget_seconds": 0.8, "receive_seconds": 3.0},
            "model": {"timeout_seconds": 0.7},
        }
    )
    provider.for_model = {"small": slow(0.2)}
    started = time.perf_counter()
    assert await send_slowly(service, 1.2) == (200, "answered")
    assert time.perf_counter() - started > 1.2
    (line,) = service.lines("ai_call")
    assert 0.2 <= line["latency_seconds"] < 0.8
    total = service.metric("airworthy_request_duration_seconds_sum")
    assert total == pytest.approx(line["latency_seconds"], abs=0.01)
    assert service.metric("airworthy_slow_requests_total") == 0


async def test_a_stranger_is_not_waited_for(start: Start) -> None:
    """Who has no key, or is over the limit, is told so before anything is read."""
    one = {"user_requests_per_minute": 1, "session_requests_per_minute": 1}
    service = await start(guardrails={"limits": one})
    started = time.perf_counter()
    assert await send_slowly(service, 1.0, key="wrong") == (401, "/problems/wrong-key")
    await service.post(GOOD)
    status, _ = await send_slowly(service, 1.0)
    assert status == 429
    (_, _, line) = service.lines("ai_call")
    assert line["latency_seconds"] < 0.2
    assert time.perf_counter() - started < 4


async def hear(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection is closed."""
    async with asyncio.timeout(3):
        return await reader.read()


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        pytest.param([], b"", id="nothing at all"),
        pytest.param([b"GET /healthz HTTP/1.1\r\nHost: x\r\n"], b"HTTP/1.1 408", id="half a head"),
        pytest.param([b"G", b"E", b"T", b" ", b"/"] * 100, b"HTTP/1.1 408", id="byte by byte"),
    ],
)
async def test_a_head_that_does_not_end_closes_the_connection(
    service: ServiceUnderTest, pieces: list[bytes], told: bytes
) -> None:
    """uvicorn alone waits for ever: one open file for each, until there are none left."""
    async with listening(service, 0.4) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def drip() -> None:
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        started = time.perf_counter()
        heard = await hear(reader)
        assert heard.startswith(told)
        assert bool(heard) == bool(told)
        assert 0.3 < time.perf_counter() - started < 1.5
        dripping.cancel()
        writer.close()


async def test_the_next_request_of_a_connection_has_the_same_limit(
    service: ServiceUnderTest,
) -> None:
    async with listening(service, 0.4) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.5)  # idle is not slow: load balancers keep connections
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        assert (await hear(reader)).startswith(b"HTTP/1.1 408")
        writer.close()


@pytest.mark.parametrize("route", ["GET /healthz", "POST /v1/label"])
async def test_a_body_that_goes_on_after_the_answer_closes_the_connection(
    service: ServiceUnderTest, route: str
) -> None:
    """Strangers too: a byte now and then would keep one open file each, without any key."""
    async with listening(service, 0.4) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"{route} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n".encode())

        async def drip() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        heard = await hear(reader)
        assert heard.count(b"HTTP/1.1") == 1
        dripping.cancel()
        writer.close()


async def test_a_body_that_ends_after_the_answer_keeps_the_connection(
    service: ServiceUnderTest,
) -> None:
    async with listening(service, 0.4) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            writer.write(b"cd")
            await asyncio.sleep(0.5)  # longer than the limit, which is over with the body
        writer.close()


async def test_a_caller_who_leaves_costs_no_further_call_and_pays_for_this_one(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4: a model call costs money, and nobody would read its answer."""
    service = await start()
    provider.for_model = {"small": slow(0.6)}
    async with listening(service, 5.0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /v1/label HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n"
            "Content-Length: 20\r\n\r\n"
        )
        writer.write(head.encode() + b'{"text": "an apple"}')
        await until(lambda: bool(provider.requests))
        writer.close()
        assert await until(lambda: bool(service.lines("ai_call"))) < 0.5
    (line,) = service.lines("ai_call")
    assert (line["outcome"], line["problem"]) == ("invalid", "caller-left")
    assert len(provider.requests) == 1
    assert service.metric("airworthy_bad_requests_total") == 0
    assert service.metric("airworthy_model_in_use") == 0
    assert service.metric("airworthy_daily_budget_spent_ratio") > 0


async def test_a_long_answer_is_not_cut_off_by_the_limit_for_heads(
    start: Start, provider: Provider
) -> None:
    service = await start()
    provider.will(slow(0.8))
    async with listening(service, 0.3) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = (
            f"POST /v1/label HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.key}\r\n"
            "Content-Length: 20\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode() + b'{"text": "an apple"}')
        heard = await hear(reader)
        assert heard.startswith(b"HTTP/1.1 200")
        assert b'"answered"' in heard
        writer.close()
