"""Reads all of `config/` at once, and checks what one file says against the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from .criteria import Criteria
from .evals import Evals
from .explain import parse
from .files import Document, FieldPath, dotted, read_text, read_yaml
from .flags_document import validate_flags
from .guardrails import Guardrails
from .ownership import Ownership
from .problems import ConfigError, Problem, did_you_mean, listed
from .releases import Releases
from .settings import Settings

CRITERIA_FILE = "config/success-criteria.yaml"
RELEASES_FILE = "config/releases.yaml"
GUARDRAILS_FILE = "config/guardrails.yaml"
OWNERSHIP_FILE = "config/ownership.yaml"
FLAGS_FILE = "config/flags.json"
EVALS_FILE = "config/evals.yaml"

M = TypeVar("M", bound=BaseModel)
Finding = tuple[str, FieldPath, str]


@dataclass(frozen=True)
class Config:
    """All of `config/`, checked. Flags are read apart from it, as they change while it runs."""

    root: Path
    criteria: Criteria
    releases: Releases
    guardrails: Guardrails
    ownership: Ownership
    flags_path: Path
    evals: Evals = field(default_factory=Evals)
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False, compare=False)
    warnings: tuple[Problem, ...] = field(default=())

    @contextmanager
    def naming_lines(self) -> Iterator[None]:
        """Add the line to mistakes found by parts that know a field and not the file it is in."""
        try:
            yield
        except ConfigError as error:
            raise ConfigError(map(self._with_line, error.problems)) from None

    def _with_line(self, problem: Problem) -> Problem:
        document = self.documents.get(problem.file)
        if problem.line is not None or document is None:
            return problem
        lines = {dotted(path): line for path, line in document.lines.items()}
        return replace(problem, line=lines.get(problem.field))


class _Reader:
    """Reads file after file, and goes on after a mistake so that all of them are found."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.documents: dict[str, Document] = {}

    def read(self, file: str, model: type[M]) -> M | None:
        def reading() -> M:
            self.documents[file] = read_yaml(read_text(self.root / file, file), file)
            return parse(model, self.documents[file])

        return self.collect(reading)

    def read_if_there(self, file: str, model: type[M]) -> M | None:
        """A file that a service may lack: then every key has its default."""
        return self.read(file, model) if (self.root / file).exists() else model()

    def collect(self, reading: Callable[[], M]) -> M | None:
        try:
            return reading()
        except ConfigError as error:
            self.problems += error.problems
            return None

    def point(self, findings: Iterator[Finding]) -> list[Problem]:
        return [self.documents[file].problem(path, text) for file, path, text in findings]


def load_config(root: Path, *, with_flags: bool = False) -> Config:
    """Read `root/config/`.

    Args:
        root: The repo of the service.
        with_flags: Whether a mistake in flags.json counts too. A service that starts says no: it
            reads the flags by itself, and answers degraded while they cannot be used.

    Raises:
        ConfigError: with every mistake of every file.
    """
    reader = _Reader(root)
    criteria = reader.read(CRITERIA_FILE, Criteria)
    releases = reader.read(RELEASES_FILE, Releases)
    guardrails = reader.read(GUARDRAILS_FILE, Guardrails)
    ownership = reader.read(OWNERSHIP_FILE, Ownership)
    evals = reader.read_if_there(EVALS_FILE, Evals)
    if criteria and ownership:
        reader.problems += reader.point(_owners_are_roles(criteria, ownership))
    if guardrails:
        reader.problems += reader.point(_attempt_fits(guardrails))
        reader.problems += reader.point(_moderation_fits(guardrails))
    if criteria and guardrails:
        reader.problems += reader.point(_limits_allow_targets(criteria, guardrails))
    flags_path = root / FLAGS_FILE
    if with_flags:
        names = releases.names if releases else None
        reader.problems += _flag_problems(flags_path, names)
    if reader.problems or not (criteria and releases and guardrails and ownership and evals):
        raise ConfigError(reader.problems)
    warnings = chain(
        ((CRITERIA_FILE, path, text) for path, text in criteria.warnings()),
        ((OWNERSHIP_FILE, path, text) for path, text in ownership.warnings()),
    )
    return Config(
        root=root,
        criteria=criteria,
        releases=releases,
        guardrails=guardrails,
        ownership=ownership,
        evals=evals,
        flags_path=flags_path,
        documents=reader.documents,
        warnings=tuple(reader.point(warnings)),
    )


def check_settings(
    config: Config, settings: Settings, *, models_given: bool = False
) -> list[Problem]:
    """List what config/ asks for and the environment does not give: keys, addresses.

    `models_given`: the models come from elsewhere, and their providers' keys are not asked for.
    """
    models = () if models_given else _models_lacking(config, settings)
    lacking = chain(models, _lacking(config, settings), _storage_lacking(config, settings))
    return [config.documents[file].problem(path, text) for file, path, text in lacking]


