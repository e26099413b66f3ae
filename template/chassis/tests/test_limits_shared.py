"""Limits that replicas share in a real Redis: exact, and no worse than local when it is gone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import limits_racer
import pytest
import redis_server
from limiter_parts import ANN, BOB, LimiterUnderTest, counts_of, quotas
from redis_server import RedisServer
from sample_config import Start
from waiting import until

from chassis.config import ConfigError, Settings
from chassis.identity import Caller
from chassis.limits import Amount, DailyBudgetSpent, opening, shared, sharing
from chassis.limits.quotas import SERVICE, Caps, Counted, Quotas
from chassis.limits.shared import PATIENT_SECONDS, Late, Seen, Settlement, SharedCounts
from chassis.problems import Problem

GOOD = {"text": "an apple"}
SHARED = "airworthy_limits_shared"
COUNTED = (Counted("user", "ann"), SERVICE)
# What the issue allows a request to lose, whatever Redis does.
BOUND_SECONDS = 0.1


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server.running() as server:
        yield server


@pytest.fixture
async def stack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncExitStack]:
    monkeypatch.setattr(sharing, "LOOK_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        yield stack


async def replica(
    redis: RedisServer,
    stack: AsyncExitStack,
    limits: Quotas,
    answer_seconds: float = PATIENT_SECONDS,
) -> LimiterUnderTest:
    counts = counts_of(redis, stack, limits, answer_seconds=answer_seconds)
    test = LimiterUnderTest(limits, 2, counts)
    await stack.enter_async_context(test.limiter.running())
    return test


async def spend(test: LimiterUnderTest, amount: Amount, caller: Caller = ANN) -> None:
    async with test.limiter.call(caller, amount) as bill:
        bill.used = amount


def is_shared(test: LimiterUnderTest) -> bool:
    return test.metric(SHARED) == 1


async def refused(test: LimiterUnderTest, caller: Caller = ANN) -> str | None:
    try:
        await test.limiter.admit(caller)
    except Problem as problem:
        return problem.kind
    return None


async def sum_in_redis(counts: SharedCounts, test: LimiterUnderTest) -> Amount:
    return await counts.look(int(test.clock.seconds // 86_400))


@pytest.mark.slow
def test_two_processes_and_one_redis_admit_exactly_the_limit(redis: RedisServer) -> None:
    """PLAYBOOK 2.11, point 11: exact under concurrency, across replicas."""
    racer = [sys.executable, str(Path(limits_racer.__file__)), redis.url, "200"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    racers = [
        subprocess.Popen(
            racer, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]
    try:
        for process in racers:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in racers:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        passed = [process.communicate(timeout=30)[0].split() for process in racers]
    finally:
        for process in racers:
            process.kill()
            process.wait()
    for requests_or_tokens in zip(*passed, strict=True):
        assert sum(map(int, requests_or_tokens)) == limits_racer.LIMIT, passed


async def test_replicas_share_what_a_user_and_a_session_may(
    redis: RedisServer, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLAYBOOK 2.11: shared limits are not divided by the replicas; who counts is a pseudonym."""
    monkeypatch.setattr(shared, "ANSWER_SECONDS", PATIENT_SECONDS)
    limits = {
        "storage": "redis",
        "user_requests_per_minute": 5,
        "session_requests_per_minute": 3,
    }
    both = [
        await start(
            settings={"redis_url": redis.url},
            guardrails={"limits": limits},
            success_criteria={"traffic": {"replicas": 2, "peak_requests_per_second": 0.01}},
        )
        for _ in range(2)
    ]
    for who, kinds in (
        ({"X_End_User": "ann", "X_Session_Id": "s"}, [None] * 3 + ["session-rate-limit"]),
        ({"X_End_User": "ann"}, [None] * 2 + ["user-rate-limit"]),
        ({"X_End_User": "bob"}, [None] * 5 + ["user-rate-limit"]),
    ):
        for number, kind in enumerate(kinds):
            response = await both[number % 2].post(GOOD, **who)
            assert response.json().get("type") == (kind and f"/problems/{kind}")
    settings = Settings.model_validate({"service_secret": "s" * 32, "redis_url": redis.url})
    async with opening.redis_client(settings) as client:
        keys = [str(key) for key in await client.keys("*")]
        assert all(key.startswith("airworthy:{labels.development}:") for key in keys)
        assert not [key for key in keys if "ann" in key or "bob" in key]
        assert all([await client.ttl(key) > 0 for key in keys])


