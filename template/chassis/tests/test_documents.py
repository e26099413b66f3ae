"""Probes and documents: what orchestrators and callers' developers read."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import labels
import pytest
from labels.pipeline import Note
from openapi_spec_validator import validate
from pydantic import BaseModel, ConfigDict, Field, computed_field
from sample_config import Start
from scripted_provider import Provider, fails

from chassis import Context, Draft, Pipeline
from chassis.about import About
from chassis.openapi import describe
from chassis.outcomes import TABLE
from chassis.testing import FakeContext, ServiceUnderTest


async def test_the_probes_need_no_key(service: ServiceUnderTest) -> None:
    """DESIGN, HTTP."""
    alive = await service.http.get("/healthz")
    assert (alive.status_code, alive.json()) == (200, {"alive": True})
    ready = await service.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {
        "ready": True,
        "stopping": False,
        "flags": "valid",
        "models": {"simulator:small": "closed", "simulator:large": "closed"},
    }
    assert (await service.http.head("/healthz")).status_code == 200


async def test_a_stopping_service_is_alive_but_not_ready(service: ServiceUnderTest) -> None:
    service.service.stopping = True
    assert (await service.http.get("/readyz")).status_code == 503
    assert (await service.http.get("/healthz")).status_code == 200


async def test_a_provider_that_is_down_does_not_make_it_unready(
    start: Start, provider: Provider
) -> None:
    """All replicas share the provider: degraded answers beat none."""
    service = await start(guardrails={"breaker": {"failures": 1}})
    provider.for_model = {"small": fails(500)}
    await service.post({"text": "an apple"})
    ready = await service.http.get("/readyz")
    assert (ready.status_code, ready.json()["models"]["simulator:small"]) == (200, "open")


async def test_the_openapi_document_is_for_keys_with_the_scope(start: Start) -> None:
    """DESIGN, HTTP: /openapi.json with a key."""
    service = await start(keys={"narrow": {"scopes": ["label"]}})
    for headers, status in (
        ({}, 401),
        ({"X-API-Key": "wrong"}, 401),
        ({"X-API-Key": "narrow"}, 403),
        ({"X-API-Key": service.key}, 200),
    ):
        response = await service.http.get("/openapi.json", headers=headers)
        assert response.status_code == status
        assert response.headers["x-request-id"]
    assert len(service.lines("security_event")) == 3
    assert service.lines("ai_call") == []


def test_the_openapi_document_is_valid_and_names_every_refusal() -> None:
    document = describe(labels.pipeline, About("labels"))
    validate(document)
    operation = document["paths"]["/v1/label"]["post"]
    assert operation["summary"] == "Label one note."
    statuses = {str(status) for row in TABLE.values() for status in row.statuses}
    assert set(operation["responses"]) == statuses
    assert set(document["paths"]) == {
        "/v1/label",
        "/v1/feedback",
        "/openapi.json",
        "/healthz",
        "/readyz",
    }


class Answer(BaseModel):
    """A name that a service's own answer will often have; and what strict models look like."""

    model_config = ConfigDict(strict=True, extra="forbid", serialize_by_alias=True)

    due: date = Field(alias="dueDate")
    said: str = Field(serialization_alias="text", default="x")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.due.weekday()


class Envelope(BaseModel):
    """Another likely name."""

    model_config = ConfigDict(strict=True, extra="forbid")

    due: date = Field(alias="dueDate")
    kind: str = "plain"


async def echo(item: Envelope, _: Context) -> Draft[Answer]:
    """Echo a date."""
    return Draft(Answer(dueDate=item.due, said="ann@example.com"), confidence=1.0)


STRICT = Pipeline(
    name="label",
    takes=Envelope,
    gives=Answer,
    run=echo,
    degraded=lambda item, _: Answer(dueDate=item.due),
    package="labels",
)


async def test_strict_models_aliases_and_computed_fields_work_as_documented(start: Start) -> None:
    """What goes in and out is what /openapi.json says."""
    service = await start(STRICT)
    response = await service.post({"dueDate": "2026-11-23"})
    assert response.json()["answer"] == {
        "dueDate": "2026-11-23",
        "text": "[e-mail]",
        "weekday": 0,
    }
    wrong = await service.post({"dueDate": "tomorrow"})
    assert wrong.json()["errors"][0]["field"] == "dueDate"
    document = describe(STRICT, About("strict"))
    validate(document)
    schemas = document["components"]["schemas"]
    answer = next(s for s in schemas.values() if "weekday" in s.get("properties", {}))
    assert set(answer["properties"]) == {"dueDate", "text", "weekday"}


async def test_a_degraded_answer_keeps_the_same_form(start: Start, provider: Provider) -> None:
    async def fail(_: Any, __: Context) -> Draft[Answer]:
        raise TimeoutError

    service = await start(dataclasses.replace(STRICT, run=fail))
    answer = (await service.post({"dueDate": "2026-11-23"})).json()["answer"]
    assert set(answer) == {"dueDate", "text", "weekday"}
    assert provider.requests == []


async def test_a_pipeline_can_be_tested_without_a_service() -> None:
    """PLAYBOOK 2.13: unit tests with mocked model answers."""
    found = labels.Found(label="tool", confidence=0.7)
    context = FakeContext(labels.pipeline, found)
    draft = await labels.pipeline.run(Note(text="a hammer"), context)
    assert (draft.answer.label, draft.confidence) == ("tool", 0.7)
    assert "a hammer" in context.prompts[0].user
    with pytest.raises(AssertionError, match="no answer left"):
        await labels.pipeline.run(Note(text="a hammer"), context)


async def test_the_document_says_how_much_a_caller_may_send(start: Start) -> None:
    """PLAYBOOK 2.3: what fits the document is not refused for its size, what does not is."""
    service = await start(guardrails={"request": {"max_characters": 50}})
    document = (await get_document(service)).json()
    validate(document)
    note = document["components"]["schemas"]["Note"]["properties"]
    assert note["text"]["maxLength"] == note["tags"]["items"]["maxLength"] == 50
    assert (await service.post({"text": "x" * 50})).status_code == 200
    assert (await service.post({"text": "x" * 51})).status_code == 413
    post = document["paths"]["/v1/label"]["post"]
    assert "each text up to 50 characters" in post["requestBody"]["description"]
    for parameter in post["parameters"]:
        most = parameter["schema"]["maxLength"]
        for length, status in ((most, 200), (most + 1, 400)):
            header = {parameter["name"].replace("-", "_"): "x" * length}
            assert (await service.post({"text": "a"}, **header)).status_code == status


async def test_the_document_says_which_headers_come_and_where_a_token_goes(
    service: ServiceUnderTest,
) -> None:
    document = (await get_document(service)).json()
    responses = document["paths"]["/v1/label"]["post"]["responses"]
    assert set(responses["429"]["headers"]) == {"X-Request-Id", "Retry-After"}
    assert set(responses["401"]["headers"]) == {"X-Request-Id", "WWW-Authenticate"}
    refused = await service.post({"text": "a"}, key="wrong")
    assert all(name in refused.headers for name in responses["401"]["headers"])
    link = responses["200"]["links"]["rate"]
    assert link["operationId"] == "feedback"
    (field,) = link["requestBody"]
    answer = (await service.post({"text": "a"})).json()
    rating = {field: answer[field], "rating": 5}
    assert (await service.post(rating, route="/v1/feedback")).status_code == 200
    assert "links" not in document["paths"]["/v1/feedback"]["post"]["responses"]["200"]


async def get_document(service: ServiceUnderTest) -> Any:
    headers = {"X-API-Key": service.key}
    return await service.http.get("/openapi.json", headers=headers)
