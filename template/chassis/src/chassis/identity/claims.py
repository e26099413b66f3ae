"""What the claims of a token, once proven, say of its caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..config.guardrails import Oidc
from .caller import Caller
from .refusals import Refused

_LONGEST_NAME = 200


def caller_of(claims: Mapping[str, Any], policy: Oidc, issuer: str) -> Caller:
    """The caller: the subject, in its organisation, with the scopes that count here.

    Raises Refused (401) when a claim that is needed has no form to be an identity.
    """
    return Caller(
        principal=_name(claims.get("sub"), "sub"),
        organisation=_organisation(claims, policy, issuer),
        scopes=frozenset(_scopes(claims, policy)),
        method="oidc",
    )


def _organisation(claims: Mapping[str, Any], policy: Oidc, issuer: str) -> str:
    if policy.organisation_claim:
        return _name(_at(claims, policy.organisation_claim), policy.organisation_claim)
    return policy.organisation or urlsplit(issuer).netloc


def _scopes(claims: Mapping[str, Any], policy: Oidc) -> Iterator[str]:
    for claim in policy.scope_claims:
        for name in _listed(_at(claims, claim), claim):
            yield from policy.scope_map.get(name, ())
            if name.startswith(policy.scope_prefix):
                yield name.removeprefix(policy.scope_prefix)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or one inside another: a name may itself have dots, so it goes first."""
    if path in claims:
        return claims[path]
    here: Any = claims
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here


def _listed(value: Any, claim: str) -> list[str]:
    """Scopes are words in one text (RFC 8693, 4.2), or a list of texts as some providers send."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return value
    raise Refused("wrong-claims", f"The claim {claim} of this token is not a list of scopes.")


def _name(value: Any, claim: str) -> str:
    """An identity. Cut short or cleaned it could be somebody else's, so it is refused."""
    if (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_NAME
        and value.isprintable()
        and value == value.strip()
    ):
        return value
    raise Refused("wrong-claims", f"The claim {claim} of this token is not a name.")
