"""Which values of an input are free text: by the schema, and by what the cases hold there."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from playbook.evals.cases import Case

Path = tuple[str, ...]
_EVERY = "*"  # any position of a list
_FREE = 0.25  # of the values have a space: an id or a code never has
_BOUND = ("enum", "const", "format", "pattern")


@dataclass(frozen=True)
class Texts:
    """The free texts of a service's input.

    Attributes:
        paths: Where they are.
        main: The one that holds most; None where there is no free text at all.
    """

    paths: tuple[Path, ...]
    main: Path | None

    def changed(self, value: Any, change: Callable[[Path, str], str]) -> Any:
        """The input with another text wherever there is one."""
        return _changed(value, (), self.paths, change)

    def main_of(self, value: Any) -> str:
        """The main text of an input; empty when it has none."""
        return next((text for path, text in _strings(value, ()) if path == self.main), "")


def texts_of(takes: type[BaseModel], cases: Sequence[Case]) -> Texts:
    """Find the free texts: strings that the schema does not bind, with spaces in some of them."""
    schema = takes.model_json_schema()
    found: dict[Path, list[str]] = defaultdict(list)
    for case in cases:
        if case.raw is None:
            for path, text in _strings(case.input, ()):
                if text.strip():
                    found[path].append(text)
    free = {
        path: sum(map(len, some)) / len(some)
        for path, some in found.items()
        if _unbound(path, schema, schema)
        and sum(" " in text.strip() for text in some) >= _FREE * len(some)
    }
    main = max(free, key=lambda path: (free[path], path), default=None)
    return Texts(tuple(sorted(free)), main)


def _strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, (*path, _EVERY))


def _changed(
    value: Any, at: Path, paths: Sequence[Path], change: Callable[[Path, str], str]
) -> Any:
    if isinstance(value, str):
        return change(at, value) if at in paths else value
    if isinstance(value, dict):
        return {key: _changed(item, (*at, key), paths, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, (*at, _EVERY), paths, change) for item in value]
    return value


def _unbound(path: Path, part: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether the schema takes any string there."""
    if "$ref" in part:
        part = whole["$defs"][part["$ref"].rpartition("/")[2]]
    options = part.get("anyOf") or part.get("oneOf")
    if options:
        return any(_unbound(path, option, whole) for option in options)
    if not path:
        return part.get("type") == "string" and not any(word in part for word in _BOUND)
    below = part.get("items") if path[0] == _EVERY else part.get("properties", {}).get(path[0])
    return isinstance(below, dict) and _unbound(path[1:], below, whole)
