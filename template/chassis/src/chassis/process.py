"""Starting a service as a process.

Configuration first, then metrics and HTTP, then a graceful end.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from dotenv import dotenv_values
from prometheus_client import start_http_server
from prometheus_client.registry import Collector

from .app import app_of
from .config import ConfigError, Settings
from .connections import connection_options
from .logs import StandardLibraryHandler
from .pipeline import Pipeline
from .service import Service

# Beyond a request's own budget, for its answer to be sent after the signal to stop.
_GRACE_SECONDS = 2
_DID_NOT_START = "The service did not start. Nothing was changed."
# How many new objects it takes to look for cycles among them; Python's 700 is one or two requests.
_COLLECT_AFTER = 20_000
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _PortTaken(Exception):
    """An address cannot be listened on; the text says which, and what to do."""


class _Server(uvicorn.Server):
    """Tells the service when it should stop, so that readiness says so while requests finish."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals; unlike uvicorn's own, let the service close itself afterwards."""
        before = {sig: signal.signal(sig, self.handle_exit) for sig in _STOP_SIGNALS}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal, then do as uvicorn does."""
        self._service.stopping = True
        super().handle_exit(sig, frame)


def serve(pipeline: Pipeline[Any, Any]) -> None:
    """Run a service until it is told to stop (SIGTERM, Ctrl-C).

    Requests in work are finished first.

    Exits with 2 and the mistakes in words when the configuration is wrong or a port is taken.
    """
    try:
        asyncio.run(_serve(pipeline, Path.cwd()))
    except (ConfigError, _PortTaken) as error:
        print(f"{error}\n{_DID_NOT_START}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


async def _serve(pipeline: Pipeline[Any, Any], root: Path) -> None:
    settings = Settings.load(root)
    _export(root / ".env")
    async with Service.open(pipeline, root, settings=settings) as service:
        _settle()
        handler = StandardLibraryHandler(service.log)
        logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
        with (
            _listening(settings.host, settings.port) as listener,
            _metrics(settings, service.metrics.registry) as port,
        ):
            service.log.info(
                "started",
                url=f"http://{_shown(settings.host)}:{listener.getsockname()[1]}",
                metrics=f"http://{_shown(settings.metrics_host)}:{port}/metrics",
                releases=list(service.releases),
            )
            await _Server(http_config(service), service).serve(sockets=[listener])
        service.log.info("stopped")


def _settle() -> None:
    """Leave what lives as long as the process out of garbage collection, and collect less often.

    With 64 requests at work, collections took a tenth of the time, and one that went through all
    180,000 objects of a service let everybody wait for 150 ms (measured; now 15).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *gc.get_threshold()[1:])


def http_config(service: Service) -> uvicorn.Config:
    """How the HTTP server of a service is set; tools that run one beside this use the same."""
    request = service.config.guardrails.request
    return uvicorn.Config(
        app_of(service),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(request.budget_seconds) + _GRACE_SECONDS,
        **connection_options(request.receive_seconds),
    )


def _export(env_file: Path) -> None:
    """Put into the environment what SDKs read from there themselves; what is set already wins."""
    for name, value in dotenv_values(env_file).items():
        if value and name.startswith(("OTEL_", "AWS_")):
            os.environ.setdefault(name, value)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise _taken("PORT", host, port, error) from None
    # Connections inherit it. asyncio sets it only on sockets made with a protocol number, and
    # without it an answer's body waits 40 ms for the caller to acknowledge its head (measured).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


@contextmanager
def _metrics(settings: Settings, registry: Collector) -> Iterator[int]:
    """Serve /metrics, to whoever reaches its address."""
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise _taken("METRICS_PORT", host, port, error) from None
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _taken(variable: str, host: str, port: int, error: OSError) -> _PortTaken:
    # The loop adds the address to the reason; names that do not resolve have numbers of their own.
    known = error.errno is not None and error.errno > 0
    why = (os.strerror(error.errno or 0) if known else str(error)).lower()
    return _PortTaken(
        f"{variable} {port}: cannot listen on {_shown(host)}:{port} ({why}). "
        f"Stop what listens there, or set another {variable} or {variable.replace('PORT', 'HOST')} "
        "in .env or the environment."
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
