"""The OpenAPI document of a service, made from its pipeline and the outcome table."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from .about import About
from .degradation import Reason
from .feedback import Rating
from .outcomes import TABLE, Outcome
from .pipeline import Pipeline
from .problems import MEDIA_TYPE

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


def describe(pipeline: Pipeline[Any, Any], about: About) -> dict[str, Any]:
    """The document that `/openapi.json` serves."""
    envelope = _envelope(pipeline.gives)
    models: list[tuple[type[BaseModel], Any]] = [
        (pipeline.takes, "validation"),
        (envelope, "serialization"),
        (Rating, "validation"),
        (Rated, "serialization"),
        (ProblemDocument, "serialization"),
    ]
    refs, definitions = models_json_schema(models, ref_template=_REF)
    problems = _problems(refs[(ProblemDocument, "serialization")])
    return {
        "openapi": "3.1.0",
        "info": {"title": about.name, "description": about.summary, "version": "1"},
        "paths": {
            f"/v1/{pipeline.name}": {
                "post": _operation(
                    pipeline.name,
                    (pipeline.run.__doc__ or pipeline.name).strip().partition("\n")[0],
                    refs[(pipeline.takes, "validation")],
                    refs[(envelope, "serialization")],
                    problems,
                )
            },
            "/v1/feedback": {
                "post": _operation(
                    "feedback",
                    "Rate an earlier answer.",
                    refs[(Rating, "validation")],
                    refs[(Rated, "serialization")],
                    problems,
                )
            },
            "/healthz": {"get": _probe("healthz", "Whether the process is alive.")},
            "/readyz": {"get": _probe("readyz", "Whether to send requests here.")},
        },
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


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
    problems: dict[str, Any],
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"bearer": []}, {"key": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": takes}}},
        "responses": {
            "200": {
                "description": "An answer, possibly degraded.",
                "content": {"application/json": {"schema": gives}},
            },
            **problems,
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
        "security": [],
        "responses": {"200": ok, "503": {"description": "No."}},
    }
