"""When the simulator has to stand in for the provider, and where it is."""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playbook.project import Project

if TYPE_CHECKING:
    from chassis.config import Release
    from chassis.config.judges import JudgeSettings

VARIABLE = "SIMULATOR_URL"
DEFAULT_PORT = 8089
ANSWERS_WITHIN_SECONDS = 1.0


def needed(release: "Release", judges: "Iterable[JudgeSettings]" = ()) -> bool:
    """Whether the release's model, one of its fallbacks, or a judge's is the simulator."""
    return any(model.provider == "simulator" for model in release.chain) or any(
        judge.model.startswith("simulator:") for judge in judges
    )


def chosen_url(project: Project) -> str | None:
    """SIMULATOR_URL, where the person set it: in the environment or in `.env`."""
    return project.environment().get(VARIABLE) or None


def answers(url: str) -> bool:
    """Whether anything listens at a URL."""
    host, port = address(url)
    try:
        with socket.create_connection((host, port), timeout=ANSWERS_WITHIN_SECONDS):
            return True
    except OSError:
        return False


def address(url: str) -> tuple[str, int]:
    """Host and port of a URL."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or (443 if parts.scheme == "https" else 80)


def free_port(wanted: int = 0) -> int:
    """A free loopback port: the one wanted where it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")


@contextmanager
def variables(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a `with` block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
