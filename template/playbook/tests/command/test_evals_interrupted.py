"""A run that is stopped, killed or out of money loses no answer, and the next one goes on."""

import json
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from running import PATIENCE_SECONDS, Running

if TYPE_CHECKING:
    from conftest import Greenhouse, Provider

pytestmark = pytest.mark.slow

JOURNAL = "evals/reports/unfinished.jsonl"


class Gate:
    """Lets so many requests through to a provider; the others wait until it opens."""

    def __init__(self, provider: "Provider", after: int) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()
        self._after = after
        self._answer = provider.respond
        self._provider = provider
        provider.respond = self.respond  # type: ignore[method-assign]

    def respond(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self._provider.asked >= self._after:
            self.reached.set()
            self._open.wait(PATIENCE_SECONDS)
        return self._answer(request)

    def open(self) -> None:
        self._after = 10**6
        self._open.set()


@pytest.fixture
def gate(live: "Provider") -> Iterator[Gate]:
    gate = Gate(live, after=12)
    yield gate
    gate.open()


def _journal(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    text = (greenhouse.root / JOURNAL).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()[1:]]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_in_the_middle_the_next_run_asks_only_the_rest(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate, signum: signal.Signals
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        code = running.stop(signum)
    assert "Traceback" not in running.said
    if signum is signal.SIGKILL:
        assert code == -signal.SIGKILL
    else:
        assert code == 130
        assert "Stopped after 12 of 32 cases; the next run goes on." in running.said
        assert greenhouse.verdict()["status"] == "interrupted"
    kept = [entry["result"]["id"] for entry in _journal(greenhouse)]
    assert len(kept) == len(set(kept)) == 12
    gate.open()
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert ran.out.splitlines()[1].startswith("Goes on where the run of 20")
    assert ran.out.splitlines()[1].endswith("stopped: 12 of 32 cases.")
    assert not (greenhouse.root / JOURNAL).exists()
    assert len(greenhouse.report()["cases"]) == 32
    rows = (greenhouse.root / "evals/recordings/triage-v1.jsonl").read_text().splitlines()
    assert len(rows) == 30  # also of the answers that were there before
    log = (greenhouse.root / "evals/reports/log.jsonl").read_text("utf-8")
    assert log.count('"ai_call"') >= 32


def test_fresh_asks_everything_again(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop()
    gate.open()
    asked = live.asked
    ran = greenhouse.playbook("evals", "run", "--fresh")
    assert live.asked >= asked + 30  # and the one that was on its way then
    assert "Goes on" not in ran.out


def test_answers_to_another_prompt_are_not_gone_on_with(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop()
    gate.open()
    greenhouse.edit("src/greenhouse/prompts/v1/instructions.md", "snails", "slugs")
    asked = live.asked
    ran = greenhouse.playbook("evals", "run")
    assert live.asked >= asked + 30
    assert "12 answers of an interrupted run were left behind" in ran.out.splitlines()[1]


def test_one_slice_in_between_leaves_the_interrupted_run_as_it_is(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop()
    gate.open()
    greenhouse.playbook("evals", "run", "--slice", "edge")
    greenhouse.playbook("evals", "run", "--replayed")
    assert len(_journal(greenhouse)) == 12
    asked = live.asked
    assert greenhouse.playbook("evals", "run").code == 0
    assert live.asked < asked + 30


def test_two_runs_at_once_do_not_mix(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    """Neither do runs of different kinds: they write the same log, recordings and reports."""
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        for other in (["run"], ["run", "--simulated"], ["run", "--slice", "edge"], ["calibrate"]):
            second = greenhouse.playbook("evals", *other)
            assert second.code == 3
            assert "Another run of the cases is at work" in second.err
        assert greenhouse.playbook("evals", "accept", "--why", "x").code == 3
        gate.open()
        assert running.process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize("step", ["files.leave", "history.record"])
def test_until_the_report_is_written_no_answer_is_forgotten(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed between the last answer and the report, the next run asks nobody again."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(f"playbook.evals.command.{step}", full)
        assert greenhouse.playbook("evals", "run").code != 0
    asked = live.asked
    ran = greenhouse.playbook("evals", "run")
    assert (ran.code, live.asked) == (0, asked), ran
    assert "stopped: 32 of 32 cases." in ran.out
    assert not (greenhouse.root / JOURNAL).exists()


def test_a_critical_case_without_an_answer_leaves_the_run_open_and_is_asked_again(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    (greenhouse.root / "config/evals.yaml").write_text("infrastructure_errors_at_most: 0.1\n")
    live.status = lambda text: 401 if "How much water for tomatoes?" in text else 200
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 4, ran
    assert "1 critical case got no answer to judge: common-001" in ran.out
    assert "The answers are kept; the next run asks what got none." in ran.out
    live.status, asked = (lambda text: 200), live.asked
    assert greenhouse.playbook("evals", "run").code == 0
    assert live.asked == asked + 1


def test_a_line_torn_off_by_a_crash_is_asked_again(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop(signal.SIGKILL)
    gate.open()
    whole = (greenhouse.root / JOURNAL).read_bytes()
    (greenhouse.root / JOURNAL).write_bytes(whole[:-40])
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert "stopped: 11 of 32 cases." in ran.out
    assert len(greenhouse.report()["cases"]) == 32


def test_a_broken_line_in_the_middle_stops_with_its_place(
    greenhouse: "Greenhouse", live: "Provider", gate: Gate
) -> None:
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop()
    gate.open()
    lines = (greenhouse.root / JOURNAL).read_text("utf-8").splitlines(keepends=True)
    lines[3] = "{}\n"
    (greenhouse.root / JOURNAL).write_text("".join(lines), "utf-8")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 2
    assert f"{JOURNAL}:4\n  This line of an interrupted run cannot be read" in ran.err
    assert greenhouse.playbook("evals", "run", "--fresh").code == 0


def test_what_got_no_answer_before_the_stop_is_asked_again(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    gate = Gate(live, after=6)
    live.status = lambda text: 401
    with Running(greenhouse.root, "evals", "run", "--concurrency", "1") as running:
        assert gate.reached.wait(PATIENCE_SECONDS), running.said
        running.stop()
    gate.open()
    live.status = lambda text: 200
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert greenhouse.report()["measured"]["all"]["n"] == 32


def test_a_provider_that_goes_down_midway_costs_no_answer(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    live.status = lambda text: 401 if live.asked > 20 else 200
    ran = greenhouse.playbook("evals", "run", "--concurrency", "1")
    assert ran.code == 3
    assert "The answers are kept; the next run asks what got none." in ran.out
    live.status, asked = (lambda text: 200), live.asked
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert live.asked == asked + 10
    assert not (greenhouse.root / JOURNAL).exists()


def test_what_a_library_warns_of_is_said_once(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none-here")
    monkeypatch.setenv("OPENAI_BASE_URL", live.url)
    greenhouse.edit("config/releases.yaml", "openai-compatible:glass-1", "openai:gpt-5-mini")
    ran = greenhouse.playbook("evals", "run")
    assert ran.out.count("Warning: Sampling parameters ['temperature']") == 1
    assert "UserWarning" not in ran.out + ran.err


def test_at_the_cost_cap_it_stops_before_it_spends_more_and_the_next_run_goes_on(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    greenhouse.edit(  # 100 tokens in and 10 out: USD 0.011 a case
        "config/releases.yaml",
        "input_usd_per_million: 0.25, output_usd_per_million: 2.0",
        "input_usd_per_million: 100, output_usd_per_million: 100",
    )
    ran = greenhouse.playbook("evals", "run", "--cost-cap", "0.1", "--concurrency", "2")
    assert ran.code == 3
    assert live.asked == 9  # a tenth would pass the cap
    assert "Stopped at the cost cap: USD 0.0990 of USD 0.10 spent, 9 of 32 cases" in ran.err
    assert "the next run goes on" in ran.err
    assert greenhouse.verdict()["status"] == "could not be judged"
    (greenhouse.root / "config/evals.yaml").write_text("cost_cap_usd: 1.0\n", "utf-8")
    ran = greenhouse.playbook("evals", "run")
    assert ran.code == 0, ran
    assert live.asked == 30
    assert "9 of 32 cases" in ran.out


def test_a_model_without_a_price_is_said_to_escape_the_cap(
    greenhouse: "Greenhouse", live: "Provider"
) -> None:
    price = "    price: {input_usd_per_million: 0.25, output_usd_per_million: 2.0}\n"
    greenhouse.edit("config/releases.yaml", price, "")
    ran = greenhouse.playbook("evals", "run", "--cost-cap", "0.000001")
    assert "A model has no price, so the cost cap did not see all" in ran.out
    assert len(greenhouse.report()["cases"]) == 32


def test_replayed_and_simulated_answers_cost_nothing(
    greenhouse: "Greenhouse", live: "Provider", monkeypatch: pytest.MonkeyPatch
) -> None:
    assert greenhouse.playbook("evals", "run").code == 0
    assert greenhouse.playbook("evals", "run", "--replayed", "--cost-cap", "0.000001").code == 0
    live.named = "simulated/{}".format
    assert greenhouse.playbook("evals", "run", "--simulated", "--cost-cap", "0.000001").code == 0


@pytest.mark.parametrize("wrong", ["0", "-1", "nan"])
def test_a_cap_is_an_amount(greenhouse: "Greenhouse", live: "Provider", wrong: str) -> None:
    ran = greenhouse.playbook("evals", "run", "--cost-cap", wrong)
    assert ran.code == 2
    assert "--cost-cap" in ran.err
