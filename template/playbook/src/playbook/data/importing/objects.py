"""JSON lines and JSON arrays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playbook.data.importing.encodings import UNREADABLE, Encoding
from playbook.data.importing.rows import Row, flat
from playbook.data.importing.tables import NOT_UTF8
from playbook.verdicts import Mistake

_MOST_MEGABYTES = 200
_SPACE = " \t\r\n"


class JsonLines:
    """One JSON object a line.

    Args:
        path: The file.
        name: As messages and candidates name it.
        encoding: How its bytes are read.
    """

    def __init__(self, path: Path, name: str, encoding: Encoding) -> None:
        self.path = path
        self.name = name
        self._encoding = encoding

    def rows(self) -> Iterator[Row]:
        """Every line that is not empty."""
        encoding = self._encoding
        with self.path.open(encoding=encoding.name, errors=encoding.errors, newline="\n") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _row(f"{self.name}:{number}", line)


class JsonArray:
    """One JSON array of objects, as many tools export it.

    Raises:
        Mistake: When it is no array, or too large to be held.
    """

    def __init__(self, path: Path, name: str, encoding: Encoding) -> None:
        self.path = path
        self.name = name
        self._encoding = encoding
        if path.stat().st_size > _MOST_MEGABYTES << 20:
            raise Mistake(
                f"{name}\n  A JSON array is read whole, up to {_MOST_MEGABYTES} MB. "
                "Save it as JSON lines (.jsonl): one object a line."
            )

    def rows(self) -> Iterator[Row]:
        """Every item, with the line at which it begins; after a broken one there is no way on."""
        encoding = self._encoding
        text = self.path.read_text(encoding=encoding.name, errors=encoding.errors)
        at, line, counted = _after_space(text, 0), 1, 0
        if text[at : at + 1] != "[":
            raise Mistake(f"{self.name}\n  This is no JSON array. Expected: [{{...}}, {{...}}]")
        decoder = json.JSONDecoder()
        at = _after_space(text, at + 1)
        while text[at : at + 1] not in ("]", ""):
            line += text.count("\n", counted, at)
            counted = at
            where = f"{self.name}:{line}"
            try:
                value, at = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError) as error:
                yield Row(where, problem=f"{_not_json(error)} Nothing after it could be read.")
                return
            yield _of(where, value)
            at = _after_space(text, at)
            if text[at : at + 1] == ",":
                at = _after_space(text, at + 1)
            elif text[at : at + 1] not in ("]", ""):
                where = f"{self.name}:{line + text.count(chr(10), counted, at)}"
                yield Row(where, problem="A comma or ] is missing. Nothing after it could be read.")
                return
        if at >= len(text):
            yield Row(f"{self.name}:{line}", problem="The array is cut off: its ] is missing.")


def _row(where: str, line: str) -> Row:
    if not line.isascii() and UNREADABLE.search(line):
        return Row(where, problem=NOT_UTF8)
    try:
        return _of(where, json.loads(line))
    except (json.JSONDecodeError, RecursionError) as error:
        return Row(where, problem=_not_json(error))


def _of(where: str, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(where, problem="This is no JSON object. Expected: {...}")
    try:
        return Row(where, flat(value))
    except RecursionError as error:
        return Row(where, problem=_not_json(error))


def _not_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"This is not JSON: {error.msg} (column {error.colno})."
    return "This is nested too deep."


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
