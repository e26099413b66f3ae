"""What a pipeline may do for a caller: permissions for tools."""

from __future__ import annotations

import dataclasses

import labels
import pytest
from labels import Label, Note
from sample_config import Start

from chassis import Context, Draft
from chassis.problems import Problem
from chassis.testing import FakeContext


async def refund(note: Note, ctx: Context) -> Draft[Label]:
    """Refund, as the model was talked into wanting it."""
    ctx.require("tool:refund")
    return Draft(Label(label="other", remark="refunded"), confidence=1.0)


async def offer(_: Note, ctx: Context) -> Draft[Label]:
    """Offer the tool only to whom it is allowed."""
    return Draft(Label(label="other", remark=str(ctx.allows("tool:refund"))), confidence=1.0)


KEYS = {"may": {"scopes": ["label", "tool:refund"]}, "may-not": {"scopes": ["label"]}}


async def test_a_tool_is_for_callers_with_its_scope_whatever_the_model_wants(start: Start) -> None:
    """PLAYBOOK 2.12, point 12: least privilege for tools."""
    service = await start(dataclasses.replace(labels.pipeline, run=refund), keys=KEYS)
    allowed = await service.post({"text": "x"}, key="may")
    assert allowed.json()["answer"]["remark"] == "refunded"
    refused = await service.post({"text": "x"}, key="may-not")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/tool-not-allowed")
    (event,) = service.lines("security_event")
    assert (event["kind"], event["scope"]) == ("tool-not-allowed", "tool:refund")
    assert event["principal"] == "tester-2"
    line = service.lines("ai_call")[-1]
    assert (line["outcome"], line["principal"]) == ("forbidden", "tester-2")
    assert service.metric("airworthy_security_events_total", kind="tool-not-allowed") == 1
    assert service.lines("unexpected_error") == []


async def test_a_pipeline_can_ask_before_it_offers_a_tool(start: Start) -> None:
    service = await start(dataclasses.replace(labels.pipeline, run=offer), keys=KEYS)
    said = [(await service.post({"text": "x"}, key=key)).json()["answer"]["remark"] for key in KEYS]
    assert said == ["True", "False"]
    assert service.lines("security_event") == []


async def test_permissions_can_be_tested_without_a_service() -> None:
    """PLAYBOOK 2.13."""
    draft = await refund(Note(text="x"), FakeContext(labels.pipeline, scopes=["tool:refund"]))
    assert draft.answer.remark == "refunded"
    with pytest.raises(Problem, match="tool:refund"):
        await refund(Note(text="x"), FakeContext(labels.pipeline))
