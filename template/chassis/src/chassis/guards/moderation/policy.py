"""The hosted guards that `config/guardrails.yaml` asks for under `moderation`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from pydantic import SecretStr

from ...breaker import Breaker
from ...config import Settings
from ...config.guardrails import Guard as GuardPolicy
from ...config.guardrails import Guardrails
from ...config.guardrails.moderation import AZURE_CATEGORIES
from ..runner import HostedCheck, HostedGuard
from ..version import rules_version
from . import azure, openai
from .client import CALLS_AT_ONCE, Operation, Read

_AZURE_MEDIUM = 4.0


@dataclass(frozen=True)
class ModerationGuards:
    """The hosted guards on what comes in, fetched content included, and on what goes out."""

    input: tuple[HostedGuard, ...] = ()
    output: tuple[HostedGuard, ...] = ()


def connections(config: Guardrails) -> int:
    """The connections asking takes, beside those of the models."""
    return 0 if config.moderation.provider == "none" else CALLS_AT_ONCE


def moderation_guards(
    config: Guardrails, settings: Settings, http: httpx2.AsyncClient
) -> ModerationGuards:
    """The guards of the chosen service; the settings have its key, which was checked before."""
    chosen = config.moderation
    if chosen.provider == "none":
        return ModerationGuards()
    slots = asyncio.Semaphore(CALLS_AT_ONCE)

    def build(url: str, headers: Mapping[str, str], read: Read) -> Operation:
        rules = config.breaker
        return Operation(
            name=f"{chosen.provider} {url.partition('?')[0].rpartition('/')[2]}",
            url=url,
            headers=headers,
            read=read,
            http=http,
            breaker=Breaker(rules.failures, rules.window_seconds, rules.reset_seconds),
            budget_seconds=chosen.budget_ms / 1000,
            slots=slots,
        )

    def guard(
        name: str, kind: str, ask: HostedCheck, ask_content: HostedCheck | None = None
    ) -> HostedGuard:
        policy = GuardPolicy(mode=chosen.mode, budget_ms=chosen.budget_ms)
        return HostedGuard(name, kind, rules_version(config), policy, ask, ask_content)

    shields: tuple[HostedGuard, ...] = ()
    if chosen.provider == "openai":
        base_url = settings.moderation_base_url or openai.BASE_URL
        key = _plain(settings.openai_api_key)
        harm = guard(
            "moderation",
            "harmful-text",
            openai.moderate(build, base_url, key, chosen.thresholds),
        )
    else:
        endpoint = settings.azure_content_safety_endpoint or ""
        key = _plain(settings.azure_content_safety_key)
        least = {
            its: (name, threshold)
            for name, its in AZURE_CATEGORIES.items()
            if (threshold := chosen.thresholds.get(name, _AZURE_MEDIUM)) is not None
        }
        harm = guard(
            "moderation",
            "harmful-text",
            azure.analyze(build, endpoint, key, least, chosen.blocklists),
        )
        if chosen.prompt_shield:
            checks = azure.shield(build, endpoint, key)
            shields = (guard("prompt_shield", "instruction-in-input", *checks),)
    return ModerationGuards(
        input=(harm, *shields) if chosen.input else (),
        output=(harm,) if chosen.output else (),
    )


def _plain(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""
