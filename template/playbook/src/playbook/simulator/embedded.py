"""A simulator inside the process that uses it: real HTTP, for tests that bring their own brain."""

from __future__ import annotations

import threading
from typing import Any, Self

from .control import Control, SimulatorError
from .core import Brain
from .process import SimulatorServer, bind
from .server import Simulator, create_simulator


class EmbeddedSimulator(Control):
    """A simulator in a thread of its own, on loopback.

    Use `SimulatorProcess` where its work must not share this process's time, as in load tests.
    """

    def __init__(self, brain: Brain | None = None, **dials: Any) -> None:
        """Take a brain (the real one by default) and what `create_simulator` takes."""
        self.app = create_simulator(brain, **dials)
        self._ready = threading.Event()
        self._server = SimulatorServer(self.app, lambda host, port: self._ready.set())
        self._listener = bind("127.0.0.1", 0)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True
        )
        self.port = self._listener.getsockname()[1]

    @property
    def simulator(self) -> Simulator:
        """The simulator itself, to look into or to change between requests."""
        simulator: Simulator = self.app.state.simulator
        return simulator

    def start(self) -> Self:
        """Start, and wait until requests are answered."""
        self._thread.start()
        if not self._ready.wait(5):
            raise SimulatorError("The simulator did not start in time.")
        return self

    def stop(self) -> None:
        """Stop, cutting what is still in flight."""
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
