"""The circuit breaker, against a model of it and a clock that the test turns."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.breaker import Breaker, Permit, State

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
        getattr(self.breaker, verdict)(permit)
        was_probe = permit is self.probe
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
TestBreaker.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


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
