"""The way in: which credentials a request brings, whose they are, and which door they open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..problems import invalid
from ..routes import Door, Route
from .caller import Caller, require_scope
from .key_file import KeyFile
from .refusals import no_credentials

if TYPE_CHECKING:
    from .tokens import Tokens

LONGEST_NAME = 200


class Access:
    """Authenticates requests with the methods that are on, and guards the doors."""

    def __init__(
        self, doors: Mapping[Door, Route], keys: KeyFile | None, tokens: Tokens | None
    ) -> None:
        self._doors = doors
        self._keys = keys
        self._tokens = tokens

    async def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller these headers prove, and for whom it acts.

        Raises Refused (401) without valid credentials, and (403) for `X-End-User` without the scope
        `delegate`.
        """
        caller = await self._prove(headers)
        caller = replace(
            caller,
            user=_named(headers, "X-End-User"),
            session=_named(headers, "X-Session-Id") or None,
        )
        if caller.user:
            require_scope(caller, "delegate")
        return caller

    def require(self, caller: Caller, door: Door) -> None:
        """Raise Refused (403) unless the caller has the door's scope."""
        scope = self._doors[door].scope
        if scope is not None:
            require_scope(caller, scope)

    async def _prove(self, headers: Mapping[str, str]) -> Caller:
        bearer, key = _bearer(headers), headers.get("x-api-key")
        if bearer and self._tokens and (self._keys is None or _looks_like_a_token(bearer)):
            return await self._tokens.caller(bearer)
        if self._keys and (presented := bearer or key):
            return self._keys.keys.caller(presented)
        if self._keys is None:
            ask = "Send a token of the identity provider as `Authorization: Bearer <token>`."
            raise no_credentials("no-token", ask)
        credential = "key or token" if self._tokens else "key"
        what = "API key or token" if self._tokens else "API key"
        raise no_credentials(
            "no-key", f"Send your {what} as `Authorization: Bearer <{credential}>`."
        )


def _looks_like_a_token(presented: str) -> bool:
    """Whether it has the form of a signed token: three parts, the first a JSON object in base64.

    A token is never tried as a key, nor a key as a token: one credential, one check.
    """
    return presented.startswith("eyJ") and presented.count(".") == 2


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return (credentials.strip() or None) if scheme.lower() == "bearer" else None


def _named(headers: Mapping[str, str], header: str) -> str:
    """An identity from a header. Cut short it could be somebody else's, so it is refused."""
    value = headers.get(header.lower(), "").strip()
    if len(value) > LONGEST_NAME:
        raise invalid(
            "header-too-long",
            "A header is too long",
            f"{header} has {len(value):,} characters; this service takes up to {LONGEST_NAME}.",
            status=400,
        )
    return value
