"""How credentials are refused: 401 and 403, each a security event of a known kind.

The kinds stand in `chassis.metrics.SECURITY_EVENTS`. What is said here goes to the caller, so it
never repeats what was presented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..outcomes import Outcome
from ..problems import Problem

if TYPE_CHECKING:
    from .caller import Caller


class Refused(Problem):
    """Credentials that do not open this door; `caller` is whose they are, when that is known."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        status: int = 401,
        caller: Caller | None = None,
        scope: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        known = status == 403
        super().__init__(
            kind,
            "Not allowed" if known else "Not authenticated",
            status=status,
            outcome=Outcome.forbidden if known else Outcome.unauthenticated,
            detail=detail,
            headers=headers or {"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
        self.caller = caller
        self.scope = scope


def no_credentials(kind: str, detail: str) -> Refused:
    """Nothing was presented: RFC 6750 (3.1) wants no error code then."""
    return Refused(kind, detail, headers={"WWW-Authenticate": "Bearer"})


def insufficient(scope: str) -> dict[str, str]:
    """The header that says which scope is missing (RFC 6750, section 3)."""
    quoted = "".join(c for c in scope if c.isascii() and c.isprintable() and c not in '"\\')
    return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{quoted}"'}
