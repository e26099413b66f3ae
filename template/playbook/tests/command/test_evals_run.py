"""`playbook evals run`, whole: every case through the service, one decision, its reasons."""

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow


def _wrong(text: str) -> dict[str, object]:
    return {"category": "watering", "confidence": 0.9}


def test_right_answers_meet_the_floor_and_say_that_they_are_simulated(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert "32 cases · simulated" in ran.out
    assert "MET  all slices 100.0%, floor 60%" in ran.out
    assert "say nothing about a real model" in ran.out
    assert (
        "Evaluators of the service, over answered cases: category 100.0% (decides what is right)."
        in ran.out
    )
    assert greenhouse.verdict() == {
        "command": "evals run",
        "code": 0,
        "status": "met",
        "reasons": ["all slices 100.0%, floor 60% (95% interval 89.3 to 100.0)"],
    }


def test_the_report_is_bound_to_what_was_judged(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.playbook("evals", "run", "--json", "copy.json")
    report = greenhouse.report()
    assert report == json.loads((greenhouse.root / "copy.json").read_text("utf-8"))
    assert report["release"] == "triage-v1"
    assert report["mode"] == "simulated"
    assert len(report["prompt_sha256"]) == len(report["dataset_sha256"]) == 64
    assert len(report["cases"]) == 32
    greenhouse.edit("evals/cases/edge.jsonl", "kale", "leek")
    greenhouse.edit("src/greenhouse/prompts/v1/instructions.md", "snails", "slugs")
    greenhouse.playbook("evals", "run")
    assert greenhouse.report()["dataset_sha256"] != report["dataset_sha256"]
    assert greenhouse.report()["prompt_sha256"] != report["prompt_sha256"]


def test_wrong_answers_are_not_met_and_shown_beside_what_was_expected(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = _wrong
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "below target" in ran.out
    assert "expected category pests" in ran.out
    assert "got      category watering" in ran.out
    assert "  and 8 like it\n    expected category pests\n" in ran.out
    assert "Next: uv run playbook evals show common" in ran.out


def test_a_real_model_is_judged_by_the_criteria_slice_by_slice(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.named = "real-{}".format
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert "32 cases · live" in ran.out
    assert "nothing about a real model" not in ran.out
    right = provider.answers
    provider.answers = lambda text: (
        _wrong(text) if "kale" in text or "figs" in text else right(text)
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert "Below target, within chance: edge (75.0%, target 80%)." in ran.out
    provider.answers = lambda text: (
        {"category": "harvest" if "Insects" in text else "pests", "confidence": 0.9}
        if "kale" in text or "figs" in text
        else right(text)
    )
    greenhouse.edit("config/success-criteria.yaml", "at_least: 0.9\n", "at_least: 0.8\n")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "edge 25.0%, target 80%" in ran.out
    assert "all slices" not in greenhouse.verdict()["reasons"][0]


def test_a_critical_case_that_is_wrong_is_not_met_for_a_real_model(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    right = provider.answers
    provider.named = "real-{}".format
    provider.answers = lambda text: (
        {"category": "harvest", "confidence": 0.9}
        if "How much water for tomatoes" in text
        else right(text)
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "1 of 2 critical cases, target all" in ran.out


def test_half_live_half_simulated_proves_nothing(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    names = iter(["real", "simulated/x"] * 100)
    provider.named = lambda asked: next(names)
    ran = greenhouse.playbook("evals", "run", "--concurrency", "1")
    assert ran.code == 3
    assert "mixed" in ran.out
    assert "some from the simulator" in ran.out


def test_a_dead_provider_is_could_not_be_judged_not_a_bad_score(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        monkeypatch.setenv("SIMULATOR_URL", dead)
        ran = greenhouse.playbook("evals", "run")
    assert ran.code == 3
    assert "30 of 32 cases got no answer to judge (30 provider_unavailable)" in ran.out
    assert "ModelConnectionError" in ran.out or "circuit breaker open" in ran.out
    assert "Next: unset SIMULATOR_URL" in ran.out
    assert greenhouse.verdict()["status"] == "could not be judged"


def test_one_failed_request_in_many_is_left_out_and_said(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    common = greenhouse.root / "evals" / "cases" / "common.jsonl"
    lines = common.read_text("utf-8").splitlines()
    more = [line.replace("common-", f"common-{copy}-") for copy in range(2) for line in lines]
    common.write_text("\n".join(lines + more), "utf-8")
    provider.status = lambda text: 500 if provider.asked == 3 else 200
    ran = greenhouse.playbook("evals", "run", "--concurrency", "1")
    assert ran.code == 0, ran
    assert "Left out, because they got no answer to judge: 1 case." in ran.out
    assert greenhouse.report()["measured"]["all"]["n"] == 79


def test_answers_that_never_fit_the_schema_are_wrong_not_an_outage(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = lambda text: {"category": "weather"}
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "outcome fallback" in ran.out


def test_an_unsure_answer_is_handed_over_and_not_right(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    right = provider.answers
    provider.answers = lambda text: {**right(text), "confidence": 0.2}
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "outcome handed_over · because low_confidence" in ran.out


def test_an_evaluator_that_crashes_counts_as_wrong_and_is_named(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit(
        "src/greenhouse/pipeline.py", 'label = expected["category"]', 'label = expected["cat"]'
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "Crashed in the pipeline or an evaluator, counted as wrong: 30 cases." in ran.out
    assert "an evaluator crashed: KeyError" in ran.out
    assert "Traceback" not in ran.out + ran.err


def test_a_pipeline_that_crashes_counts_as_wrong_and_points_to_the_log(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit("src/greenhouse/pipeline.py", "QUEUES[found.category]", "QUEUES['nowhere']")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 1
    assert "the pipeline crashed; see unexpected_error in evals/reports/log.jsonl" in ran.out
    log = (greenhouse.root / "evals/reports/log.jsonl").read_text("utf-8")
    assert '"unexpected_error"' in log
    assert "KeyError" in log


def test_one_slice_alone_is_inconclusive_when_simulated(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    ran = greenhouse.playbook("evals", "run", "--slice", "edge")
    assert ran.code == 4
    assert provider.asked == 6
    assert "one floor, for all cases together; edge alone has none" in ran.out


def test_one_slice_of_a_real_model_is_held_against_its_own_target(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.named = "real-{}".format
    ran = greenhouse.playbook("evals", "run", "--slice", "edge")
    assert ran.code == 0
    assert "edge 100.0%, target 80%" in ran.out
    assert "common" not in ran.out


def test_one_case_alone_judges_nothing(greenhouse: "Greenhouse", provider: "Provider") -> None:
    ran = greenhouse.playbook("evals", "run", "--case", "common-003")
    assert ran.code == 4
    assert provider.asked == 1
    assert "Next: uv run playbook evals show common-003" in ran.out


def test_too_few_cases_are_inconclusive(greenhouse: "Greenhouse", provider: "Provider") -> None:
    greenhouse.edit(
        "config/success-criteria.yaml", "least_sample: 10\nlat", "least_sample: 99\nlat"
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 4
    assert "INCONCLUSIVE  32 cases judge nothing; it takes 99." in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--slice", "egde"), "There is no such slice: common, edge"),
        (("--case", "common-999"), "There is no case with this id"),
        (("--release", "triage-v9"), "has no such release: triage-v1"),
        (("--cases", "elsewhere"), "There is no such folder of cases"),
        (("--concurrency", "0"), "--concurrency"),
    ],
)
def test_wrong_usage_runs_nothing(
    greenhouse: "Greenhouse", provider: "Provider", arguments: tuple[str, ...], said: str
) -> None:
    ran = greenhouse.playbook("evals", "run", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert provider.asked == 0


def test_the_kill_switch_of_today_does_not_spoil_a_run_and_stays_as_it_is(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit("config/flags.json", '"defaultVariant": "on"', '"defaultVariant": "off"')
    before = (greenhouse.root / "config/flags.json").read_bytes()
    assert greenhouse.playbook("evals", "run").code == 0
    assert (greenhouse.root / "config/flags.json").read_bytes() == before


def test_another_release_can_be_judged_before_it_is_live(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    releases = (greenhouse.root / "config/releases.yaml").read_text("utf-8")
    second = releases.partition("\n")[2].replace("triage-v1", "triage-v2").replace("small", "large")
    (greenhouse.root / "config/releases.yaml").write_text(releases + second, "utf-8")
    provider.named = "simulated/{}".format
    ran = greenhouse.playbook("evals", "run", "--release", "triage-v2")
    assert ran.code == 0, ran
    assert greenhouse.report()["model"] == "simulator:large"
    assert {case["outcome"] for case in greenhouse.report()["cases"]} == {"answered", "invalid"}


def test_without_a_simulator_url_it_starts_a_simulator_and_stops_it(
    greenhouse: "Greenhouse",
) -> None:
    ran = greenhouse.playbook("evals", "run")
    assert ran.code in (0, 1)
    assert "32 cases · simulated" in ran.out


def test_a_simulator_can_stand_in_for_a_provider_without_a_key(
    greenhouse: "Greenhouse", provider: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    greenhouse.edit("config/releases.yaml", "simulator:small", "openai:gpt-5-mini")
    without = greenhouse.playbook("evals", "run")
    assert without.code == 4
    assert "nothing was recorded yet" in without.err
    assert "with OPENAI_API_KEY in .env" in without.err
    assert greenhouse.playbook("evals", "run", "--live").code == 2  # what was asked for needs it
    ran = greenhouse.playbook("evals", "run", "--simulated")
    assert ran.code == 0, ran
    assert "simulated" in ran.out.splitlines()[0]


def test_broken_cases_stop_before_anything_is_asked(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit("evals/cases/edge.jsonl", '"category": "harvest"', '"category": "harvset"')
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert "evals/cases/edge.jsonl:3  expected.category" in ran.err
    assert "Did you mean harvest?" in ran.err
    assert greenhouse.verdict()["code"] == 2
    assert provider.asked == 0


def test_broken_configuration_is_told_in_words(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    greenhouse.edit("config/success-criteria.yaml", "at_least: 0.8", "at_least: 80")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert "config/success-criteria.yaml:9  quality.slices.edge.at_least" in ran.err
    assert "Traceback" not in ran.err
    assert greenhouse.verdict()["status"] == "invalid"


def test_show_lists_every_wrong_case_of_a_slice(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = _wrong
    greenhouse.playbook("evals", "run")
    ran = greenhouse.playbook("evals", "show", "common")
    assert ran.code == 0
    assert ran.out.count("    expected ") == 16
    assert "edge-" not in ran.out


def test_show_tells_all_about_one_case(greenhouse: "Greenhouse", provider: "Provider") -> None:
    greenhouse.playbook("evals", "run")
    ran = greenhouse.playbook("evals", "show", "common-003")
    assert "common-003 · common · right" in ran.out
    assert "Snails on my tomatoes." in ran.out
    assert "model's confidence 0.90" in ran.out


def test_show_without_a_report_says_how_to_get_one(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("evals", "show")
    assert ran.code == 2
    assert "Next: uv run playbook evals run" in ran.err


def test_show_knows_what_it_does_not_know(greenhouse: "Greenhouse", provider: "Provider") -> None:
    greenhouse.playbook("evals", "run")
    ran = greenhouse.playbook("evals", "show", "weather")
    assert ran.code == 2
    assert "Slices: common, edge." in ran.err


def test_the_service_needs_no_env_file_to_be_judged(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    assert not (greenhouse.root / ".env").exists()
    assert greenhouse.playbook("evals", "run").code == 0
    assert not (greenhouse.root / ".env").exists()
    assert not list(Path(greenhouse.root).glob(".secrets"))
