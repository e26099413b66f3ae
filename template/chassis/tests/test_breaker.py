"""The circuit breaker, against a model of it and a clock that the test turns."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sample_config import Start
from scripted_provider import Provider, answers, fails, slow
from waiting import until

from chassis.breaker import Breaker, Permit, State
from chassis.testing import ServiceUnderTest

FAILURES, WINDOW, RESET = 3, 10.0, 5.0


class BreakerMachine(RuleBasedStateMachine):
    """Calls go out, come back in any order with any verdict, while time passes."""

    @initialize()
    def start(self) -> None:
        self.now = 0.0
        self.breaker = Breaker(FAILURES, WINDOW, RESET, clock=lambda: self.now)
        self.out: list[Permit] = []
        self.probe: Permit | None = None
        self.opened_at: float | None = None
        self.failures: list[float] = []
        self.failed_ever = 0

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 4.9, 5.0, 11.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def a_caller_asks(self) -> None:
        state = self.breaker.state
        permit = self.breaker.admit()
        if state is State.closed:
            assert permit is not None
        elif state is State.open:
            assert permit is None
        else:
            assert (permit is None) == (self.probe is not None)
            self.probe = permit or self.probe
        if permit is not None:
            self.out.append(permit)

    @rule(callers=st.integers(2, 20))
    def many_ask_at_once(self, callers: int) -> None:
        for _ in range(callers):
            self.a_caller_asks()

    @precondition(lambda self: self.out)
    @rule(data=st.data(), verdict=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def a_call_comes_back(self, data: st.DataObject, verdict: str) -> None:
        permit = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        before = self.breaker.state
        getattr(self.breaker, verdict)(permit)
        was_probe = permit is self.probe
        self.failed_ever += verdict == "failed"
        if before is not State.closed and not was_probe:
            assert self.breaker.state is before  # a late verdict of an old permit changes nothing
        if verdict == "abandoned":
            assert self.breaker.state is before  # it says nothing about the provider
        if was_probe:
            self.probe = None
        if was_probe and verdict == "failed":
            self.opened_at = self.now
        if was_probe and verdict == "succeeded":
            self.opened_at, self.failures = None, []
        if self.opened_at is not None:
            return
        if verdict == "succeeded":
            self.failures = []
        if verdict == "failed":
            self.failures = [*self.failures, self.now][-FAILURES:]
            if len(self.failures) == FAILURES and self.now - self.failures[0] <= WINDOW:
                self.opened_at = self.now

    @precondition(lambda self: self.probe is not None)
    @rule(verdict=st.sampled_from(["succeeded", "failed", "abandoned"]))
    def the_probe_comes_back(self, verdict: str) -> None:
        """Its verdict decides: closed, open for another pause, or the place is free again."""
        assert self.probe is not None
        self.out.remove(self.probe)
        probe, self.probe = self.probe, None
        getattr(self.breaker, verdict)(probe)
        self.failed_ever += verdict == "failed"
        if verdict == "succeeded":
            self.opened_at, self.failures = None, []
            assert self.breaker.state is State.closed
        elif verdict == "failed":
            self.opened_at = self.now
            assert self.breaker.admit() is None
        else:
            self.a_caller_asks()
            assert self.probe is not None

    @invariant()
    def at_most_one_probe_is_out_and_an_open_one_admits_nobody(self) -> None:
        resting = self.opened_at is not None and self.now - self.opened_at < RESET
        if resting or self.probe is not None:
            assert self.breaker.admit() is None

    @invariant()
    def it_never_opens_before_enough_calls_failed(self) -> None:
        if self.failed_ever < FAILURES:
            assert self.breaker.state is State.closed

    @invariant()
    def the_state_is_what_it_should_be(self) -> None:
        """DESIGN, request path: closed, open for the pause, then half-open."""
        if self.opened_at is None:
            assert self.breaker.state is State.closed
        elif self.now - self.opened_at < RESET:
            assert self.breaker.state is State.open
        else:
            assert self.breaker.state is State.half_open


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=60, stateful_step_count=40)


def opened() -> tuple[Breaker, list[float], Permit]:
    """A breaker that has just opened, its clock, and a call that went out before it did."""
    clock = [0.0]
    breaker = Breaker(FAILURES, WINDOW, RESET, clock=lambda: clock[0])
    permits = [breaker.admit() for _ in range(FAILURES + 1)]
    for permit in permits[:FAILURES]:
        assert permit is not None
        breaker.failed(permit)
    straggler = permits[-1]
    assert straggler is not None
    return breaker, clock, straggler


def test_half_open_lets_one_probe_through_however_many_ask() -> None:
    """PLAYBOOK 2.2: purgatory and pybreaker let every probe through."""
    breaker, clock, _ = opened()
    clock[0] = RESET
    assert [breaker.admit() is not None for _ in range(50)].count(True) == 1


def test_a_call_from_before_it_opened_does_not_make_room_for_a_second_probe() -> None:
    breaker, clock, straggler = opened()
    clock[0] = RESET
    assert breaker.admit() is not None
    breaker.abandoned(straggler)
    assert breaker.admit() is None


def test_a_call_from_before_it_opened_neither_closes_it_nor_keeps_it_open() -> None:
    breaker, clock, straggler = opened()
    breaker.succeeded(straggler)
    assert breaker.state is State.open
    clock[0] = RESET - 0.1
    breaker.failed(straggler)
    assert breaker.admit() is None
    clock[0] = RESET
    assert breaker.admit() is not None


def test_an_abandoned_probe_makes_room_for_the_next() -> None:
    breaker, clock, _ = opened()
    clock[0] = RESET
    probe = breaker.admit()
    assert probe is not None
    breaker.abandoned(probe)
    assert breaker.admit() is not None


SMALL = "simulator:small"
FALLBACK = {"releases": {"label-v1": {"fallbacks": ["simulator:spare"]}}}
QUICK = {"failures": 1, "window_seconds": 30, "reset_seconds": 0.3}


def state(service: ServiceUnderTest) -> str:
    """The one state the metric shows; none while it changes from one reading to the next."""
    shown = "".join(
        each.value
        for each in State
        if service.metric("airworthy_breaker_state", model=SMALL, state=each.value)
    )
    if shown in ("closed", "open"):
        assert service.metric("airworthy_breaker_open", model=SMALL) == (shown == "open")
    return shown


@pytest.mark.slow
async def test_many_callers_after_the_pause_send_one_probe_and_all_are_answered(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.2: half-open under concurrency, over real HTTP."""
    service = await start(releases=FALLBACK, guardrails={"breaker": QUICK})
    provider.for_model = {"small": fails(500), "spare": answers()}
    assert state(service) == "closed"
    await service.post({"text": "an apple"})
    assert state(service) == "open"
    asked = len(provider.requests)
    provider.for_model["small"] = slow(0.4)
    await until(lambda: state(service) == "half_open")
    responses = await asyncio.gather(*(service.post({"text": "an apple"}) for _ in range(20)))
    assert {response.json()["outcome"] for response in responses} == {"answered"}
    models = [request["model"] for request in provider.requests[asked:]]
    assert (models.count("small"), models.count("spare")) == (1, 19)
    assert state(service) == service.service.readiness()[1]["models"][SMALL] == "closed"


