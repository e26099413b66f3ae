"""Counting in one process, against the plainest model of it, on a clock that the test turns."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limiter_parts import ANN, BOB, Clock, LimiterUnderTest, quotas

from chassis.identity import Caller
from chassis.limits import Amount, Bill, DailyBudgetSpent
from chassis.limits.local import LocalCounts
from chassis.limits.quotas import DAY_SECONDS, SERVICE, WINDOW_SECONDS, Caps, Counted
from chassis.problems import Problem

USER_LIMIT, SESSION_LIMIT, SERVICE_LIMIT = 4, 2, 6
LIMITS = {"user": USER_LIMIT, "session": SESSION_LIMIT, "service": SERVICE_LIMIT}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.0, 1.0, 20.0, 59.0, 60.0]),
            st.sampled_from(["ann", "bob", "cem"]),
            st.sampled_from(["s", "t", None]),
        ),
        max_size=60,
    )
)
def test_a_request_passes_as_long_as_fewer_than_the_limit_passed_in_the_last_minute(
    requests: list[tuple[float, str, str | None]],
) -> None:
    """PLAYBOOK 2.11, point 11: N pass, N+1 does not; users isolated; the window slides."""
    clock = Clock()
    caps = {whose: Caps(limit, None, None) for whose, limit in LIMITS.items()}
    counts = LocalCounts(quotas(**caps), clock, clock)
    passed: list[tuple[float, tuple[Counted, ...]]] = []
    for seconds, user, session in requests:
        clock.seconds += seconds
        counted: tuple[Counted, ...] = (Counted("user", user), SERVICE)
        if session is not None:
            counted = (counted[0], Counted("session", f"{user}/{session}"), SERVICE)
        recent = [c for at, c in passed if at > clock.seconds - WINDOW_SECONDS]
        full = [one for one in counted if sum(one in c for c in recent) >= LIMITS[one.whose]]
        refusal = counts.admit(counted, spends=True)
        assert (refusal is None) == (not full)
        if refusal is None:
            passed.append((clock.seconds, counted))
            continue
        assert refusal.whose == full[0].whose
        # Retry-After is true: a moment before it is too early, at it the limit has room.
        oldest = next(at for at, c in passed if at in _recent(passed, clock) and full[0] in c)
        assert refusal.wait_seconds == pytest.approx(oldest + WINDOW_SECONDS - clock.seconds)


def _recent(passed: list[tuple[float, tuple[Counted, ...]]], clock: Clock) -> set[float]:
    return {at for at, _ in passed if at > clock.seconds - WINDOW_SECONDS}


def test_callers_that_went_silent_take_no_memory() -> None:
    clock = Clock()
    counts = LocalCounts(quotas(), clock, clock)
    for number in range(1000):
        counts.admit((Counted("user", str(number)), SERVICE), spends=True)
    clock.seconds += WINDOW_SECONDS
    counts.admit((Counted("user", "ann"), SERVICE), spends=True)
    assert len(counts._windows) == 2


CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("goes out"), st.integers(1, 40)),
        st.tuples(st.just("comes back"), st.floats(0, 1)),
        st.tuples(st.just("a new day"), st.none()),
    ),
    max_size=60,
)


@given(CALLS)
def test_a_day_is_overspent_by_at_most_the_estimate_of_one_call(
    steps: list[tuple[str, int | float | None]],
) -> None:
    """PLAYBOOK 1.3, 2.11: the hard stop, whatever is in flight; and the day turns at midnight."""
    stop = 100

    async def play() -> None:
        test = LimiterUnderTest(quotas(service=Caps(10**6, None, stop)))
        out: list[tuple[AbstractAsyncContextManager[Bill], Bill, int, int]] = []
        day, spent, estimates = 0, {0: 0}, {0: 1}
        for step, value in steps:
            if step == "a new day":
                day += 1
                test.clock.seconds += DAY_SECONDS
                spent[day], estimates[day] = 0, 1
            elif step == "comes back" and out and value is not None:
                call, bill, paid_by, held = out.pop(int(value * (len(out) - 1)))
                used = int(value * held)
                bill.used = Amount(0, used)
                await call.__aexit__(None, None, None)
                spent[paid_by] += used
            elif step == "goes out" and value is not None:
                in_flight = sum(held for *_, paid_by, held in out if paid_by == day)
                call = test.limiter.call(ANN, Amount(0, int(value)))
                try:
                    bill = await call.__aenter__()
                except DailyBudgetSpent:
                    assert spent[day] + in_flight >= stop
                else:
                    assert spent[day] + in_flight < stop
                    estimates[day] = max(estimates[day], int(value))
                    out.append((call, bill, day, int(value)))
            assert all(spent[d] < stop + estimates[d] for d in spent)
        for call, *_ in out:
            await call.__aexit__(None, None, None)

    asyncio.run(play())


async def test_a_users_tokens_and_cost_are_refused_once_used_up_and_come_back_at_midnight() -> None:
    """PLAYBOOK 2.11: token and cost limits, each user alone."""
    test = LimiterUnderTest(quotas(user=Caps(100, 10, 500)))
    test.clock.seconds += 100
    async with test.limiter.call(ANN, Amount(3, 400)) as bill:
        bill.used = Amount(10, 20)
    with pytest.raises(Problem) as refused:
        await test.limiter.admit(ANN)
    assert (refused.value.kind, refused.value.status) == ("user-token-limit", 429)
    assert refused.value.headers == {
        "Retry-After": str(DAY_SECONDS - 100),
        "RateLimit": f'"user-tokens";r=0;t={DAY_SECONDS - 100}',
        "RateLimit-Policy": '"user-tokens";q=10;qu="tokens";w=86400',
    }
    await test.limiter.admit(ANN, spends=False)  # rates an answer, reads the documents
    await test.limiter.admit(BOB)
    async with test.limiter.call(BOB, Amount(3, 400)) as bill:
        bill.used = Amount(3, 500)
    with pytest.raises(Problem) as refused:
        async with test.limiter.call(BOB, Amount(3, 400)):
            pytest.fail("this call must not go out")
    assert refused.value.kind == "user-cost-limit"
    assert "RateLimit-Policy" not in refused.value.headers  # what a day costs is not theirs to know
    test.clock.seconds += DAY_SECONDS - 100
    await test.limiter.admit(ANN)
    await test.limiter.admit(BOB)


async def test_a_call_that_ends_after_midnight_is_paid_by_the_day_it_began_in() -> None:
    test = LimiterUnderTest(quotas(service=Caps(100, None, 100)))
    test.clock.seconds += DAY_SECONDS - 1
    async with test.limiter.call(ANN, Amount(0, 100)) as bill:
        test.clock.seconds += 2
        bill.used = Amount(0, 100)
    assert not test.limiter.is_day_spent()


async def test_sessions_without_a_limit_of_their_own_take_no_memory() -> None:
    """Who calls chooses the session's name, so there may be a new one in each request."""
    test = LimiterUnderTest(quotas(user=Caps(1_000_000, 1_000_000, None)))
    for number in range(50):
        caller = Caller("ann", "acme", session=str(number))
        async with test.limiter.call(caller, Amount(1, 1)) as bill:
            bill.used = Amount(1, 1)
    assert len(test.limiter._local._sums) == 2  # the user's and the service's


