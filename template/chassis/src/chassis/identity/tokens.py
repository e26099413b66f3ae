"""Tokens of the identity provider (OpenID Connect, RFC 7519): good or refused, and why.

The only module, with `signing_keys`, that needs `airworthy-chassis[oidc]`.
"""

from __future__ import annotations

from typing import Any

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidSubjectError,
    MissingRequiredClaimError,
    PyJWTError,
)
from jwt.types import Options

from ..config.guardrails import Oidc
from .caller import Caller
from .claims import caller_of
from .refusals import Refused
from .signing_keys import SigningKeys

# Longer than any token seen (groups as claims make them long); h11 stops at 64 KB of headers.
_LONGEST = 16 * 1024
# RFC 8725 (3.11): a logout token or a security event has our issuer, audience and keys as well.
_TYPES = ("jwt", "at+jwt", "application/at+jwt")
_REQUIRED = ("iss", "aud", "sub", "exp", "iat")
_UNREADABLE = (PyJWTError, ValueError, TypeError, OverflowError, RecursionError)

_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (InvalidSignatureError, "wrong-token", "The signature of this token is not right."),
    (ExpiredSignatureError, "expired-token", "This token has expired."),
    (ImmatureSignatureError, "early-token", "This token is not valid yet."),
    (InvalidIssuerError, "wrong-issuer", "This token is of another issuer."),
    (InvalidAudienceError, "wrong-audience", "This token is for another service."),
    (MissingRequiredClaimError, "wrong-claims", "This token lacks a claim that it needs."),
    (InvalidSubjectError, "wrong-claims", "The subject of this token is not a text."),
)


class Tokens:
    """Checks tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, policy: Oidc, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._policy = policy
        self._keys = keys

    async def caller(self, token: str) -> Caller:
        """Whose token this is.

        Raises Refused (401) when it is not good, and Problem (503) when that cannot be said.
        """
        kid, algorithm = self._header(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise Refused("unknown-token-key", "This token is signed with a key not known here.")
        return caller_of(self._claims(token, key, algorithm), self._policy, self._issuer)

    def _header(self, token: str) -> tuple[str | None, str]:
        """The key's name and the algorithm, if it is one of ours; nothing is proven yet."""
        try:
            header = jwt.get_unverified_header(token if len(token) <= _LONGEST else "")
        except _UNREADABLE:
            raise _malformed() from None
        algorithm, kind = header.get("alg"), header.get("typ", "JWT")
        if algorithm not in self._policy.algorithms:
            raise Refused("wrong-algorithm", "This token is signed in a way not accepted here.")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise Refused("wrong-token-type", "This is not an access token.")
        return header.get("kid"), algorithm

    def _claims(self, token: str, key: PyJWK, algorithm: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],  # one of ours, and the one the key was built for
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._policy.skew_seconds,
                options={"require": [*_REQUIRED, *self._policy.required_claims]},
            )
        except InvalidSignatureError as error:
            raise _refused(error, None) from None
        except _UNREADABLE as error:
            raise _refused(error, self._presenter(token, key, algorithm)) from None

    def _presenter(self, token: str, key: PyJWK, algorithm: str) -> Caller | None:
        """Whose token was refused, for the security event: only where the signature was right."""
        options: Options = {
            "require": ["iss", "sub"],
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "verify_aud": False,
        }
        try:
            claims = jwt.decode(
                token, key, algorithms=[algorithm], issuer=self._issuer, options=options
            )
            return caller_of(claims, self._policy, self._issuer)
        except (*_UNREADABLE, Refused):
            return None


def _refused(error: Exception, caller: Caller | None) -> Refused:
    for cause, kind, detail in _REFUSALS:
        if isinstance(error, cause):
            return Refused(kind, detail, caller=caller)
    return _malformed()


def _malformed() -> Refused:
    return Refused("malformed-token", "This is not a token that can be read.")
