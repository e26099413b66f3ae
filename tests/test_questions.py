"""The questions: help, defaults, messages for wrong answers, and an identity that stays."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_update
from hypothesis import given, settings
from hypothesis import strategies as st

from support import (
    AWKWARD,
    KICKOFF,
    ROOT,
    choices,
    commit_all,
    config,
    questions,
    render,
    tag,
)

SECTIONS = [
    "The service",
    "Success criteria",
    "People",
    "Model and data",
    "Delivery",
]


def answers_of(folder: Path) -> dict[str, Any]:
    """What Copier recorded in a generated repository."""
    loaded = yaml.safe_load((folder / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def copier(*arguments: str | Path, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, without a terminal."""
    command = [sys.executable, "-m", "copier", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_question_says_what_its_answer_changes_and_what_is_recommended() -> None:
    for name, question in questions().items():
        lines = question["help"].strip().splitlines()
        assert "?" in lines[0], f"{name}: the first line of its help is the question"
        assert len(lines) >= 2, f"{name}: its help says what the answer changes"
        assert "Recommended:" in question["help"], f"{name}: its help recommends an answer"
        assert max(map(len, lines)) <= 120, f"{name}: its help fits a terminal"
        assert "default" in question, f"{name}: a hurried person can press Enter"


def test_the_questions_stand_in_their_five_sections() -> None:
    text = (ROOT / "copier.yml").read_text(encoding="utf-8")
    positions = [text.index(f"# ── {section}") for section in SECTIONS]
    assert positions == sorted(positions)
    assert len(questions()) <= 36


def test_every_choice_pairs_a_label_with_its_value() -> None:
    for name, question in questions().items():
        if "choices" in question and name != "python_version":
            assert isinstance(question["choices"], dict), f"{name}: label and value"
            for label, value in question["choices"].items():
                plain = value["value"] if isinstance(value, dict) else value
                assert label != plain and label[0].isupper(), f"{name}: {label}"


def test_the_defaults_do_without_a_terminal_and_without_trust(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "service"
    done = copier("copy", "--defaults", "--skip-tasks", small, target)
    assert done.returncode == 0, done.stderr
    answers = answers_of(target)
    assert answers["service_slug"] == "acme-triage" and answers["stage"] == "poc"
    assert "MissingFileWarning" not in done.stderr


def test_without_trust_nothing_is_written_and_copier_says_so(small: Path, tmp_path: Path) -> None:
    done = copier("copy", "--defaults", small, tmp_path / "service")
    assert done.returncode == 4
    assert "tasks" in done.stderr
    assert not (tmp_path / "service").exists()


def test_data_answers_single_questions(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "service"
    given_data = ["-d", "service_name=Claims Desk", "-d", "quality_target=0.8"]
    done = copier("copy", "--defaults", "--skip-tasks", *given_data, small, target)
    assert done.returncode == 0, done.stderr
    answers = answers_of(target)
    assert answers["package_name"] == "claims_desk"
    assert answers["quality_target"] == 0.8


def test_a_destination_above_the_current_folder_needs_no_trust(small: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    done = copier("copy", "--defaults", "--skip-tasks", small, "../service", folder=inside)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "service" / "pyproject.toml").is_file()


def test_one_person_in_both_places_of_the_rotation_is_a_note_not_a_mistake(
    bare: Path, tmp_path: Path
) -> None:
    both = ["-d", "oncall_primary=Ada", "-d", "oncall_secondary=Ada"]
    done = copier("copy", "--defaults", "--skip-tasks", *both, bare, tmp_path / "service")
    assert done.returncode == 0, done.stderr
    assert "Ada is both first and second on call" in done.stderr


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"service_name": 'Say "hi"'}, "without quotation marks"),
    ({"service_name": "   "}, "Start with a letter"),
    ({"service_name": "票"}, "at least one Latin letter"),
    ({"service_slug": "Acme Triage"}, "Lower-case letters, digits and single hyphens"),
    ({"service_slug": "a--b"}, "single hyphens"),
    ({"service_slug": "a" * 41}, "40 characters at most"),
    ({"package_name": "2fast"}, "a letter first"),
    ({"package_name": "json"}, "json_service"),
    ({"package_name": "chassis"}, "already uses chassis"),
    ({"use_case": "chess"}, "is not in ['triage'"),
    ({"description": "one\ntwo"}, "One line"),
    ({"organisation": "{{ 7 * 7 }}"}, "braces"),
    ({"quality_target": 92}, "0.92 for 92%"),
    ({"quality_target": "nan"}, "between 0.5 and 1"),
    ({"latency_p95_seconds": 0}, "Seconds, between 0.1 and 120"),
    ({"availability_target": 1}, "no error budget"),
    ({"cost_per_interaction_usd": -1}, "more than 0"),
    ({"satisfaction_target": 80}, "A rating from 1 to 5"),
    ({"peak_requests_per_second": 0}, "Requests per second"),
    ({"daily_budget_usd": 0.05}, "at least one request"),
    ({"daily_budget_usd": 10, "weekly_budget_usd": 5}, "10.0 to 70.0"),
    ({"product_owner": "Ada"}, "Ada Lovelace <ada@example.org>"),
    ({"domain_expert": "ada@example.org"}, "Ada Lovelace <ada@example.org>"),
    ({"oncall_primary": 'the "A" team'}, "without quotation marks"),
    ({"oncall_channel": "x" * 101}, "up to 100 characters"),
    ({"provider": "openai", "model": "gpt 6"}, "without spaces"),
    ({"provider": "openai", "fallback_provider": "openai"}, "what the fallback is for"),
    ({"stage": "poc2"}, "is not in ['poc'"),
    (
        {"stage": "production", "deploy_target": "compose", "rollout_strategy": "canary"},
        "needs Kubernetes",
    ),
    ({"stage": "hardening", "image_registry": "https://ghcr.io/acme/"}, "without https://"),
    ({"kickoff_date": "23.11.2026"}, "year-month-day"),
    ({"kickoff_date": "2026-02-30"}, "day is out of range"),
    ({"licence": "GPL"}, "is not in ['proprietary'"),
]


