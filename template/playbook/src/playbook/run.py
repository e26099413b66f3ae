"""`playbook run`: the service on this machine, with a simulator where its model is one."""

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from playbook import stand_in
from playbook.processes import (
    Child,
    service_command,
    signals_like_ctrl_c,
    unbuffered,
    wait_until_ready,
)
from playbook.project import Project
from playbook.verdicts import NotJudged

if TYPE_CHECKING:
    from chassis.config import Config

_WIDTH = len("simulator")
_COLOURS = {"service": typer.colors.CYAN, "simulator": typer.colors.YELLOW}


def run(project: Project) -> int:
    """Run until Ctrl-C, or until the service ends by itself.

    Returns:
        0 after Ctrl-C; else the service's own exit code.
    """
    from chassis.config import Settings, load_config

    config = load_config(project.root)
    settings = Settings.load(project.root)
    with contextlib.ExitStack() as stack:
        stack.enter_context(signals_like_ctrl_c())
        try:
            simulator = _simulator(project, config, stack)
            environment = unbuffered()
            # Any free port is chosen here, because it is said here.
            port = settings.port or stand_in.free_port()
            environment["PORT"] = str(port)
            if simulator:
                environment[stand_in.VARIABLE] = f"{simulator.url}/v1"
            service = Child(
                "service", service_command(project), environment=environment, on_line=_say
            )
            stack.enter_context(service)
            if simulator:
                wait_until_ready(simulator.child, simulator.url)
            url = f"http://{_reachable(settings.host)}:{port}"
            if _is_ready(service, url):
                for line in _ready(project, url, simulator is not None):
                    typer.echo(line)  # without a prefix: it is there to be copied
            while (code := service.wait(1.0)) is None:
                pass
        except KeyboardInterrupt:
            _note("Stopping.")
            return 0
    _note(f"The service ended with code {code}.")
    return code if code > 0 else 1


def _is_ready(service: Child, url: str) -> bool:
    """Wait for it; False when it ended instead, having said why."""
    try:
        wait_until_ready(service, url)
    except NotJudged:
        if service.exit_code is None:
            raise
        return False
    return True


@dataclass(frozen=True)
class _Simulator:
    child: Child
    url: str


def _simulator(
    project: Project, config: "Config", stack: contextlib.ExitStack
) -> _Simulator | None:
    """Start a simulator where one is needed and none answers."""
    needing = [name for name, r in config.releases.releases.items() if stand_in.needed(r)]
    if not needing:
        return None
    chosen = stand_in.chosen_url(project)
    if chosen:
        if stand_in.answers(chosen):
            _note(f"Using the simulator at {chosen}. Its answers are simulated.")
            return None
        host, port = stand_in.address(chosen)
        if host not in ("127.0.0.1", "localhost", "::1"):
            _note(f"Nothing answers at SIMULATOR_URL={chosen}; the service will answer degraded.")
            return None
    else:
        port = stand_in.DEFAULT_PORT
    free = stand_in.free_port(port)
    if free != port:
        _note(f"Port {port} is taken; the simulator uses {free}.")
    command = [sys.executable, "-m", "playbook.simulator", "--port", str(free), "--with-parent"]
    child = Child("simulator", command, environment=unbuffered(), on_line=_say)
    stack.enter_context(child)
    return _Simulator(child, f"http://127.0.0.1:{free}")


def _ready(project: Project, url: str, simulated: bool) -> Iterator[str]:
    pipeline = project.pipeline()
    example = project.source / "example.json"
    yield ""
    yield f"Ready on {url}" + (", with the simulator in the model's place." if simulated else ".")
    yield "In another terminal, from this folder:"
    yield ""
    yield f"  curl -s {url}/v1/{pipeline.name} \\"
    yield """    -H "Authorization: Bearer $(grep ^DEV_API_KEY= .env | cut -d= -f2-)" \\"""
    yield """    -H "Content-Type: application/json" \\"""
    if example.is_file():
        yield f"    -d @{project.relative(example)}"
    else:
        yield f"    -d '{_any_input(project)}'"
    yield ""
    yield "Ctrl-C stops everything."
    yield ""


def _any_input(project: Project) -> str:
    fields = project.pipeline().takes.model_fields
    return json.dumps(dict.fromkeys(fields, "..."))


def _reachable(host: str) -> str:
    """The address at which this machine reaches a server bound to `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)


def _say(name: str, line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # nobody reads any more; the next note ends the run
        typer.echo(f"{typer.style(f'{name:<{_WIDTH}} |', fg=_COLOURS.get(name))} {line}")


def _note(line: str) -> None:
    typer.echo(f"{typer.style(f'{chr(32):<{_WIDTH}} |', dim=True)} {line}".rstrip())
