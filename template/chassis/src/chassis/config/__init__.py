"""The configuration of a service: what `config/`, the environment and `.env` say, checked.

Here live the models of the files, the readers and the sentences that explain a mistake. What acts
on the configuration (limits, guards, flags, telemetry) lives beside this package.
"""

from .criteria import Criteria, Target
from .flags_document import KILL_SWITCH, RELEASE, validate_flags
from .guardrails import Guardrails
from .load import Config, check_settings, load_config
from .ownership import Ownership
from .problems import ConfigError, FlagsError, Problem
from .releases import ModelId, Release, Releases
from .schemas import write_schemas
from .settings import Settings

__all__ = [
    "KILL_SWITCH",
    "RELEASE",
    "Config",
    "ConfigError",
    "Criteria",
    "FlagsError",
    "Guardrails",
    "ModelId",
    "Ownership",
    "Problem",
    "Release",
    "Releases",
    "Settings",
    "Target",
    "check_settings",
    "load_config",
    "validate_flags",
    "write_schemas",
]
