"""The guards that run, as `config/guardrails.yaml` sets them."""

from __future__ import annotations

from ..config.guardrails import Guardrails
from .injection import check_content, check_input
from .personal_data import redact_personal, redact_secrets
from .runner import Found, Guard, Guards


def input_guards(config: Guardrails) -> Guards:
    """What is checked before the pipeline sees the input."""
    policy, version = config.input.injection, config.version
    kind = "instruction-in-input"
    return Guards(
        (Guard("injection", kind, version, policy, check_input, content_check=check_content),)
    )


def output_guards(config: Guardrails, canary: str) -> Guards:
    """What is checked before an answer goes out."""
    policies, version = config.output, config.version

    def leaked(text: str) -> Found | None:
        return Found(("canary",), text.replace(canary, "[removed]")) if canary in text else None

    def secret(text: str) -> Found | None:
        clean = redact_secrets(text)
        return Found(("secret",), clean) if clean != text else None

    def personal(text: str) -> Found | None:
        clean = redact_personal(text)
        if clean == text:
            return None
        kinds = ("e-mail", "iban", "card", "ip", "phone")
        return Found(tuple(k for k in kinds if f"[{k}]" in clean), clean)

    return Guards(
        (
            Guard("canary", "prompt-leak", version, policies.canary, leaked),
            Guard("secrets", "secrets", version, policies.secrets, secret),
            Guard("personal_data", "personal-data", version, policies.personal_data, personal),
        )
    )
