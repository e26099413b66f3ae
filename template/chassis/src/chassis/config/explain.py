"""Turns what Pydantic found into a field path and a sentence that says how to fix it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from .files import Document, FieldPath
from .problems import ConfigError, Problem, did_you_mean, listed, nearest, say

M = TypeVar("M", bound=BaseModel)


def parse(model: type[M], document: Document, error: type[ConfigError] = ConfigError) -> M:
    """Validate a document; raises one ConfigError with each mistake at its line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as failed:
        raise error(problems(model, document, failed)) from None


def problems(model: type[BaseModel], document: Document, failed: ValidationError) -> list[Problem]:
    """Explain each error of a validation."""
    errors = failed.errors(include_url=False)
    misspelt = {_meant(model, e["loc"]) for e in errors if e["type"] == "extra_forbidden"}
    explained = (explain(model, e) for e in errors if not _is_misspelt(e, misspelt))
    return [document.problem(path, message) for path, message in explained]


def _meant(model: type[BaseModel], path: FieldPath) -> FieldPath:
    """Guess the path that a key nobody knows was meant to be."""
    block = model_at(model, path[:-1])
    guess = nearest(str(path[-1]), names(block)) if block else None
    return (*path[:-1], guess or "")


def _is_misspelt(error: ErrorDetails, misspelt: set[FieldPath]) -> bool:
    """Say whether a field is missing only because it was misspelt, which is said already."""
    return error["type"] == "missing" and error["loc"] in misspelt


def explain(model: type[BaseModel], error: ErrorDetails) -> tuple[FieldPath, str]:
    """Say where an error is and what to do about it."""
    path: FieldPath = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    value = error["input"]
    match error["type"]:
        case "mistake":
            return (*path, *context["field"]), str(context["message"])
        case "extra_forbidden":
            return path, _unknown(model, path)
        case "missing":
            return path, _missing(model, path)
        case "literal_error":
            return path, _not_one_of(value, _choices(field_at(model, path)))
        case "string_pattern_mismatch":
            pattern = context["pattern"]
            expected = _PATTERNS.get(pattern, f"text that matches {pattern}")
            return path, f"{say(value)} is not {expected}."
        case _:
            return path, _other(error, field_at(model, path), value)


_PATTERNS = {
    r"^[a-z][a-z0-9_]*$": "a name: use lower-case letters, digits and _, such as known_failure",
    r"^[a-z][a-z0-9-]*$": "a name: use lower-case letters, digits and -, such as staging",
    r"^[a-z0-9][a-z0-9._-]*$": "a name: use lower-case letters, digits, . _ -, such as triage-v2",
    r"^[0-9a-f]{64}$": "a SHA-256: it has 64 of the characters 0-9 and a-f",
    r"^[^@\s]+@[^@\s]+$": "an e-mail address, such as ann@example.com",
    r"^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+$": "a host, such as docs.example.com, or *.example.com "
    "for all below it; without https://, port or path",
    r"^[A-Z]{2}$": "a country: its two capital letters, such as DE",
    r"^[a-z]{2}$": "a language: its two small letters, such as en",
}

_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "date_type": "a date (year-month-day)",
    "date_from_datetime_inexact": "a date (year-month-day)",
    "model_type": "a block of settings",
    "model_attributes_type": "a block of settings",
    "dict_type": "a block of settings",
    "tuple_type": "a list",
    "list_type": "a list",
}

_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def _other(error: ErrorDetails, field: FieldInfo | None, value: object) -> str:
    kind, context = error["type"], error.get("ctx", {})
    unit = _unit(field)
    if unit == "share" and (kind in _LIMITS or kind in _EXPECTED):
        return f"{say(value)} is not a share between 0 and 1.{_share_meant(value)}"
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        limit = f"{context[key]:g}"
        return f"{say(value)} is out of range: expected {words} {limit}{_in_unit(unit)}."
    if kind in _EXPECTED:
        return f"{_named(value)}; expected {_EXPECTED[kind]}{_in_unit(unit)}{_example(field)}."
    if kind in ("too_short", "string_too_short"):
        if kind == "too_short" and context["actual_length"]:
            least, has = context["min_length"], context["actual_length"]
            return f"Too few entries: {has}; expected at least {least}."
        what = "text" if kind == "string_too_short" else "at least one entry"
        return f"This is empty; expected {what}{_example(field)}".removesuffix(".") + "."
    if kind in ("too_long", "string_too_long"):
        return f"This is too long; expected at most {context['max_length']}."
    if kind == "finite_number":
        return f"{value} is not finite; expected a number{_in_unit(unit)}{_example(field)}."
    return f"{error['msg']}; found {say(value)}."


