"""`playbook data import --logs`: which calls of the service's log come back as candidates."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from conftest import Greenhouse

HASH = {"sha256": "ab" * 32, "characters": 30}
WORDS = ("snails", "mildew", "rain", "pears", "hoses", "kale", "apples", "wasps", "frost", "moss")


def _call(number: int, **other: Any) -> dict[str, Any]:
    return {
        "event": "ai_call",
        "environment": "production",
        "request_id": f"{number:032x}",
        "release": "greenhouse-v1",
        "input": {"text": f"What about my {WORDS[number % 10]} in bed number {number}?"},
        "output": {"category": "pests", "priority": "normal", "queue": "plant-doctor"},
        "confidence": 0.99,
        "outcome": "answered",
        "simulated": False,
    } | other


def _handed_over(number: int) -> dict[str, Any]:
    degraded = {"category": None, "priority": "normal", "queue": "head-gardener"}
    return _call(number, outcome="handed_over", confidence=0.1, output=degraded)


def _rated(number: int, rating: int) -> dict[str, Any]:
    return {"event": "feedback", "request_id": f"{number:032x}", "rating": rating}


def _log(greenhouse: "Greenhouse", *events: dict[str, Any] | str) -> str:
    path = greenhouse.root.parent / "service.log"
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def _taken(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    path: Path = greenhouse.root / "evals" / "candidates" / "service.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _import(greenhouse: "Greenhouse", log: str, *flags: str) -> str:
    ran = greenhouse.playbook("data", "import", "--logs", log, *flags)
    assert ran.code == 0, ran
    return ran.out


def test_a_call_becomes_a_candidate_and_its_answer_a_suggestion(greenhouse: "Greenhouse") -> None:
    text = "My kale is ill, write to ada@example.org"
    log = _log(greenhouse, "service  | " + json.dumps(_call(3, input={"text": text})), "not json")
    assert "1 AI calls (1 from production)" in _import(greenhouse, log)
    (one,) = _taken(greenhouse)
    assert one["input"] == {"text": "My kale is ill, write to [e-mail]"}
    assert one["suggested"] == {"category": "pests", "priority": "normal", "queue": "plant-doctor"}
    assert (one["provenance"], one["source"], one["reason"]) == (
        "production",
        "service.log:1",
        "sampled",
    )


def test_a_log_of_hashes_says_why_there_is_nothing_to_take(greenhouse: "Greenhouse") -> None:
    log = _log(greenhouse, _call(1, input=HASH), _call(2, input=HASH))
    ran = greenhouse.playbook("data", "import", "--logs", log)
    assert ran.code == 2
    assert "hashes of what was sent, not the texts" in ran.err
    assert "config/guardrails.yaml  logs.payload" in ran.err


def test_a_file_without_calls_is_told(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("data", "import", "--logs", _log(greenhouse, "hello", "{}"))
    assert ran.code == 2
    assert "None of its 2 lines is an AI call" in ran.err


def test_what_the_simulator_answered_is_not_production(greenhouse: "Greenhouse") -> None:
    log = _log(greenhouse, _call(1, simulated=True), _call(2, input=None), _call(3, input=HASH))
    out = _import(greenhouse, log)
    assert "the simulator answered: this is not production (line 1)" in out
    assert "no input is in the log (line 2)" in out
    assert "only a hash is in the log, by logs.payload (line 3)" in out


def test_low_ratings_find_their_calls_wherever_they_stand(greenhouse: "Greenhouse") -> None:
    events = [_rated(2, 1), *(_call(number) for number in range(5)), _rated(4, 2), _rated(3, 5)]
    _import(greenhouse, _log(greenhouse, *events), "--only", "low-rating", "--keep-similar")
    taken = _taken(greenhouse)
    assert [one["reason"] for one in taken] == ["low rating", "low rating"]
    assert [one["notes"] for one in taken] == [
        "A user rated the answer 1 of 5.",
        "A user rated the answer 2 of 5.",
    ]


def test_handed_over_calls_suggest_nothing_and_nearly_handed_over_ones_count_as_unsure(
    greenhouse: "Greenhouse",
) -> None:
    releases = YAML().load((greenhouse.root / "config/releases.yaml").read_text("utf-8"))
    name, release = next(iter(releases["releases"].items()))
    threshold = release["confidence_threshold"]
    log = _log(
        greenhouse,
        _handed_over(1),
        _call(2, release=name, confidence=threshold + 0.05),
        _call(3, release=name, confidence=threshold + 0.15),
        _call(4, release="gone", confidence=0.0),
    )
    _import(greenhouse, log, "--only", "handed-over", "--keep-similar")
    assert [one["suggested"] for one in _taken(greenhouse)] == [None]
    _import(greenhouse, log, "--only", "low-confidence", "--keep-similar")
    assert [one["source"] for one in _taken(greenhouse)] == ["service.log:1", "service.log:2"]


@pytest.mark.parametrize("seed", ["0", "7"])
def test_a_sample_is_the_same_for_the_same_seed(greenhouse: "Greenhouse", seed: str) -> None:
    log = _log(greenhouse, *(_call(number) for number in range(40)))
    flags = ("--sample", "5", "--seed", seed, "--keep-similar")
    _import(greenhouse, log, *flags)
    first = _taken(greenhouse)
    assert len(first) == 5
    (greenhouse.root / "evals/candidates/service.jsonl").unlink()
    _import(greenhouse, log, *flags)
    assert _taken(greenhouse) == first
    (greenhouse.root / "evals/candidates/service.jsonl").unlink()
    _import(greenhouse, log, "--sample", "5", "--seed", "99", "--keep-similar")
    assert _taken(greenhouse) != first


def test_calls_from_elsewhere_are_not_passed_off_as_production(greenhouse: "Greenhouse") -> None:
    log = _log(greenhouse, _call(1, environment="staging"))
    assert "not all of them are from production" in _import(greenhouse, log)
    (greenhouse.root / "evals/candidates/service.jsonl").unlink()
    out = _import(greenhouse, log, "--provenance", "synthetic")
    assert "not all" not in out
    assert _taken(greenhouse)[0]["provenance"] == "synthetic"
