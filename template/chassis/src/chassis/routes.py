"""The doors of a service: one table that the HTTP shell, the OpenAPI document and tests read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .pipeline import Pipeline


class Door(StrEnum):
    """The routes by name; each is an `operationId` of the OpenAPI document, but the first."""

    use_case = "use_case"
    feedback = "feedback"
    openapi = "openapi"
    healthz = "healthz"
    readyz = "readyz"


@dataclass(frozen=True)
class Route:
    """One door: where it is, and the scope it asks for. None needs no credentials."""

    method: str
    path: str
    scope: str | None

    def __str__(self) -> str:
        """As traces and security events name it."""
        return f"{self.method} {self.path}"


def routes(pipeline: Pipeline[Any, Any]) -> dict[Door, Route]:
    """The table of a service."""
    return {
        Door.use_case: Route("POST", f"/v1/{pipeline.name}", pipeline.name),
        Door.feedback: Route("POST", "/v1/feedback", "feedback"),
        Door.openapi: Route("GET", "/openapi.json", "docs"),
        Door.healthz: Route("GET", "/healthz", None),
        Door.readyz: Route("GET", "/readyz", None),
    }
