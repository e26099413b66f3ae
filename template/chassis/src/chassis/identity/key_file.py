"""The file of API keys, read again when it changes: a key is revoked without a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import ConfigError
from ..config.problems import Problem as ConfigProblem
from ..config.problems import shown
from .api_keys import ApiKeys

if TYPE_CHECKING:
    from ..logs import Logger
    from ..metrics import Metrics

POLL_SECONDS = 0.5


class KeyFile:
    """The keys in force: those of the newest file that was good.

    A bad file does not lock everyone out: the last good keys stay, and log and metric say so.
    """

    def __init__(self, path: Path, log: Logger, metrics: Metrics) -> None:
        """Read the file for the first time; raises ConfigError when it is not a key file."""
        self._path = path
        self._log = log
        self._metrics = metrics
        self._seen = self._stamp()
        self._refused: str | None = None
        self.keys = ApiKeys.load(path)
        metrics.api_keys_ok.set(1)

    def reload(self) -> None:
        """Read the file if it changed."""
        stamp = self._stamp()
        if stamp is not None and stamp == self._seen:
            return
        self._seen = None  # a file that is not good is tried again: it may be one of permissions
        try:
            self.keys = ApiKeys.load(self._path)
        except ConfigError as error:
            self._refuse(error.render())
        except Exception as error:  # noqa: BLE001 - the watch must not end: revoking would be dead
            file = shown(self._path, Path.cwd())
            problem = ConfigProblem(file, None, "", f"Cannot be read: {type(error).__name__}.")
            self._refuse(problem.render())
        else:
            self._seen, self._refused = stamp, None
            self._metrics.api_keys_ok.set(1)
            self._log.info("api_keys_loaded", file=shown(self._path, Path.cwd()))

    async def watch(self) -> None:
        """Reload for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.reload()

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino, stat.st_size

    def _refuse(self, problems: str) -> None:
        self._metrics.api_keys_ok.set(0)
        if problems == self._refused:
            return  # said before
        self._refused = problems
        consequence = "The last good keys stay in force, those meant to be revoked too."
        self._log.error("api_keys_refused", problems=problems, consequence=consequence)
