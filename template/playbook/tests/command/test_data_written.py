"""Variants that a model writes: through the chassis, stamped with who wrote, under a cost cap."""

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest

from playbook.data.synthesize import written

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

WRITE = ("data", "synthesize", "--model-written", "--from", "common")


@pytest.fixture
def writer(provider: "Provider") -> "Provider":
    """A provider that writes each message anew."""

    def anew(text: str) -> dict[str, Any]:
        lines = [line for line in text.split("\n") if line and line[0] != "<"]
        return {"text": f"In other words: {lines[-1]}"}

    provider.answers = anew
    return provider


def _written(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    lines = (greenhouse.project.cases / "common.jsonl").read_text("utf-8").splitlines()
    return [case for line in lines if "~" in (case := json.loads(line))["id"]]


def test_the_simulator_does_not_write_unless_it_is_told_to(
    greenhouse: "Greenhouse", writer: "Provider"
) -> None:
    ran = greenhouse.playbook(*WRITE)
    assert ran.code == 2
    assert "--simulated-anyway" in ran.err
    assert (writer.asked, _written(greenhouse)) == (0, [])


def test_what_a_model_writes_bears_its_name_and_the_label_of_the_seed(
    greenhouse: "Greenhouse", writer: "Provider"
) -> None:
    writer.named = lambda model: "some-model-2"
    # An answer may have to be quick; a long message anew takes its time.
    greenhouse.edit("config/guardrails.yaml", "timeout_seconds: 50.0", "timeout_seconds: 0.000001")
    ran = greenhouse.playbook(*WRITE, "--simulated-anyway", "--kinds", "formal")
    assert ran.code == 0, ran.err
    assert "Model calls cost USD" in ran.err
    cases = _written(greenhouse)
    assert len(cases) == 24
    assert {case["provenance"] for case in cases} == {"synthetic"}
    case = next(case for case in cases if case["id"] == "common-001~formal-1")
    assert case["labeller"] == "written by some-model-2 from common-001 (formal)"
    assert case["input"] == {"text": "In other words: How much water for tomatoes?"}
    assert (case["expected"], case["critical"]) == ({"category": "watering"}, False)
    again = greenhouse.playbook(*WRITE, "--simulated-anyway", "--kinds", "formal")
    assert "0 variants" in again.out
    assert writer.asked == 24


def test_what_the_simulator_writes_is_marked(greenhouse: "Greenhouse", writer: "Provider") -> None:
    ran = greenhouse.playbook(*WRITE, "--simulated-anyway", "--kinds", "angry")
    assert "(simulated)." in ran.err
    assert all("(simulated)" in case["labeller"] for case in _written(greenhouse))


def test_a_run_stops_at_the_cost_cap_and_keeps_what_was_written(
    greenhouse: "Greenhouse", writer: "Provider"
) -> None:
    (greenhouse.root / "config" / "evals.yaml").write_text("cost_cap_usd: 0.0001\n", "utf-8")
    ran = greenhouse.playbook(*WRITE, "--simulated-anyway")
    assert ran.code == 0, ran.err
    assert "Stopped at cost_cap_usd" in ran.err
    assert 0 < len(_written(greenhouse)) < 24


def test_stopped_by_hand_it_keeps_what_was_paid_for(
    greenhouse: "Greenhouse", writer: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = written._ask

    async def interrupted(*arguments: Any) -> Any:
        if writer.asked >= 3:
            raise KeyboardInterrupt
        return await ask(*arguments)

    monkeypatch.setattr(written, "_ask", interrupted)
    ran = greenhouse.playbook(*WRITE, "--simulated-anyway")
    assert "Stopped by Ctrl-C; what was written is kept." in ran.err
    assert 0 < len(_written(greenhouse)) < 24
    gc.collect()  # what the interrupt left speaks now, and not in the middle of another test


def test_a_dead_provider_is_no_verdict_on_the_cases(
    greenhouse: "Greenhouse", writer: "Provider"
) -> None:
    writer.status = lambda text: 400
    ran = greenhouse.playbook(*WRITE, "--simulated-anyway")
    assert ran.code == 3
    assert "No model answered" in ran.err
    assert _written(greenhouse) == []


def test_an_unknown_manner_is_told(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook(*WRITE, "--kinds", "fromal")
    assert ran.code == 2
    assert "Did you mean formal?" in ran.err
