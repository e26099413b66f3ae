"""Evaluators that need no label: what an answer's text or form has to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from ..pipeline import Evaluator
from .fields import value_of
from .meaning import NotInstalled

LONGEST = 100_000
"""Characters; no pattern looks at a longer text, as its time grows with it (in a straight line)."""

# What models say when they decline, in the languages they most often do it in. A hint, not a proof:
# a refusal in other words passes.
_DECLINES = (
    r"(?i)"
    r"\bI(?:['’]m| am) (?:sorry|afraid)\b.{0,60}\b(?:cannot|can['’]t|unable|not able)\b"
    r"|\bI (?:cannot|can['’]t|won['’]t|am unable to|must decline to) "
    r"(?:help|assist|comply|answer|provide|fulfil|do that)\b"
    r"|\bas an AI(?: language)? model\b"
    r"|\bich kann (?:Ihnen |dir )?(?:dabei |damit |hierbei )?(?:leider )?nicht (?:weiter)?helfen\b"
    r"|\bje ne (?:peux|suis) pas (?:vous aider|en mesure)\b"
    r"|\bno puedo (?:ayudar|responder|proporcionar)"
    r"|\bnon posso (?:aiutar|rispondere|fornire)"
    r"|\bnão posso (?:ajudar|responder|fornecer)"
)


def matches(field: str, pattern: str, *, gate: bool = False, name: str | None = None) -> Evaluator:
    r"""A regular expression is found in the field's text; `^...$` asks for the whole text."""
    return _pattern(name or field, field, pattern, wanted=True, gate=gate)


def does_not_match(
    field: str, pattern: str, *, gate: bool = False, name: str | None = None
) -> Evaluator:
    """A regular expression is not found in the field's text."""
    return _pattern(name or f"{field} without", field, pattern, wanted=False, gate=gate)


def declines_nothing(
    field: str, *, gate: bool = False, name: str = "declines nothing"
) -> Evaluator:
    """The field's text does not read like a refusal ("I cannot help with that").

    For services that answer in prose and decline too often. What a case *should* have refused or
    handed over is `expected.outcome` of the case; an answer with a field of its own for it,
    `declined: bool`, is best compared with `exact("declined")`.
    """
    return _pattern(name, field, _DECLINES, wanted=False, gate=gate)


def _pattern(name: str, field: str, pattern: str, *, wanted: bool, gate: bool) -> Evaluator:
    expression = _compiled(name, pattern)

    def check(_: Any, answer: Any, __: Any) -> bool:
        value = value_of(answer, field)
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
        if len(text) > LONGEST:
            return False  # nobody looked: neither that it is there nor that it is not
        whole = text.encode("utf-8", "replace").decode()  # half a character is none for Rust
        return expression.isinstance_python(whole) is wanted

    return Evaluator(name, check, gate=gate, live=True, fields=(field,))


def _compiled(name: str, pattern: str) -> SchemaValidator:
    """The expression, by the engine that comes with Pydantic: Rust's, whose time is linear.

    Python's own can take for ever on a text that was made for it, cannot be stopped, and holds up
    every other request meanwhile. The price is that there is no look-around.
    """
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError as error:
        told = " ".join(str(error).split())
        raise ValueError(
            f"{name}: {pattern!r} is no regular expression of Rust's kind (linear time, so no "
            f"look-around and no back-references): {told}"
        ) from None


def json_schema(
    schema: Mapping[str, Any] | Path,
    *,
    field: str | None = None,
    gate: bool = False,
    name: str = "json schema",
) -> Evaluator:
    """The answer, or one of its fields, fits a JSON Schema; a field of text is parsed as JSON.

    The answer's own type is checked before any evaluator. This is for what that type leaves open:
    JSON in a text field, or a schema that others own. Needs `airworthy-chassis[json-schema]`.
    """
    fits = _validator(name, schema)

    def check(_: Any, answer: Any, __: Any) -> bool:
        value = answer.model_dump(mode="json") if field is None else value_of(answer, field)
        if isinstance(value, str) and field is not None:
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return False
        return bool(fits.is_valid(value))

    fields = () if field is None else (field,)
    return Evaluator(name, check, gate=gate, live=True, fields=fields)


def _validator(name: str, schema: Mapping[str, Any] | Path) -> Any:
    try:
        library = import_module("jsonschema")
    except ImportError:
        raise NotInstalled(name, "json-schema") from None
    document = json.loads(schema.read_text("utf-8")) if isinstance(schema, Path) else schema
    kind = library.validators.validator_for(document)
    try:
        kind.check_schema(document)
    except library.SchemaError as error:
        raise ValueError(f"{name}: this is no JSON Schema: {error.message}") from None
    return kind(document)
