"""What browsers are told with every answer, and which web pages may ask."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from sample_config import Start, make

from chassis.app import app_of
from chassis.config import ConfigError, load_config
from chassis.testing import ServiceUnderTest

PAGE = "https://app.acme.example"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, x-end-user",
}


@pytest.mark.parametrize(
    ("method", "path", "key", "status"),
    [
        ("POST", "/v1/label", True, 200),
        ("POST", "/v1/label", False, 401),
        ("POST", "/v1/feedback", True, 400),
        ("GET", "/openapi.json", True, 200),
        ("HEAD", "/openapi.json", False, 401),
        ("GET", "/healthz", False, 200),
        ("GET", "/readyz", False, 200),
        ("GET", "/nowhere", False, 404),
        ("DELETE", "/v1/label", True, 405),
        ("OPTIONS", "/v1/label", False, 405),
    ],
)
async def test_every_answer_says_that_it_is_no_page(
    service: ServiceUnderTest, method: str, path: str, key: bool, status: int
) -> None:
    """PLAYBOOK 2.12, point 12: security headers, on errors too."""
    headers = {"Authorization": f"Bearer {service.key}"} if key else {}
    body = {"text": "an apple"} if path == "/v1/label" and key else None
    response = await service.http.request(method, path, json=body, headers=headers)
    assert response.status_code == status
    check(response)


def check(response: httpx2.Response) -> None:
    expected = {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    assert expected.items() <= dict(response.headers).items()
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert "server" not in response.headers


async def test_a_bug_of_ours_is_a_problem_document_with_the_same_headers(
    service: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Any:
        raise RuntimeError("planted")

    monkeypatch.setattr(service.service, "readiness", broken)
    transport = httpx2.ASGITransport(app_of(service.service), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        response = await http.get("/readyz")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/internal-error")
    assert "planted" not in response.text
    check(response)


async def test_transport_security_is_promised_over_https_only(service: ServiceUnderTest) -> None:
    """RFC 6797, 7.2: not over plain HTTP, where whoever ends TLS says it."""
    assert "strict-transport-security" not in (await service.http.get("/healthz")).headers
    secure = await service.http.get("https://test/healthz")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


async def test_no_web_page_of_another_origin_may_ask(service: ServiceUnderTest) -> None:
    """Closed by default: a browser gets no permission, before or after."""
    preflight = await service.http.options("/v1/label", headers=PREFLIGHT)
    assert preflight.status_code == 405
    check(preflight)
    check(await service.http.get("/healthz", headers={"Origin": PAGE}))


async def test_a_page_that_is_listed_may_ask_and_no_other(start: Start) -> None:
    service = await start(guardrails={"access": {"cors_origins": [PAGE]}})
    preflight = await service.http.options("/v1/label", headers=PREFLIGHT)  # without a key
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-credentials" not in preflight.headers
    assert preflight.headers["x-content-type-options"] == "nosniff"
    answer = await service.post({"text": "an apple"}, Origin=PAGE)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    refused = await service.http.post("/v1/label", headers={"Origin": PAGE})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, PAGE)
    for origin in (
        "https://evil.example",
        "null",
        f"{PAGE}.evil.example",
        "http://app.acme.example",
    ):
        denied = await service.http.options("/v1/label", headers={**PREFLIGHT, "Origin": origin})
        assert denied.status_code == 400
        assert "access-control-allow-origin" not in denied.headers
        read = await service.http.get("/healthz", headers={"Origin": origin})
        assert "access-control-allow-origin" not in read.headers


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://*.acme.example", "https://app.acme.example/", "app.acme.example",
     "http://app.acme.example", "https://App.acme.example", "https://a@b.example"],
)  # fmt: skip
def test_only_exact_origins_can_be_listed(tmp_path: Any, origin: str) -> None:
    make(tmp_path, guardrails={"access": {"cors_origins": [PAGE, origin]}})
    with pytest.raises(ConfigError, match=r"access\.cors_origins\[1\]\n.*is not an exact origin"):
        load_config(tmp_path)
