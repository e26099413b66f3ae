"""Who may come in, and how they prove who they are."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from ..fields import Strict, Text, mistake, number

Method = Literal["api_key", "oidc"]

# Asymmetric only: a symmetric one takes a public key for a shared secret, `none` takes anything.
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]


class Oidc(Strict):
    """Tokens of an identity provider: which are good, and what their claims mean.

    Issuer and audience differ by environment: OIDC_ISSUER and OIDC_AUDIENCE.
    """

    algorithms: list[Algorithm] = Field(
        default=["RS256", "ES256"],
        min_length=1,
        description="Signatures that are accepted; the list is the provider's, never the token's.",
        examples=[["RS256", "ES256"]],
    )
    skew_seconds: float = number(
        "How far clocks may differ: counted for exp, nbf and iat.",
        unit="seconds",
        example=30,
        default=30.0,
        ge=0,
        le=300,
    )
    required_claims: list[Text] = Field(
        default=[],
        description="Claims a token must carry besides iss, aud, sub, exp and iat.",
        examples=[["jti"]],
    )
    organisation: Text | None = Field(
        default=None,
        description="The organisation of every token; the provider's host where neither this nor "
        "organisation_claim is set.",
        examples=["acme"],
    )
    organisation_claim: Text | None = Field(
        default=None,
        description="The claim that names the organisation, for a provider that serves several. "
        "A token without it is refused (401).",
        examples=["org_id"],
    )
    scope_claims: list[Text] = Field(
        default=["scope", "scp", "roles"],
        min_length=1,
        description="Claims that list scopes, as words or as a list; all that are there count. A "
        "dot leads into a claim: realm_access.roles.",
        examples=[["scope", "scp", "roles"]],
    )
    scope_prefix: str = Field(
        default="",
        description="Only scopes that begin with it count, and they lose it: with `triage:`, "
        "triage:feedback gives feedback.",
        examples=["triage:"],
    )
    scope_map: dict[str, list[Text]] = Field(
        default={},
        description="What a name of the provider gives here, beside what the prefix gives.",
        examples=["{support-agent: [triage, feedback]}"],
    )
    keys_lifetime_seconds: float = number(
        "The provider's signing keys are fetched again when they are this old.",
        unit="seconds",
        example=3600,
        default=3600.0,
        gt=0,
    )
    keys_usable_seconds: float = number(
        "While the provider cannot be reached, keys are used up to this age; then tokens are "
        "refused (503).",
        unit="seconds",
        example=86400,
        default=86400.0,
        gt=0,
    )
    refetch_seconds: float = number(
        "A token signed with an unknown key asks the provider at most this often.",
        unit="seconds",
        example=30,
        default=30.0,
        gt=0,
    )
    timeout_seconds: float = number(
        "Time for asking the provider for its keys; never more than request.budget_seconds.",
        unit="seconds",
        example=3,
        default=3.0,
        gt=0,
        le=30,
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.organisation and self.organisation_claim:
            message = "organisation is set too: keep the one that says where it comes from."
            raise mistake(message, "organisation_claim")
        if self.keys_usable_seconds < self.keys_lifetime_seconds:
            lifetime = f"keys_lifetime_seconds ({self.keys_lifetime_seconds:g})"
            message = f"{self.keys_usable_seconds:g} is less than {lifetime}. Raise it."
            raise mistake(message, "keys_usable_seconds")
        return self


class Access(Strict):
    """Who may come in."""

    methods: list[Method] = Field(
        default=["api_key"],
        min_length=1,
        description="api_key takes keys of `playbook keys`, oidc takes tokens of OIDC_ISSUER; both "
        "at once is fine: keys for services, tokens for people.",
        examples=[["api_key"]],
    )
    cors_origins: list[Text] = Field(
        default=[],
        description="Web pages whose scripts may call this service; [] allows none.",
        examples=[["https://app.acme.example"]],
    )
    oidc: Oidc = Field(
        default=Oidc(), description="Which tokens are good, and what their claims mean."
    )

    @field_validator("cors_origins")
    @classmethod
    def _exact(cls, origins: list[str]) -> list[str]:
        for index, origin in enumerate(origins):
            if re.fullmatch(_ORIGIN, origin):
                continue
            message = (
                f'"{origin}" is not an exact origin, such as https://app.acme.example: scheme, '
                "host and perhaps port in lower case, nothing behind; http for this machine only."
            )
            raise mistake(message, index)
        return origins


_LOCAL = r"(?:localhost|127\.0\.0\.1|\[::1\])"
_ORIGIN = rf"(?:https://[a-z0-9.\[\]:-]+|http://{_LOCAL}(?::[0-9]+)?)"
