"""Reading `config/` as a whole: what is right loads, what is wrong is all told at once."""

from __future__ import annotations

import json
from pathlib import Path

import configs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.config import ConfigError, Settings, check_settings, load_config
from chassis.config.__main__ import main
from chassis.config.files import read_json, read_yaml


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return configs.make(tmp_path)


def told(root: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(root, with_flags=True)
    return str(caught.value)


def test_a_configuration_that_is_right_loads(root: Path) -> None:
    config = load_config(root, with_flags=True)
    assert config.criteria.latency.p95_seconds == 3
    assert config.releases["triage-v2"].model_name == "gpt-5-mini"
    assert config.guardrails.output.personal_data.mode == "redact"
    assert config.ownership.roles["ai_engineer"].name == "Ben Cruz"
    assert config.flags_path == root / "config" / "flags.json"
    assert config.warnings == ()


def test_all_mistakes_of_all_files_are_told_at_once(root: Path) -> None:
    configs.edit(root, "success-criteria.yaml", "at_least: 0.85", "at_least: 85")
    configs.edit(root, "success-criteria.yaml", "p95_seconds: 3.0", "p95_seconds: slow")
    configs.edit(root, "releases.yaml", "openai:gpt-5-mini", "opnai:gpt-5-mini")
    configs.edit(root, "guardrails.yaml", "mode: redact", "mode: erase")
    configs.edit(root, "flags.json", '"defaultVariant": "v1"', '"defaultVariant": "v3"')
    (root / "config" / "ownership.yaml").unlink()
    places = [line for line in told(root).splitlines() if not line.startswith("  ")]
    assert places == [
        "config/flags.json:12  flags.release.defaultVariant",
        "config/guardrails.yaml:20  output.personal_data.mode",
        "config/ownership.yaml",
        "config/releases.yaml:12  releases.triage-v2.model",
        "config/success-criteria.yaml:9  quality.slices.edge.at_least",
        "config/success-criteria.yaml:16  latency.p95_seconds",
    ]


def test_a_mistake_in_the_flags_does_not_stop_a_service_that_starts(root: Path) -> None:
    (root / "config" / "flags.json").write_text("{", encoding="utf-8")
    assert load_config(root).flags_path.name == "flags.json"


@pytest.mark.parametrize("text", ["", "# only a remark\n", "- a list\n", "a word\n"])
def test_a_file_without_keys_says_what_was_expected(root: Path, text: str) -> None:
    (root / "config" / "ownership.yaml").write_text(text, encoding="utf-8")
    assert told(root) == (
        "config/ownership.yaml:1\n"
        "  Expected a file of `key: value` lines; this one is empty or a list."
    )


def test_a_file_in_another_encoding_is_told(root: Path) -> None:
    (root / "config" / "ownership.yaml").write_bytes("name: José".encode("latin-1"))
    assert "config/ownership.yaml\n  This file is not UTF-8 text. Save it as UTF-8." in told(root)


def test_a_role_that_nobody_has_yet_is_a_warning_and_no_mistake(root: Path) -> None:
    configs.edit(root, "ownership.yaml", "primary: Ann Berg", "primary: null")
    [warning] = load_config(root).warnings
    assert warning.message == "Nobody is on call yet as primary."


def test_a_budget_that_is_never_reached_is_a_warning_and_no_mistake(root: Path) -> None:
    configs.edit(root, "success-criteria.yaml", "weekly_budget_usd: 250", "weekly_budget_usd: 999")
    [warning] = load_config(root).warnings
    assert warning.render() == (
        "config/success-criteria.yaml:27  cost.weekly_budget_usd\n"
        "  999 is more than seven daily budgets (350): never reached."
    )


def test_words_that_older_yaml_turns_into_values_stay_words() -> None:
    text = "a: no\nb: on\nc: 1:30\nd: 1e3\ne: 007\nf: 2027-01-31\n"
    data = read_yaml(text, "a.yaml").data
    assert {key: str(value) for key, value in data.items()} == {
        "a": "no", "b": "on", "c": "1:30", "d": "1000.0", "e": "007", "f": "2027-01-31",
    }  # fmt: skip


@given(st.text() | st.text(alphabet="ab:{}[]-\"'\n\t #&*!|>?%@`,0123456789.~<"))
def test_whatever_stands_in_a_file_there_is_data_or_a_mistake_with_its_line(text: str) -> None:
    try:
        assert isinstance(read_yaml(text, "a.yaml").data, dict)
    except ConfigError as error:
        problems = error.problems
    else:
        problems = []
    assert all(problem.message for problem in problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.text() | VALUES.map(json.dumps))
def test_whatever_a_json_text_holds_there_is_data_or_a_mistake(text: str) -> None:
    try:
        document = read_json(text, "a.json")
    except ConfigError as error:
        problems = error.problems
    else:
        problems = []
        assert document.line(()) in (1, None) or text.startswith((" ", "\n", "\r", "\t"))
    assert all(problem.message for problem in problems)


def test_what_the_providers_need_is_told_where_it_is_asked_for(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SERVICE_SECRET", "s" * 32)
    found = check_settings(load_config(root), Settings.load(root))
    assert [problem.render() for problem in found] == [
        (
            "config/releases.yaml:12  releases.triage-v2.model\n"
            "  openai:gpt-5-mini needs OPENAI_API_KEY. Set it in .env or the environment."
        ),
        (
            "config/releases.yaml:13  releases.triage-v2.fallbacks[0]\n"
            "  anthropic:claude-haiku-4-5 needs ANTHROPIC_API_KEY. "
            "Set it in .env or the environment."
        ),
    ]


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert capsys.readouterr().err.startswith("Usage: python -m chassis.config")
