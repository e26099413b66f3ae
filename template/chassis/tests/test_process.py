"""The service as a process: how it starts, how it refuses to, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import labels
import pytest
import sample_config
import uvicorn
from scripted_provider import Provider, slow
from waiting import until

from chassis import create_app, serve
from chassis.app import app_of
from chassis.identity.api_keys import hash_key
from chassis.process import _listening, _Server
from chassis.testing import service_under_test

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
PROGRAM = "import labels; from chassis import serve; serve(labels.pipeline)"
CLOSING = "The service did not start. Nothing was changed."
GOOD = {"text": "an apple"}


@pytest.fixture
def root(tmp_path: Path, provider: Provider) -> Path:
    """A service's folder as `make setup` leaves it."""
    sample_config.make(tmp_path)
    scopes = ["label", "feedback", "docs"]
    key = {"id": "dev", "sha256": hash_key("the-key"), "organisation": "acme", "scopes": scopes}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [key]}), "utf-8")
    settings = {
        "SERVICE_SECRET": "s" * 32,
        "API_KEYS_FILE": "keys.json",
        "SIMULATOR_URL": provider.url,
        "PORT": "0",
        "METRICS_PORT": "0",
    }
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in settings.items()), "utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(HERE), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


@contextmanager
def process(
    root: Path, program: str = PROGRAM
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A real process of the service, and its line that says where it listens."""
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert running.stdout
        for line in running.stdout:
            if json.loads(line)["event"] == "started":
                yield running, json.loads(line)
                return
        raise AssertionError(running.communicate()[1])
    finally:
        running.kill()
        running.communicate()


def send_much(url: str, key: str) -> bytes:
    """Send a body of three megabytes as a simple client does, all of it before the answer is read.

    The buffer is small, so that the body cannot wait in it while the server closes.
    """
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        client.connect((host, int(port)))
        head = f"POST /v1/label HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        client.sendall(f"{head}Content-Length: 3000000\r\nConnection: close\r\n\r\n".encode())
        client.sendall(b"x" * 3_000_000)
        return b"".join(iter(lambda: client.recv(65536), b""))


def start_and_fail(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """Start the service in this process; its exit code and what it said on stderr."""
    monkeypatch.chdir(root)
    with pytest.raises(SystemExit) as exited:
        serve(labels.pipeline)
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert isinstance(exited.value.code, int)
    return exited.value.code, said


def test_a_wrong_value_is_told_with_its_line_and_nothing_starts(root: Path) -> None:
    """DESIGN, configuration: a mistake stops the start with file, line, field and fix."""
    path = root / "config" / "success-criteria.yaml"
    path.write_text(path.read_text("utf-8").replace("0.995", "99.5"), "utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env=environment(),
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    place, message, closing = ended.stderr.splitlines()
    assert re.fullmatch(r"config/success-criteria\.yaml:\d+  availability\.at_least", place)
    assert message.strip() == "99.5 is not a share between 0 and 1. Did you mean 0.995?"
    assert closing == CLOSING
    assert ended.stdout == ""


@pytest.mark.parametrize("variable", ["PORT", "METRICS_PORT"])
def test_a_taken_port_is_one_line(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    variable: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(variable, str(port))
        code, said = start_and_fail(root, monkeypatch, capfd)
    assert code == 2
    line, closing = said.splitlines()
    host = variable.replace("PORT", "HOST")
    assert line == (
        f"{variable} {port}: cannot listen on 127.0.0.1:{port} (address already in use). Stop "
        f"what listens there, or set another {variable} or {host} in .env or the environment."
    )
    assert closing == CLOSING


def test_a_host_there_is_not_is_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    code, said = start_and_fail(root, monkeypatch, capfd)
    assert code == 2
    assert said.startswith("PORT 0: cannot listen on 192.0.2.1:0 (")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "There are no API keys yet. Run `make setup`"),
        ("", "keys.json:1\n  Not valid JSON"),
        ("{}", "keys.json:1  keys\n  This is missing."),
        (
            '{"keys": [{"id": "x", "sha256": "the-key-itself", "organisation": "a"}]}',
            "keys.json:1  keys[0].sha256\n  This is not a SHA-256.",
        ),
        ("\udcff", "keys.json\n  This file is not UTF-8 text."),
    ],
)
def test_a_key_file_that_is_none_is_told_without_its_content(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    text: str | None,
    told: str,
) -> None:
    path = root / "keys.json"
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    code, said = start_and_fail(root, monkeypatch, capfd)
    assert code == 2
    assert told in said
    assert "the-key-itself" not in said


def test_a_folder_in_place_of_the_key_file_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (root / "keys.json").unlink()
    (root / "keys.json").mkdir()
    code, said = start_and_fail(root, monkeypatch, capfd)
    assert (code, "cannot be read: Is a directory" in said) == (2, True)


async def test_the_signal_to_stop_lets_the_request_in_work_finish(
    root: Path, provider: Provider
) -> None:
    """PLAYBOOK 4.1: no request is lost when a replica goes; over real HTTP, as in production."""
    headers = {"Authorization": "Bearer the-key"}
    with process(root) as (running, started):
        async with httpx2.AsyncClient(base_url=started["url"], headers=headers) as http:
            assert (await http.get("/readyz")).json()["ready"] is True
            assert (await http.post("/v1/label", json=GOOD)).json()["outcome"] == "answered"
            for key, status in (("the-key", b"413"), ("no", b"401")):
                answered = await asyncio.to_thread(send_much, started["url"], key)
                assert answered.startswith(b"HTTP/1.1 " + status)
                assert b'"type":"/problems/' in answered
            shown = await http.get(started["metrics"])
            assert 'airworthy_requests_total{outcome="answered",release="label-v1"' in shown.text
            assert (await http.get("/metrics")).status_code == 404
            asked = len(provider.requests)
            provider.will(slow(0.8))
            in_work = asyncio.create_task(http.post("/v1/label", json=GOOD))
            await until(lambda: len(provider.requests) > asked)
            running.send_signal(signal.SIGTERM)
            answer = await in_work
        assert (answer.status_code, answer.json()["outcome"]) == (200, "answered")
        out, err = await asyncio.to_thread(running.communicate, timeout=10)
    assert (running.returncode, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["event"] for line in lines[-2:]] == ["ai_call", "stopped"]
    assert lines[-2]["request_id"] == answer.json()["request_id"]


async def test_the_signal_to_stop_makes_the_service_unready_at_once(
    root: Path, provider: Provider
) -> None:
    async with service_under_test(labels.pipeline, root, simulator_url=provider.url) as service:
        server = _Server(uvicorn.Config(app_of(service.service)), service.service)
        server.handle_exit(signal.SIGTERM, None)
        assert server.should_exit
        assert (await service.http.get("/readyz")).status_code == 503
        assert (await service.post(GOOD)).status_code == 200  # what still comes is still answered


async def test_a_request_cut_off_by_the_end_of_the_process_leaves_its_line(
    root: Path, provider: Provider
) -> None:
    """DESIGN, log line: one per call, whatever the outcome."""
    provider.will(slow(30))
    async with service_under_test(labels.pipeline, root, simulator_url=provider.url) as service:
        task = asyncio.create_task(service.post(GOOD))
        await until(lambda: bool(provider.requests))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (line,) = service.lines("ai_call")
        assert (line["outcome"], line["problem"]) == ("unavailable", "cancelled")
        assert service.metric("airworthy_requests_in_flight") == 0


def test_reading_the_configuration_does_not_wait_for_the_server() -> None:
    """The tools read the configuration at every command."""
    program = (
        "import sys, chassis.config; from chassis import Draft, Pipeline; "
        "print([m for m in ('uvicorn', 'openai', 'pydantic_ai', 'starlette') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment(),
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


async def test_another_server_can_run_the_application(root: Path) -> None:
    """The application opens its service when it starts, whoever starts it."""
    app = create_app(labels.pipeline, root)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
            headers = {"Authorization": "Bearer the-key"}
            answer = await http.post("/v1/label", json=GOOD, headers=headers)
    assert answer.json()["outcome"] == "answered"


def test_an_answer_does_not_wait_for_its_head_to_be_acknowledged() -> None:
    with (
        _listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()) as caller,
    ):
        connection, _ = listener.accept()
        with connection:
            caller.sendall(b"x")
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_garbage_collection_leaves_the_service_itself_alone(root: Path) -> None:
    """A collection that went through all of it let every request at work wait for 150 ms."""
    told = "lambda: print(gc.get_freeze_count(), gc.get_threshold()[0], file=sys.stderr)"
    program = f"import atexit, gc, sys; atexit.register({told}); {PROGRAM}"
    with process(root, program) as (running, started):
        httpx2.get(f"{started['url']}/healthz")  # it is up, and takes the signal
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=20)
    frozen, threshold = map(int, said.split())
    assert frozen > 50_000
    assert threshold > 700
