"""A confidence threshold and what justified it: what a start says when they no longer agree."""

from __future__ import annotations

from typing import Any

import pytest
from labels import pipeline
from sample_config import Start

from chassis.config import ConfigError
from chassis.prompts import PromptVersion, prompts_folder

PROMPT = PromptVersion.load(prompts_folder(pipeline.package) / "v1").sha256
CALIBRATION: dict[str, Any] = {
    "threshold": 0.5,
    "target": 0.9,
    "model": "simulator:small",
    "prompt_sha256": PROMPT,
    "dataset_sha256": "0" * 64,
    "mode": "live",
    "cases": 300,
    "share_right": 0.95,
    "share_answered": 0.8,
    "made_on": "2026-11-23",
}


def release(model: str = "simulator:small", threshold: float = 0.5, **calibration: Any) -> Any:
    """The file's first release with a calibration, changed as the test says."""
    block = {**CALIBRATION, **calibration}
    changed = {"model": model, "confidence_threshold": threshold, "calibration": block}
    return {"releases": {"label-v1": changed}}


async def test_a_threshold_that_is_the_calibrated_one_needs_no_words(start: Start) -> None:
    """PLAYBOOK 2.1: a calibrated threshold per release."""
    service = await start(releases=release())
    assert not service.lines("threshold_not_calibrated")


async def test_a_release_without_a_calibration_needs_none_to_start(start: Start) -> None:
    service = await start()
    assert not service.lines("threshold_not_calibrated")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": 0.7}, "confidence_threshold is 0.7; calibrated was 0.5."),
        ({"prompt_sha256": "f" * 64}, "Prompt v1 was edited since it was calibrated."),
        (
            {"model": "simulator:large"},
            "It was calibrated with simulator:small; the model is simulator:large now.",
        ),
    ],
)
async def test_a_threshold_that_no_longer_fits_is_told_at_the_start(
    start: Start, changes: dict[str, Any], said: str
) -> None:
    """PLAYBOOK 2.1: a number keeps its justification, or says that it lost it."""
    service = await start(releases=release(**changes))
    (line,) = service.lines("threshold_not_calibrated")
    assert line["level"] == "warning"
    assert line["release"] == "label-v1"
    assert line["why"] == [said]
    assert "uv run playbook evals calibrate --release label-v1 --write" in line["consequence"]


async def test_a_threshold_from_simulated_answers_is_told_where_a_real_model_answers(
    start: Start,
) -> None:
    service = await start(
        releases=release("openai-compatible:llama", mode="simulated"),
        settings={"model_base_url": "http://127.0.0.1:1/v1"},
    )
    (line,) = service.lines("threshold_not_calibrated")
    assert line["why"][0] == (
        "It was calibrated on simulated answers, which say nothing about openai-compatible:llama."
    )
    on_the_simulator = await start(releases=release(mode="simulated"))
    assert not on_the_simulator.lines("threshold_not_calibrated")


async def test_half_a_calibration_is_a_mistake_with_its_line(start: Start) -> None:
    with pytest.raises(ConfigError, match=r"releases\.label-v1\.calibration\.mode") as refused:
        await start(releases=release(mode="guessed"))
    assert "live" in str(refused.value)
