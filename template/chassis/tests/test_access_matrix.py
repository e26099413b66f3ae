"""Every door times every credential: who gets in where, as one table (PLAYBOOK 2.12, point 12)."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator

import identity_provider
import labels
import pytest
from identity_provider import IdentityProvider, new_key
from sample_config import Start
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from chassis.app import app_of
from chassis.identity.api_keys import hash_key
from chassis.metrics import SECURITY_EVENTS
from chassis.outcomes import TABLE
from chassis.routes import Door, routes
from chassis.testing import ServiceUnderTest

# A cell is the status, and the last part of the problem's type where there is one.
MATRIX = """
credential                     | use_case              | feedback              | openapi               | healthz | readyz
nothing                        | 401 no-key            | 401 no-key            | 401 no-key            | 200     | 200
an empty bearer                | 401 no-key            | 401 no-key            | 401 no-key            | 200     | 200
another scheme                 | 401 no-key            | 401 no-key            | 401 no-key            | 200     | 200
a wrong key                    | 401 wrong-key         | 401 wrong-key         | 401 wrong-key         | 200     | 200
an expired key                 | 401 expired-key       | 401 expired-key       | 401 expired-key       | 200     | 200
a revoked key                  | 401 revoked-key       | 401 revoked-key       | 401 revoked-key       | 200     | 200
a key without scopes           | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a key: label                   | 200                   | 403 scope-missing     | 403 scope-missing     | 200     | 200
a key: feedback                | 403 scope-missing     | 200                   | 403 scope-missing     | 200     | 200
a key: docs                    | 403 scope-missing     | 403 scope-missing     | 200                   | 200     | 200
a key: delegate                | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a key: tool:refund             | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a key: all                     | 200                   | 200                   | 200                   | 200     | 200
a key: all, in X-API-Key       | 200                   | 200                   | 200                   | 200     | 200
a key: all, for a user         | 200                   | 200                   | 200                   | 200     | 200
a key: no delegate, for a user | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a rotated key, the older       | 200                   | 200                   | 200                   | 200     | 200
a rotated key, the newer       | 200                   | 200                   | 200                   | 200     | 200
a token: all                   | 200                   | 200                   | 200                   | 200     | 200
a token: all, for a user       | 200                   | 200                   | 200                   | 200     | 200
a token: label, for a user     | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a token: none                  | 403 scope-missing     | 403 scope-missing     | 403 scope-missing     | 200     | 200
a token: label                 | 200                   | 403 scope-missing     | 403 scope-missing     | 200     | 200
a token: feedback              | 403 scope-missing     | 200                   | 403 scope-missing     | 200     | 200
a token: docs                  | 403 scope-missing     | 403 scope-missing     | 200                   | 200     | 200
a token in X-API-Key           | 401 wrong-key         | 401 wrong-key         | 401 wrong-key         | 200     | 200
an expired token               | 401 expired-token     | 401 expired-token     | 401 expired-token     | 200     | 200
a token not valid yet          | 401 early-token       | 401 early-token       | 401 early-token       | 200     | 200
a token issued tomorrow        | 401 early-token       | 401 early-token       | 401 early-token       | 200     | 200
a token for another audience   | 401 wrong-audience    | 401 wrong-audience    | 401 wrong-audience    | 200     | 200
a token of another issuer      | 401 wrong-issuer      | 401 wrong-issuer      | 401 wrong-issuer      | 200     | 200
a token without a subject      | 401 wrong-claims      | 401 wrong-claims      | 401 wrong-claims      | 200     | 200
a token without an end         | 401 wrong-claims      | 401 wrong-claims      | 401 wrong-claims      | 200     | 200
a token of another kind        | 401 wrong-token-type  | 401 wrong-token-type  | 401 wrong-token-type  | 200     | 200
a token, algorithm not listed  | 401 wrong-algorithm   | 401 wrong-algorithm   | 401 wrong-algorithm   | 200     | 200
a token, algorithm none        | 401 wrong-algorithm   | 401 wrong-algorithm   | 401 wrong-algorithm   | 200     | 200
a token, HS256 by public key   | 401 wrong-algorithm   | 401 wrong-algorithm   | 401 wrong-algorithm   | 200     | 200
a token of an unknown key      | 401 unknown-token-key | 401 unknown-token-key | 401 unknown-token-key | 200     | 200
a token of a false key         | 401 wrong-token       | 401 wrong-token       | 401 wrong-token       | 200     | 200
a token with other scopes in   | 401 wrong-token       | 401 wrong-token       | 401 wrong-token       | 200     | 200
a token with a critical header | 401 malformed-token   | 401 malformed-token   | 401 malformed-token   | 200     | 200
half a token                   | 401 malformed-token   | 401 malformed-token   | 401 malformed-token   | 200     | 200
"""  # noqa: E501

# The same doors by other methods, with a key that may do everything; OPTIONS needs none.
METHODS = """
method           | use_case     | feedback     | openapi      | healthz      | readyz
GET              | 405 no-route | 405 no-route | 200          | 200          | 200
HEAD             | 405 -        | 405 -        | 200          | 200          | 200
HEAD without key | 405 -        | 405 -        | 401 -        | 200          | 200
POST             | 200          | 200          | 405 no-route | 405 no-route | 405 no-route
PUT              | 405 no-route | 405 no-route | 405 no-route | 405 no-route | 405 no-route
PATCH            | 405 no-route | 405 no-route | 405 no-route | 405 no-route | 405 no-route
DELETE           | 405 no-route | 405 no-route | 405 no-route | 405 no-route | 405 no-route
OPTIONS          | 405 no-route | 405 no-route | 405 no-route | 405 no-route | 405 no-route
"""

ALL = ["label", "feedback", "docs", "delegate"]
NEWER = "the-newer-of-two"  # pragma: allowlist secret
KEYS = {
    "expired": {"scopes": ALL, "expires": "2020-01-01T00:00:00Z"},
    "revoked": {"scopes": ALL, "revoked": "2020-01-01T00:00:00Z"},
    "scopeless": {"scopes": []},
    **{scope: {"scopes": [scope]} for scope in (*ALL, "tool:refund")},
    "all": {"scopes": ALL},
    "no-delegate": {"scopes": ["label", "feedback", "docs"]},
    "older": {"id": "rotated", "scopes": ALL, "expires": "2999-01-01T00:00:00Z"},
    NEWER: {"id": "rotated", "scopes": ALL},
}
Headers = dict[str, str]
Cells = dict[str, list[str]]


@pytest.fixture(scope="module")
def provider_of_identity() -> Iterator[IdentityProvider]:
    with identity_provider.running() as running:
        yield running


def credentials(idp: IdentityProvider) -> dict[str, Headers]:
    """The rows of the table, as headers."""
    user = {"X-End-User": "ben"}
    tokens = {
        "a token: all": idp.token(),
        "a token: none": idp.token(scope=None),
        **{f"a token: {scope}": idp.token(scope=scope) for scope in ("label", "feedback", "docs")},
        "an expired token": idp.token(seconds=-3600),
        "a token not valid yet": idp.token(nbf=4_000_000_000),
        "a token issued tomorrow": idp.token(iat=4_000_000_000, seconds=4_000_000_000),
        "a token for another audience": idp.token(aud=["another"]),
        "a token of another issuer": idp.token(iss=f"{idp.issuer}/"),
        "a token without a subject": idp.token(sub=None),
        "a token without an end": idp.token(exp=None),
        "a token of another kind": idp.token(headers={"typ": "logout+jwt"}),
        "a token, algorithm not listed": idp.token(key=new_key("ES384"), algorithm="ES384"),
        "a token, algorithm none": unsigned(idp),
        "a token, HS256 by public key": hashed(idp),
        "a token of an unknown key": idp.token(kid="unheard-of"),
        "a token of a false key": idp.token(key=new_key()),
        "a token with other scopes in": tampered(idp),
        "a token with a critical header": idp.token(headers={"crit": ["x"], "x": 1}),
        "half a token": "eyJhbGciOiJFUzI1NiIs.e.x",
    }
    return {
        "nothing": {},
        "an empty bearer": {"Authorization": "Bearer "},
        "another scheme": {"Authorization": "Basic YTpi"},
        "a wrong key": bearer("wrong"),
        "an expired key": bearer("expired"),
        "a revoked key": bearer("revoked"),
        "a key without scopes": bearer("scopeless"),
        **{f"a key: {scope}": bearer(scope) for scope in (*ALL, "tool:refund")},
        "a key: all": bearer("all"),
        "a key: all, in X-API-Key": {"X-API-Key": "all"},
        "a key: all, for a user": bearer("all") | user,
        "a key: no delegate, for a user": bearer("no-delegate") | user,
        "a rotated key, the older": bearer("older"),
        "a rotated key, the newer": bearer(NEWER),
        **{name: bearer(token) for name, token in tokens.items()},
        "a token: all, for a user": bearer(idp.token()) | user,
        "a token: label, for a user": bearer(idp.token(scope="label")) | user,
        "a token in X-API-Key": {"X-API-Key": idp.token()},
    }


def bearer(credential: str) -> Headers:
    return {"Authorization": f"Bearer {credential}"}


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(idp: IdentityProvider) -> str:
    payload = idp.token().split(".")[1]
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{payload}."


def hashed(idp: IdentityProvider) -> str:
    """The oldest trick: the public key as the secret of a symmetric signature."""
    signed = f"{part({'alg': 'HS256', 'kid': 'first'})}.{idp.token().split('.')[1]}"
    signature = hmac.digest(json.dumps(idp.keys[0]).encode(), signed.encode(), "sha256")
    return f"{signed}.{part(signature)}"


def tampered(idp: IdentityProvider) -> str:
    head, _, signature = idp.token(scope="label").split(".")
    return ".".join((head, idp.token(sub="somebody else").split(".")[1], signature))


def parsed(table: str) -> tuple[list[str], Cells]:
    """The columns and the rows of a table."""
    lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return lines[0][1:], {line[0]: line[1:] for line in lines[1:]}


@pytest.fixture
async def service(start: Start, provider_of_identity: IdentityProvider) -> ServiceUnderTest:
    """A service that takes keys and tokens."""
    service = await start(
        keys=KEYS,
        settings=provider_of_identity.settings,
        guardrails={"access": {"methods": ["api_key", "oidc"]}},
    )
    assert hash_key("all") not in service.log_text()
    return service


async def ask(
    service: ServiceUnderTest, door: str, method: str, headers: Headers, rating: object
) -> str:
    """What a door says, as the table writes it."""
    bodies = {"use_case": {"text": "an apple"}, "feedback": rating}
    path = routes(labels.pipeline)[Door(door)].path
    body = bodies.get(door) if method == "POST" else None
    response = await service.http.request(method, path, json=body, headers=headers)
    if response.status_code == 200:
        return "200"
    kind = response.json()["type"].removeprefix("/problems/") if response.content else "-"
    return f"{response.status_code} {kind}"


async def rating_of(service: ServiceUnderTest) -> object:
    """A rating that would be taken: of an answer just given."""
    answer = await service.post({"text": "an apple"}, key="all")
    return {"feedback_token": answer.json()["feedback_token"], "rating": 5}


def served(app: Starlette) -> set[tuple[str, str]]:
    """Method and path of all that an application really answers to."""
    found = set()
    for route in app.routes:
        assert isinstance(route, HttpRoute), route
        found |= {(method, route.path) for method in (route.methods or ()) if method != "HEAD"}
    return found


def check_columns(app: Starlette, columns: list[str]) -> None:
    """Fail unless the table has a column for every door, and the application no other door."""
    table = routes(labels.pipeline)
    assert columns == [door.value for door in table], "a door has no column in the matrix"
    assert served(app) == {(route.method, route.path) for route in table.values()}, (
        "the application has a door that is not in chassis.routes"
    )


@pytest.mark.parametrize("table", [MATRIX, METHODS])
async def test_every_door_is_in_the_tables(service: ServiceUnderTest, table: str) -> None:
    check_columns(app_of(service.service), parsed(table)[0])


async def test_a_door_without_a_column_fails(service: ServiceUnderTest) -> None:
    """Every gate comes with a proof that it can fail."""
    columns = parsed(MATRIX)[0]
    with pytest.raises(AssertionError, match="no column"):
        check_columns(app_of(service.service), columns[:-1])
    app = app_of(service.service)
    app.router.routes.append(HttpRoute("/v1/hidden", lambda _: Response("in")))
    with pytest.raises(AssertionError, match=r"not in chassis\.routes"):
        check_columns(app, columns)


async def test_every_credential_opens_the_doors_of_its_scopes_and_no_other(
    service: ServiceUnderTest, provider_of_identity: IdentityProvider
) -> None:
    """PLAYBOOK 2.12, point 12."""
    columns, expected = parsed(MATRIX)
    shown = credentials(provider_of_identity)
    assert set(shown) == set(expected)
    rating = await rating_of(service)
    seen = {
        name: [await ask(service, d, method_of(d), shown[name], rating) for d in columns]
        for name in expected
    }
    assert seen == expected
    kinds = {cell.split()[1] for row in expected.values() for cell in row if " " in cell}
    assert kinds <= set(SECURITY_EVENTS)
    refusals = [cell for row in expected.values() for cell in row if cell != "200"]
    events = service.lines("security_event")
    assert sorted(event["kind"] for event in events) == sorted(c.split()[1] for c in refusals)
    assert service.metric("airworthy_security_events_total") == len(refusals)
    assert service.metric("airworthy_bad_requests_total") == 0


def method_of(door: str) -> str:
    return routes(labels.pipeline)[Door(door)].method


async def test_other_methods_open_no_door(service: ServiceUnderTest) -> None:
    """PLAYBOOK 2.12, point 12."""
    columns, expected = parsed(METHODS)
    rating = await rating_of(service)
    for name, row in expected.items():
        method, _, without = name.partition(" ")
        headers = {} if without or method == "OPTIONS" else bearer("all")
        seen = [await ask(service, door, method, headers, rating) for door in columns]
        assert seen == row, name


async def test_no_credential_is_written_down(
    service: ServiceUnderTest, provider_of_identity: IdentityProvider
) -> None:
    """PLAYBOOK 2.12: every refusal is a security event, without secrets."""
    shown = credentials(provider_of_identity)
    for headers in shown.values():
        await service.http.post("/v1/label", json={"text": "an apple"}, headers=headers)
    said = service.log_text() + service.metrics() + str([span.to_json() for span in service.spans])
    for name, headers in shown.items():
        for header, value in headers.items():
            secret = value.removeprefix("Bearer ")
            if header != "X-End-User" and len(secret) > 20:
                assert secret not in said, name
                signature = secret.rpartition(".")[2]
                assert len(signature) < 20 or signature not in said, name
    assert "ann@example.com" not in said, "the subject of a token is a person"
    by_kind = {event["kind"]: event for event in service.lines("security_event")}
    assert by_kind["expired-key"]["principal"] == "tester-1"
    assert by_kind["revoked-key"]["principal"] == "tester-2"
    assert by_kind["wrong-key"]["principal"] is None
    assert by_kind["wrong-token"]["principal"] is None, "nothing is proven by a wrong signature"
    assert by_kind["expired-token"]["principal"].startswith("oidc:")
    assert by_kind["scope-missing"]["route"] == "POST /v1/label"


async def test_a_refusal_is_written_down_at_every_level_of_logging(start: Start) -> None:
    service = await start(settings={"log_level": "ERROR"})
    await service.post({"text": "an apple"}, key="wrong")
    assert len(service.lines("security_event")) == 1


def test_what_a_matrix_may_say_is_in_the_outcome_table() -> None:
    statuses = {str(status) for row in TABLE.values() for status in row.statuses}
    for _, row in (*parsed(MATRIX)[1].items(), *parsed(METHODS)[1].items()):
        assert {cell.split()[0] for cell in row} <= statuses
