"""The caller of a request, and the keyed hashes under which callers are stored."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from ..config.guardrails import Method
from .refusals import Refused, insufficient

TOOL_PREFIX = "tool:"


@dataclass(frozen=True)
class Caller:
    """The principal of a request and for whom it acts.

    `principal` is the id of an API key or the subject of a token, as `method` says. `user` is the
    principal itself, or the `X-End-User` of a principal with the scope `delegate`. A session exists
    only within a user.
    """

    principal: str
    organisation: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    user: str = ""
    session: str | None = None
    method: Method = "api_key"

    @property
    def user_id(self) -> str:
        """The end user, or the principal where none was named."""
        return self.user or self.principal

    @property
    def identity(self) -> str:
        """The user, unique across organisations: what limits count and hashes stand for.

        A key, a token's subject and an end user of the same name are three different callers.
        """
        kind = "user" if self.user else {"api_key": "key", "oidc": "subject"}[self.method]
        return f"{self.organisation}\0{kind}\0{self.user_id}"

    @property
    def session_identity(self) -> str | None:
        """The session, unique across users."""
        return f"{self.identity}\0{self.session}" if self.session else None

    def allows(self, scope: str) -> bool:
        """Whether this caller has a scope; of what somebody acts for, it is the principal's."""
        return scope in self.scopes


def require_scope(caller: Caller, scope: str) -> None:
    """Raise Refused (403) unless the caller has `scope`."""
    if not caller.allows(scope):
        raise Refused(
            "tool-not-allowed" if scope.startswith(TOOL_PREFIX) else "scope-missing",
            f"These credentials lack the scope `{scope}`.",
            status=403,
            caller=caller,
            scope=scope,
            headers=insufficient(scope),
        )


class Pseudonyms:
    """Keyed hashes under which identities are logged and stored (HMAC-SHA-256, cut to 64 bits)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: str, identity: str | None) -> str | None:
        """The pseudonym of an identity.

        The same person differs by `kind`, so hashes cannot be joined.
        """
        if identity is None:
            return None
        message = f"{kind}:{identity}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:16]

    def principal(self, caller: Caller | None) -> str | None:
        """The principal as logs name it: a key by its id, a token's subject by a hash.

        A key's id is a name that its operator chose; a subject is a person, often an address.
        """
        if caller is None:
            return None
        if caller.method == "api_key":
            return caller.principal
        subject = f"{caller.organisation}\0{caller.principal}"
        return f"oidc:{self.of('principal', subject)}"
