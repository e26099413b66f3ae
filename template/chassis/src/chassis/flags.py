"""Feature flags.

OpenFeature over flagd's file format, reloaded without restart, never from a bad document.

The provider is a thin one of ours around flagd's own evaluator, because the stock file provider
takes an empty or half-written document for "no kill switch" (see the decision record on flags).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfeature import api
from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.provider import AbstractProvider, Metadata
from openfeature.provider.no_op_provider import NoOpProvider

from .config import KILL_SWITCH, RELEASE, FlagsError, validate_flags
from .config.load import FLAGS_FILE
from .config.problems import Problem as ConfigProblem
from .identity import Caller

if TYPE_CHECKING:
    from .logs import Logger
    from .metrics import Metrics

POLL_SECONDS = 0.5


class FlagdFileProvider(AbstractProvider):
    """An OpenFeature provider over the last good flag document."""

    def __init__(self) -> None:
        super().__init__()
        self._core = FlagdCore()

    def use(self, document: str) -> None:
        """Replace all flags by those of a document that was validated before."""
        self._core.set_flags(document)

    def get_metadata(self) -> Metadata:
        """The provider's name."""
        return Metadata(name="flagd-file")

    def resolve_boolean_details(
        self,
        flag_key: str,
        default_value: bool,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[bool]:
        """See OpenFeature's provider interface."""
        return self._core.resolve_boolean_value(flag_key, default_value, evaluation_context)

    def resolve_string_details(
        self,
        flag_key: str,
        default_value: str,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[str]:
        """See OpenFeature's provider interface."""
        return self._core.resolve_string_value(flag_key, default_value, evaluation_context)

    def resolve_integer_details(
        self,
        flag_key: str,
        default_value: int,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[int]:
        """See OpenFeature's provider interface."""
        return self._core.resolve_integer_value(flag_key, default_value, evaluation_context)

    def resolve_float_details(
        self,
        flag_key: str,
        default_value: float,
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[float]:
        """See OpenFeature's provider interface."""
        return self._core.resolve_float_value(flag_key, default_value, evaluation_context)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        """See OpenFeature's provider interface."""
        return self._core.resolve_object_value(flag_key, default_value, evaluation_context)


class Flags:
    """The service's flags: the kill switch and the routing of callers to releases."""

    def __init__(self, path: Path, releases: Iterable[str], log: Logger, metrics: Metrics) -> None:
        self._path = path
        self._releases = list(releases)
        self._log = log
        self._metrics = metrics
        self._provider = FlagdFileProvider()
        self._domain = f"chassis-{id(self)}"
        self._seen: tuple[int, int, int] | None = None
        self._refused: str | None = None
        self.valid = False
        self.ever_read = False
        api.set_provider_and_wait(self._provider, self._domain)
        self._client = api.get_client(self._domain)

    def ai_enabled(self, caller: Caller) -> bool:
        """Whether the model may be used for this caller; off where no document was ever good."""
        return self._client.get_boolean_value(KILL_SWITCH, False, _context(caller))

    def release(self, caller: Caller) -> str:
        """The release that answers this caller."""
        name = self._client.get_string_value(RELEASE, self._releases[0], _context(caller))
        return name if name in self._releases else self._releases[0]

    def reload(self) -> None:
        """Read the file if it changed; keep the last good document when the new one is not good."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen == self._seen:
                return
            text = self._path.read_text("utf-8")
            self._seen = seen
            document = validate_flags(text, self._releases)
            self._provider.use(text)
        except FlagsError as error:
            self._refuse(error.render())
        except Exception as error:  # noqa: BLE001 - the watch must not end: the kill switch would be dead
            self._seen = None
            reason = (error.strerror if isinstance(error, OSError) else None) or repr(error)
            problem = ConfigProblem(FLAGS_FILE, None, "", f"Cannot be read: {reason}.")
            self._refuse(problem.render())
        else:
            self._accept(document)

    async def watch(self) -> None:
        """Reload for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.reload()

    def close(self) -> None:
        """Take the provider out of OpenFeature's registry."""
        api.set_provider(NoOpProvider(), self._domain)

    def _accept(self, document: Mapping[str, Any]) -> None:
        self.valid = self.ever_read = True
        self._refused = None
        self._metrics.flags_ok.set(1)
        enabled = self._client.get_boolean_value(KILL_SWITCH, False, EvaluationContext())
        self._metrics.ai_enabled.set(int(enabled))
        targeted = bool(document["flags"][KILL_SWITCH].get("targeting"))
        everyone = enabled and not targeted
        self._log.info("flags_loaded", file=FLAGS_FILE, ai_enabled_for_everyone=everyone)

    def _refuse(self, problems: str) -> None:
        if problems == self._refused:
            return  # said before
        self.valid, self._refused = False, problems
        self._metrics.flags_ok.set(0)
        consequence = (
            "The last good flags stay in force."
            if self.ever_read
            else "No good flags were ever read, so the model stays off and answers are degraded."
        )
        self._log.error("flags_refused", problems=problems, consequence=consequence)


def _context(caller: Caller) -> EvaluationContext:
    return EvaluationContext(
        targeting_key=caller.user_id,
        attributes={"user": caller.user_id, "organisation": caller.organisation},
    )
