"""What the claims of a proven token make of its caller."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.config.guardrails import Oidc
from chassis.identity import Caller, Pseudonyms, Refused
from chassis.identity.claims import caller_of

ISSUER = "https://login.example.com/acme"


def made(policy: dict[str, Any], **claims: Any) -> Caller:
    return caller_of({"sub": "ann", **claims}, Oidc(**policy), ISSUER)


@pytest.mark.parametrize(
    ("policy", "claims", "scopes"),
    [
        ({}, {}, set()),
        ({}, {"scope": "triage  feedback"}, {"triage", "feedback"}),
        ({}, {"scp": "triage", "roles": ["docs"]}, {"triage", "docs"}),
        ({"scope_claims": ["roles"]}, {"scope": "delegate", "roles": ["docs"]}, {"docs"}),
        ({"scope_prefix": "api:"}, {"scope": "api:triage openid delegate"}, {"triage"}),
        (
            {"scope_map": {"agent": ["triage", "docs"]}},
            {"scp": ["agent"]},
            {"agent", "triage", "docs"},
        ),
        (
            {"scope_map": {"Support Agent": ["triage"]}, "scope_prefix": "api:"},
            {"roles": ["Support Agent", "delegate"]},
            {"triage"},
        ),
        ({"scope_claims": ["realm.roles"]}, {"realm": {"roles": ["docs"]}}, {"docs"}),
        ({"scope_claims": ["https://a.b/roles"]}, {"https://a.b/roles": ["docs"]}, {"docs"}),
        ({"scope_claims": ["realm.roles"]}, {"realm": ["roles"]}, set()),
    ],
)
def test_scopes_come_from_the_claims_that_are_configured(
    policy: dict[str, Any], claims: dict[str, Any], scopes: set[str]
) -> None:
    assert made(policy, **claims).scopes == scopes


@pytest.mark.parametrize("value", [3, {"triage": True}, [1], ["a", None], True])
def test_scopes_in_another_form_are_refused_not_guessed(value: Any) -> None:
    with pytest.raises(Refused, match="not a list of scopes"):
        made({}, scope=value)


def test_the_organisation_is_fixed_a_claim_or_the_providers_host() -> None:
    assert made({}).organisation == "login.example.com"
    assert made({"organisation": "acme"}).organisation == "acme"
    assert made({"organisation_claim": "org.id"}, org={"id": "acme"}).organisation == "acme"
    with pytest.raises(Refused, match="org of this token is not a name"):
        made({"organisation_claim": "org"})


@pytest.mark.parametrize("subject", ["", " ann", "ann\n", "a" * 201, "a\0b", None, 7, ["ann"]])
def test_a_subject_that_could_be_taken_for_another_is_refused(subject: Any) -> None:
    with pytest.raises(Refused, match="not a name"):
        made({}, sub=subject)


def test_a_key_a_subject_and_a_user_of_one_name_are_three_callers() -> None:
    """DESIGN, identity: limits and stickiness go by it."""
    callers = [
        Caller("ann", "acme"),
        Caller("ann", "acme", method="oidc"),
        Caller("web", "acme", user="ann"),
    ]
    assert len({caller.identity for caller in callers}) == 3


def test_a_subject_is_logged_as_a_hash_a_key_by_its_name() -> None:
    names = Pseudonyms(b"secret")
    assert names.principal(Caller("web", "acme")) == "web"
    hashed = names.principal(Caller("ann@example.com", "acme", method="oidc"))
    assert hashed is not None
    assert hashed.startswith("oidc:")
    assert "ann" not in hashed
    assert names.principal(None) is None
