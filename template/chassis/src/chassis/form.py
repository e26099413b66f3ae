"""Size and form.

From the bytes of a request to a validated input, or to a problem that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from .config.guardrails import RequestLimits
from .guards.personal.redaction import redact_all
from .guards.text import strings
from .problems import Problem, invalid

ModelT = TypeVar("ModelT", bound=BaseModel)
ReadBody = Callable[[int], Awaitable[bytes]]

_INTEGER_BITS = 64
# Tokenisers differ; English has about four bytes a token, so three errs on the high side.
_BYTES_PER_TOKEN = 3
_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_too_short": "is empty or too short",
    "string_type": "is not text",
}


def check_content_type(headers: Mapping[str, str]) -> None:
    """Raise Problem (415) for a body that says it is not JSON."""
    media_type = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise invalid(
            "not-json-media-type",
            "Only JSON is taken here",
            "Send `Content-Type: application/json`.",
            status=415,
        )


def parse_json(raw: bytes, limits: RequestLimits) -> dict[str, Any]:
    """The object that a body holds.

    Raises Problem: 400 when it is not a JSON object, nested too deep or has a number too large to
    handle, 413 when a text in it is too long.
    """
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        if "recursion limit" in str(error):  # of the parser, far above max_depth
            raise _too_deep(limits) from None
        place = str(error).rpartition(" at ")[2]
        raise invalid(
            "not-json",
            "The body is not valid JSON",
            f"It breaks off at {place}." if raw.strip() else "The body is empty.",
            status=400,
        ) from None
    if not isinstance(value, dict):
        raise invalid(
            "not-an-object", "The body is not a JSON object", "Send an object.", status=400
        )
    _check_size(value, limits, path="", depth=1)
    tokens = (
        sum(len(text.encode("utf-8", "surrogatepass")) for text in strings(value))
        // _BYTES_PER_TOKEN
    )
    if tokens > limits.max_tokens:
        raise invalid(
            "too-many-tokens",
            "The input is too long",
            f"Its texts together are about {tokens:,} tokens; this service takes up to "
            f"{limits.max_tokens:,}.",
            status=413,
        )
    return value


def check_not_empty(value: Any, limits: RequestLimits) -> None:
    """Raise Problem (422) for an input of fewer letters and digits than one can work with.

    Expects normalised text, so that invisible characters do not count.
    """
    wanted = limits.min_letters
    letters = (
        character
        for text in strings(value, keys=False)
        for character in text
        if character.isalnum()
    )
    if sum(1 for _ in islice(letters, wanted)) < wanted:
        few = "no" if wanted == 1 else f"fewer than {wanted}"
        raise invalid("input-empty", "The input says nothing", f"It has {few} letters or digits.")


def _too_deep(limits: RequestLimits) -> Problem:
    return invalid(
        "too-deep",
        "The input is nested too deep",
        f"This service takes up to {limits.max_depth} levels.",
        status=400,
    )


def _check_size(value: Any, limits: RequestLimits, *, path: str, depth: int) -> None:
    if depth > limits.max_depth:
        raise _too_deep(limits)
    if isinstance(value, str):
        if len(value) > limits.max_characters:
            raise invalid(
                "input-too-long",
                "The input is too long",
                f"{_shown(path)} has {len(value):,} characters; this service takes up to "
                f"{limits.max_characters:,}.",
                status=413,
            )
    elif isinstance(value, int) and value.bit_length() > _INTEGER_BITS:
        raise invalid(
            "number-too-large",
            "A number is too large",
            f"{_shown(path)} is a whole number beyond 64 bits. Send such a number as text.",
            status=400,
        )
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_size(item, limits, path=f"{path}.{key}".lstrip(".")[:200], depth=depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_size(item, limits, path=f"{path}.{index}"[:200], depth=depth + 1)


def _shown(text: str) -> str:
    """What a problem may say of an input: callers keep problems in logs of their own."""
    shown: str = redact_all(text)
    return shown


def validate(model: type[ModelT], value: Mapping[str, Any]) -> ModelT:
    """The input as the pipeline takes it.

    Raises Problem (422) that names each wrong field.
    """
    try:
        return model.model_validate_json(to_json(value))  # as JSON: strict models take dates then
    except ValidationError as error:
        raise _invalid_input(error.errors(include_input=False), model) from None


def _invalid_input(mistakes: list[ErrorDetails], model: type[BaseModel]) -> Problem:
    errors = [
        {
            "field": _shown(".".join(map(str, mistake["loc"]))[:200]) or "body",
            "message": _MESSAGES.get(mistake["type"]) or _shown(mistake["msg"]),
        }
        for mistake in mistakes[:20]
    ]
    first = errors[0]
    kind = {"extra_forbidden": "unknown-field", "missing": "missing-field"}.get(
        mistakes[0]["type"], "invalid-field"
    )
    known = ", ".join(model.model_fields)
    return invalid(
        kind,
        "The input does not fit",
        f"{first['field']}: {first['message']}. Known fields: {known}.",
        errors=errors,
    )
