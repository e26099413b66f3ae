"""Feedback: a signed token lets a user rate an answer, without anything being stored."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_config import Start

from chassis.feedback import FeedbackTokens
from chassis.problems import Problem
from chassis.testing import ServiceUnderTest

ROUTE = "/v1/feedback"


async def token(service: ServiceUnderTest) -> str:
    """The token of an answer."""
    return str((await service.post({"text": "an apple"})).json()["feedback_token"])


async def test_an_answer_can_be_rated_and_rated_again(service: ServiceUnderTest) -> None:
    """PLAYBOOK 1.4, 5.5."""
    mark = await token(service)
    for rating in (5, 2):
        body = {"feedback_token": mark, "rating": rating, "comment": "ann@example.com liked it"}
        response = await service.post(body, route=ROUTE)
        assert response.status_code == 200
        assert service.metric("airworthy_ratings_total", rating=str(rating)) == 1
    answered = service.lines("ai_call")[0]
    rated = service.lines("feedback")
    assert [line["rating"] for line in rated] == [5, 2]
    assert {line["request_id"] for line in rated} == {answered["request_id"]}
    assert response.json()["rated"] == answered["request_id"]
    assert "liked" not in service.log_text()
    assert len(service.lines("ai_call")) == 1
    assert service.metric("airworthy_requests_total") == 1  # a rating is no request to the model


def _other_claims(mark: str) -> str:
    body, _, signature = mark.partition(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["release"] = "label-v2"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{forged}.{signature}"


@pytest.mark.parametrize(
    "tamper",
    [
        _other_claims,
        lambda mark: mark[:-1],
        lambda mark: mark.partition(".")[0],
        lambda mark: mark + "A",
        lambda mark: mark.replace(".", ".."),
        lambda _: "",
        lambda _: ".",
        lambda _: "\u2603.\u2603",
    ],
)
async def test_a_token_that_is_not_as_it_came_is_refused(
    service: ServiceUnderTest, tamper: Callable[[str], str]
) -> None:
    """DESIGN, HTTP: a signed feedback token."""
    body = {"feedback_token": tamper(await token(service)), "rating": 5}
    response = await service.post(body, route=ROUTE)
    assert (response.status_code, response.json()["type"]) == (422, "/problems/feedback-token")
    assert service.metric("airworthy_ratings_total") == 0


@pytest.mark.parametrize("rating", [0, 6, 4.5, "good", None])
async def test_a_rating_is_one_to_five(service: ServiceUnderTest, rating: object) -> None:
    body = {"feedback_token": await token(service), "rating": rating}
    assert (await service.post(body, route=ROUTE)).json()["type"] == "/problems/invalid-field"


async def test_a_key_needs_the_scope_to_rate(start: Start) -> None:
    """PLAYBOOK 2.12."""
    service = await start(keys={"narrow": {"scopes": ["label"]}})
    response = await service.post({}, route=ROUTE, key="narrow")
    assert (response.status_code, response.json()["type"]) == (403, "/problems/scope-missing")
    assert (await service.post({}, route=ROUTE, key="wrong")).status_code == 401
    assert len(service.lines("security_event")) == 2


async def test_a_rating_is_read_as_carefully_as_a_request(service: ServiceUnderTest) -> None:
    for body, status in ((b"{", 400), (b"[]", 400), (b"x" * 5000, 413), (b'{"a":NaN}', 400)):
        assert (await service.post(body, route=ROUTE)).status_code == status


def test_a_token_lasts_thirty_days(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("chassis.feedback.time.time", lambda: now)
    tokens = FeedbackTokens(b"secret")
    mark = tokens.issue("r1", "label-v1", "ann")
    now += 30 * 24 * 3600 - 1
    assert tokens.open(mark)["request_id"] == "r1"
    now += 2
    with pytest.raises(Problem) as late:
        tokens.open(mark)
    assert (late.value.kind, late.value.status) == ("feedback-expired", 422)


def test_a_token_of_another_service_is_none_of_ours() -> None:
    mark = FeedbackTokens(b"one").issue("r1", "label-v1", None)
    with pytest.raises(Problem):
        FeedbackTokens(b"two").open(mark)


@given(text=st.text())
def test_no_text_opens_or_breaks_the_check(text: str) -> None:
    with pytest.raises(Problem):
        FeedbackTokens(b"secret").open(text)
