"""Starting a service as a process.

Configuration first, then metrics and HTTP, then a graceful end.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from prometheus_client import start_http_server

from .app import app_of
from .config import ConfigError, Settings
from .logs import StandardLibraryHandler
from .pipeline import Pipeline
from .service import Service

# How long requests in work may take to finish after the signal to stop.
_GRACE_SECONDS = 30
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


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

    Exits with 2 and the mistakes in words when the configuration is wrong.
    """
    try:
        asyncio.run(_serve(pipeline, Path.cwd()))
    except ConfigError as error:
        print(error.render(), file=sys.stderr)
        print("The service did not start. Nothing was changed.", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


async def _serve(pipeline: Pipeline[Any, Any], root: Path) -> None:
    settings = Settings.load(root)
    async with Service.open(pipeline, root, settings=settings) as service:
        handler = StandardLibraryHandler(service.log)
        logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
        config = uvicorn.Config(
            app_of(service),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        metrics, _ = start_http_server(
            settings.metrics_port, settings.host, service.metrics.registry
        )
        try:
            service.log.info(
                "started",
                url=f"http://{settings.host}:{settings.port}",
                metrics=f"http://{settings.host}:{settings.metrics_port}/metrics",
                releases=list(service.releases),
            )
            await _Server(config, service).serve()
        finally:
            metrics.shutdown()
            service.log.info("stopped")
