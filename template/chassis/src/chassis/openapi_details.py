"""What the OpenAPI document says beyond the models: headers, sizes, and what follows an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .config.guardrails import RequestLimits
from .identity.access import LONGEST_NAME

_SCHEMAS = "#/components/schemas/"
_PARAMETERS = {
    "X-End-User": "For whom the caller asks; takes a key with the scope `delegate`.",
    "X-Session-Id": "Which of the user's sessions this belongs to.",
}
_REQUEST_ID = "The request id in the log and the trace; name it to the service's owner."
_RETRY_AFTER = "How many seconds to wait before the next attempt."
_SCHEME = "How to authenticate."


def detailed(document: dict[str, Any], limits: RequestLimits) -> dict[str, Any]:
    """The document with what every caller may send and gets; changed in place.

    Each text of an input has the length that this service takes, so that what fits the document is
    not refused for its size.
    """
    schemas = document["components"]["schemas"]
    operations = [each for path in document["paths"].values() for each in path.values()]
    for operation in operations:
        if "requestBody" in operation:
            operation["requestBody"]["description"] = (
                f"Up to {limits.max_bytes:,} bytes; each text up to {limits.max_characters:,} "
                f"characters, all together up to about {limits.max_tokens:,} tokens; "
                f"{limits.max_depth} levels deep."
            )
        if operation.get("security") != []:  # the probes need no key, and name no request
            operation.setdefault("parameters", []).extend(_parameters())
            _name_headers(operation["responses"])
    taken = _reachable([o["requestBody"] for o in operations if "requestBody" in o], schemas)
    given = _reachable([operation["responses"] for operation in operations], schemas)
    for name in taken - given:  # what also goes out may be longer there
        _bound(schemas[name], limits.max_characters)
    _link_rating(operations)
    return document


def _parameters() -> list[dict[str, Any]]:
    schema = {"type": "string", "maxLength": LONGEST_NAME}
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": schema}
        for name, text in _PARAMETERS.items()
    ]


def _name_headers(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        headers = response.setdefault("headers", {})
        headers["X-Request-Id"] = _header(_REQUEST_ID, {"type": "string"})
        if status in ("429", "503"):
            headers["Retry-After"] = _header(_RETRY_AFTER, {"type": "integer", "minimum": 0})
        if status == "401":
            headers["WWW-Authenticate"] = _header(_SCHEME, {"type": "string"})


def _header(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema}


def _link_rating(operations: list[dict[str, Any]]) -> None:
    """Say where the feedback token of an answer goes."""
    link = {
        "operationId": "feedback",
        "description": "Rate this answer.",
        "requestBody": {"feedback_token": "$response.body#/feedback_token"},
    }
    for operation in operations:
        answer = operation["responses"].get("200", {})
        if "requestBody" in operation and operation["operationId"] != "feedback":
            answer["links"] = {"rate": link}


def _reachable(start: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of all schemas that are referred to, directly or through others."""
    found: set[str] = set()
    waiting = list(_references(start))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(schemas[name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(_SCHEMAS)
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def _bound(node: Any, most: int) -> None:
    """Give every text in a schema the greatest length that is taken."""
    if isinstance(node, list):
        for inner in node:
            _bound(inner, most)
    if not isinstance(node, dict):
        return
    if node.get("type") == "string" and not node.keys() & {"enum", "const", "format"}:
        node["maxLength"] = min(node.get("maxLength", most), most)
    for key, inner in node.items():
        if key not in ("default", "examples", "enum", "const"):
            _bound(inner, most)
