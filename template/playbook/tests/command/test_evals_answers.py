"""What counts as a wrong answer and what as none; and that how a run is cut up changes nothing."""

from typing import TYPE_CHECKING, Any

import pytest

from playbook.evals import run as running

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

FALLBACK = ("    prompt: v1", "    fallbacks: [openai-compatible:glass-2]\n    prompt: v1")


def _cases(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = greenhouse.report()["cases"]
    return [case for case in cases if case["expected"].get("outcome") != "invalid"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_an_answer_cut_off_or_filtered_is_a_wrong_one(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    answer = live.respond

    def respond(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, body = answer(asked)
        body["choices"][0]["finish_reason"] = reason
        return status, body

    monkeypatch.setattr(live, "respond", respond)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1, ran
    assert {case["unjudged"] for case in _cases(greenhouse)} == {None}
    assert {case["right"] for case in _cases(greenhouse)} == {False}


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_provider_that_gives_no_answer_leaves_the_run_unjudged(
    greenhouse: "Greenhouse", live: "Provider", status: int
) -> None:
    live.status = lambda text: status
    ran = greenhouse.playbook("evals", "run", "--slice", "edge")
    assert ran.code == 3, ran
    assert {case["unjudged"] for case in _cases(greenhouse)} == {"provider_unavailable"}
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize(("down", "unjudged"), [(True, "provider_unavailable"), (False, None)])
def test_a_bad_answer_counts_where_the_fallback_was_heard_too(
    greenhouse: "Greenhouse",
    live: "Provider",
    monkeypatch: pytest.MonkeyPatch,
    down: bool,
    unjudged: str | None,
) -> None:
    greenhouse.edit("config/releases.yaml", *FALLBACK)
    live.answers = lambda text: {"category": "weather"}
    answer = live.respond
    monkeypatch.setattr(
        live,
        "respond",
        lambda asked: (
            (401, {"error": {}}) if down and asked["model"] == "glass-2" else answer(asked)
        ),
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == (3 if down else 1), ran
    assert {case["unjudged"] for case in _cases(greenhouse)} == {unjudged}


def test_what_a_fallback_answered_is_counted_in_the_opening(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.edit("config/releases.yaml", *FALLBACK)
    answer = live.respond

    def respond(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        refused = asked["model"] == "glass-1" and "kale" in asked["messages"][-1]["content"]
        return (401, {"error": {}}) if refused else answer(asked)

    monkeypatch.setattr(live, "respond", respond)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    fallen = sum(case["fallback"] for case in _cases(greenhouse))
    assert 0 < fallen < 30
    said = f"{fallen} answers of 32 come from a fallback; they count, too."
    assert ran.out.splitlines()[1] == said
    assert greenhouse.playbook("evals", "run", "--replayed").out.splitlines()[2] == said


def test_a_guard_that_overruns_its_time_makes_a_wrong_answer_and_is_named(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    """Its time is its own work, so whoever sends this text gets no answer, on any machine."""
    greenhouse.edit(
        "config/guardrails.yaml",
        "injection: {mode: block, budget_ms: 1000}",
        "injection: {mode: block, budget_ms: 0.001}",
    )
    ran = greenhouse.playbook("evals", "run")
    assert (ran.code, live.asked) == (1, 0)
    assert {case["unjudged"] for case in _cases(greenhouse)} == {None}
    assert {case["right"] for case in _cases(greenhouse)} == {False}
    shown = greenhouse.playbook("evals", "show", "edge-001").out
    assert "why      the guard injection gave no verdict: it crashed, or took too long" in shown


def test_the_mode_of_each_case_is_read_from_its_response(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    names = iter(["glass-1", "simulated/x"] * 100)
    live.named = lambda asked: next(names)
    ran = greenhouse.playbook("evals", "run", "--concurrency", "1")
    assert ran.code == 3
    modes = [case["mode"] for case in _cases(greenhouse)]
    assert (modes.count("live"), modes.count("simulated")) == (15, 15)
    assert not (greenhouse.root / "evals/recordings").exists()  # half of it would be made up


def test_cases_handed_over_in_parts_give_the_same_results(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    right = live.answers
    live.answers = lambda text: (
        {"category": "harvest", "confidence": 0.4} if "tomatoes" in text else right(text)
    )
    reports = []
    for at_once in (512, 5):
        monkeypatch.setattr(running, "AT_ONCE", at_once)
        greenhouse.playbook("evals", "run")
        cases = greenhouse.report()["cases"]
        reports.append([{**case, "seconds": None} for case in cases])
    assert reports[0] == reports[1]


def test_held_out_cases_run_with_the_others_and_are_marked(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    held_out = greenhouse.root / "evals/held_out"
    held_out.mkdir()
    (greenhouse.root / "evals/cases/edge.jsonl").rename(held_out / "edge.jsonl")
    assert greenhouse.playbook("evals", "run").code == 0
    marked = {case["slice"] for case in greenhouse.report()["cases"] if case["held_out"]}
    assert marked == {"edge"}
    assert len(greenhouse.report()["cases"]) == 32