def _unknown(model: type[BaseModel], path: FieldPath) -> str:
    block = model_at(model, path[:-1])
    known = names(block) if block else []
    guess = did_you_mean(str(path[-1]), known)
    these = f" Known: {listed(known)}." if known else ""
    return f"{path[-1]} is not known here.{guess}{these}"


def _missing(model: type[BaseModel], path: FieldPath) -> str:
    field = field_at(model, path)
    meaning = f" {field.description}" if field and field.description else ""
    examples = list(field.examples or []) if field else []
    block = model_at(model, path)
    if examples:
        add = f"Add it, such as `{path[-1]}: {_plain(examples[0])}`."
    else:
        add = f"Add the block, with {listed(names(block))}." if block else "Add it."
    return f"This is missing.{meaning} {add}"


def _not_one_of(value: object, choices: list[str]) -> str:
    guess = nearest(value, choices) if isinstance(value, str) else None
    meant = f' Did you mean "{guess}"?' if guess else ""
    return f"{say(value)} is not one of {listed(choices)}.{meant}"


def _share_meant(value: object) -> str:
    number = value
    if isinstance(value, str):
        try:
            number = float(value.rstrip("% "))
        except ValueError:
            return " Write it as a number, such as 0.92."
        if 0 <= number <= 1 and "%" not in value:
            return f" Write it without quotes: {number:g}."
    if isinstance(number, int | float) and not isinstance(number, bool) and 1 < number <= 100:
        return f" Did you mean {number / 100:g}?"
    return " Write it as a number, such as 0.92."


def _named(value: object) -> str:
    kinds: dict[type, str] = {bool: "yes or no", str: "text", dict: "a block", list: "a list"}
    if value is None:
        return "There is no value here"
    if isinstance(value, date):
        return f"{value} is a date"
    return f"{say(value)} is {kinds.get(type(value), 'a number')}"


def _unit(field: FieldInfo | None) -> str | None:
    extra = field.json_schema_extra if field else None
    return str(extra["x-unit"]) if isinstance(extra, Mapping) and "x-unit" in extra else None


def _in_unit(unit: str | None) -> str:
    return "" if unit in (None, "number") else f" ({unit})"


def _example(field: FieldInfo | None) -> str:
    examples = field.examples if field else None
    return f", such as {_plain(examples[0])}" if examples else ""


def _plain(value: object) -> str:
    return value if isinstance(value, str) else say(value)


def _choices(field: FieldInfo | None) -> list[str]:
    found: list[str] = []

    def collect(annotation: Any) -> None:
        for argument in get_args(annotation):
            if get_args(argument):
                collect(argument)
            elif isinstance(argument, str | bool):
                found.append(say(argument).strip('"'))

    if field:
        collect(field.annotation)
    return found


def names(model: type[BaseModel]) -> list[str]:
    """List the keys that may stand in a block, as they are written in the file."""
    return [f.alias or n for n, f in model.model_fields.items() if not f.exclude]


def field_at(model: type[BaseModel], path: FieldPath) -> FieldInfo | None:
    """Find the declaration of a field by its path."""
    for depth in range(len(path) - 1, -1, -1):
        block = model_at(model, path[:depth])
        if block is not None:
            wanted = str(path[depth])
            known = block.model_fields.items()
            return next((f for n, f in known if wanted in (n, f.alias)), None)
    return None


def model_at(model: type[BaseModel], path: FieldPath) -> type[BaseModel] | None:
    """Find the model of a block by its path, through optional blocks, lists and named blocks."""
    here: Any = model
    for part in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            known = here.model_fields.items()
            field = next((f for n, f in known if part in (n, f.alias)), None)
            here = _inner(field.annotation) if field else None
        elif get_origin(here) is dict:
            here = _inner(get_args(here)[1])
        elif get_origin(here) in (list, tuple):
            here = _inner(get_args(here)[0])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _inner(annotation: Any) -> Any:
    """Take `X` out of `X | None` and of `Annotated[X, ...]`."""
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    if get_origin(annotation) in (dict, list, tuple) or not arguments:
        return annotation
    return _inner(arguments[0])
