"""Limits: per user, per session, for the service, and the money of a day."""

from __future__ import annotations

import asyncio
import re

import httpx2
from sample_config import Start
from scripted_provider import Provider, answers, says

from chassis.testing import ServiceUnderTest

GOOD = {"text": "an apple"}
CHEAP = {"per_interaction_usd": 0.00005}


async def limited(start: Start, **limits: int) -> ServiceUnderTest:
    per_minute = {f"{whose}_requests_per_minute": number for whose, number in limits.items()}
    keys = {"other": {"organisation": "umbrella"}, "second": {"id": "second"}}
    criteria = {"traffic": {"peak_requests_per_second": 0.01}}
    return await start(guardrails={"limits": per_minute}, keys=keys, success_criteria=criteria)


def refused(response: httpx2.Response, whose: str, per_minute: int) -> None:
    assert (response.status_code, response.json()["type"]) == (
        429,
        f"/problems/{whose}-rate-limit",
    )
    wait = int(response.headers["retry-after"])
    assert 1 <= wait <= 61
    assert response.headers["ratelimit-policy"] == f'"{whose}";q={per_minute};w=60'
    assert response.headers["ratelimit"] == f'"{whose}";r=0;t={wait}'
    assert re.search(rf"limit of {per_minute} requests a minute", response.json()["detail"])


async def test_n_requests_pass_and_the_next_does_not(start: Start, provider: Provider) -> None:
    """PLAYBOOK 2.11, point 11: N pass, N+1 is 429 with Retry-After, exact under concurrency."""
    service = await limited(start, user=5, session=5)
    responses = await asyncio.gather(*(service.post(GOOD) for _ in range(12)))
    assert sorted(r.status_code for r in responses) == [200] * 5 + [429] * 7
    refused(await service.post(GOOD), "user", 5)
    assert len(provider.requests) == 5
    assert service.metric("airworthy_requests_total", outcome="rate_limited") == 8
    assert service.metric("airworthy_bad_requests_total") == 0


async def test_users_are_limited_each_for_themselves(start: Start) -> None:
    """PLAYBOOK 2.11: users isolated, also those of the same name elsewhere."""
    service = await limited(start, user=1, session=1)
    assert (await service.post(GOOD, X_End_User="ann")).status_code == 200
    refused(await service.post(GOOD, X_End_User="ann"), "user", 1)
    assert (await service.post(GOOD, X_End_User="bob")).status_code == 200
    assert (await service.post(GOOD, key="other", X_End_User="ann")).status_code == 200
    refused(await service.post(GOOD, key="second", X_End_User="ann"), "user", 1)
    assert (await service.post(GOOD)).status_code == 200
    assert (await service.post(GOOD, X_End_User="tester-0")).status_code == 200


async def test_a_session_is_limited_within_its_user(start: Start) -> None:
    """DESIGN, identity: a session exists only within a user."""
    service = await limited(start, user=10, session=1)
    assert (await service.post(GOOD, X_End_User="ann", X_Session_Id="s")).status_code == 200
    refused(await service.post(GOOD, X_End_User="ann", X_Session_Id="s"), "session", 1)
    assert (await service.post(GOOD, X_End_User="ann", X_Session_Id="t")).status_code == 200
    assert (await service.post(GOOD, X_End_User="bob", X_Session_Id="s")).status_code == 200
    assert (await service.post(GOOD, X_End_User="ann")).status_code == 200


async def test_the_service_has_a_limit_of_its_own(start: Start) -> None:
    service = await limited(start, user=1, session=1, service=2)
    for user in ("ann", "bob"):
        assert (await service.post(GOOD, X_End_User=user)).status_code == 200
    refused(await service.post(GOOD, X_End_User="cem"), "service", 2)


async def test_replicas_share_the_limits(start: Start) -> None:
    """DESIGN, state: local limits divide by the declared number of replicas."""
    traffic = {"traffic": {"replicas": 4}}
    limits = {"user_requests_per_minute": 8, "session_requests_per_minute": 8}
    service = await start(success_criteria=traffic, guardrails={"limits": limits})
    statuses = [(await service.post(GOOD)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


async def test_ratings_and_documents_are_limited_too(start: Start) -> None:
    service = await limited(start, user=1, session=1)
    assert (await service.post(GOOD)).status_code == 200
    refused(await service.post({}, route="/v1/feedback"), "user", 1)
    headers = {"Authorization": f"Bearer {service.key}"}
    refused(await service.http.get("/openapi.json", headers=headers), "user", 1)


async def test_a_spent_day_switches_the_model_off(start: Start, provider: Provider) -> None:
    """PLAYBOOK 1.3; DESIGN, outcomes: the budget of the day spent, degraded answers."""
    money = {**CHEAP, "daily_budget_usd": 0.0003, "weekly_budget_usd": 0.002}
    service = await start(
        success_criteria={"cost": money},
        guardrails={"limits": {"stop_at_daily_budget": 1.0}},
    )
    outcomes = [(await service.post(GOOD)).json() for _ in range(3)]
    assert [body["outcome"] for body in outcomes] == ["answered", "answered", "switched_off"]
    assert outcomes[2]["degraded"]["reason"] == "daily_budget"
    assert len(provider.requests) == 2


async def test_a_day_that_is_spent_within_a_request_degrades_it(
    start: Start, provider: Provider
) -> None:
    """The stop holds between two calls of one request: here between an answer and its repair."""
    money = {**CHEAP, "daily_budget_usd": 0.0001, "weekly_budget_usd": 0.0007}
    service = await start(
        success_criteria={"cost": money},
        guardrails={"limits": {"stop_at_daily_budget": 1.0}},
    )
    provider.will(says("not what was asked for"), answers())
    body = (await service.post(GOOD)).json()
    assert (body["outcome"], body["degraded"]["reason"]) == ("switched_off", "daily_budget")
    assert len(provider.requests) == 1
    assert service.metric("airworthy_limit_refusals_total", limit="daily_budget") == 1


async def test_tokens_of_a_user_end_like_requests_do(start: Start, provider: Provider) -> None:
    """PLAYBOOK 2.11: token limits per user; 429, and nothing of it counts against availability."""
    limits = {"user_tokens_per_day": 1, "session_tokens_per_day": 1}
    service = await start(guardrails={"limits": limits})
    assert (await service.post(GOOD, X_End_User="ann")).status_code == 200
    response = await service.post(GOOD, X_End_User="ann")
    assert (response.status_code, response.json()["type"]) == (429, "/problems/user-token-limit")
    assert "midnight UTC" in response.json()["detail"]
    assert response.headers["ratelimit"].startswith('"user-tokens";r=0;t=')
    assert (await service.post(GOOD, X_End_User="bob")).status_code == 200
    assert len(provider.requests) == 2
    assert service.metric("airworthy_bad_requests_total") == 0
    assert service.metric("airworthy_limit_refusals_total", limit="user_tokens") == 1


async def test_a_budget_that_never_stops_never_stops(start: Start) -> None:
    money = {**CHEAP, "daily_budget_usd": 0.0001, "weekly_budget_usd": 0.0007}
    service = await start(
        success_criteria={"cost": money},
        guardrails={"limits": {"stop_at_daily_budget": None}},
    )
    assert [(await service.post(GOOD)).json()["outcome"] for _ in range(3)] == ["answered"] * 3
