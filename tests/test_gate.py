"""The sample's eval gate can fail: a worse prompt is stopped, an equally good one passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generated import Service, installed_default
from support import git

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("gate")]

DEFINITION = re.compile(r"^- `(\w+)`: (.+)$", re.MULTILINE)
PARAPHRASED = {
    "billing": "money: what was charged, bills, paying by card, getting a refund, the cost.",
    "account": "logging in, credentials and codes, personal settings, adding people and rights.",
    "bug": "a fault: something does not work, fails, hangs, or gives an error or wrong results.",
    "how_to": "help with using it: where to find it, how to configure, import or connect it.",
    "feature_request": "a suggestion: something it cannot do today and the customer would like.",
    "security": "danger: hacked accounts, exposed secrets or data, fraud mails, a weakness found.",
    "cancellation": "ending it: wants to quit, terminate the contract, or go to a smaller plan.",
    "other": "none of these: gratitude, advertising, automatic replies.",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The default service, installed."""
    return installed_default(tmp_path_factory)


@pytest.fixture
def instructions(sample: Service) -> Iterator[Path]:
    """The sample's prompt, put back afterwards."""
    path = sample.folder / "src/acme_triage/prompts/v1/instructions.md"
    before = path.read_text("utf-8")
    yield path
    path.write_text(before, "utf-8")
    git(sample.folder, "checkout", "--", "evals")


def judge(sample: Service, **environment: str) -> tuple[int, str]:
    return sample.code_of("uv", "run", "playbook", "evals", "run", environment=environment)


def test_the_sample_meets_the_floor_of_simulated_answers_and_says_what_that_is_worth(
    sample: Service,
) -> None:
    code, said = judge(sample)
    assert code == 0, said
    assert "say nothing about a real model" in said


def test_it_shows_itself_that_it_can_fail(sample: Service) -> None:
    """Playbook 2.15: what blocks a deployment is seen to block."""
    before = git(sample.folder, "status", "--porcelain")
    code, said = sample.code_of("uv", "run", "playbook", "evals", "selftest")
    assert code == 0, said
    assert "MET  7 of 7 rows" in said
    assert "nothing about a model" in said
    assert git(sample.folder, "status", "--porcelain") == before


def test_a_prompt_with_two_definitions_swapped_is_stopped(
    sample: Service, instructions: Path
) -> None:
    text = instructions.read_text("utf-8")
    meaning = dict(DEFINITION.findall(text))
    swapped = {"billing": meaning["bug"], "bug": meaning["billing"]}
    instructions.write_text(_with(text, swapped), "utf-8")
    code, said = judge(sample)
    assert code == 1, said


def test_the_same_definitions_in_other_words_pass_once_somebody_accepts_them(
    sample: Service, instructions: Path
) -> None:
    """To the simulator other words are another prompt: the floor holds, the baseline is asked."""
    instructions.write_text(_with(instructions.read_text("utf-8"), PARAPHRASED), "utf-8")
    judge(sample)
    accept = ("uv", "run", "playbook", "evals", "accept", "--by", "Ann", "--why", "other words")
    sample.run(*accept)
    code, said = judge(sample)
    assert code == 0, said


def test_a_dead_provider_cannot_be_judged(sample: Service) -> None:
    code, said = judge(sample, SIMULATOR_URL="http://127.0.0.1:9/v1")
    assert code == 3, said
    assert "provider_unavailable" in said


def _with(text: str, meanings: dict[str, str]) -> str:
    """The prompt with some labels defined anew."""
    return DEFINITION.sub(lambda m: f"- `{m[1]}`: {meanings.get(m[1], m[2])}", text)
