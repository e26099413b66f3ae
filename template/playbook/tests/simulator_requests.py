"""What the tests of the simulator share: a brain that is easy to foresee, and requests to it."""

from __future__ import annotations

from typing import Any

from openai import AsyncOpenAI

from playbook.simulator.brain import Request
from playbook.simulator.embedded import EmbeddedSimulator

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "category": {"type": "string", "enum": ["billing", "bug", "other"]},
        "confidence": {"type": "number"},
        "summary": {"type": "string"},
    },
    "required": ["category", "confidence", "summary"],
    "additionalProperties": False,
}
FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "triage", "schema": SCHEMA, "strict": True},
}
TOOL = {"type": "function", "function": {"name": "file_ticket", "parameters": SCHEMA}}


def brain(request: Request) -> dict[str, Any] | str:
    """Billing when an invoice is named; the skill comes back as the confidence."""
    if request.schema is None:
        return f"{request.instructions}|{request.user}|seed {request.seed}"
    category = "billing" if "invoice" in request.user else "other"
    return {"category": category, "confidence": request.skill, "summary": request.user[:40]}


def ask(text: str = "My invoice is wrong.", **more: Any) -> dict[str, Any]:
    """The arguments of one chat request that wants a triage."""
    messages = [{"role": "system", "content": "Triage."}, {"role": "user", "content": text}]
    return {"model": "small", "messages": messages, "response_format": FORMAT, **more}


def connect(simulator: EmbeddedSimulator, **options: Any) -> AsyncOpenAI:
    """A client that never retries, so that each answer is seen as it is."""
    settings = {"api_key": "any", "max_retries": 0, "timeout": 5.0, **options}
    return AsyncOpenAI(base_url=simulator.base_url, **settings)
