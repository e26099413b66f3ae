"""Fault rules: whom they meet, how often, how they are changed, and what the counts say."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator_requests import connect

from playbook.simulator.brain import Request
from playbook.simulator.core import ModelCall
from playbook.simulator.embedded import EmbeddedSimulator
from playbook.simulator.faults import FaultBook, Plan
from playbook.simulator.latency import Latency


def brain(request: Request) -> str:
    return f"skill {request.skill}"


def ask(text: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"model": "small", "messages": [{"role": "user", "content": text}], **more}


@pytest.fixture
def simulator(simulator: EmbeddedSimulator) -> EmbeddedSimulator:
    """One whose brain says how skilful it was told to be."""
    simulator.simulator.brain = brain
    return simulator


async def post(
    simulator: EmbeddedSimulator, http: httpx2.AsyncClient, **more: Any
) -> httpx2.Response:
    return await http.post(f"{simulator.base_url}/chat/completions", json=ask(**more), timeout=5)


async def test_skill_is_lowered_for_matched_requests_and_never_raised() -> None:
    with EmbeddedSimulator(brain, skill=0.5) as simulator:
        seen = []
        async with connect(simulator) as client:
            for skill in (None, 0.2, 0.9):
                simulator.plan(*([] if skill is None else [{"kind": "skill", "skill": skill}]))
                answer = await client.chat.completions.create(**ask())
                seen.append(answer.choices[0].message.content)
    assert seen == ["skill 0.5", "skill 0.2", "skill 0.5"]


async def test_a_fault_meets_only_the_caller_it_is_planned_for(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "server_error", "match": {"caller": "ann"}})
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(**ask(), extra_headers={"X-End-User": "ann"})
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(**ask(user="ann"))
        await client.chat.completions.create(**ask(), extra_headers={"X-End-User": "bob"})
        await client.chat.completions.create(**ask())


async def test_a_fault_meets_only_the_text_and_model_it_is_planned_for(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator) as client:
        simulator.plan(
            {"kind": "server_error", "match": {"user_contains": "INVOICE", "model": "gpt-*"}}
        )
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(**ask("An invoice", model="gpt-9"))
        await client.chat.completions.create(**ask("An invoice", model="small"))
        await client.chat.completions.create(**ask("A bug", model="gpt-9"))


async def test_a_count_ends_a_fault_so_that_a_retrying_client_gets_through(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator, max_retries=3) as client:
        simulator.plan({"kind": "rate_limit", "count": 2, "retry_after_seconds": 0.01})
        await client.chat.completions.create(**ask())
        stats = simulator.simulator.report()
    assert stats["requests"] == 3
    assert stats["faults"] == {"rate_limit": 2}


async def test_latency_and_skill_combine_with_the_first_other_fault_that_fits(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan(
            {"kind": "latency", "seconds": 0.05},
            {"kind": "server_error", "status": 502, "count": 1},
            {"kind": "server_error", "status": 503},
            {"kind": "latency", "seconds": 0.05},
        )
        started = time.monotonic()
        statuses = [(await post(simulator, http)).status_code for _ in range(2)]
        seconds = time.monotonic() - started
        stats = simulator.simulator.report()
    assert statuses == [502, 503]
    assert seconds >= 0.2
    assert stats["faults"] == {"latency": 4, "server_error": 2}


async def test_faults_are_put_read_and_removed_at_run_time(simulator: EmbeddedSimulator) -> None:
    rule = {"kind": "server_error", "status": 503, "count": 2}
    async with httpx2.AsyncClient() as http:
        url = f"{simulator.url}/_simulator/faults"
        put = await http.put(url, json={"faults": [rule]})
        await post(simulator, http)
        after = (await http.get(url)).json()
        removed = (await http.delete(url)).json()
        assert (await post(simulator, http)).status_code == 200
    assert put.status_code == 200
    assert after == {"faults": [rule | {"applied": 1, "remaining": 1}]}
    assert removed == {"faults": []}


async def test_an_invalid_plan_at_run_time_is_refused_and_the_old_one_stays(
    simulator: EmbeddedSimulator,
) -> None:
    async with httpx2.AsyncClient() as http:
        simulator.plan({"kind": "server_error"})
        url = f"{simulator.url}/_simulator/faults"
        answer = await http.put(url, json={"faults": [{"kind": "servererror"}]})
        assert (await post(simulator, http)).status_code == 500
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "faults.0.kind"
    assert "Did you mean 'server_error'?" in answer.json()["error"]["message"]


async def test_faults_and_counts_are_closed_to_other_machines(simulator: EmbeddedSimulator) -> None:
    far = httpx2.ASGITransport(app=simulator.app, client=("192.0.2.7", 1234))
    async with httpx2.AsyncClient(transport=far, base_url=simulator.url) as http:
        answers = [
            await http.put("/_simulator/faults", json={"faults": []}),
            await http.get("/_simulator/stats"),
        ]
        forwarded = {"X-Forwarded-For": "127.0.0.1"}
        answers.append(await http.get("/_simulator/stats", headers=forwarded))
    assert [answer.status_code for answer in answers] == [403, 403, 403]


async def test_stats_count_every_attempt_and_hold_no_text(simulator: EmbeddedSimulator) -> None:
    async with httpx2.AsyncClient() as http:
        await post(simulator, http, text="my secret invoice")
        await post(simulator, http, n=2)
        simulator.plan({"kind": "server_error", "status": 529})
        await post(simulator, http, stream=True)
        answer = await http.get(f"{simulator.url}/_simulator/stats")
    stats = answer.json()
    assert "secret" not in answer.text
    assert [stats[name] for name in ("requests", "answered", "rejected", "in_flight")] == [
        3,
        1,
        1,
        0,
    ]
    assert stats["statuses"] == {"200": 1, "400": 1, "529": 1}
    assert stats["last"][-1] == {
        "number": 3,
        "faults": ["server_error"],
        "model": "small",
        "stream": True,
        "status": 529,
    }


async def test_a_caller_that_hangs_up_frees_the_simulator_at_once(
    simulator: EmbeddedSimulator,
) -> None:
    async with connect(simulator, timeout=0.1) as client:
        simulator.plan({"kind": "timeout", "seconds": 600}, {"kind": "latency", "seconds": 600})
        with pytest.raises(openai.APITimeoutError):
            await client.chat.completions.create(**ask())
        deadline = time.monotonic() + 5
        while simulator.stats()["in_flight"]:
            assert time.monotonic() < deadline


async def test_one_slow_caller_does_not_slow_the_others(simulator: EmbeddedSimulator) -> None:
    async with connect(simulator) as client:
        simulator.plan({"kind": "slow_drip", "seconds": 30, "match": {"caller": "ann"}})
        ann = asyncio.create_task(client.chat.completions.create(**ask(user="ann")))
        started = time.monotonic()
        await client.chat.completions.create(**ask(user="bob"))
        assert time.monotonic() - started < 2
        assert not ann.done()
        ann.cancel()
        await asyncio.wait([ann])


async def test_the_simulators_own_latency_is_spent_before_each_answer() -> None:
    with EmbeddedSimulator(brain, latency=Latency.parse("120")) as simulator:
        async with connect(simulator) as client:
            started = time.monotonic()
            await client.chat.completions.create(**ask())
            assert time.monotonic() - started >= 0.12


def test_a_lognormal_latency_has_the_median_and_p95_it_was_given() -> None:
    latency, dice = Latency.parse("400:1500"), random.Random(1)
    drawn = sorted(latency.draw(dice) for _ in range(20_000))
    assert statistics.median(drawn) == pytest.approx(0.4, rel=0.05)
    assert drawn[19_000] == pytest.approx(1.5, rel=0.08)


@pytest.mark.parametrize("text", ["", "fast", "-1", "1:2:3", "0:5", "500:400", "nan", "inf"])
def test_a_latency_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"latency|median"):
        Latency.parse(text)


@given(share=st.floats(0, 1), seed=st.integers(0, 2**32))
def test_a_share_is_drawn_from_the_seed(share: float, seed: int) -> None:
    plan = Plan.model_validate({"faults": [{"kind": "malformed_body", "share": share}]})
    call = ModelCall(model="m", instructions="", user="")
    runs = []
    for _ in range(2):
        book = FaultBook(plan, seed=seed)
        runs.append([book.decide(call).fault is not None for _ in range(50)])
    assert runs[0] == runs[1]
    assert share > 0 or not any(runs[0])
    assert share < 1 or all(runs[0])


def test_a_share_comes_out_near_what_was_asked() -> None:
    plan = Plan.model_validate({"faults": [{"kind": "malformed_body", "share": 0.3}]})
    book, call = FaultBook(plan, seed=5), ModelCall(model="m", instructions="", user="")
    for _ in range(2000):
        book.decide(call)
    assert book.counts["malformed_body"] / 2000 == pytest.approx(0.3, abs=0.04)