async def test_a_call_that_fails_gives_back_what_it_held() -> None:
    test = LimiterUnderTest(quotas(service=Caps(100, None, 100)))
    with pytest.raises(ConnectionError):
        async with test.limiter.call(ANN, Amount(50, 100)):
            assert test.limiter.is_day_spent()
            raise ConnectionError
    assert not test.limiter.is_day_spent()


async def test_the_budget_is_warned_of_before_it_is_spent_once_a_day_each() -> None:
    """PLAYBOOK 1.3: a hard stop is no surprise."""
    test = LimiterUnderTest(quotas(service=Caps(10**6, None, 1_200_000)))
    ratio = "airworthy_daily_budget_spent_ratio"
    for _ in range(2):
        seen = []
        for _ in range(13):
            async with test.limiter.call(ANN, Amount(1, 100_000)) as bill:
                bill.used = Amount(1, 100_000)
            seen.append(len(test.events("daily_budget_near", "daily_budget_spent")))
            if test.limiter.is_day_spent():
                break
        assert test.metric(ratio) == pytest.approx(1.2)
        near, spent = test.events("daily_budget_near", "daily_budget_spent")[-2:]
        assert (near["event"], near["spent_usd"], near["stop_usd"]) == (
            "daily_budget_near",
            0.8,
            1.2,
        )
        assert (spent["event"], spent["spent_usd"]) == ("daily_budget_spent", 1.2)
        test.clock.seconds += DAY_SECONDS
        assert test.metric(ratio) == 0
    assert len(test.events("daily_budget_near", "daily_budget_spent")) == 4


async def test_a_refusal_is_counted_each_time_and_logged_once_until_it_ends() -> None:
    test = LimiterUnderTest(quotas(user=Caps(1, None, None)))
    assert test.metric("airworthy_limit_refusals_total", limit="user_requests") == 0
    await test.limiter.admit(ANN)
    for _ in range(3):
        with pytest.raises(Problem):
            await test.limiter.admit(ANN)
    assert test.metric("airworthy_limit_refusals_total", limit="user_requests") == 3
    (line,) = test.events("limit_reached")
    assert (line["limit"], line["retry_after_seconds"]) == ("user_requests", 60)
    assert "ann" not in str(line)


async def test_how_full_the_service_is_can_be_seen_before_it_refuses() -> None:
    test = LimiterUnderTest(quotas(service=Caps(8, 100, None)), replicas=2)
    used = "airworthy_limit_used_ratio"
    assert test.metric(used, limit="service_requests") == 0
    await test.limiter.admit(ANN)
    await test.limiter.admit(BOB)
    async with test.limiter.call(ANN, Amount(tokens=5)) as bill:
        assert test.metric(used, limit="service_tokens") == pytest.approx(0.1)
        bill.used = Amount(tokens=25)
    assert test.metric(used, limit="service_requests") == pytest.approx(0.5)
    assert test.metric(used, limit="service_tokens") == pytest.approx(0.5)
    test.clock.seconds += WINDOW_SECONDS
    assert test.metric(used, limit="service_requests") == 0