async def test_the_window_slides_by_the_clock_of_redis(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    counts = counts_of(redis, stack, quotas(user=Caps(2, None, None)), window_seconds=0.3)

    async def passes() -> bool:
        return isinstance(await counts.admit(COUNTED, 0, spends=True), Seen)

    assert [await passes() for _ in range(3)] == [True, True, False]
    started = time.monotonic()
    while not await passes():
        assert time.monotonic() - started < 5
    assert time.monotonic() - started > 0.1


async def test_a_budget_is_spent_once_for_all_replicas_and_outlives_them(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    """PLAYBOOK 1.3: the daily budget is the service's, not a replica's, and a restart keeps it."""
    limits = quotas(service=Caps(1000, None, 100), budget_usd=0.0001)
    one, other = [await replica(redis, stack, limits) for _ in range(2)]
    await spend(one, Amount(5, 60))
    await spend(other, Amount(5, 60))
    await until(
        lambda: (
            len(one.events("daily_budget_near", "daily_budget_spent"))
            + len(other.events("daily_budget_near", "daily_budget_spent"))
            == 2
        )
    )
    with pytest.raises(DailyBudgetSpent):
        await spend(one, Amount(5, 1))
    restarted = await replica(redis, stack, limits)
    assert restarted.limiter.is_day_spent()
    assert restarted.metric("airworthy_daily_budget_spent_ratio") == pytest.approx(1.2)
    await asyncio.sleep(0)
    assert not restarted.events("daily_budget_near", "daily_budget_spent")  # said, by another


async def test_many_at_once_overspend_by_one_estimate_at_most(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    limits = quotas(service=Caps(1000, None, 100))
    both = [await replica(redis, stack, limits) for _ in range(2)]
    out = 0
    gate = asyncio.Event()

    async def call(test: LimiterUnderTest) -> None:
        nonlocal out
        try:
            async with test.limiter.call(ANN, Amount(1, 30)) as bill:
                out += 1
                await gate.wait()
                bill.used = Amount(1, 30)
        except DailyBudgetSpent:
            return

    calls = [asyncio.create_task(call(both[number % 2])) for number in range(20)]
    await until(lambda: sum(task.done() for task in calls) == 16)
    gate.set()
    await asyncio.gather(*calls)
    assert out == 4  # 90 is below 100, 120 is not
    assert not both[0].events("limits_local") and not both[1].events("limits_local")


async def test_a_redis_that_hangs_costs_a_request_less_than_100_ms(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    """PLAYBOOK 2.11. The quickest of three counts: a busy machine adds waits of its own."""
    test = await replica(redis, stack, quotas(), shared.ANSWER_SECONDS)
    first, others = [], []
    for _ in range(3):
        redis.hang()
        started = time.monotonic()
        await test.limiter.admit(ANN)
        await spend(test, Amount(1, 1))
        first.append(time.monotonic() - started)
        for _ in range(10):  # only the background asks now
            await test.limiter.admit(ANN)
            await spend(test, Amount(1, 1))
        others.append(time.monotonic() - started - first[-1])
        redis.resume()
        await until(lambda: is_shared(test))
    assert min(first) < BOUND_SECONDS
    assert min(others) < BOUND_SECONDS / 4


async def test_when_redis_hangs_limits_are_local_at_once_and_shared_again_when_it_is_back(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    """PLAYBOOK 2.11: nothing is counted twice, nothing is forgotten."""
    limits = quotas(user=Caps(8, None, None), service=Caps(1000, None, 1000))
    test = await replica(redis, stack, limits)
    assert is_shared(test)
    assert [await refused(test) for _ in range(2)] == [None, None]
    await spend(test, Amount(1, 10))

    redis.hang()
    assert await refused(test) is None
    assert not is_shared(test)
    await spend(test, Amount(2, 20))
    for _ in range(10):
        await spend(test, Amount(1, 1), BOB)
    # This replica's half of the limit, and what it let through before counts.
    assert [await refused(test) for _ in range(2)] == [None, "user-rate-limit"]

    redis.resume()
    await until(lambda: is_shared(test))
    counts = counts_of(redis, stack, limits)
    assert await sum_in_redis(counts, test) == Amount(13, 40)  # everything, and all of it once
    assert [line["event"] for line in test.events("limits_local", "limits_shared")] == [
        "limits_shared",
        "limits_local",
        "limits_shared",
    ]


async def test_what_redis_did_after_nobody_waited_any_more_counts_once(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    """A reservation that hung is carried out when Redis goes on, though the call is long paid."""
    limits = quotas(service=Caps(1000, None, 1000))
    test = await replica(redis, stack, limits)
    await spend(test, Amount(1, 1))
    redis.hang()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):  # the request's own time is over while it asks
            await spend(test, Amount(300, 300), BOB)
    async with test.limiter.call(ANN, Amount(500, 500)) as bill:
        bill.used = Amount(2, 20)
    await until(lambda: not is_shared(test))
    redis.resume()
    await until(lambda: is_shared(test))
    counts = counts_of(redis, stack, limits)
    assert await sum_in_redis(counts, test) == Amount(3, 21)


async def test_a_busy_process_does_not_take_its_own_lateness_for_that_of_redis(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    test = await replica(redis, stack, quotas())
    redis.hang()
    asking = asyncio.create_task(refused(test))
    await asyncio.sleep(0)
    time.sleep(PATIENT_SECONDS + 0.1)  # noqa: ASYNC251 - this is the busy process
    assert await asking is None
    assert not test.events("limits_local")
    await until(lambda: not is_shared(test))  # what is asked in peace says the truth


async def test_a_debt_that_a_busy_process_did_not_see_paid_is_paid_without_another_request(
    redis: RedisServer, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, late = SharedCounts.settle, [Late("busy")]

    async def late_once(counts: SharedCounts, done: Settlement) -> Amount:
        if late:
            raise late.pop()
        return await settle(counts, done)

    monkeypatch.setattr(SharedCounts, "settle", late_once)
    test = await replica(redis, stack, quotas())
    async with test.limiter.call(ANN, Amount(500, 500_000)) as bill:
        bill.used = Amount(1, 10_000)
    await until(lambda: test.metric("airworthy_daily_budget_spent_ratio") == 0.01)
    assert not test.events("limits_local")


@pytest.mark.parametrize("order", ["in order", "late", "twice", "lost"])
async def test_settling_is_right_however_the_reservation_fared(
    redis: RedisServer, stack: AsyncExitStack, order: str
) -> None:
    counts = counts_of(redis, stack, quotas())
    settlement = Settlement("call", 0, COUNTED, Amount(100, 100), Amount(7, 8))

    async def reserve() -> None:
        await counts.reserve("call", COUNTED, 0, Amount(100, 100))

    if order in ("in order", "twice"):
        await reserve()
        assert await counts.look(0) == Amount(100, 100)
    for _ in range(2 if order == "twice" else 1):
        assert await counts.settle(settlement) == Amount(7, 8)
    if order == "late":
        await reserve()
    assert await counts.look(0) == Amount(7, 8)


async def test_when_redis_dies_the_service_goes_on_and_finds_it_again(
    redis: RedisServer, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLAYBOOK 2.11: said in log and metric, no error reaches a caller, back by itself."""
    monkeypatch.setattr(sharing, "LOOK_SECONDS", 0.05)
    service = await start(
        settings={"redis_url": redis.url}, guardrails={"limits": {"storage": "redis"}}
    )
    assert (await service.post(GOOD)).json()["outcome"] == "answered"
    assert service.metric(SHARED) == 1
    redis.die()
    for _ in range(5):
        assert (await service.post(GOOD)).json()["outcome"] == "answered"
    await until(lambda: service.metric(SHARED) == 0)
    (line,) = service.lines("limits_local")
    assert line["reason"] == "ConnectionError"
    redis.start()
    await until(lambda: service.metric(SHARED) == 1)
    assert (await service.post(GOOD)).json()["outcome"] == "answered"
    assert len(service.lines("limits_shared")) == 2
    assert not service.lines("unexpected_error")


async def test_a_service_starts_without_its_redis(redis: RedisServer, start: Start) -> None:
    redis.die()
    service = await start(
        settings={"redis_url": redis.url}, guardrails={"limits": {"storage": "redis"}}
    )
    assert (await service.post(GOOD)).json()["outcome"] == "answered"
    assert len(service.lines("limits_local")) == 1
    assert service.metric(SHARED) == 0


async def test_a_redis_that_answers_nonsense_is_a_redis_that_is_away(
    redis: RedisServer, stack: AsyncExitStack
) -> None:
    """Such as one that is full, read-only, or wants a password."""
    test = await replica(redis, stack, quotas())
    settings = Settings.model_validate({"service_secret": "s" * 32, "redis_url": redis.url})
    async with opening.redis_client(settings) as client:
        await client.config_set("requirepass", "changed")
        await client.client_kill_filter(_type="normal", skipme=True)
    await until(lambda: not is_shared(test))
    await spend(test, Amount(1, 1))
    assert test.events("limits_local")[0]["reason"] in (
        "Redis refuses the user or the password of REDIS_URL (AuthenticationError)",
        "ConnectionError",
    )


async def test_redis_without_an_address_stops_the_start(start: Start) -> None:
    with pytest.raises(ConfigError) as error:
        await start(guardrails={"limits": {"storage": "redis"}})
    assert "limits.storage\n  redis needs REDIS_URL." in str(error.value)


async def test_redis_without_its_client_stops_the_start(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(
        ConfigError, match=r"yaml:\d+  limits.storage\n.*airworthy-chassis\[redis\]"
    ):
        await start(
            settings={"redis_url": "redis://127.0.0.1:1/0"},
            guardrails={"limits": {"storage": "redis"}},
        )
