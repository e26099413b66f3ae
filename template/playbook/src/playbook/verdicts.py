"""What a judging command concludes: an exit code, a status, its reasons, and verdict.json."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path


class Code(IntEnum):
    """Exit codes of every command; CI tells "worse" from "could not run" by them."""

    MET = 0
    NOT_MET = 1
    INVALID = 2
    NOT_JUDGED = 3
    INCONCLUSIVE = 4
    BUG = 70
    INTERRUPTED = 130
    READER_GONE = 141

    @property
    def status(self) -> str:
        """The code in words, as verdict.json and the decision line say it."""
        return _STATUS[self]


_STATUS = {
    Code.MET: "met",
    Code.NOT_MET: "not met",
    Code.INVALID: "invalid",
    Code.NOT_JUDGED: "could not be judged",
    Code.INCONCLUSIVE: "inconclusive",
    Code.BUG: "bug",
    Code.INTERRUPTED: "interrupted",
    Code.READER_GONE: "reader gone",
}


class Stopped(Exception):
    """The command cannot go on; its text is for the person, its code for the shell."""

    code = Code.NOT_JUDGED


class Mistake(Stopped):
    """Wrong usage or an invalid file: says what, where and how to put it right."""

    code = Code.INVALID


class NotJudged(Stopped):
    """Nothing was wrong with the question, but it could not be answered now."""

    code = Code.NOT_JUDGED


class Inconclusive(Stopped):
    """There is not enough to judge by."""

    code = Code.INCONCLUSIVE


class ReaderGone(BrokenPipeError):
    """Whoever read our output went away, such as `head`. That is no verdict."""


@dataclass
class Verdict:
    """One command's conclusion."""

    command: str
    code: Code = Code.NOT_JUDGED
    reasons: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The code in words."""
        return self.code.status

    def conclude(self, code: Code, *reasons: str) -> None:
        """Set the code and the reasons that led to it."""
        self.code = code
        self.reasons = list(reasons)


@contextmanager
def recorded(command: str, root: Path) -> Iterator[Verdict]:
    """Write `verdict.json` in the service's folder however the command ends."""
    verdict = Verdict(command)
    try:
        yield verdict
    except Stopped as stop:
        verdict.conclude(stop.code, str(stop))
        raise
    except KeyboardInterrupt:
        verdict.conclude(Code.INTERRUPTED, "Stopped by Ctrl-C.")
        raise
    except BrokenPipeError:
        raise  # what was concluded stands; only nobody read it to the end
    except Exception as error:
        code = Code.INVALID if is_config_error(error) else Code.BUG
        verdict.conclude(code, str(error) or type(error).__name__)
        raise
    finally:
        write_json(
            root / "verdict.json",
            {
                "command": verdict.command,
                "code": int(verdict.code),
                "status": verdict.status,
                "reasons": verdict.reasons,
            },
        )


def is_config_error(error: BaseException) -> bool:
    """Whether the chassis refused a configuration file; without importing the chassis to ask."""
    return any(
        kind.__name__ == "ConfigError" and kind.__module__.split(".")[0] == "chassis"
        for kind in type(error).__mro__
    )


def write_json(path: Path, content: object) -> None:
    """Write JSON whole or not at all, so that no reader meets half a file."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, text)


def write_whole(path: Path, text: str | Iterable[str], mode: int | None = None) -> None:
    """Replace a file in one step, through a temporary file beside it.

    Args:
        path: The file; its folder is made when missing. A link is followed, not replaced.
        text: The whole new content; what is long better in parts, as one character of a far script
            makes a string four times its size.
        mode: Permissions; without it those of the file it replaces, or 0644.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode is None:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.writelines([text] if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
