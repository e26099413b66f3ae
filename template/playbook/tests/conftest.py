"""What several modules of the simulator's tests start from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import examples
import pytest

if TYPE_CHECKING:
    from playbook.simulator.embedded import EmbeddedSimulator


def pytest_configure(config: pytest.Config) -> None:
    examples.configure(config)


@pytest.fixture(scope="module")
def shared_simulator() -> Iterator[EmbeddedSimulator]:
    """One for all tests of a module, as stopping takes a moment."""
    from simulator_requests import brain

    from playbook.simulator.embedded import EmbeddedSimulator

    with EmbeddedSimulator(brain) as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: EmbeddedSimulator) -> EmbeddedSimulator:
    """A simulator without faults or counts, whose brain is easy to foresee."""
    from simulator_requests import brain

    from playbook.simulator.faults import FaultBook
    from playbook.simulator.server import Stats

    inner = shared_simulator.simulator
    inner.brain, inner.stats, inner.book = brain, Stats(), FaultBook()
    return shared_simulator
