"""The secrets of this process, known to the letter: taken out of whatever is logged or told.

Patterns cannot see them all: a gateway's key may look like any word.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import SecretStr

from .config import Settings
from .prompts import canary_of

_LEAST = 8  # characters; what is shorter is a word that may stand anywhere
_INSTEAD = "[secret]"


class OwnSecrets:
    """Takes a service's own secrets out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= _LEAST}
        escaped = {json.dumps(secret)[1:-1] for secret in known}  # as JSON has it,
        escaped |= {json.dumps(secret)[1:-1] for secret in escaped}  # and JSON in a text of JSON
        self._writings = sorted(known | escaped, key=len, reverse=True)

    @classmethod
    def of(cls, settings: Settings) -> OwnSecrets:
        """Every secret of the settings, and the canary."""
        values = (getattr(settings, name) for name in Settings.model_fields)
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        return cls([*secrets, canary_of(settings.service_secret.get_secret_value().encode())])

    def hide(self, text: str) -> str:
        """The text, or line of JSON, without any of them."""
        for secret in self._writings:
            text = text.replace(secret, _INSTEAD)
        return text
