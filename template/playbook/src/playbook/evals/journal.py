"""The answers of a run that is not finished, so that nothing is asked, or paid for, twice."""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from playbook.evals.asked import Heard
from playbook.evals.results import CaseResult, Mode
from playbook.verdicts import Mistake

FORMAT = 1
FOLDER = Path("evals/reports")
SYNC_SECONDS = 1.0
"""A crash of the machine loses at most so much; a killed process loses nothing."""


@dataclass(frozen=True)
class Entry:
    """One case that was asked: the first time (turn 0), or again."""

    turn: int
    result: CaseResult
    heard: list[Heard]

    def line(self) -> str:
        """As it is kept; escaped to ASCII, because a case may hold half a character."""
        content = {"turn": self.turn, "result": vars(self.result), "heard": self.heard}
        return json.dumps(content, default=str) + "\n"

    @classmethod
    def of(cls, line: bytes) -> "Entry":
        """Read one line; ValueError, TypeError or KeyError when it is none."""
        content = json.loads(line)
        result = content["result"]
        result["mode"] = Mode(result["mode"]) if result["mode"] else None
        return cls(content["turn"], CaseResult(**result), content["heard"])


class Journal:
    """The journal of one run: what was there, and what is added."""

    def __init__(self, path: Path, shown: str, hangs_on: Mapping[str, Any]) -> None:
        """Take the journal at `path`, of a run whose answers hang on all of `hangs_on`."""
        self.shown = shown
        self.hangs_on = json.loads(json.dumps(hangs_on))
        self.started: str | None = None
        self.given_up = 0
        self._path = path
        self._file: IO[bytes] | None = None
        self._synced = time.monotonic()

    def open(self, *, fresh: bool) -> dict[tuple[str, int], Entry]:
        """What an interrupted run of the same kind left, by case and turn; nothing with `fresh`.

        A journal of another kind is replaced: its answers would be wrong now.

        Raises:
            Mistake: When a line within it cannot be read.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = file = self._path.open("a+b")
        file.seek(0)
        lines = file.read().split(b"\n")
        whole = lines[:-1]  # what follows the last line break was torn off by a crash
        found: dict[tuple[str, int], Entry] = {}
        if whole and not fresh and self._is_ours(whole[0]):
            for number, line in enumerate(whole[1:], start=2):
                entry = self._entry(number, line)
                found[entry.result.id, entry.turn] = entry
            file.truncate(sum(len(line) + 1 for line in whole))
        else:
            self.given_up = 0 if fresh else max(0, len(whole) - 1)
            file.truncate(0)
            self._begin(file)
        return found

    def add(self, entry: Entry) -> None:
        """Keep one answer."""
        assert self._file is not None
        self._file.write(entry.line().encode())
        self._file.flush()
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self._sync()

    def heard(self, order: Mapping[str, int]) -> Iterator[Heard]:
        """What real models said, in the order of the cases, their repeats last."""
        assert self._file is not None
        self._file.seek(0)
        kept: dict[tuple[int, int], list[Heard]] = {}
        for number, line in enumerate(self._file.read().split(b"\n")[1:-1], start=2):
            entry = self._entry(number, line)
            kept[entry.turn, order[entry.result.id]] = entry.heard
        for place in sorted(kept):
            yield from kept[place]

    def close(self) -> None:
        """Stop here; the next run goes on."""
        if self._file is not None:
            self._sync()
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """The run is finished, and its report is written."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _begin(self, file: IO[bytes]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        header = {"format": FORMAT, "started": now, "hangs_on": self.hangs_on}
        file.write(json.dumps(header).encode() + b"\n")
        file.flush()

    def _is_ours(self, line: bytes) -> bool:
        try:
            header = json.loads(line)
            same: bool = header["format"] == FORMAT and header["hangs_on"] == self.hangs_on
            self.started = str(header["started"]) if same else None
        except (ValueError, TypeError, KeyError):
            return False
        return same

    def _entry(self, number: int, line: bytes) -> Entry:
        try:
            return Entry.of(line)
        except (ValueError, TypeError, KeyError):
            self.close()
            raise Mistake(
                f"{self.shown}:{number}\n  This line of an interrupted run cannot be read, so the "
                "run cannot go on.\nNext: uv run playbook evals run --fresh"
            ) from None

    def _sync(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()


def name_of(mode: Mode, only: str | None, *, forced: bool) -> str:
    """The journal's file: a run of a part, or with other answers, leaves that of a whole one be."""
    parts = ["unfinished", *([mode.value] if forced else []), *([only] if only else [])]
    return re.sub(r"[^\w-]", "_", "-".join(parts)) + ".jsonl"
