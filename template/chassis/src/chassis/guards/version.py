"""Which rules judged: the version of the policy, and of the chassis that the rules came with."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from ..config.guardrails import Guardrails


def rules_version(config: Guardrails) -> str:
    """Such as `v1+0.3.0`: `version` of `config/guardrails.yaml`, and that of the chassis."""
    return f"{config.version}+{_chassis()}"


@cache
def _chassis() -> str:
    return version("airworthy-chassis")
