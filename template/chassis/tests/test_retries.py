"""Retries: when, how often, after what wait, and when rather the next model."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_config import Start
from scripted_provider import Provider, Reply, answers, fails, slow

from chassis.model.bound import _wait_before_retry
from chassis.model.failures import Failure, FailureKind
from chassis.testing import ServiceUnderTest

GOOD = {"text": "an apple"}
FALLBACK = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}
SECONDS = st.floats(0, 100)


async def ask(service: ServiceUnderTest) -> tuple[str, dict[str, Any]]:
    outcome = (await service.post(GOOD)).json()["outcome"]
    return outcome, service.lines("ai_call")[-1]


@given(
    kind=st.sampled_from(FailureKind),
    retry_after=st.none() | SECONDS,
    backoff=SECONDS,
    jitter=SECONDS,
    left=st.floats(-1, 100),
)
def test_no_wait_is_begun_that_would_not_end_in_time(
    kind: FailureKind, retry_after: float | None, backoff: float, jitter: float, left: float
) -> None:
    """PLAYBOOK 2.2: Retry-After is honoured, with jitter, and never past the budget."""
    failure = Failure(kind, "", retry_after_seconds=retry_after)
    wait = _wait_before_retry(failure, backoff, jitter, left)
    if not failure.retry:
        assert wait is False
    elif retry_after is None:
        assert wait is (backoff < left)
    elif wait is not False:
        assert max(retry_after, backoff) <= wait < left
        assert wait <= max(retry_after, backoff) + jitter


def test_only_what_may_be_better_in_a_moment_is_retried() -> None:
    again = {kind.value for kind in FailureKind if Failure(kind, "").retry}
    assert again == {"timeout", "connection", "rate_limited", "server_error", "malformed"}


@pytest.mark.slow
async def test_a_wait_can_be_told_as_a_date(start: Start, provider: Provider) -> None:
    """PLAYBOOK 2.2; RFC 9110, 10.2.3: seconds or an HTTP date, which has whole seconds."""
    service = await start()
    at = datetime.now(UTC) + timedelta(seconds=2)
    provider.will(fails(429, retry_after=format_datetime(at, usegmt=True)))
    outcome, line = await ask(service)
    assert outcome == "answered"
    assert 0.9 <= line["latency_seconds"] < 2.5


@pytest.mark.slow
@pytest.mark.parametrize(
    "retry_after",
    [60, format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True)],
    ids=["seconds", "date"],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_wait_that_does_not_fit_is_the_fallbacks_turn_at_once(
    start: Start, provider: Provider, status: int, retry_after: float | str
) -> None:
    """PLAYBOOK 2.2: graceful degradation."""
    service = await start(releases=FALLBACK)
    provider.for_model = {"small": fails(status, retry_after), "spare": answers()}
    outcome, line = await ask(service)
    assert (outcome, line["fallback_used"], len(provider.requests)) == ("answered", True, 2)
    assert line["latency_seconds"] < 0.5


@pytest.mark.slow
async def test_a_backoff_that_does_not_fit_is_the_fallbacks_turn_at_once(
    start: Start, provider: Provider
) -> None:
    limits = {"backoff_initial_seconds": 10.0, "backoff_max_seconds": 20.0}
    service = await start(releases=FALLBACK, guardrails={"model": limits})
    provider.for_model = {"small": fails(500), "spare": answers()}
    outcome, line = await ask(service)
    assert (outcome, len(provider.requests)) == ("answered", 2)
    assert line["latency_seconds"] < 0.5


@pytest.mark.slow
@pytest.mark.parametrize("reply", [fails(500), slow(30)], ids=["500", "silent"])
async def test_what_the_line_says_is_the_cause_not_that_time_ran_out(
    start: Start, provider: Provider, reply: Reply
) -> None:
    """Who reads the line at night wants to know what the provider did."""
    limits = {"timeout_seconds": 0.3, "attempts": 10, "backoff_initial_seconds": 0.02}
    service = await start(guardrails={"request": {"budget_seconds": 0.8}, "model": limits})
    provider.for_model = {"small": reply}
    outcome, line = await ask(service)
    assert outcome == "fallback"
    assert line["model_error"].startswith(
        ("simulator:small: ModelServerError 500", "simulator:small: ModelTimeoutError, read")
    )


@pytest.mark.slow
async def test_a_breaker_that_opens_between_two_attempts_is_not_counted_as_a_retry(
    start: Start, provider: Provider
) -> None:
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={"breaker": breaker, "model": {"attempts": 3}})
    provider.for_model = {"small": fails(500)}
    _, line = await ask(service)
    assert (len(provider.requests), line["retries"]) == (1, 0)
    assert line["model_error"] == "simulator:small: ModelServerError 500"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "kind"), [(401, "credentials"), (403, "credentials"), (404, "not_found")]
)
async def test_a_key_that_was_revoked_goes_to_the_fallback_and_is_seen(
    start: Start, provider: Provider, status: int, kind: str
) -> None:
    """PLAYBOOK 2.2: the caller loses nothing, and the one on call sees why."""
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(releases=FALLBACK, guardrails={"breaker": breaker})
    failures = {"model": "simulator:small", "kind": kind}
    assert service.metric("airworthy_model_failures_total", **failures) == 0
    provider.for_model = {"small": fails(status), "spare": answers()}
    for _ in range(2):
        outcome, line = await ask(service)
        assert (outcome, line["fallback_used"]) == ("answered", True)
        assert str(status) in line["model_error"]
    assert len(provider.requests) == 4  # asked each time: the breaker is not open
    assert service.metric("airworthy_model_failures_total", **failures) == 2
    assert service.metric("airworthy_breaker_open", model="simulator:small") == 0


CONTEXT_TOO_LONG = Reply(
    b'{"error": {"code": "context_length_exceeded", "message": "planted"}}', 400
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (fails(400), "rejected"),
        (fails(413), "rejected"),
        (fails(422), "rejected"),
        (CONTEXT_TOO_LONG, "too_long"),
    ],
)
async def test_what_one_caller_sent_takes_the_model_from_nobody(
    start: Start, provider: Provider, reply: Reply, kind: str
) -> None:
    """A breaker that counts refused input lets anyone switch a model off."""
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(guardrails={"breaker": breaker})
    provider.for_text = {"bad pear": reply}
    for _ in range(3):
        assert (await service.post({"text": "a bad pear"})).json()["outcome"] == "fallback"
    assert len(provider.requests) == 3
    assert service.metric("airworthy_model_failures_total", kind=kind) == 3
    assert (await ask(service))[0] == "answered"


@pytest.mark.slow
async def test_waits_grow_and_differ(start: Start, provider: Provider) -> None:
    """PLAYBOOK 2.2: exponential backoff with jitter."""
    limits = {"attempts": 4, "backoff_initial_seconds": 0.05, "backoff_max_seconds": 2.0}
    service = await start(guardrails={"model": limits})
    provider.for_model = {"small": fails(500)}
    took = set()
    for _ in range(3):
        started = time.perf_counter()
        await service.post(GOOD)
        took.add(round(time.perf_counter() - started, 3))
    assert min(took) >= 0.05 + 0.1 + 0.2
    assert max(took) < 0.35 + 3 * 0.05 + 0.5
    assert len(took) > 1
