"""Judges: models that say of an answer whether it passes, one judge for one failure mode.

A judge answers one question with pass or fail and its reason, because a person can check that and a
score of 1 to 5 nobody can. A judge for "the summary says what the customer wants" is a folder

    src/<package>/judges/summary_says_the_wish/
        instructions.md     what passes and what fails, with examples
        input.md            The message: $input  The answer: $answer

with `judges=(Judge("summary_says_the_wish"),)` in the Pipeline and its model in config/evals.yaml;
`uv run playbook evals judge --new summary_says_the_wish` writes the two files. Whatever it judges
reaches it marked as data, like any text from outside: an answer that says "verdict: pass" is judged
for saying so. Personal data is masked in it as in the service's own prompts, and stays so in the
judge's reason. How far its verdicts can be relied on is measured, not assumed (`playbook evals
judge`); until then it may advise and not gate.

Its calls go through the same retries, breaker and accounts as the service's own, and are counted
apart from them.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import httpx2
from opentelemetry.trace import Span, get_current_span
from pydantic import BaseModel, Field

from .about import About
from .breaker import Breaker
from .config import Config, ConfigError, Settings
from .config.judges import JudgeSettings
from .config.load import EVALS_FILE
from .config.problems import Problem as ConfigProblem
from .config.problems import did_you_mean, listed
from .config.releases import ModelId
from .guards.personal.engine import personal_finder
from .guards.personal.masking import Masking
from .guards.policy import masking
from .limits import Amount, Bill
from .metrics import Metrics
from .model import BoundModel, Bulkhead, Link, ModelChain, ModelUnavailable
from .model.call import Hold
from .own_secrets import OwnSecrets
from .pipeline import Judge, Pipeline
from .problems import Problem
from .prompts import INPUT, Prompt, PromptVersion, ValuesMismatch, canary_of, prompts_folder
from .providers import Models, build_model, http_client
from .record import GuardVerdict, ModelUse

_FOLDER = "judges"


class Ruling(BaseModel):
    """The verdict on one answer."""

    reason: str = Field(min_length=1, description="What decides, in one or two sentences.")
    verdict: Literal["pass", "fail"]


@dataclass(frozen=True)
class Opinion:
    """What a judge made of one answer; `passed` is None when no model gave a verdict in time."""

    judge: str
    gate: bool
    passed: bool | None
    reason: str
    use: ModelUse
    seconds: float


@dataclass(frozen=True)
class LiveJudge:
    """A judge that can be asked now."""

    judge: Judge
    settings: JudgeSettings
    prompt: PromptVersion
    chain: ModelChain
    input_file: str

    def shown(self, item: Any, answer: Any, secret: bytes, masking: Masking | None) -> Prompt:
        """Its prompt, filled with what it is shown, without personal data where that is masked.

        Raises ConfigError where that is not what input.md wants, Problem where masking fails.
        """
        values = dict(self.judge.shows(item, answer))
        if masking is not None:
            masked = masking.mask("content", list(values.values()), own=False)
            values = dict(zip(values, masked, strict=True))
        try:
            return self.prompt.render(values, secret=secret, canary=canary_of(secret))
        except ValuesMismatch:
            wanted, given = sorted(self.prompt.placeholders()), sorted(values)
            message = f"It wants {wanted}, and the judge is shown {given} (`shows` of the Judge)."
            raise ConfigError([ConfigProblem(self.input_file, None, "", message)]) from None


class Judges:
    """The judges of one service, open."""

    def __init__(
        self,
        live: Mapping[str, LiveJudge],
        version: str,
        secret: bytes,
        hold: Hold,
        masking: Callable[[list[GuardVerdict]], Masking] | None,
    ) -> None:
        self.live = live
        self._version = version
        self._secret = secret
        self._hold = hold
        self._masking = masking

    async def ask(self, name: str, item: Any, answer: Any) -> Opinion:
        """Ask one judge about one answer.

        A provider that fails is an opinion without a verdict; so is personal data that could not be
        masked in time, which then does not leave. Raises ConfigError where the judge's
        input.md and what it is shown do not fit together.
        """
        live, use = self.live[name], ModelUse()
        masking = self._masking([]) if self._masking else None
        try:
            prompt = live.shown(item, answer, self._secret, masking)
        except Problem as problem:
            return Opinion(name, live.settings.gate, None, str(problem), use, 0.0)
        began = time.monotonic()  # of its budget: what masking takes is no fault of the model
        model = BoundModel(
            live.chain,
            use,
            began + live.settings.budget_seconds,
            _in_this_span,
            (f"judge:{name}", self._version),
            self._hold,
        )
        try:
            ruling = await model.run(prompt, Ruling)
        except ModelUnavailable as error:
            return self._opinion(live, None, str(error), use, began)
        return self._opinion(live, ruling.verdict == "pass", ruling.reason, use, began)

    def _opinion(
        self, live: LiveJudge, passed: bool | None, reason: str, use: ModelUse, began: float
    ) -> Opinion:
        seconds = time.monotonic() - began
        return Opinion(live.judge.name, live.settings.gate, passed, reason, use, seconds)


@asynccontextmanager
async def _no_limit(_: Amount) -> AsyncIterator[Bill]:
    yield Bill()


@contextmanager
def _in_this_span(_: str) -> Iterator[Span]:
    yield get_current_span()


@asynccontextmanager
async def open_judges(
    pipeline: Pipeline[Any, Any],
    config: Config,
    settings: Settings,
    *,
    models: Models | None = None,
    metrics: Metrics | None = None,
    hold: Hold = _no_limit,
) -> AsyncIterator[Judges]:
    """The pipeline's judges, over `config`, closed at the end.

    Args:
        pipeline: Whose judges.
        config: Where `judges` of evals.yaml says which model each is.
        settings: Keys and addresses of the providers.
        models: Stands between a judge and the client of its model, for tools that record.
        metrics: Where calls are counted, as of the release `judge:<name>`; nowhere without it.
        hold: Holds the most a call can use until it is known, where there is a limit on that.

    Raises:
        ConfigError: With every judge that has no model, no prompt, no key.
    """
    about = About.of(pipeline.package)
    counted = metrics or Metrics(config.criteria, about.version, about.name)
    budget = max((one.budget_seconds for one in config.evals.judges.values()), default=1.0)
    places = config.guardrails.model.concurrency * max(1, len(pipeline.judges))
    with config.naming_lines():
        async with http_client(budget, places) as client:
            make = partial(_link, config=config, settings=settings, client=client, models=models)
            live = _load(pipeline, config, make, counted, OwnSecrets.of(settings))
            secret = settings.service_secret.get_secret_value().encode()
            policy = config.guardrails
            masks = masking(policy, personal_finder(policy.personal_data))
            yield Judges(live, about.version, secret, hold, masks)


def judge_folder(package: str, name: str) -> Path:
    """Where a judge's prompt is."""
    return prompts_folder(package).with_name(_FOLDER) / name


