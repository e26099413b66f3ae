"""The finder that `personal_data` of `config/guardrails.yaml` asks for."""

from __future__ import annotations

from phonenumbers import SUPPORTED_REGIONS

from ...config import ConfigError
from ...config.guardrails import PersonalData
from ...config.load import GUARDRAILS_FILE
from ...config.problems import Problem, did_you_mean
from .light import Personal
from .spans import Finder


def personal_finder(config: PersonalData) -> Finder:
    """What sees personal data in this service.

    Raises ConfigError for an unknown country, and for an extra or a model that is not installed,
    with the command that installs it. Takes seconds with `presidio`, which loads its models now.
    """
    unknown = [region for region in config.phone_regions if region not in SUPPORTED_REGIONS]
    if unknown:
        message = f"{unknown[0]} is no country with telephone numbers."
        message += did_you_mean(unknown[0], SUPPORTED_REGIONS)
        raise ConfigError([Problem(GUARDRAILS_FILE, None, "personal_data.phone_regions", message)])
    light = Personal(config.phone_regions)
    if config.engine == "light":
        return light
    from .presidio import with_presidio

    return with_presidio(light, config.language_models)
