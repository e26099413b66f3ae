"""Answers as they are given: one line each, safe on the disk before the next question."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from playbook.verdicts import Mistake, write_whole

FILE = ".labels.jsonl"
LOCK = ".labels.lock"
_MODE_PRIVATE = 0o600

Do = Literal["answer", "slice", "critical", "note", "outcome", "skip", "undo"]


class Event(BaseModel):
    """One thing that a person said of one candidate.

    Attributes:
        id: The candidate.
        do: What was said.
        field: Of an answer: which field of the answer it is about.
        value: What was chosen; of an answer, None leaves the field open.
        slice: Where the case belongs unless it is said otherwise.
        suggested: Whether a suggestion was on the screen.
    """

    model_config = ConfigDict(frozen=True)

    at: str = ""
    labeller: str
    id: str
    do: Do
    field: str | None = None
    value: Any = None
    slice: str | None = None
    suggested: bool = False


class Journal:
    """The file of events; it grows by whole lines."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def read(self) -> list[Event]:
        """Every event; a last line that was cut off by a crash is as if it had not been begun."""
        try:
            text = self.path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        *lines, _ = text.split("\n")
        events = []
        for number, line in enumerate(lines, start=1):
            try:
                events.append(Event.model_validate_json(line))
            except ValueError:
                raise Mistake(
                    f"{self.path}:{number}\n  This is no answer of a labelling session. Repair or "
                    "remove the line; the others are kept."
                ) from None
        return events

    def add(self, event: Event) -> None:
        """Append an event; it is on the disk when this returns."""
        stamped = event.model_copy(update={"at": datetime.now(UTC).isoformat(timespec="seconds")})
        line = json.dumps(stamped.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"
        self._end_the_last_line()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE_PRIVATE)
        try:
            left = line.encode("utf-8", "replace")
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def keep(self, events: Iterable[Event]) -> None:
        """Replace the file by these events; without any there is none."""
        text = "".join(json.dumps(e.model_dump(exclude_defaults=True)) + "\n" for e in events)
        if text:
            write_whole(self.path, text, _MODE_PRIVATE)
        else:
            self.path.unlink(missing_ok=True)

    def _end_the_last_line(self) -> None:
        """Cut off what a crash left of a line, so that it does not spoil the next one."""
        if not self.path.exists():
            return
        with self.path.open("r+b") as file:
            content = file.read()
            whole = content.rfind(b"\n") + 1
            if whole != len(content):
                file.truncate(whole)
