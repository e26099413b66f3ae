"""The suite as a user of deepeval writes it; runs in deepeval's own environment.

deepeval judges answers and leaves asking for them to its user: here OpenAI's client, as many at
once as the others ask. Its progress bar and the listing of every case are off.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any


async def answers(cases: list[dict[str, Any]], url: str, instructions: str, at_once: int) -> Any:
    """The category that the model gives for each case."""
    from openai import AsyncOpenAI

    gate = asyncio.Semaphore(at_once)
    async with AsyncOpenAI(base_url=url, api_key="any") as client:

        async def ask(case: dict[str, Any]) -> str:
            async with gate:
                said = await client.chat.completions.create(
                    model="small",
                    messages=[
                        {"role": "system", "content": instructions},
                        {"role": "user", "content": f"{case['subject']}\n\n{case['body']}"},
                    ],
                )
            category: str = json.loads(said.choices[0].message.content or "")["category"]
            return category

        return await asyncio.gather(*(ask(case) for case in cases))


def main(cases_file: str, url: str, instructions_file: str, at_once: str, out: str) -> None:
    """Ask, judge, and write how many are right."""
    from deepeval import evaluate  # type: ignore[import-not-found]
    from deepeval.evaluate.configs import AsyncConfig, DisplayConfig  # type: ignore[import-not-found]
    from deepeval.metrics import ExactMatchMetric  # type: ignore[import-not-found]
    from deepeval.test_case import LLMTestCase  # type: ignore[import-not-found]

    lines = Path(cases_file).read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    instructions = Path(instructions_file).read_text(encoding="utf-8")
    got = asyncio.run(answers(cases, url, instructions, int(at_once)))
    result = evaluate(
        [
            LLMTestCase(
                input=case["body"], actual_output=category, expected_output=case["category"]
            )
            for case, category in zip(cases, got, strict=True)
        ],
        [ExactMatchMetric()],
        async_config=AsyncConfig(max_concurrent=int(at_once)),
        display_config=DisplayConfig(
            show_indicator=False, print_results=False, inspect_after_run=False
        ),
    )
    right = sum(bool(test.success) for test in result.test_results)
    Path(out).write_text(json.dumps({"right": right}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
