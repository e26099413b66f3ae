"""Releases at run time: the prompt, the models and the threshold behind a release's name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx2
from pydantic_ai.usage import RequestUsage

from .breaker import Breaker
from .config import Config, ConfigError, Settings
from .config.load import RELEASES_FILE
from .config.problems import Problem as ConfigProblem
from .config.releases import Release
from .logs import Logger
from .metrics import Metrics
from .model import Bulkhead, Link, ModelChain
from .own_secrets import OwnSecrets
from .pricing import cost_usd
from .prompts import PromptVersion
from .providers import Models, build_model


@dataclass(frozen=True)
class LiveRelease:
    """A release that can answer now."""

    name: str
    prompt: PromptVersion
    chain: ModelChain
    confidence_threshold: float


def load_releases(
    config: Config,
    settings: Settings,
    prompts: Path,
    client: httpx2.AsyncClient,
    metrics: Metrics,
    models: Models | None = None,
) -> dict[str, LiveRelease]:
    """Every release of the configuration, ready to be routed to.

    `models` stands between a release and the clients of its models.

    Raises ConfigError for a missing or edited prompt and for a provider without key or SDK, with
    all of them.
    """
    shared: dict[str, tuple[Breaker, Bulkhead]] = {}
    live: dict[str, LiveRelease] = {}
    problems: list[ConfigProblem] = []
    for name, release in config.releases.releases.items():
        try:
            prompt = load_prompt(name, release, prompts)
            links = list(_links(config, name, settings, client, shared, models))
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        chain = ModelChain(
            links,
            release.parameters.settings(),
            config.guardrails.model,
            metrics,
            OwnSecrets.of(settings),
        )
        live[name] = LiveRelease(name, prompt, chain, release.confidence_threshold)
    if problems:
        raise ConfigError(problems)
    for model, (breaker, bulkhead) in shared.items():
        metrics.watch_model(model, breaker, bulkhead)
    return live


def load_prompt(name: str, release: Release, prompts: Path) -> PromptVersion:
    """The release's prompt, unedited since it was released.

    Raises ConfigError otherwise.
    """
    prompt = PromptVersion.load(prompts / release.prompt)
    if release.prompt_sha256 not in (None, prompt.sha256):
        message = (
            f"Prompt {release.prompt} was edited after it was released. Undo the edit, or copy the "
            f"folder to the next version and make a release of that. (Its hash is {prompt.sha256} "
            "now.)"
        )
        raise ConfigError(
            [ConfigProblem(RELEASES_FILE, None, f"releases.{name}.prompt_sha256", message)]
        )
    return prompt


def _links(
    config: Config,
    name: str,
    settings: Settings,
    client: httpx2.AsyncClient,
    shared: dict[str, tuple[Breaker, Bulkhead]],
    models: Models | None,
) -> Iterator[Link]:
    """The models of a release. Each has a breaker and places of its own, shared by its releases.

    So one model that hangs takes its own places only, and a fallback still has all of its.
    """
    release = config.releases[name]
    policy, limits = config.guardrails.breaker, config.guardrails.model
    for position, model in enumerate(release.chain):
        if str(model) not in shared:
            breaker = Breaker(policy.failures, policy.window_seconds, policy.reset_seconds)
            shared[str(model)] = breaker, Bulkhead(limits.concurrency, limits.queue)
        price = release.price if position == 0 else None
        field = f"releases.{name}.model"
        if position:
            field = f"releases.{name}.fallbacks[{position - 1}]"
        build = partial(build_model, model.provider, model.name, settings, client)
        try:
            built = models(str(model), build) if models else build()
        except ConfigError as error:
            raise ConfigError(replace(problem, field=field) for problem in error.problems) from None
        yield Link(model.provider, model.name, built, *shared[str(model)], price)


def warn_of_unknown_prices(releases: Iterable[LiveRelease], log: Logger) -> None:
    """Say at the start which models no budget will see."""
    for release in releases:
        for link in release.chain.links:
            if cost_usd(link.provider, link.name, RequestUsage(input_tokens=1), link.price) is None:
                log.warning(
                    "price_unknown",
                    release=release.name,
                    model=link.asked,
                    consequence="Cost, budgets and the daily stop do not see this model. "
                    f"Set its price in {RELEASES_FILE}.",
                )


def breaker_states(releases: Iterable[LiveRelease]) -> dict[str, str]:
    """The state of each model's breaker, by the model's name."""
    return {
        link.asked: link.breaker.state.value for release in releases for link in release.chain.links
    }
