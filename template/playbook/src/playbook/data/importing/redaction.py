"""Personal data and secrets leave before anything is written; only their kinds are counted."""

from collections import Counter
from functools import lru_cache
from typing import Any

from chassis.config.guardrails import PersonalData
from chassis.guards.personal.engine import personal_finder
from chassis.guards.personal.light import SECRETS
from chassis.guards.personal.redaction import UNREADABLE, redact_all
from chassis.guards.personal.spans import ROUNDS, Finder, Together
from chassis.guards.spans import replaced


class Redaction:
    """Takes out what the service's own guards see, and counts it.

    Args:
        config: What looks, as `config/guardrails.yaml` says for the service.
    """

    def __init__(self, config: PersonalData) -> None:
        self._finder: Finder = Together(SECRETS, personal_finder(config))
        self.counts: Counter[str] = Counter()

    def text(self, text: str) -> str:
        """The text with a placeholder for each thing found; looking again finds nothing."""
        for _ in range(ROUNDS):
            spans = self._finder.find(text)
            if not spans:
                return text
            self.counts.update(span.kind for span in spans)
            text = replaced(text, spans)
        return UNREADABLE if self._finder.find(text) else text

    def value(self, value: Any) -> Any:
        """A JSON-like value without them: in strings, in keys, in long numbers."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        if isinstance(value, dict) and all(map(_is_plain, value)):
            return {key: self.value(item) for key, item in value.items()}
        return redact_all(value)


@lru_cache(maxsize=1024)
def _is_plain(key: str) -> bool:
    """Whether a key is no secret's name, and has nothing personal in it."""
    return bool(redact_all({key: "x"}) == {key: "x"})
