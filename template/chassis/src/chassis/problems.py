"""RFC 9457 problem details: the only shape in which this service says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .outcomes import Outcome

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal on its way to the caller.

    `kind` is the stable last part of the problem's `type`; callers may branch on it, so it never
    changes. `detail` is for a person and must not contain secrets, internals or how to get around a
    guard.
    """

    def __init__(
        self,
        kind: str,
        title: str,
        *,
        status: int,
        outcome: Outcome,
        detail: str,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(f"{status} {kind}: {detail}")
        self.kind = kind
        self.title = title
        self.status = status
        self.outcome = outcome
        self.detail = detail
        self.headers = dict(headers or {})
        self.errors = [dict(error) for error in errors]

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON document."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = self.errors
        return document


def invalid(
    kind: str,
    title: str,
    detail: str,
    *,
    status: int = 422,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """The request itself is wrong."""
    return Problem(
        kind,
        title,
        status=status,
        outcome=Outcome.invalid,
        detail=detail,
        errors=errors,
        headers=headers,
    )


def unavailable(kind: str, detail: str) -> Problem:
    """No answer is possible right now."""
    return Problem(
        kind,
        "No answer is possible right now",
        status=503,
        outcome=Outcome.unavailable,
        detail=detail,
        headers={"Retry-After": "5"},
    )


def blocked(direction: str, kind_of_check: str) -> Problem:
    """A guard said no. Says which kind of check, never how to get around it."""
    return Problem(
        f"{direction}-blocked",
        f"The {direction} was blocked by a safety check",
        status=422,
        outcome=Outcome.blocked,
        detail=f"The {kind_of_check} check did not pass. If this is a mistake, tell the service's "
        "owner the request id.",
    )
