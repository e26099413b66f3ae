"""The simulator without a network says what it says over HTTP, and ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from pydantic import BaseModel
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelRequestRejectedError
from pydantic_ai.messages import ImageUrl, ModelMessage, ModelRequest, UserPromptPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition

from chassis.config import Settings
from chassis.providers import build_model
from playbook.simulator.embedded import EmbeddedSimulator
from playbook.simulator.inside import running_inside

INSTRUCTIONS = "Sort letters.\n\n- watering: water, rain, dry soil\n- pests: snails, mildew\n"
TEXTS = ("My beans are dry.", "Snails everywhere, and mildew too!", "Wann regnet es?", "")


class Sorted(BaseModel):
    """What is asked for."""

    category: Literal["watering", "pests"]
    confidence: float


async def _ask(model: Model, text: Any, max_tokens: int = 400) -> dict[str, Any]:
    schema = OutputObjectDefinition(json_schema=Sorted.model_json_schema(), name="Sorted")
    wanted = ModelRequestParameters(output_mode="native", output_object=schema)
    messages: list[ModelMessage] = [ModelRequest([UserPromptPart(text)], instructions=INSTRUCTIONS)]
    response = await model_request(
        model,
        messages,
        model_settings={"max_tokens": max_tokens, "temperature": 0.0},
        model_request_parameters=wanted,
    )
    parts = [getattr(part, "content", None) for part in response.parts]
    return {
        "parts": parts,
        "usage": response.usage,
        "model": response.model_name,
        "finish": response.finish_reason,
    }


async def test_it_says_to_the_letter_what_it_says_over_http() -> None:
    with EmbeddedSimulator() as simulator, running_inside() as inside:
        secret = "s" * 32  # pragma: allowlist secret
        settings = Settings(service_secret=secret, simulator_url=simulator.base_url)
        async with httpx2.AsyncClient() as client:
            over_http = build_model("simulator", "small", settings, client)
            within = inside.model("simulator:small")
            for text in TEXTS:
                assert await _ask(within, text) == await _ask(over_http, text)
            cut = await _ask(within, TEXTS[0], max_tokens=2)
            assert cut == await _ask(over_http, TEXTS[0], max_tokens=2)
            assert cut["finish"] == "length"
            assert cut["model"] == "simulated/small"


async def test_what_it_cannot_read_is_refused() -> None:
    picture = [ImageUrl("https://example.com/x.png")]
    with (
        running_inside() as inside,
        pytest.raises(ModelRequestRejectedError, match="reads text only"),
    ):
        await _ask(inside.model("simulator:small"), picture)


KILLED = """
import os, sys
from playbook.simulator.inside import running_inside
if __name__ == "__main__":
    with running_inside() as inside:
        print(*inside._processes._processes, flush=True)
        sys.stdin.read()
"""


@pytest.mark.slow
def test_its_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Any) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    with parent:
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while any(_runs(pid) for pid in children):
        assert time.monotonic() < deadline, "they outlived their parent"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
