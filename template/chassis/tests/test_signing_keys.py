"""The identity provider's keys: cached, rotated, and asked for no more often than is decent."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import identity_provider
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from identity_provider import AUDIENCE, IdentityProvider, new_key, public
from sample_config import FILES
from waiting import until

from chassis.config.criteria import Criteria
from chassis.config.guardrails import Oidc
from chassis.identity import Refused
from chassis.identity.signing_keys import SigningKeys, usable_keys
from chassis.identity.tokens import Tokens
from chassis.logs import make_logger
from chassis.metrics import Metrics
from chassis.problems import Problem
from chassis.providers import http_client


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with identity_provider.running() as running:
        yield running


class Checked:
    """Tokens of a provider under a clock that stands still, and what was logged."""

    def __init__(self, idp: IdentityProvider, client: Any, jwks_url: str | None, **policy: Any):
        self.time = 0.0
        self.log = io.StringIO()
        self.metrics = Metrics(Criteria.model_validate(FILES["success-criteria.yaml"]), "1", "x")
        rules = Oidc(**policy)
        self.keys = SigningKeys(
            idp.issuer,
            jwks_url,
            rules,
            client,
            make_logger(self.log),
            self.metrics,
            lambda: self.time,
        )
        self.tokens = Tokens(idp.issuer, AUDIENCE, rules, self.keys)

    async def says(self, token: str) -> str:
        """`good`, or the kind of the refusal."""
        try:
            await self.tokens.caller(token)
        except Problem as problem:
            return problem.kind
        return "good"

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] == name]

    @property
    def valid(self) -> float | None:
        return self.metrics.registry.get_sample_value("airworthy_token_keys_valid")


Make = Callable[..., Checked]


@pytest.fixture
async def make(idp: IdentityProvider) -> AsyncIterator[Make]:
    """Make the checks for a policy; all are closed at the end."""
    made: list[Checked] = []
    async with http_client(1.0, 2) as client:

        def make(jwks_url: str | None = None, **policy: Any) -> Checked:
            made.append(Checked(idp, client, jwks_url, **policy))
            return made[-1]

        yield make
        for checked in made:
            await checked.keys.close()


async def test_keys_are_fetched_once_for_many_tokens(idp: IdentityProvider, make: Make) -> None:
    checked = make()
    assert [await checked.says(idp.token()) for _ in range(20)] == ["good"] * 20
    assert idp.asked == [identity_provider.DISCOVERY, "/keys"]


async def test_an_address_of_the_keys_needs_no_discovery(idp: IdentityProvider, make: Make) -> None:
    checked = make(jwks_url=f"{idp.issuer}/keys")
    assert await checked.says(idp.token()) == "good"
    assert idp.asked == ["/keys"]


async def test_a_rotated_key_is_taken_at_once_and_the_old_one_no_longer(
    idp: IdentityProvider, make: Make
) -> None:
    checked = make()
    before = idp.token()
    assert await checked.says(before) == "good"
    key = new_key()
    idp.keys = [public(key, "second")]
    checked.time = 31
    assert await checked.says(idp.token(key=key, kid="second")) == "good"
    assert await checked.says(before) == "unknown-token-key"


async def test_tokens_with_made_up_keys_do_not_become_requests_to_the_provider(
    idp: IdentityProvider, make: Make
) -> None:
    """One question per interval, whatever is sent: no amplification."""
    checked = make()
    await checked.says(idp.token())
    stranger = new_key()
    for round_ in range(1, 4):
        checked.time = 31.0 * round_
        forged = [idp.token(key=stranger, kid=f"made-up-{n}") for n in range(50)]
        assert {await checked.says(token) for token in forged} == {"unknown-token-key"}
        assert idp.fetches == 1 + round_


async def test_whoever_asks_meanwhile_waits_for_the_one_answer(
    idp: IdentityProvider, make: Make
) -> None:
    idp.hold = threading.Event()
    checked = make()
    asking = [asyncio.create_task(checked.says(idp.token())) for _ in range(20)]
    await until(lambda: bool(idp.asked))
    asking[0].cancel()  # who gives up does not end it for the others
    idp.hold.set()
    assert await asyncio.gather(*asking[1:]) == ["good"] * 19
    assert idp.fetches == 1


async def test_a_provider_that_is_down_costs_nothing_until_the_keys_are_too_old(
    idp: IdentityProvider, make: Make
) -> None:
    """Fail closed, but not early: cached keys until a stated age, then 503 with log and metric."""
    checked = make(keys_lifetime_seconds=100, keys_usable_seconds=1000)
    await checked.keys.ask()
    idp.answer = (500, b"")
    checked.time = 200
    await checked.keys.ask()
    assert await checked.says(idp.token()) == "good"
    assert checked.valid == 0
    (event,) = checked.events("token_keys_refused")
    assert event["reason"] == "The provider answered 500."
    assert "until they are 1000 s old" in event["consequence"]
    checked.time = 1001
    assert await checked.says(idp.token()) == "token-keys-unavailable"
    idp.answer = None
    checked.time = 1032
    assert await checked.says(idp.token()) == "good"
    assert checked.valid == 1


async def test_keys_are_renewed_before_anybody_waits_for_them(
    idp: IdentityProvider, make: Make
) -> None:
    checked = make(keys_lifetime_seconds=100)
    watch = asyncio.create_task(checked.keys.watch())
    await until(lambda: checked.valid == 1)
    checked.time = 100
    await until(lambda: idp.fetches == 2)
    watch.cancel()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, b""), "The provider answered 404."),
        ((302, b""), "The provider answered 302."),
        ((200, b"<html>"), "The provider sent something else than a JSON object."),
        ((200, b"[1]"), "The provider sent something else than a JSON object."),
        ((200, b"[" * 100_000), "The provider sent something else than a JSON object."),
        ((200, b'{"keys": []}'), "The provider has no public key for RS256, ES256."),
        ((200, b'{"keys": 3}'), "The provider has no public key for RS256, ES256."),
        ((200, b'{"keys": [{"kty": "RSA"}]}'), "The provider has no public key for RS256, ES256."),
        ((200, b" " * 300_000), "The provider sent more than 262,144 bytes."),
    ],
)
async def test_an_answer_that_cannot_be_used_keeps_the_last_good_keys(
    idp: IdentityProvider, make: Make, answer: tuple[int, bytes], reason: str
) -> None:
    checked = make()
    await checked.keys.ask()
    idp.answer, checked.time = answer, 31
    await checked.keys.ask()
    assert checked.events("token_keys_refused")[0]["reason"] == reason
    assert await checked.says(idp.token()) == "good"


async def test_a_provider_that_does_not_answer_is_waited_for_only_so_long(
    idp: IdentityProvider, make: Make
) -> None:
    idp.hold = threading.Event()
    checked = make(timeout_seconds=0.2)
    assert await checked.says(idp.token()) == "token-keys-unavailable"
    assert "0.2 s" in checked.events("token_keys_refused")[0]["reason"]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        ({"issuer": "https://evil.example"}, "names another issuer"),
        ({"jwks_uri": "http://keys.example/keys"}, "no jwks_uri over https"),
        ({"jwks_uri": "file:///etc/passwd"}, "no jwks_uri over https"),
        ({"jwks_uri": None}, "no jwks_uri over https"),
    ],
)
async def test_a_description_leads_nowhere_but_to_the_issuer_over_https(
    idp: IdentityProvider, make: Make, description: dict[str, Any], reason: str
) -> None:
    """OpenID Connect Discovery 1.0, 4.3."""
    idp.description |= description
    checked = make()
    assert await checked.says(idp.token()) == "token-keys-unavailable"
    assert reason in checked.events("token_keys_refused")[0]["reason"]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"])
async def test_every_kind_of_signature_works_where_it_is_listed(
    idp: IdentityProvider, make: Make, algorithm: str
) -> None:
    """Keys without `alg`, as several large providers publish them."""
    key = new_key(algorithm)
    idp.keys = [public(key, "mine", algorithm)]
    token = idp.token(key=key, kid="mine", algorithm=algorithm)
    assert await make(algorithms=[algorithm]).says(token) == "good"
    other = "ES256" if algorithm != "ES256" else "RS256"
    assert await make(algorithms=[other]).says(token) == "wrong-algorithm"


async def test_a_token_may_leave_out_the_name_of_the_only_key(
    idp: IdentityProvider, make: Make
) -> None:
    assert await make().says(idp.token(kid=None)) == "good"
    idp.keys.append(public(new_key(), "second"))
    assert await make().says(idp.token(kid=None)) == "unknown-token-key"


def test_only_public_keys_for_signatures_are_used() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for entry in (
        public(weak, "x", "RS256"),
        public(new_key(), "x") | {"use": "enc"},
        public(new_key(), "x", key_ops=["sign"]),
        public(new_key(), "x", alg="ES384"),
        public(new_key(), "x") | {"x": 3},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "RS256"},
    ):
        with pytest.raises(Exception, match="no public key"):
            usable_keys({"keys": [entry, None, "x"]}, ["RS256", "ES256"])


async def test_clocks_may_differ_by_the_skew_and_no_more(idp: IdentityProvider, make: Make) -> None:
    lenient, strict = make(skew_seconds=30), make(skew_seconds=0)
    late = idp.token(seconds=-10)
    assert (await lenient.says(late), await strict.says(late)) == ("good", "expired-token")
    assert await lenient.says(idp.token(seconds=-40)) == "expired-token"


async def test_further_claims_can_be_required(idp: IdentityProvider, make: Make) -> None:
    checked = make(required_claims=["jti"])
    assert await checked.says(idp.token()) == "wrong-claims"
    assert await checked.says(idp.token(jti="1")) == "good"


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), character=st.sampled_from("ABCxyz019-_.=+/ \0é"))
async def test_a_token_changed_anywhere_is_refused(
    idp: IdentityProvider, make: Make, place: int, character: str
) -> None:
    checked = make()
    token = idp.token()
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]
    said = await checked.says(changed)
    assert said == "good" if changed == token else said != "good"
    assert said != "token-keys-unavailable"


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=st.dictionaries(
        st.sampled_from(["iss", "aud", "sub", "exp", "iat", "nbf", "scope", "roles", "scp"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.lists(st.integers() | st.text(max_size=3), max_size=3),
        min_size=1,
    )
)
async def test_signed_nonsense_is_refused_and_never_an_error_of_ours(
    idp: IdentityProvider, make: Make, claims: dict[str, Any]
) -> None:
    token = idp.token()
    now = {"exp": 4_000_000_000, "iat": 1, "aud": AUDIENCE, "iss": idp.issuer, "sub": "ann"}
    payload = json.dumps({**now, **claims}).encode()
    signed = jwt.api_jws.encode(payload, idp.private, "ES256", {"kid": "first"})
    assert token != signed
    try:
        caller = await make().tokens.caller(signed)
    except Refused as refused:
        assert refused.status == 401
    else:
        assert caller.principal == {**now, **claims}["sub"]
