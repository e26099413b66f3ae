"""Whatever bytes come in, the caller gets a problem or an answer, and the operator one log line."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.testing import ServiceUnderTest

thorough = settings(
    max_examples=min(40, settings().max_examples),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "tags", "a"]) | st.text(max_size=5), inner)
    ),
    max_leaves=12,
)
headers = st.dictionaries(
    st.sampled_from(["X-End-User", "X-Session-Id", "traceparent", "tracestate", "Content-Type"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)


async def send(service: ServiceUnderTest, body: bytes, extra: dict[str, str]) -> None:
    """One request, and what has to hold of it whatever it was."""
    before = len(service.lines("ai_call"))
    raw = {name.encode(): value.encode("latin-1") for name, value in extra.items()}
    raw[b"Authorization"] = f"Bearer {service.key}".encode()
    response = await service.http.post("/v1/label", content=body, headers=raw)
    document: dict[str, Any] = response.json()
    assert response.status_code in (200, 400, 413, 415, 422)
    assert "Traceback" not in response.text
    lines = service.lines("ai_call")[before:]
    assert [line["request_id"] for line in lines] == [document["request_id"]]
    assert service.lines("unexpected_error") == []


@thorough
@given(body=st.binary(max_size=200), extra=headers)
async def test_random_bytes_never_break_anything(
    service: ServiceUnderTest, body: bytes, extra: dict[str, str]
) -> None:
    """PLAYBOOK 2.3, point 9."""
    await send(service, body, extra)


async def test_brackets_beyond_what_a_parser_follows_are_too_deep(
    service: ServiceUnderTest,
) -> None:
    """PLAYBOOK 2.3, point 9."""
    nested = b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}"
    response = await service.post(nested)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/too-deep")


@thorough
@given(value=json_values)
async def test_random_json_never_breaks_anything(service: ServiceUnderTest, value: Any) -> None:
    """PLAYBOOK 2.3, point 9."""
    await send(service, json.dumps(value).encode(), {})


@thorough
@given(text=st.text(max_size=300), tags=st.lists(st.text(max_size=30), max_size=5))
async def test_any_text_is_answered_or_refused(
    service: ServiceUnderTest, text: str, tags: list[str]
) -> None:
    """PLAYBOOK 1.5: malformed and multilingual input is ordinary input."""
    body = json.dumps({"text": text, "tags": tags}, ensure_ascii=False)
    await send(service, body.encode("utf-8", "surrogatepass"), {})