@pytest.mark.parametrize(("answers", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_answer_is_refused_with_what_would_be_right(
    answers: dict[str, Any], message: str, bare: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError) as refused:
        render(bare, tmp_path / "service", answers)
    assert message in str(refused.value)
    assert not (tmp_path / "service").exists()


def test_every_question_that_can_be_answered_wrongly_is_tested_for_it() -> None:
    validated = {name for name, question in questions().items() if question.get("validator")}
    tested = {name for answers, _ in WRONG for name in answers}
    alike = {"ai_engineer", "platform_engineer", "oncall_secondary", "use_case"}
    assert validated - alike <= tested


@pytest.mark.slow
@settings(max_examples=20)
@given(name=st.text(min_size=1, max_size=60))
def test_any_accepted_name_gives_a_usable_slug_and_package(
    name: str, bare: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    try:
        target = render(bare, tmp_path_factory.mktemp("any") / "service", {"service_name": name})
    except ValueError as refused:
        assert "Validation error for question" in str(refused)
        return
    answers = answers_of(target)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", answers["service_slug"])
    assert answers["package_name"].isidentifier() and answers["package_name"].isascii()


def test_a_name_with_accents_keeps_its_letters(bare: Path, tmp_path: Path) -> None:
    answers = answers_of(render(bare, tmp_path / "s", {"service_name": "Schäden & Réclamations"}))
    assert answers["service_slug"] == "schaeden-reclamations"
    assert answers["package_name"] == "schaeden_reclamations"


def test_awkward_words_survive_in_the_answers_file(bare: Path, tmp_path: Path) -> None:
    answers = answers_of(render(bare, tmp_path / "service", AWKWARD))
    assert {name: answers[name] for name in AWKWARD} == AWKWARD


def test_a_question_that_was_not_asked_is_not_recorded(bare: Path, tmp_path: Path) -> None:
    poc = answers_of(render(bare, tmp_path / "poc"))
    assert {"deploy_target", "rollout_strategy", "image_registry", "model"}.isdisjoint(poc)
    kube = {"stage": "production", "provider": "anthropic", "ci_provider": "gitlab"}
    whole = answers_of(render(bare, tmp_path / "whole", kube))
    assert whole["rollout_strategy"] == "canary"
    assert whole["image_registry"] == "registry.gitlab.com/acme"
    assert whole["model"].startswith("claude-")


def test_no_computed_value_is_recorded(bare: Path, tmp_path: Path) -> None:
    computed = {
        name
        for name, question in config().items()
        if not name.startswith("_") and question.get("when") is False
    }
    assert computed >= {"identity_is_kept", "fallback_model"}
    assert computed.isdisjoint(answers_of(render(bare, tmp_path / "service")))


@pytest.mark.parametrize("provider", choices()["provider"])
def test_every_provider_has_a_model_to_start_with(
    provider: str, small: Path, tmp_path: Path
) -> None:
    (small / "template" / "model.jinja").write_text("{{ model }} {{ fallback_model }}")
    tag(small, "v1.0.1")
    target = render(small, tmp_path / "service", {"provider": provider})
    model = (target / "model").read_text().strip()
    assert model and (provider != "simulator" or model == "small")


def test_an_unknown_name_in_a_template_is_an_error(small: Path, tmp_path: Path) -> None:
    (small / "template" / "typo.txt.jinja").write_text("{{ servicename }}")
    tag(small, "v1.0.1")
    with pytest.raises(Exception, match="'servicename' is undefined"):
        render(small, tmp_path / "service")


FROZEN = {
    "service_slug": "other-name",
    "package_name": "other_name",
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), FROZEN.items())
def test_a_frozen_answer_refuses_to_change_in_one_line(
    name: str, value: str, small: Path, tmp_path: Path
) -> None:
    target = render(small, tmp_path / "service")
    commit_all(target)
    arguments = ("--trust", "--defaults", "--vcs-ref", ":current:", "-d", f"{name}={value}")
    done = copier("update", *arguments, folder=target)
    assert done.returncode == 1
    assert f"{name} is frozen: this repository was generated as acme" in done.stderr
    assert "Traceback" not in done.stderr
    assert answers_of(target)[name] != value


@pytest.mark.slow
def test_a_frozen_answer_refuses_a_change_by_hand(small: Path, tmp_path: Path) -> None:
    target = render(small, tmp_path / "service")
    record = target / ".copier-answers.yml"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace("package_name: acme_triage", "package_name: mine", 1))
    commit_all(target)
    done = copier("update", "--trust", "--defaults", "--vcs-ref", ":current:", folder=target)
    assert done.returncode == 1
    assert "package_name is frozen" in done.stderr


@pytest.mark.slow
def test_the_same_identity_given_again_is_no_change(small: Path, tmp_path: Path) -> None:
    target = render(small, tmp_path / "service")
    commit_all(target)
    run_update(
        target,
        data={"service_slug": "acme-triage", "quality_target": 0.8},
        vcs_ref="v1.0.0",
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
    )
    assert answers_of(target)["quality_target"] == 0.8
    assert answers_of(target)["generated_as"]["service_slug"] == "acme-triage"
    assert answers_of(target)["kickoff_date"] == KICKOFF["kickoff_date"]
