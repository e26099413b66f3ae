"""Live answers are recorded, and replayed where there is no key: the same, or not at all."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

FILE = "evals/recordings/triage-v1.jsonl"


def _without_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODEL_BASE_URL")


def _rows(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    text = (greenhouse.root / FILE).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _said(report: dict[str, Any]) -> dict[str, Any]:
    kept = ("right", "outcome", "got", "confidence", "cost_usd", "scores", "unjudged")
    return {case["id"]: {name: case[name] for name in kept} for case in report["cases"]}


def test_without_a_key_the_last_live_answers_are_replayed_and_nobody_is_asked(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    right = live.answers
    live.answers = lambda text: (
        {"category": "harvest", "confidence": 0.7} if "Snails" in text else right(text)
    )
    ran = greenhouse.playbook("evals", "run")
    assert "32 cases · live" in ran.out
    assert f"Recorded 30 answers in {FILE}: commit it, and CI replays them." in ran.out
    before, asked = greenhouse.report(), live.asked
    _without_key(monkeypatch)
    again = greenhouse.playbook("evals", "run")
    assert again.code == ran.code
    assert live.asked == asked
    title, how = again.out.splitlines()[:2]
    assert title.endswith("32 cases · replayed")
    assert how.startswith(f"30 answers replayed from {FILE}, recorded 20")
    assert how.endswith(" live by openai-compatible:glass-1.")
    assert _said(greenhouse.report()) == _said(before)
    modes = [case["mode"] for case in greenhouse.report()["cases"]]
    assert (modes.count("replayed"), modes.count(None)) == (30, 2)  # two never reach a model


def test_a_replayed_case_takes_as_long_as_the_model_did(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.playbook("evals", "run", "--case", "common-003")
    rows = _rows(greenhouse)
    rows[0]["answers"][0]["seconds"] = 7.5
    (greenhouse.root / FILE).write_text(json.dumps(rows[0]), "utf-8")
    _without_key(monkeypatch)
    greenhouse.playbook("evals", "run", "--case", "common-003")
    (case,) = greenhouse.report()["cases"]
    assert 7.5 < case["seconds"] < 15  # once; the rest is our own time


def test_an_answer_that_had_to_be_repaired_is_repaired_again(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    live.answers = lambda text: (
        {"category": "pests", "confidence": 0.8}
        if "does not fit the schema" in text
        else {"category": "weather", "confidence": 0.8}
    )
    greenhouse.playbook("evals", "run", "--case", "common-003")
    assert live.asked == len(_rows(greenhouse)) == 2
    _without_key(monkeypatch)
    ran = greenhouse.playbook("evals", "run", "--case", "common-003")
    assert live.asked == 2
    assert ran.out.splitlines()[1].startswith("1 answer replayed")
    assert greenhouse.report()["cases"][0]["right"] is True


def test_what_a_fallback_said_is_replayed_and_so_is_why_it_was_asked(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.edit(
        "config/releases.yaml",
        "    prompt: v1",
        "    fallbacks: [openai-compatible:glass-2]\n    prompt: v1",
    )
    answer = live.respond
    monkeypatch.setattr(
        live,
        "respond",
        lambda asked: (404, {"error": {}}) if asked["model"] == "glass-1" else answer(asked),
    )
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    asked = live.asked
    assert {row["model"] for row in _rows(greenhouse)} == {
        "openai-compatible:glass-1",
        "openai-compatible:glass-2",
    }
    _without_key(monkeypatch)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert "30 answers replayed" in ran.out
    assert live.asked == asked


def test_a_fallbacks_recorded_answers_are_not_those_of_a_new_model_before_it(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was never asked: whatever stood in for it says nothing about the release as it is now."""
    assert greenhouse.playbook("evals", "run").code == 0
    greenhouse.edit(
        "config/releases.yaml",
        "openai-compatible:glass-1",
        "openai-compatible:glass-2\n    fallbacks: [openai-compatible:glass-1]",
    )
    _without_key(monkeypatch)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 4, ran
    assert f"30 of 32 cases are not in {FILE}: the model or a fallback changed" in ran.err


def test_a_replay_asks_no_hosted_moderation_even_with_its_key(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    assert greenhouse.playbook("evals", "run").code == 0
    greenhouse.edit(
        "config/guardrails.yaml",
        "logs: {payload: full}",
        "logs: {payload: full}\nmoderation: {provider: azure-content-safety}",
    )
    monkeypatch.setenv("AZURE_CONTENT_SAFETY_ENDPOINT", "http://127.0.0.1:1")  # nobody listens
    monkeypatch.setenv("AZURE_CONTENT_SAFETY_KEY", "k")
    ran = greenhouse.playbook("evals", "run", "--replayed")
    assert ran.code == 0, ran
    assert "Without the hosted moderation: a replay asks nobody." in ran.out


def test_a_changed_prompt_misses_every_recording_and_says_so(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.playbook("evals", "run")
    asked = live.asked
    _without_key(monkeypatch)
    greenhouse.edit("src/greenhouse/prompts/v1/instructions.md", "snails", "slugs")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 4
    assert f"30 of 32 cases are not in {FILE}: the prompt changed since 20" in ran.err
    assert "with MODEL_BASE_URL in .env, records" in ran.err
    assert greenhouse.verdict()["status"] == "inconclusive"
    assert live.asked == asked


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("config/releases.yaml", "max_tokens: 400", "max_tokens: 500", "the parameters changed"),
        ("config/releases.yaml", "glass-1", "glass-2", "the model or a fallback changed"),
        ("evals/cases/edge.jsonl", "kale", "leek", "cases are new or changed"),
    ],
)
def test_why_a_recording_is_missing_is_said(
    greenhouse: "Greenhouse",
    live: "Provider",
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    old: str,
    new: str,
    said: str,
) -> None:
    greenhouse.playbook("evals", "run")
    _without_key(monkeypatch)
    greenhouse.edit(file, old, new)
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 4
    assert said in ran.err