def _models_lacking(config: Config, settings: Settings) -> Iterator[Finding]:
    for name, release in config.releases.releases.items():
        for index, model in enumerate(release.chain):
            lacking = settings.lacking(model.provider)
            if lacking:
                place: FieldPath = ("model",) if index == 0 else ("fallbacks", index - 1)
                message = f"{model} needs {_set(lacking)}."
                yield RELEASES_FILE, ("releases", name, *place), message


def _lacking(config: Config, settings: Settings) -> Iterator[Finding]:
    moderation = config.guardrails.moderation.provider
    if lacking := settings.lacking(moderation):
        message = f"{moderation} needs {_set(lacking)}."
        yield GUARDRAILS_FILE, ("moderation", "provider"), message
    for index, method in enumerate(config.guardrails.access.methods):
        if lacking := settings.lacking(method):
            message = (
                f"{method} needs {_set(lacking)}, or leave "
                f"{method} out until there is an identity provider."
            )
            yield GUARDRAILS_FILE, ("access", "methods", index), message


def _set(variables: Sequence[str]) -> str:
    them = "it" if len(variables) == 1 else "them"
    return f"{listed(variables)}. Set {them} in .env or the environment"


def _storage_lacking(config: Config, settings: Settings) -> Iterator[Finding]:
    if config.guardrails.limits.storage == "redis" and settings.redis_url is None:
        message = f"redis needs {_set(('REDIS_URL',))}."
        yield GUARDRAILS_FILE, ("limits", "storage"), message


def _owners_are_roles(criteria: Criteria, ownership: Ownership) -> Iterator[Finding]:
    roles = ownership.roles
    known = f"Roles in ownership.yaml: {listed(roles)}."
    for path, owner in criteria.owners().items():
        if owner not in roles:
            message = f"{owner} is not a role.{did_you_mean(owner, roles)} {known}"
            yield CRITERIA_FILE, path, message
    for name, cadence in ownership.cadence.items():
        if cadence.owner not in roles:
            message = f"{cadence.owner} is not a role.{did_you_mean(cadence.owner, roles)} {known}"
            yield OWNERSHIP_FILE, ("cadence", name, "owner"), message


def _attempt_fits(guardrails: Guardrails) -> Iterator[Finding]:
    attempt, budget = guardrails.model.timeout_seconds, guardrails.request.budget_seconds
    if attempt >= budget:
        message = (
            f"{attempt:g} s leaves nothing of request.budget_seconds ({budget:g} s) for a second "
            "attempt or a fallback. Lower it, or raise the budget."
        )
        yield GUARDRAILS_FILE, ("model", "timeout_seconds"), message


def _moderation_fits(guardrails: Guardrails) -> Iterator[Finding]:
    moderation, budget = guardrails.moderation, guardrails.request.budget_seconds
    if moderation.provider != "none" and moderation.budget_ms >= budget * 1000:
        message = (
            f"{moderation.budget_ms:g} ms is not less than request.budget_seconds ({budget:g} s): "
            "nothing would be left for the model. Lower it, or raise the budget."
        )
        yield GUARDRAILS_FILE, ("moderation", "budget_ms"), message


def _limits_allow_targets(criteria: Criteria, guardrails: Guardrails) -> Iterator[Finding]:
    p95, budget = criteria.latency.p95_seconds, guardrails.request.budget_seconds
    if p95 >= budget:
        message = (
            f"{budget:g} s is not more than latency.p95_seconds in success-criteria.yaml "
            f"({p95:g} s): requests would be cut off before they are late. Raise it."
        )
        yield GUARDRAILS_FILE, ("request", "budget_seconds"), message
    peak = criteria.traffic.peak_requests_per_second * 60
    limit = guardrails.limits.service_requests_per_minute
    if peak > limit:
        message = (
            f"{limit} refuses the expected peak: traffic.peak_requests_per_second in "
            f"success-criteria.yaml is {peak:g} a minute. Raise it to {3 * peak:g} or more."
        )
        yield GUARDRAILS_FILE, ("limits", "service_requests_per_minute"), message
    limits = guardrails.limits
    if limits.user_usd_per_day is not None and limits.stop_at_daily_budget is not None:
        stop = limits.stop_at_daily_budget * criteria.cost.daily_budget_usd
        if limits.user_usd_per_day > stop:
            message = (
                f"{limits.user_usd_per_day:g} is more than the whole service may spend in a day "
                f"({stop:g}: stop_at_daily_budget times cost.daily_budget_usd): one user could use "
                "up everything. Lower it."
            )
            yield GUARDRAILS_FILE, ("limits", "user_usd_per_day"), message


def _flag_problems(path: Path, releases: tuple[str, ...] | None) -> list[Problem]:
    try:
        validate_flags(read_text(path, FLAGS_FILE), releases, FLAGS_FILE)
    except ConfigError as error:
        return error.problems
    return []
