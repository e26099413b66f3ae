"""The OpenAPI document of a service, made from its pipeline and the outcome table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from .about import About
from .config.guardrails import Method
from .degradation import Reason
from .feedback import Rating
from .outcomes import TABLE, Outcome
from .pipeline import Pipeline
from .problems import MEDIA_TYPE
from .routes import Door, Route, routes

_REF = "#/components/schemas/{model}"


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[dict[str, str]] | None = None


class Degraded(BaseModel):
    """Why an answer is not the model's."""

    reason: Reason
    detail: str


class Rated(BaseModel):
    """A rating was taken."""

    request_id: str
    rated: str


def describe(
    pipeline: Pipeline[Any, Any],
    about: About,
    methods: Sequence[Method] = ("api_key",),
    issuer: str | None = None,
) -> dict[str, Any]:
    """The document that `/openapi.json` serves, for the doors and the ways to authenticate."""
    envelope = _envelope(pipeline.gives)
    models: list[tuple[type[BaseModel], Any]] = [
        (pipeline.takes, "validation"),
        (envelope, "serialization"),
        (Rating, "validation"),
        (Rated, "serialization"),
        (ProblemDocument, "serialization"),
    ]
    refs, definitions = models_json_schema(models, ref_template=_REF)
    schemes = _schemes(methods, issuer)
    problem = refs[(ProblemDocument, "serialization")]
    summary = (pipeline.run.__doc__ or pipeline.name).strip().partition("\n")[0]
    takes, gives = refs[(pipeline.takes, "validation")], refs[(envelope, "serialization")]
    rating, rated = refs[(Rating, "validation")], refs[(Rated, "serialization")]
    operations = {
        Door.use_case: _operation(pipeline.name, summary, takes, gives, problem),
        Door.feedback: _operation("feedback", "Rate an earlier answer.", rating, rated, problem),
        Door.openapi: _document(problem),
        Door.healthz: _probe("healthz", "Whether the process is alive."),
        Door.readyz: _probe("readyz", "Whether to send requests here."),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": about.name, "description": about.summary, "version": "1"},
        "paths": {
            route.path: {
                route.method.lower(): {**operations[door], "security": _security(route, schemes)}
            }
            for door, route in routes(pipeline).items()
        },
        "components": {"schemas": definitions["$defs"], "securitySchemes": schemes},
    }


def _schemes(methods: Sequence[Method], issuer: str | None) -> dict[str, Any]:
    schemes: dict[str, Any] = {}
    if "api_key" in methods:
        schemes["bearer"] = {"type": "http", "scheme": "bearer"}
        schemes["key"] = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    if "oidc" in methods and issuer:
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        schemes["oidc"] = {"type": "openIdConnect", "openIdConnectUrl": url}
    return schemes


def _security(route: Route, schemes: dict[str, Any]) -> list[dict[str, list[str]]]:
    """Any one of the schemes, with the door's scope; a list without any asks for nothing."""
    return [] if route.scope is None else [{name: [route.scope]} for name in schemes]


def _envelope(answer: type[BaseModel]) -> type[BaseModel]:
    """What stands around an answer.

    A model too, so that a service may call its own models as it likes, "Answer" included.
    """
    outcomes = tuple(outcome.value for outcome in Outcome if 200 in TABLE[outcome].statuses)
    fields: dict[str, Any] = {
        "outcome": Literal[outcomes],
        "answer": answer,
        "degraded": Degraded | None,
        "release": (str, Field(description="The release that answered.")),
        "simulated": (bool | None, Field(description="Whether a simulator answered.")),
        "request_id": str,
        "feedback_token": (str, Field(description="Send it with a rating.")),
    }
    return create_model("Envelope", **fields)


def _operation(
    name: str,
    summary: str,
    takes: dict[str, Any],
    gives: dict[str, Any],
    problem: dict[str, Any],
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": takes}}},
        "responses": {
            "200": {
                "description": "An answer, possibly degraded.",
                "content": {"application/json": {"schema": gives}},
            },
            **_problems(problem),
        },
    }


def _document(problem: dict[str, Any]) -> dict[str, Any]:
    """This document itself: it takes no body, so less can go wrong."""
    refusals = _problems(problem)
    return {
        "operationId": "openapi",
        "summary": "This document.",
        "responses": {
            "200": {
                "description": "The document.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **{status: refusals[status] for status in ("400", "401", "403", "429", "503")},
        },
    }


def _problems(document: dict[str, Any]) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": document}}
    meanings: dict[int, list[str]] = {}
    for row in TABLE.values():
        for status in row.statuses:
            if status >= 400:
                meanings.setdefault(status, []).append(row.meaning)
    return {
        str(status): {"description": "; ".join(texts), "content": content}
        for status, texts in sorted(meanings.items())
    }


def _probe(name: str, summary: str) -> dict[str, Any]:
    ok = {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": {"200": ok, "503": {"description": "No."}},
    }
