"""`playbook run`: service and simulator on this machine, and nothing left behind."""

import contextlib
import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from running import PATIENCE_SECONDS, Running

from playbook.stand_in import free_port

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start(greenhouse: "Greenhouse") -> Iterator[Callable[..., Running]]:
    greenhouse.playbook("keys", "ensure")
    with contextlib.ExitStack() as stack:

        def start(**variables: str) -> Running:
            ports = {"PORT": str(free_port()), "METRICS_PORT": str(free_port())}
            return stack.enter_context(Running(greenhouse.root, **{**ports, **variables}))

        yield start


def _ask(greenhouse: "Greenhouse", port: int) -> dict[str, Any]:
    env = (greenhouse.root / ".env").read_text("utf-8")
    key = env.partition("DEV_API_KEY=")[2].split()[0]
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    line.request("POST", "/v1/triage", '{"text": "My beans are dry."}', headers)
    answer: dict[str, Any] = json.loads(line.getresponse().read())
    line.close()
    return answer


def test_it_starts_service_and_simulator_and_stops_both(
    greenhouse: "Greenhouse", start: Callable[..., Running]
) -> None:
    simulator = free_port()
    running = start(SIMULATOR_URL=f"http://127.0.0.1:{simulator}/v1")
    port = int(running.until(r"Ready on http://127\.0\.0\.1:(\d+)")[1])
    running.until("Ctrl-C stops everything")
    assert re.search(r"(?m)^  curl -s .*\n(    .*\n)+    -d @src/greenhouse/example", running.said)
    answer = _ask(greenhouse, port)
    assert answer["outcome"] in ("answered", "handed_over")
    assert answer["simulated"] is True
    running.until(r'service +\| \{.*"ai_call"')
    assert _answers(simulator)
    assert running.stop(signal.SIGTERM) == 0
    assert not _answers(port)
    assert not _answers(simulator)
    assert "Traceback" not in running.said


def test_with_port_0_it_says_the_port_that_it_took(
    greenhouse: "Greenhouse", start: Callable[..., Running], provider: "Provider"
) -> None:
    running = start(PORT="0", SIMULATOR_URL=provider.url)
    port = int(running.until(r"Ready on http://127\.0\.0\.1:(\d+)")[1])
    assert port > 0
    assert _ask(greenhouse, port)["outcome"] == "answered"
    assert running.stop() == 0


def test_a_provider_that_answers_already_is_used(
    greenhouse: "Greenhouse", start: Callable[..., Running], provider: "Provider"
) -> None:
    running = start(SIMULATOR_URL=provider.url)
    port = int(running.until(r"Ready on http://127\.0\.0\.1:(\d+)")[1])
    assert _ask(greenhouse, port)["answer"]["category"] == "watering"
    assert provider.asked == 1
    assert running.stop() == 0
    assert f"Using the simulator at {provider.url}" in running.said


def test_a_service_that_cannot_start_ends_the_command_with_its_words(
    greenhouse: "Greenhouse", start: Callable[..., Running]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        running = start(
            PORT=str(taken.getsockname()[1]), SIMULATOR_URL=f"http://127.0.0.1:{free_port()}/v1"
        )
        assert running.process.wait(PATIENCE_SECONDS) == 2
    running.until("The service ended with code 2")
    assert "Traceback (most recent call last)" not in running.said


def test_the_simulator_alone_answers_marked_and_stops_when_told(tmp_path: Path) -> None:
    with Running(tmp_path, "simulate", "--port", "0", "--seed", "3") as running:
        port = int(running.until(r"simulator ready on http://127\.0\.0\.1:(\d+)/v1")[1])
        line = HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("GET", "/healthz")
        response = line.getresponse()
        assert (response.status, response.headers["X-Simulated"]) == (200, "true")
        line.close()
        assert running.stop(signal.SIGTERM) == 0
    assert not _answers(port)


def test_a_simulator_with_impossible_dials_does_not_start(greenhouse: "Greenhouse") -> None:
    assert greenhouse.playbook("simulate", "--skill", "2").code == 2
    assert greenhouse.playbook("simulate", "--latency-ms", "soon").code == 2
    assert greenhouse.playbook("simulate", "--faults", "nowhere.yaml", "--port", "0").code == 2


def test_a_broken_configuration_starts_nothing(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    greenhouse.edit("config/releases.yaml", "simulator:small", "smallest")
    ran = greenhouse.playbook("run")
    assert ran.code == 2
    assert "config/releases.yaml:3" in ran.err


def test_without_keys_it_says_how_to_make_them(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("run")
    assert ran.code == 2
    assert "make setup" in ran.err


def test_a_reader_that_leaves_ends_the_run_without_a_traceback(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    ports = {"PORT": str(free_port()), "METRICS_PORT": str(free_port())}
    simulator = f"http://127.0.0.1:{free_port()}/v1"
    with Running(greenhouse.root, apart=True, SIMULATOR_URL=simulator, **ports) as running:
        assert running.process.stdout is not None
        assert running.process.stderr is not None
        running.process.stdout.readline()
        running.process.stdout.close()
        said = running.process.stderr.read()
        assert running.process.wait(PATIENCE_SECONDS) == 141
    assert said == ""
