"""The finder that `personal_data` of `config/guardrails.yaml` asks for."""

from __future__ import annotations

from ...config.guardrails import PersonalData
from .light import Personal
from .spans import Finder


def personal_finder(config: PersonalData) -> Finder:
    """What sees personal data in this service.

    Raises ConfigError for an extra or a model that is not installed, with the command that
    installs it. Takes seconds with `presidio`, which loads its models now.
    """
    light = Personal(config.phone_regions)
    if config.engine == "light":
        return light
    from .presidio import with_presidio

    return with_presidio(light, config.language_models)
