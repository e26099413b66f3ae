"""Names and addresses by Presidio: an extra, asked for in config, and told when it is missing."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from typing import Any

import pytest

from chassis.config import ConfigError
from chassis.config.guardrails import PersonalData
from chassis.guards.personal import presidio
from chassis.guards.personal.engine import personal_finder
from chassis.guards.personal.light import PERSONAL
from chassis.guards.personal.spans import Together, redact
from chassis.guards.spans import Span

CHOSEN = PersonalData(engine="presidio", language_models={"en": "en_no_such_model"})
needs_presidio = pytest.mark.skipif(
    find_spec("presidio_analyzer") is None and os.environ.get("AIRWORTHY_REQUIRE_TOOLS") != "1",
    reason="the extra airworthy-chassis[presidio] is not installed",
)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def pipelines() -> dict[str, Any]:
    """spaCy's tokenisers with a list of names in the place of a model."""
    spacy: Any = pytest.importorskip("spacy")
    made = {}
    for language, name in {"en": "Ann Berg", "de": "Jürgen Groß"}.items():
        made[language] = spacy.blank(language)
        ruler = made[language].add_pipe("entity_ruler")
        ruler.add_patterns(
            [
                {"label": "PERSON" if language == "en" else "PER", "pattern": name},
                {"label": "LOC", "pattern": "Zürich"},
                {"label": "ORG", "pattern": "Acme"},
            ]
        )
    return made


def test_without_the_extra_the_mistake_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presidio, "find_spec", lambda _: None)
    with pytest.raises(ConfigError) as mistake:
        personal_finder(CHOSEN)
    assert str(mistake.value) == (
        "config/guardrails.yaml  personal_data.engine\n"
        "  Presidio is not installed. In pyproject.toml depend on "
        "`airworthy-chassis[presidio]`, then run `uv sync`."
    )


@needs_presidio
@pytest.mark.slow
def test_a_missing_model_is_told_and_never_downloaded(offline: None) -> None:
    with pytest.raises(ConfigError) as mistake:
        personal_finder(CHOSEN)
    assert "language_models.en" in str(mistake.value)
    assert "uv run spacy info en_no_such_model --url" in str(mistake.value)


@needs_presidio
@pytest.mark.slow
def test_names_and_addresses_are_found_beside_all_the_rest(
    offline: None, pipelines: dict[str, Any]
) -> None:
    """PLAYBOOK 2.10, point 10."""
    finder = Together(PERSONAL, presidio.names_by(pipelines))
    text = "Ann Berg of Acme and Jürgen Groß, Zürich, ann@example.com, [name-1]"
    assert redact(text, finder) == "[name] of Acme and [name], [address], [e-mail], [name-1]"
    assert finder.find("Ann Berg")[0] == Span(0, 8, "name")
    assert finder.find("4 + 4 = 8") == []


@needs_presidio
@pytest.mark.slow
def test_a_model_may_be_a_folder(tmp_path: Any, offline: None, pipelines: dict[str, Any]) -> None:
    pipelines["en"].to_disk(tmp_path / "names")
    config = PersonalData(engine="presidio", language_models={"en": str(tmp_path / "names")})
    assert redact("Ann Berg, ann@example.com", personal_finder(config)) == "[name], [e-mail]"
