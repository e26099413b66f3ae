"""Names and addresses, by Presidio and spaCy's models: the extra `airworthy-chassis[presidio]`.

Only its recogniser of named entities is used. Its patterns are not: the light finder has those, and
some of Presidio's fetch lists from the network when they are made. `AnalyzerEngine()` without
arguments downloads a model; here everything it needs is given to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...config import ConfigError
from ...config.load import GUARDRAILS_FILE
from ...config.problems import Problem
from ..spans import Span
from .spans import PLACEHOLDER, Finder, Together, resolved

_KINDS = {"PERSON": "name", "LOCATION": "address"}
_LEAST_LETTERS = 2  # models take single signs for names


class Names:
    """Finds names and places with one language model for each language.

    Every model reads every text: which language a caller writes is not known beforehand.
    """

    def __init__(self, analyser: Any, languages: tuple[str, ...]) -> None:
        self._analyser = analyser
        self._languages = languages

    def find(self, text: str) -> list[Span]:
        """Names of people, and places; nothing within a placeholder."""
        if not any(character.isalpha() for character in text):
            return []
        taken = [match.span() for match in PLACEHOLDER.finditer(text)]
        return resolved(
            Span(found.start, found.end, _KINDS[found.entity_type])
            for language in self._languages
            for found in self._analyser.analyze(text, language=language, entities=[*_KINDS])
            if sum(map(str.isalpha, text[found.start : found.end])) >= _LEAST_LETTERS
            and not any(found.start < end and start < found.end for start, end in taken)
        )


def with_presidio(light: Finder, models: Mapping[str, str]) -> Finder:
    """The light finder, and names and addresses by these models, keyed by language.

    Raises ConfigError when Presidio or a model is not installed.
    """
    if find_spec("presidio_analyzer") is None:
        raise _mistake(
            "engine",
            "Presidio is not installed. In pyproject.toml depend on "
            "`airworthy-chassis[presidio]`, then run `uv sync`.",
        )
    spacy = import_module("spacy")
    pipelines = {}
    for language, model in models.items():
        try:
            pipelines[language] = spacy.load(model)
        except OSError:
            raise _mistake(
                f"language_models.{language}",
                f"The spaCy model {model} is not installed. Add its wheel to the service's "
                f"dependencies (`uv add` with the address that `uv run spacy info {model} --url` "
                "prints), or give the path of a model's folder.",
            ) from None
    return Together(light, names_by(pipelines))


def names_by(pipelines: Mapping[str, Any]) -> Names:
    """The finder over spaCy pipelines that are loaded already, keyed by language."""
    presidio = import_module("presidio_analyzer")
    engines = import_module("presidio_analyzer.nlp_engine")
    recognisers = import_module("presidio_analyzer.predefined_recognizers")
    languages = [*pipelines]
    engine = engines.SpacyNlpEngine(
        models=[{"lang_code": language, "model_name": language} for language in languages],
        ner_model_configuration=engines.NerModelConfiguration(
            model_to_presidio_entity_mapping={
                **dict.fromkeys(("PER", "PERSON"), "PERSON"),
                **dict.fromkeys(("LOC", "LOCATION", "GPE", "FAC"), "LOCATION"),
            },
            labels_to_ignore=["ORG", "MISC", "DATE", "TIME", "CARDINAL", "ORDINAL", "MONEY"],
        ),
    )
    engine.nlp = dict(pipelines)  # loaded: `load()` would download what it does not find
    registry = presidio.RecognizerRegistry(
        recognizers=[
            recognisers.SpacyRecognizer(supported_language=language, supported_entities=[*_KINDS])
            for language in languages
        ],
        supported_languages=languages,
    )
    analyser = presidio.AnalyzerEngine(
        registry=registry, nlp_engine=engine, supported_languages=languages
    )
    return Names(analyser, tuple(languages))


def _mistake(field: str, message: str) -> ConfigError:
    return ConfigError([Problem(GUARDRAILS_FILE, None, f"personal_data.{field}", message)])
