"""The guards that run, as `config/guardrails.yaml` sets them."""

from __future__ import annotations

from ..config.guardrails import Guardrails
from .injection import looks_like_injection
from .personal.check import check_with
from .personal.light import SECRETS
from .personal.spans import Finder
from .runner import Found, Guard, Guards


def input_guards(config: Guardrails) -> Guards:
    """What is checked before the pipeline sees the input."""

    def orders(text: str) -> Found | None:
        return Found(("orders",)) if looks_like_injection(text) else None

    policy = config.input.injection
    return Guards((Guard("injection", "instruction-in-input", config.version, policy, orders),))


def output_guards(config: Guardrails, canary: str, personal: Finder) -> Guards:
    """What is checked before an answer goes out."""
    policies, version = config.output, config.version

    def leaked(text: str) -> Found | None:
        return Found(("canary",), text.replace(canary, "[removed]")) if canary in text else None

    return Guards(
        (
            Guard("canary", "prompt-leak", version, policies.canary, leaked),
            Guard("secrets", "secrets", version, policies.secrets, check_with(SECRETS)),
            Guard(
                "personal_data",
                "personal-data",
                version,
                policies.personal_data,
                check_with(personal),
            ),
        )
    )