def judge_prompt(package: str, name: str) -> PromptVersion:
    """A judge's prompt.

    Raises ConfigError when there is none, with the command that writes one.
    """
    folder = judge_folder(package, name)
    if not folder.is_dir():
        message = (
            f"The judge has no prompt: there is no folder src/{package}/{_FOLDER}/{name}. "
            f"Next: uv run playbook evals judge --new {name}"
        )
        raise ConfigError([ConfigProblem(EVALS_FILE, None, f"judges.{name}", message)])
    return PromptVersion.load(folder)


def check_judges(pipeline: Pipeline[Any, Any], config: Config) -> None:
    """Raise ConfigError where the pipeline's judges are not those of evals.yaml."""
    configured, names = config.evals.judges, [judge.name for judge in pipeline.judges]
    problems = [
        ConfigProblem(
            EVALS_FILE,
            None,
            f"judges.{name}",
            "The pipeline has this judge; say which model it is, such as\n"
            f"  judges:\n    {name}:\n      model: openai:gpt-5-mini",
        )
        for name in names
        if name not in configured
    ]
    known = f"The pipeline's judges: {listed(names) or 'none'}."
    problems += [
        ConfigProblem(
            EVALS_FILE,
            None,
            f"judges.{name}",
            f"The pipeline has no judge of this name.{did_you_mean(name, names)} {known}",
        )
        for name in configured
        if name not in names
    ]
    if problems:
        raise ConfigError(problems)


def _load(
    pipeline: Pipeline[Any, Any],
    config: Config,
    make: Callable[[str, JudgeSettings], Link],
    metrics: Metrics,
    own_secrets: OwnSecrets,
) -> dict[str, LiveJudge]:
    check_judges(pipeline, config)
    live: dict[str, LiveJudge] = {}
    problems: list[ConfigProblem] = []
    for judge in pipeline.judges:
        chosen = config.evals.judges[judge.name]
        limits = config.guardrails.model.model_copy(
            update={"timeout_seconds": chosen.budget_seconds / 2}
        )
        try:
            prompt, link = judge_prompt(pipeline.package, judge.name), make(judge.name, chosen)
        except ConfigError as error:
            problems += error.problems
            continue
        chain = ModelChain([link], chosen.parameters.settings(), limits, metrics, own_secrets)
        input_file = f"src/{pipeline.package}/{_FOLDER}/{judge.name}/{INPUT}"
        live[judge.name] = LiveJudge(judge, chosen, prompt, chain, input_file)
    if problems:
        raise ConfigError(problems)
    return live


def _link(
    name: str,
    chosen: JudgeSettings,
    *,
    config: Config,
    settings: Settings,
    client: httpx2.AsyncClient,
    models: Models | None,
) -> Link:
    model = ModelId.parse(chosen.model)
    policy, limits = config.guardrails.breaker, config.guardrails.model
    build = partial(build_model, model.provider, model.name, settings, client)
    try:
        made = models(str(model), build) if models else build()
    except ConfigError as error:
        field = f"judges.{name}.model"
        told = [
            p.message.replace("This release's provider", "Its provider") for p in error.problems
        ]
        raise ConfigError([ConfigProblem(EVALS_FILE, None, field, one) for one in told]) from None
    return Link(
        model.provider,
        model.name,
        made,
        Breaker(policy.failures, policy.window_seconds, policy.reset_seconds),
        Bulkhead(limits.concurrency, limits.queue),
        chosen.price,
    )
