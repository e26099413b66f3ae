"""The least a service can be: FastAPI, a Pydantic model in and out, and the client we use too.

No authentication, limits, guards, retries, breaker, logs, traces or metrics. Run in an environment
of its own: python bare.py PORT UPSTREAM_URL INSTRUCTIONS_FILE
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import httpx2
import uvicorn
from fastapi import FastAPI  # type: ignore[import-not-found]
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai.direct import model_request
from pydantic_ai.messages import ModelRequest, TextPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.providers.openai import OpenAIProvider

CONNECTIONS = 64


class Ticket(BaseModel):
    """What comes in."""

    subject: str = ""
    body: str


class Classification(BaseModel):
    """What the model gives, and what goes out."""

    category: str
    priority: Literal["urgent", "high", "normal", "low"]
    confidence: float
    summary: str


def application(upstream: str, instructions: str) -> FastAPI:
    """One route, one model call."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    client = httpx2.AsyncClient(limits=limits, timeout=30)
    sdk = AsyncOpenAI(api_key="any", base_url=upstream, http_client=client, max_retries=0)
    model = OpenAIChatModel("small", provider=OpenAIProvider(openai_client=sdk))
    shape = OutputObjectDefinition(
        json_schema=Classification.model_json_schema(), name=Classification.__name__
    )
    parameters = ModelRequestParameters(output_mode="native", output_object=shape)

    async def triage(ticket: Ticket) -> Classification:
        text = f"Subject:\n{ticket.subject}\n\nMessage:\n{ticket.body}\n"
        message = ModelRequest([UserPromptPart(text)], instructions=instructions)
        response = await model_request(
            model,
            [message],
            model_settings={"temperature": 0.0, "max_tokens": 400},
            model_request_parameters=parameters,
        )
        answer = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        return Classification.model_validate_json(answer)

    app = FastAPI()
    app.add_api_route("/v1/triage", triage, methods=["POST"])
    return app


if __name__ == "__main__":
    port, upstream, instructions = sys.argv[1:]
    uvicorn.run(
        application(upstream, Path(instructions).read_text(encoding="utf-8")),
        port=int(port),
        log_level="warning",
        access_log=False,
    )
