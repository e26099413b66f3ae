"""The guards that run, as `config/guardrails.yaml` sets them."""

from __future__ import annotations

from ..config.guardrails import Guardrails
from .injection import looks_like_injection
from .personal_data import redact_personal, redact_secrets
from .runner import Guard


def input_guards(config: Guardrails) -> tuple[Guard, ...]:
    """What is checked before the pipeline sees the input."""
    policy = config.input.injection
    return (
        Guard("injection", "instruction-in-input", config.version, policy, looks_like_injection),
    )


def output_guards(config: Guardrails, canary: str) -> tuple[Guard, ...]:
    """What is checked before an answer goes out."""

    def without_canary(text: str) -> str:
        return text.replace(canary, "[removed]")

    return (
        Guard(
            "canary",
            "prompt-leak",
            config.version,
            config.output.canary,
            lambda text: canary in text,
            without_canary,
        ),
        Guard(
            "secrets",
            "secrets",
            config.version,
            config.output.secrets,
            lambda text: redact_secrets(text) != text,
            redact_secrets,
        ),
        Guard(
            "personal_data",
            "personal-data",
            config.version,
            config.output.personal_data,
            lambda text: redact_personal(text) != text,
            redact_personal,
        ),
    )
