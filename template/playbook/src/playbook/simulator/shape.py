"""What a JSON Schema allows: its labels, its smallest values, the words it says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import ceil, floor
from typing import Any

Schema = Mapping[str, Any]
Labels = tuple[str, ...]
DEEP = 5  # levels of nesting after which only what is required is filled in
SMALLEST = 1e-6  # by which a number differs from a bound that it must not touch
FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
SAMPLES = ("a", "A", "0", "ab", "AB", "00", "abc", "ABC", "000", "0000", "A-1", "2026-01-01")


def resolved(schema: Schema, root: Schema) -> Schema:
    """The schema with its references and allOf parts merged in."""
    for _ in range(8):
        parts = list(schema.get("allOf", ()))
        if ref := schema.get("$ref"):
            target: Any = root
            for step in str(ref).lstrip("#/").split("/"):
                target = target.get(step, {}) if step else target
            parts.append(target)
        if not parts:
            break
        rest = {k: v for k, v in schema.items() if k not in ("allOf", "$ref")}
        schema = {key: value for part in (*parts, rest) for key, value in part.items()}
    return schema


def choices(schema: Schema, root: Schema) -> list[Any]:
    """The values of an enumeration, also of one spread over anyOf or oneOf; empty if it is none."""
    schema = resolved(schema, root)
    if "enum" in schema:
        return list(schema["enum"])
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] = []
    for option in schema.get("anyOf") or schema.get("oneOf") or ():
        part = [None] if option.get("type") == "null" else choices(option, root)
        if not part:
            return []
        values += part
    return values


def labelled(
    schema: Schema, root: Schema, name: str, depth: int = 0
) -> Iterator[tuple[str, Labels]]:
    """Every property that has labels to choose from, in order."""
    schema = resolved(schema, root)
    labels = tuple(str(choice) for choice in choices(schema, root) if choice is not None)
    if len(labels) > 1:
        yield name, labels
    elif depth <= DEEP:
        nested = [*schema.get("properties", {}).items(), (name, schema.get("items", {}))]
        nested += [(name, option) for option in schema.get("anyOf", ())]
        for key, value in nested:
            if value:
                yield from labelled(value, root, key, depth + 1)


def descriptions(schema: Any) -> Iterator[str]:
    """What the schema says in words: a model reads that too."""
    if isinstance(schema, Mapping):
        if isinstance(text := schema.get("description"), str):
            yield f"- `{schema['const']}`: {text}" if "const" in schema else text
        for value in schema.values():
            yield from descriptions(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from descriptions(value)


def number(schema: Schema, wanted: float, *, whole: bool) -> float:
    """The allowed number that is nearest to the wanted one."""
    step = schema.get("multipleOf") or (1 if whole else None)
    value = round(wanted / step) * step if step else wanted
    least = _least(schema.get("minimum"), schema.get("exclusiveMinimum"), step)
    most = _most(schema.get("maximum"), schema.get("exclusiveMaximum"), step)
    value = value if most is None else min(most, value)
    value = value if least is None else max(least, value)
    return int(value) if whole else value


def _least(closed: float | None, open_: float | None, step: float | None) -> float | None:
    bounds = []
    if closed is not None:
        bounds.append(ceil(closed / step) * step if step else closed)
    if open_ is not None:
        bounds.append((floor(open_ / step) + 1) * step if step else open_ + SMALLEST)
    return max(bounds, default=None)


def _most(closed: float | None, open_: float | None, step: float | None) -> float | None:
    least = _least(None if closed is None else -closed, None if open_ is None else -open_, step)
    return None if least is None else -least


def fixed_text(schema: Schema, text: str) -> str | None:
    """A string whose form is laid down; a pattern is looked for in the text and among samples."""
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if pattern := schema.get("pattern"):
        found = (
            w for w in (*re.split(r"[\s,;()]+", text), *SAMPLES) if w and re.search(pattern, w)
        )
        return next(found, "")
    return None


def apart(values: list[Any]) -> list[Any]:
    """The values, told apart where a list may not hold one twice."""
    return [
        value + str(i)
        if isinstance(value, str)
        else value + i
        if type(value) in (int, float)
        else value
        for i, value in enumerate(values)
    ]


def cut(text: str, limit: int) -> str:
    """The text, shortened at a word."""
    if len(text) <= limit:
        return text
    short = text[: max(0, limit - 1)]
    return (short.rsplit(" ", 1)[0] if " " in short else short) + "…" if limit > 1 else text[:limit]
