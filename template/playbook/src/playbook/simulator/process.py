"""Running the simulator: in this process until told to stop, or as a child process of our own."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from .control import HOST, Control, SimulatorError
from .core import Brain
from .latency import Latency
from .plan import load_plan
from .server import Simulator, create_simulator
from .wire import SimulatorHTTP

PORT = 8089
START_SECONDS = 20.0
STOP_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 75


def ready_line(host: str, port: int) -> str:
    """The one line a started simulator says."""
    named = f"[{host}]" if ":" in host else host
    line = f"simulator ready on http://{named}:{port}/v1 – answers are simulated"
    return line if is_loopback(host) else f"{line}; other machines can reach it"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server bound to `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(
    host: str = HOST,
    port: int = PORT,
    *,
    seed: int = 0,
    skill: float = 1.0,
    latency: Latency | None = None,
    faults_file: Path | None = None,
    brain: Brain | None = None,
    on_ready: Callable[[str, int], None] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then return.

    Only an explicit `host` opens the simulator to other machines; its faults and counts never are.

    Args:
        port: 0 takes any free one.
        on_ready: Called with host and port once requests are answered; prints `ready_line` if None.

    Raises:
        SimulatorError: The port is taken or the address is not ours.
        PlanError: The faults file is invalid.
    """
    if not 0 <= skill <= 1:
        raise SimulatorError(f"skill {skill} is not between 0 and 1.")
    plan = load_plan(faults_file) if faults_file else None
    app = create_simulator(brain, seed=seed, skill=skill, latency=latency, plan=plan)
    listener = bind(host, port)
    with contextlib.closing(listener), contextlib.suppress(KeyboardInterrupt):
        ready = on_ready or (lambda host, port: print(ready_line(host, port), flush=True))
        SimulatorServer(app, ready, host).run(sockets=[listener])


class SimulatorServer(uvicorn.Server):
    """Uvicorn's server, which says when it is ready and does not wait for faults when it stops."""

    def __init__(
        self, app: Starlette, on_ready: Callable[[str, int], None], host: str = HOST
    ) -> None:
        """Serve `app`, made by `create_simulator`; `host` is only passed on to `on_ready`."""
        config = uvicorn.Config(
            app,
            http=SimulatorHTTP,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=int(STOP_SECONDS) - 2,
        )
        super().__init__(config)
        self.simulator: Simulator = app.state.simulator
        self.on_ready = on_ready
        self.host = host

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        if sockets:
            self.on_ready(self.host, sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every wait short, then stop as Uvicorn does."""
        self.simulator.stopping.set()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; unlike the base class, do not die of the signal afterwards: exit code 0."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """A listening socket, or SimulatorError when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SimulatorError(
            f"The simulator cannot listen on {host}, port {port}: "
            f"{getattr(error, 'strerror', None) or error}.\n"
            "Choose another --port (0 takes any free one), or leave --host at 127.0.0.1."
        ) from None
    return listener


class SimulatorProcess(Control):
    """A simulator in a child process, on loopback, stopped by its own process id.

    The child also ends by itself when this process dies: it watches the pipe between them.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        seed: int = 0,
        skill: float = 1.0,
        latency_ms: str = "0",
        faults_file: Path | None = None,
    ) -> None:
        self._arguments = [f"--port={port}", f"--seed={seed}", f"--skill={skill}"]
        self._arguments += [f"--latency-ms={latency_ms}", "--print-port", "--with-parent"]
        if faults_file is not None:
            self._arguments.append(f"--faults={faults_file}")
        self._child: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, or None when it is not running."""
        return self._child.pid if self._child else None

    def start(self, timeout_seconds: float = START_SECONDS) -> Self:
        """Start the child and wait until it answers."""
        deadline = time.monotonic() + timeout_seconds
        self._child = subprocess.Popen(
            [sys.executable, "-m", "playbook.simulator", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_environment(),
        )
        try:
            self.port = self._read_port(deadline)
            self._wait_healthy(deadline)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the child; kill it if it does not stop in time. Safe to call twice."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()

    def __enter__(self) -> Self:
        return self if self._child else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read_port(self, deadline: float) -> int:
        assert self._child is not None
        assert self._child.stdout is not None
        lines: list[str] = []
        reader = threading.Thread(
            target=lambda out: lines.append(out.readline()), args=[self._child.stdout], daemon=True
        )
        reader.start()
        reader.join(max(0.0, deadline - time.monotonic()))
        if not lines:
            raise SimulatorError("The simulator did not start in time.")
        if not lines[0].strip().isdigit():
            code = self._child.wait(STOP_SECONDS)
            raise SimulatorError(f"The simulator stopped while starting, with exit code {code}.")
        return int(lines[0])

    def _wait_healthy(self, deadline: float) -> None:
        while True:
            try:
                self.ask("GET", "/healthz")
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise SimulatorError("The simulator started but does not answer.") from None
                time.sleep(0.02)


@contextlib.contextmanager
def running_simulator() -> Iterator[str]:
    """Run a simulator for the length of a `with` block; gives its base URL."""
    with SimulatorProcess() as simulator:
        yield simulator.base_url


def stop_when_input_ends() -> None:
    """Ask this process to stop once its standard input closes, as it does when the parent dies."""

    def watch() -> None:
        # Not sys.stdin: a thread waiting inside it aborts the interpreter when that exits.
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _environment() -> dict[str, str]:
    """The child finds the same playbook as this process, installed or not."""
    source = str(Path(__file__).resolve().parents[2])
    paths = [source, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
