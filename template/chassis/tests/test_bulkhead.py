"""Places and queue of a model: how many ask it at a time, who waits, who is sent on at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_config import Start
from scripted_provider import Provider, answers, slow
from waiting import until

from chassis.model import Bulkhead, Failure
from chassis.testing import ServiceUnderTest

GOOD = {"text": "an apple"}
SMALL = {"model": "simulator:small"}
FALLBACK = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}

Step = tuple[str, int]


@settings(max_examples=200)
@given(
    places=st.integers(1, 4),
    queue=st.integers(0, 4),
    steps=st.lists(
        st.tuples(st.sampled_from(["arrive", "finish", "give up"]), st.integers(0, 30)),
        max_size=40,
    ),
)
def test_never_more_calls_than_places_and_never_more_waiting_than_the_queue(
    places: int, queue: int, steps: list[Step]
) -> None:
    """PLAYBOOK 2.4: bounded, refused at once when full, and nothing is lost by giving up."""
    asyncio.run(_walk(Bulkhead(places, queue), places, queue, steps))


async def _walk(bulkhead: Bulkhead, places: int, queue: int, steps: list[Step]) -> None:
    ends: dict[asyncio.Task[bool], asyncio.Event] = {}

    async def call(end: asyncio.Event) -> bool:
        try:
            async with bulkhead.place():
                await end.wait()
                return True
        except Failure:
            return False

    async def settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    for action, which in steps:
        alive = [task for task in ends if not task.done()]
        if action == "arrive":
            full = len(alive) >= places + queue
            end = asyncio.Event()
            task = asyncio.create_task(call(end))
            ends[task] = end
            await settle()
            assert task.done() == full  # refused at once, or never
        elif alive:
            task = alive[which % len(alive)]
            ends[task].set()
            if action == "give up":
                task.cancel()
            await settle()
        alive = [task for task in ends if not task.done()]
        assert bulkhead.in_use <= places
        assert bulkhead.waiting <= queue
        assert bulkhead.in_use + bulkhead.waiting == len(alive)
        assert bulkhead.waiting == 0 or bulkhead.in_use == places  # nobody waits at a free place
    for task, end in ends.items():
        end.set()
        await asyncio.gather(task, return_exceptions=True)
    assert (bulkhead.in_use, bulkhead.waiting) == (0, 0)


def shown(service: ServiceUnderTest, metric: str) -> float:
    return service.metric(metric, model="simulator:small")


@pytest.mark.slow
async def test_beyond_the_queue_the_fallback_answers_at_once(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.4; DESIGN, outcomes: a full model costs nobody more than a fallback."""
    limits = {"concurrency": 2, "queue": 1, "timeout_seconds": 2.5, "attempts": 1}
    service = await start(releases=FALLBACK, guardrails={"model": limits})
    for metric in ("airworthy_model_queue", "airworthy_model_in_use"):
        assert shown(service, metric) == 0
    provider.for_model = {"small": slow(30), "spare": answers(model="simulated/spare")}
    stuck = [asyncio.create_task(service.post(GOOD)) for _ in range(3)]
    await until(lambda: shown(service, "airworthy_model_queue") == 1)
    assert shown(service, "airworthy_model_in_use") == 2
    response = await service.post(GOOD)
    line = service.lines("ai_call")[-1]
    assert (response.json()["outcome"], line["fallback_used"]) == ("answered", True)
    assert line["model_error"] == "simulator:small: too many calls are waiting for this model"
    assert line["latency_seconds"] < 0.5
    full: dict[str, Any] = {"model": "simulator:small", "kind": "queue_full"}
    assert service.metric("airworthy_model_failures_total", **full) == 1
    assert service.metric("airworthy_model_fallbacks_total", release="label-v1") == 1
    assert [(await task).json()["outcome"] for task in stuck] == ["answered"] * 3
    assert shown(service, "airworthy_model_in_use") == shown(service, "airworthy_model_queue") == 0
    assert service.metric("airworthy_model_fallbacks_total", release="label-v1") == 4


@pytest.mark.slow
async def test_beyond_the_queue_without_a_fallback_the_answer_is_degraded_at_once(
    start: Start, provider: Provider
) -> None:
    limits = {"concurrency": 1, "queue": 0, "timeout_seconds": 0.6, "attempts": 1}
    service = await start(guardrails={"model": limits})
    provider.for_text = {"slow pear": slow(30)}
    stuck = asyncio.create_task(service.post({"text": "a slow pear"}))
    await until(lambda: shown(service, "airworthy_model_in_use") == 1)
    response = await service.post(GOOD)
    assert (response.status_code, response.json()["outcome"]) == (200, "fallback")
    assert service.lines("ai_call")[-1]["latency_seconds"] < 0.3
    await stuck


@pytest.mark.slow
async def test_callers_who_leave_give_their_places_back(start: Start, provider: Provider) -> None:
    limits = {"concurrency": 2, "queue": 4, "timeout_seconds": 2.5}
    service = await start(guardrails={"model": limits})
    provider.for_text = {"slow pear": slow(30)}
    for _ in range(3):
        leaving = [asyncio.create_task(service.post({"text": "a slow pear"})) for _ in range(5)]
        await until(lambda: shown(service, "airworthy_model_queue") == 3)
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        await until(lambda: shown(service, "airworthy_model_in_use") == 0)
    assert (await service.post(GOOD)).json()["outcome"] == "answered"


@pytest.mark.slow
async def test_our_own_crowd_does_not_open_the_breaker_of_a_model_that_is_well(
    start: Start, provider: Provider
) -> None:
    """A call that waited long has little time left, and no provider is to blame for that."""
    limits = {"concurrency": 1, "queue": 64, "timeout_seconds": 0.9, "attempts": 1}
    service = await start(
        guardrails={
            "request": {"budget_seconds": 1.0},
            "model": limits,
            "breaker": {"failures": 1, "window_seconds": 30, "reset_seconds": 30},
        }
    )
    provider.for_model = {"small": slow(0.6)}
    outcomes = await asyncio.gather(*(service.post(GOOD) for _ in range(6)))
    assert [r.json()["outcome"] for r in outcomes].count("answered") == 1
    assert shown(service, "airworthy_breaker_open") == 0