@pytest.mark.slow
async def test_a_probe_whose_caller_leaves_makes_room_for_the_next(
    start: Start, provider: Provider
) -> None:
    service = await start(guardrails={"breaker": QUICK, "model": {"attempts": 1}})
    provider.will(fails(500), slow(30))
    await service.post({"text": "an apple"})
    await until(lambda: state(service) == "half_open")
    probe = asyncio.create_task(service.post({"text": "an apple"}))
    await until(lambda: len(provider.requests) == 2)
    assert (await service.post({"text": "an apple"})).json()["outcome"] == "fallback"
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert state(service) == "half_open"
    assert (await service.post({"text": "an apple"})).json()["outcome"] == "answered"
    assert state(service) == "closed"


@pytest.mark.slow
async def test_who_waits_for_a_place_is_sent_on_when_the_breaker_opens(
    start: Start, provider: Provider
) -> None:
    """The queue before a model that hangs empties at once, not one timeout after the other."""
    limits = {"concurrency": 1, "queue": 64, "timeout_seconds": 0.4, "attempts": 1}
    breaker = {"failures": 1, "window_seconds": 30, "reset_seconds": 30}
    service = await start(releases=FALLBACK, guardrails={"breaker": breaker, "model": limits})
    provider.for_model = {"small": slow(30), "spare": answers()}
    started = time.perf_counter()
    responses = await asyncio.gather(*(service.post({"text": "an apple"}) for _ in range(8)))
    assert {response.json()["outcome"] for response in responses} == {"answered"}
    assert time.perf_counter() - started < 1.2
    assert [request["model"] for request in provider.requests].count("small") == 1