def test_by_policy_the_simulator_answers_the_whole_run_instead_and_the_first_lines_say_so(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.playbook("evals", "run")
    _without_key(monkeypatch)
    (greenhouse.root / "config/evals.yaml").write_text("recordings: {on_miss: simulate}\n")
    greenhouse.edit("evals/cases/edge.jsonl", "kale", "leek")
    live.named = "simulated/{}".format  # what stands at SIMULATOR_URL is the simulator again
    ran = greenhouse.playbook("evals", "run")
    title, how = ran.out.splitlines()[:2]
    assert title.endswith("32 cases · simulated")
    assert how.startswith("Simulated instead of replayed: ")
    assert {case["mode"] for case in greenhouse.report()["cases"]} == {"simulated", None}
    forced = greenhouse.playbook("evals", "run", "--replayed")
    assert forced.code == 4  # asked for replayed answers, it gives no others


def test_simulated_answers_are_never_recorded(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    assert greenhouse.playbook("evals", "run").code == 0
    assert not (greenhouse.root / "evals/recordings").exists()


def test_a_provider_that_was_down_leaves_the_recordings_as_they_were(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.playbook("evals", "run")
    before = (greenhouse.root / FILE).read_bytes()
    live.status = lambda text: 401
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 3
    assert (greenhouse.root / FILE).read_bytes() == before


def test_a_whole_run_drops_what_is_not_asked_any_more_and_a_part_keeps_it(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.playbook("evals", "run")
    before = {row["key"] for row in _rows(greenhouse)}
    greenhouse.edit("evals/cases/edge.jsonl", "kale", "leek")
    greenhouse.playbook("evals", "run", "--slice", "edge")
    with_part = {row["key"] for row in _rows(greenhouse)}
    assert before < with_part
    greenhouse.playbook("evals", "run")
    whole = [row["key"] for row in _rows(greenhouse)]
    assert whole == sorted(set(whole))
    assert len(whole) == len(before)
    assert set(whole) < with_part


def test_recordings_fit_on_another_machine_with_another_secret(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_SECRET", "a" * 40)
    greenhouse.playbook("evals", "run")
    monkeypatch.delenv("SERVICE_SECRET")
    secret = f"SERVICE_SECRET={'b' * 40}\n"  # pragma: allowlist secret
    (greenhouse.root / ".env").write_text(secret, "utf-8")
    _without_key(monkeypatch)
    ran = greenhouse.playbook("evals", "run")
    assert "30 answers replayed" in ran.out


def test_personal_data_of_a_case_is_in_no_recording(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.edit(
        "evals/cases/common.jsonl", "Snails on my tomatoes.", "Snails! Write to ann@example.com."
    )
    live.answers = lambda text: {"category": "pests", "confidence": 0.9, "said": text}
    greenhouse.playbook("evals", "run")
    recorded = (greenhouse.root / FILE).read_text("utf-8")
    assert "ann@example.com" not in recorded
    assert "[e-mail-1]" in recorded  # the model was told, and here repeats, only this


def _broken(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    good = json.dumps(rows[0])
    simulated = good.replace("glass-1-2026", "simulated/small")
    return [
        ("{nonsense", "1  "),
        (f"{good}\n{good}", ":2  key\n  It is in the file twice"),
        (good.replace('"answers": [', '"answers": [], "x": ['), ":1  answers"),
        (simulated, "simulated/small is the simulator: only real models are recorded"),
        (good.replace('"seconds"', '"hours"'), ":1  answers.0.seconds"),
    ]


def test_a_broken_recording_is_told_with_its_line(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    greenhouse.playbook("evals", "run", "--case", "common-003")
    rows = _rows(greenhouse)
    _without_key(monkeypatch)
    for text, said in _broken(rows):
        (greenhouse.root / FILE).write_text(text, "utf-8")
        ran = greenhouse.playbook("evals", "run")
        assert ran.code == 2, ran
        assert FILE in ran.err
        assert said in ran.err
        assert "Take the file back from git" in ran.err
    (greenhouse.root / FILE).write_bytes(b"\xff\xfe")
    assert "This is not UTF-8 (byte 0)" in greenhouse.playbook("evals", "run").err


def test_only_one_kind_of_answers_can_be_asked_for(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    ran = greenhouse.playbook("evals", "run", "--live", "--simulated")
    assert ran.code == 2
    assert "--live and --simulated" in ran.err
    assert live.asked == 0


def test_another_releases_key_is_not_needed(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    releases = (greenhouse.root / "config/releases.yaml").read_text("utf-8")
    second = releases.partition("\n")[2].replace("triage-v1", "triage-v2")
    second = second.replace("openai-compatible:glass-1", "openai:gpt-5-mini")
    (greenhouse.root / "config/releases.yaml").write_text(releases + second, "utf-8")
    assert greenhouse.playbook("evals", "run").code == 0
