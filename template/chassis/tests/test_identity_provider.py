"""A service that takes tokens: how it starts, what it says when it cannot, and who people are."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import identity_provider
import pytest
import sample_config
from identity_provider import AUDIENCE, IdentityProvider
from sample_config import Start
from waiting import until

from chassis.config import ConfigError
from chassis.testing import ServiceUnderTest

NOTE = {"text": "an apple"}
TOKENS_ONLY = {"access": {"methods": ["oidc"], "oidc": {"organisation": "acme"}}}


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with identity_provider.running() as running:
        yield running


async def ask(service: ServiceUnderTest, token: str | None, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {token}"} if token else {}
    return await service.http.post("/v1/label", json=NOTE, headers={**given, **headers})


async def test_people_are_known_by_their_subject_and_logged_by_a_hash(
    start: Start, idp: IdentityProvider
) -> None:
    """DESIGN, identity: principal = OIDC subject; keyed hashes where it is stored."""
    service = await start(settings=idp.settings, guardrails=TOKENS_ONLY)
    assert (await ask(service, idp.token())).status_code == 200
    assert (await ask(service, idp.token(sub="ben"))).status_code == 200
    ann, ben = service.lines("ai_call")
    assert (ann["organisation"], ben["organisation"]) == ("acme", "acme")
    assert ann["principal"].startswith("oidc:")
    assert ann["principal"] != ben["principal"]
    assert "ann@example.com" not in service.log_text()


async def test_a_service_for_tokens_takes_no_keys_and_needs_no_key_file(
    start: Start, idp: IdentityProvider
) -> None:
    service = await start(settings=idp.settings, guardrails=TOKENS_ONLY)
    assert (await service.post(NOTE)).json()["type"] == "/problems/malformed-token"
    nothing = await ask(service, None, **{"X-API-Key": service.key})
    assert nothing.json()["type"] == "/problems/no-token"
    document = await service.http.get(
        "/openapi.json", headers={"Authorization": f"Bearer {idp.token()}"}
    )
    schemes = document.json()["components"]["securitySchemes"]
    assert schemes == {
        "oidc": {
            "type": "openIdConnect",
            "openIdConnectUrl": f"{idp.issuer}/.well-known/openid-configuration",
        }
    }
    assert document.json()["paths"]["/v1/label"]["post"]["security"] == [{"oidc": ["label"]}]


async def test_a_provider_that_is_down_at_the_start_delays_tokens_not_keys(
    start: Start, idp: IdentityProvider
) -> None:
    """Degrade on everything but safety: 503 for tokens until they can be checked."""
    idp.answer = (503, b"")
    both = {"access": {"methods": ["api_key", "oidc"], "oidc": {"refetch_seconds": 0.1}}}
    service = await start(settings=idp.settings, guardrails=both)
    refused = await ask(service, idp.token())
    assert (refused.status_code, refused.json()["type"]) == (
        503,
        "/problems/token-keys-unavailable",
    )
    assert refused.headers["retry-after"]
    assert (await service.post(NOTE)).status_code == 200
    assert service.metric("airworthy_token_keys_valid") == 0
    assert service.lines("security_event") == [], "nobody was refused for what they presented"
    idp.answer = None
    await until(lambda: service.metric("airworthy_token_keys_valid") == 1)
    assert (await ask(service, idp.token())).status_code == 200


async def test_who_waits_for_the_providers_keys_waits_no_longer_than_the_budget(
    start: Start, idp: IdentityProvider
) -> None:
    """PLAYBOOK 2.4: one budget, whatever hangs."""
    access = {"methods": ["oidc"], "oidc": {"timeout_seconds": 5, "refetch_seconds": 0.001}}
    service = await start(
        settings=idp.settings,
        guardrails={
            "access": access,
            "request": {"budget_seconds": 0.4},
            "model": {"timeout_seconds": 0.3},
        },
        success_criteria={"latency": {"p95_seconds": 0.3}},
    )
    idp.hold = threading.Event()
    started = time.monotonic()
    refused = await ask(service, idp.token(kid="another"))
    assert time.monotonic() - started < 1.0
    assert refused.status_code == 401
    idp.hold.set()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "oidc needs OIDC_ISSUER, OIDC_AUDIENCE."),
        ({"oidc_issuer": "https://login.example.com"}, "oidc needs OIDC_AUDIENCE."),
    ],
)
async def test_what_is_missing_is_said_with_file_line_and_field(
    start: Start, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        await start(settings=settings, guardrails={"access": {"methods": ["api_key", "oidc"]}})
    place, message = str(caught.value).splitlines()
    assert place.startswith("config/guardrails.yaml:")
    assert place.endswith("access.methods[1]")
    assert told in message


async def test_a_missing_library_is_said_with_the_line_that_brings_it(
    start: Start, idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tokens", "signing_keys"):
        monkeypatch.delitem(sys.modules, f"chassis.identity.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(ConfigError, match=r"depend on `airworthy-chassis\[oidc\]`"):
        await start(settings=idp.settings, guardrails=TOKENS_ONLY)


@pytest.mark.slow
def test_nothing_of_tokens_is_loaded_where_only_keys_are_taken() -> None:
    program = "import sys, chassis.service; sys.exit('jwt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("oidc", "told"),
    [
        ({"algorithms": ["HS256"]}, '"HS256" is not one of RS256'),
        ({"algorithms": ["none"]}, '"none" is not one of RS256'),
        ({"algorithms": []}, "This is empty"),
        ({"skew_seconds": 3600}, "out of range: expected at most 300"),
        ({"organisation": "a", "organisation_claim": "b"}, "organisation is set too"),
        ({"keys_usable_seconds": 10}, "less than keys_lifetime_seconds"),
        ({"skew_second": 3}, "skew_second is not known here. Did you mean skew_seconds?"),
    ],
)
async def test_a_policy_that_would_be_unsafe_is_refused(
    start: Start, oidc: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        await start(guardrails={"access": {"oidc": oidc}})
    assert told in str(caught.value)
    assert sample_config.FILES["guardrails.yaml"].get("access") is None  # defaults are in code
    assert AUDIENCE not in str(caught.value)
