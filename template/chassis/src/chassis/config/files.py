"""Reads YAML and JSON so that a mistake can be shown at its line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from .problems import ConfigError, Problem, shortened

FieldPath = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML as editors check it: the core types of YAML 1.2, so that `no` and `on` are words."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name)", problem_mark=mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?",
        list("-+.0123456789"),
    ),
    ("timestamp", r"\d{4}-\d\d-\d\d", list("0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )

_HINTS = (
    (
        "mapping values are not allowed",
        "Put a text with a colon in quotes; start the keys of one block in the same column.",
    ),
    (r"'\t' that cannot start", "Indent with spaces, not tabs."),
    ("could not find expected ':'", "A key needs a colon and a space after it."),
    ("expected <block end>", "Keys of one block start in the same column."),
    ("expected ',' or", "A bracket is not closed, or a comma is missing."),
    ("found unexpected end of stream", "A quote is not closed."),
    ("expected a single document", "One file holds one document: remove the line with ---."),
    ("an alias", "Aliases are not used in these files: write the value out."),
    ("could not determine a constructor", "Tags (!name) are not used in these files."),
)

_JSON_HINTS = (
    ("expecting property name", "A comma is left over, or a name is not in double quotes."),
    ("illegal trailing comma", "Remove the comma."),
    ("expecting ',' delimiter", "A comma or a bracket is missing before this."),
    ("expecting value", "A value is missing, or a text is not in double quotes."),
    ("extra data", "A bracket is closed too early, or there is one too many."),
)


@dataclass
class Document:
    """What a file holds, and the line of everything in it."""

    file: str
    data: Any
    find_lines: Callable[[], dict[FieldPath, int]] = field(repr=False)

    @cached_property
    def lines(self) -> dict[FieldPath, int]:
        """Find the line of each field; only asked when there is a mistake to show."""
        return self.find_lines()

    def line(self, path: FieldPath) -> int | None:
        """Find the line of a field, or of the block it is missing from."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: FieldPath, message: str) -> Problem:
        """Point at a field of this file."""
        return Problem(self.file, self.line(path), dotted(path), message)


def dotted(path: FieldPath) -> str:
    """Write a field path as it is said: `releases.triage-v1.fallbacks[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def read_text(path: Path, file: str) -> str:
    """Read a file, or say in one sentence why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _fail(file, None, "This file is missing. Restore it from git.") from None
    except UnicodeDecodeError:
        raise _fail(file, None, "This file is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise _fail(file, None, f"This file cannot be read: {error.strerror}.") from None


def _refuse_conflict(text: str, file: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            message = "A merge left a conflict here. Keep one of the two sides, delete the markers."
            raise _fail(file, number, message)


def read_yaml(text: str, file: str) -> Document:
    """Read YAML into plain data with lines; raises ConfigError with what is wrong."""
    _refuse_conflict(text, file)
    try:
        reading = _Reading(file, _Loader(text))
        data = reading.whole()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _fail(file, line, f"Not valid YAML: {error.reason}. Delete the character.") from None
    except yaml.MarkedYAMLError as error:
        raise _broken_yaml(file, error) from None
    except RecursionError:
        raise _fail(file, None, "Not valid: blocks within blocks without end.") from None
    if reading.problems:
        raise ConfigError(reading.problems)
    if not isinstance(data, dict):
        raise _fail(file, 1, "Expected a file of `key: value` lines; this one is empty or a list.")
    return Document(file, data, lambda: reading.lines)


def read_json(text: str, file: str) -> Document:
    """Read JSON into plain data; lines are looked up by the YAML parser, which reads JSON too."""
    _refuse_conflict(text, file)
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(items)
        repeated.extend(key for key in seen if sum(key == k for k, _ in items) > 1)
        return seen

    def constant(name: str) -> Any:
        raise ValueError(name)

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        hint = next((h for sign, h in _JSON_HINTS if sign in what), "")
        message = f"Not valid JSON at column {error.colno}: {what}. {hint}".rstrip()
        raise _fail(file, error.lineno, message) from None
    except ValueError as error:
        raise _fail(file, None, f"Not valid JSON: {error} is not a number.") from None
    except RecursionError:
        raise _fail(file, None, "Not valid: blocks within blocks without end.") from None
    if repeated:
        unplaced = [Problem(file, None, key, _twice(None)) for key in repeated]
        raise ConfigError(_read_json_lines(text, file).problems or unplaced)
    if not isinstance(data, dict):
        raise _fail(file, 1, "Expected a JSON object: { ... }.")
    return Document(file, data, lambda: _read_json_lines(text, file).lines)


@dataclass
class _Reading:
    """What is noted while a document is turned into plain data."""

    file: str
    loader: _Loader
    lines: dict[FieldPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def whole(self) -> Any:
        """Read the document; what is broken beyond reading raises."""
        try:
            node = self.loader.get_single_node()
            return self._build(node, ()) if node else None
        finally:
            self.loader.dispose()

    def _build(self, node: yaml.Node, path: FieldPath) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(item, (*path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._build_block(node, path)
        try:
            return self.loader.construct_object(node)
        except ValueError:
            what = (
                "date that exists" if node.tag.endswith("timestamp") else "number that can be read"
            )
            message = f"{shortened(node.value)} is not a {what}."
            line = node.start_mark.line + 1
            self.problems.append(Problem(self.file, line, dotted(path), message))
            return None

    def _build_block(self, node: yaml.MappingNode, path: FieldPath) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            below = (*path, key)
            if key in built:
                message = _twice(self.lines.get(below))
                self.problems.append(Problem(self.file, line, dotted(below), message))
                continue
            self.lines[below] = line
            built[key] = self._build(value_node, below)
        return built


def _read_json_lines(text: str, file: str) -> _Reading:
    # Tabs are white space in JSON and an error in YAML; within JSON strings they cannot occur.
    reading = _Reading(file, _Loader(text.replace("\t", " ")))
    # JSON that YAML cannot read leaves what was noted so far: mistakes show without a line.
    with suppress(yaml.YAMLError, RecursionError):
        reading.whole()
    return reading


def _twice(first: int | None) -> str:
    where = f", first in line {first}" if first else ""
    return f"This key is here twice{where}. Keep one of them."


def _broken_yaml(file: str, error: yaml.MarkedYAMLError) -> ConfigError:
    what = error.problem or "it cannot be read"
    hint = next((h for sign, h in _HINTS if sign in what or sign in (error.context or "")), "")
    mark = error.problem_mark or error.context_mark
    column = f" at column {mark.column + 1}" if mark else ""
    message = f"Not valid YAML{column}: {what}. {hint}".rstrip()
    return _fail(file, mark.line + 1 if mark else None, message)


def _fail(file: str, line: int | None, message: str) -> ConfigError:
    return ConfigError([Problem(file, line, "", message)])
