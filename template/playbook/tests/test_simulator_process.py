"""The simulator as a process: starting, saying so, stopping, and never outliving its parent."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from playbook.simulator import __main__ as command
from playbook.simulator.control import SimulatorError
from playbook.simulator.faults import RateLimit
from playbook.simulator.process import (
    SimulatorProcess,
    is_loopback,
    ready_line,
    running_simulator,
    serve,
)

pytestmark = pytest.mark.slow

HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=3) as running:
        yield running


def gone(pid: int, within_seconds: float = 5.0) -> bool:
    """Whether a process that is not our child has ended."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if (Path("/proc") / str(pid) / "stat").exists():
            state = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":
                return True
        time.sleep(0.02)
    return False


def test_a_child_process_answers_a_real_client(simulator: SimulatorProcess) -> None:
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=0) as client:
        answer = client.chat.completions.create(model="small", messages=HELLO)  # type: ignore[arg-type]
    assert answer.model == "simulated/small"


def test_faults_are_planned_and_counted_from_the_parent(simulator: SimulatorProcess) -> None:
    before = simulator.stats()["requests"]
    simulator.plan(RateLimit(kind="rate_limit", count=1))
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=0) as client:
        with pytest.raises(openai.RateLimitError):
            client.chat.completions.create(model="small", messages=HELLO)  # type: ignore[arg-type]
        simulator.clear()
        client.chat.completions.create(model="small", messages=HELLO)  # type: ignore[arg-type]
    stats = simulator.stats()
    assert stats["requests"] - before == 2
    assert stats["faults"] == {"rate_limit": 1}


def test_a_wrong_rule_is_explained_to_the_parent(simulator: SimulatorProcess) -> None:
    with pytest.raises(SimulatorError, match="Did you mean 'timeout'"):
        simulator.plan({"kind": "timeouts"})


def test_running_simulator_stops_its_child_at_the_end() -> None:
    with running_simulator() as base_url:
        port = int(base_url.split(":")[2].removesuffix("/v1"))
        socket.create_connection(("127.0.0.1", port), 5).close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 5)


@pytest.mark.parametrize("more", [[], ["--with-parent"]])
def test_sigterm_stops_it_cleanly_while_a_request_hangs(more: list[str]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "playbook.simulator", "--port=0", *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline().strip()
        assert line.startswith("simulator ready on http://127.0.0.1:")
        assert line.endswith("/v1 – answers are simulated")
        port = int(line.split(":")[2].split("/")[0])
        hanging = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        hanging.request("PUT", "/_simulator/faults", '{"faults": [{"kind": "timeout"}]}')
        hanging.getresponse().read()
        body = '{"model": "m", "messages": [{"role": "user", "content": "x"}]}'
        hanging.request("POST", "/v1/chat/completions", body)
        watching = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for _ in range(200):
            watching.request("GET", "/_simulator/stats")
            if b'"in_flight":1' in watching.getresponse().read():
                break
        started = time.monotonic()
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
        assert time.monotonic() - started < 3
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            hanging.getresponse()
        watching.close()
        hanging.close()
    finally:
        child.kill()
        child.communicate()


def test_a_simulator_ends_when_its_parent_is_killed() -> None:
    script = (
        "import os, signal\n"
        "from playbook.simulator.process import SimulatorProcess\n"
        "print(SimulatorProcess().start().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=30, check=False
    )
    assert gone(int(done.stdout))


def test_a_child_that_cannot_start_is_an_error_in_words(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "faults.yaml"
    plan.write_text("faults:\n  - kind: nonsense\n")
    with pytest.raises(SimulatorError, match="exit code 2"):
        SimulatorProcess(faults_file=plan).start()
    said = capfd.readouterr().err
    assert f"{plan}:2  faults.0.kind" in said
    assert "Traceback" not in said


def test_a_taken_port_is_an_error_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SimulatorError, match="Choose another --port"):
            serve(port=port)
        assert command.main([f"--port={port}"]) == 2
    assert "Choose another --port" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--latency-ms=fast"], ["--port=x"], ["--nonsense"]])
def test_wrong_usage_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_skill_outside_0_to_1_is_refused() -> None:
    with pytest.raises(SimulatorError, match="between 0 and 1"):
        serve(port=0, skill=2)


def test_the_ready_line_warns_when_other_machines_can_reach_it() -> None:
    assert "other machines" not in ready_line("127.0.0.1", 1)
    assert "http://[::1]:1/v1" in ready_line("::1", 1)
    assert ready_line("0.0.0.0", 1).endswith("other machines can reach it")


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x", False)],
)
def test_loopback_is_told_from_other_addresses(host: str, near: bool) -> None:
    assert is_loopback(host) is near
