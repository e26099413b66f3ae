"""What the template's tests share: the template of the working tree, rendered with answers."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import pytest
import yaml
from allpairspy import AllPairs  # type: ignore[import-untyped]
from copier import run_copy

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("copier.yml", "hooks", "template")
ANSWERS_TEMPLATE = "{{ _copier_conf.answers_file }}.jinja"
# The default is today; a fixed day keeps two renders of the same answers the same.
KICKOFF = {"kickoff_date": "2026-11-23"}
# Words that break careless quoting in YAML, TOML, Markdown or Python.
AWKWARD = {
    "service_name": "Zoë's Claims: EU #1 & Co, 50% off",
    "service_slug": "claims-desk",
    "package_name": "claims",
    "description": "It's for claims: 'yes' & no # 100% <b>sure</b>, naïve, @home, - maybe",
    "organisation": "Müller & Söhne: O'Brien #2",
    "product_owner": "Zoë O'Brien <zoe+owner@example.org>",
    "oncall_primary": "'Claims': rotation #1 & friends",
    "oncall_secondary": "- second: 100%",
    "oncall_channel": "#claims & co: 'ops'",
}
Answers = Mapping[str, Any]
Pair = tuple[tuple[str, str], tuple[str, str]]


@cache
def config() -> dict[str, Any]:
    """copier.yml as data."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return loaded


def questions() -> dict[str, dict[str, Any]]:
    """Every asked question by name, in order; computed values are left out."""
    return {
        name: question
        for name, question in config().items()
        if not name.startswith("_") and question.get("when") is not False
    }


def choices() -> dict[str, list[str]]:
    """The values of every question that offers a choice."""
    found: dict[str, list[str]] = {}
    for name, question in questions().items():
        offered = question.get("choices")
        if offered:
            values = offered.values() if isinstance(offered, dict) else offered
            found[name] = [value["value"] if isinstance(value, dict) else value for value in values]
    return found


def applies(answers: Answers) -> dict[str, Any]:
    """The answers without those to questions that would not have been asked."""
    left = dict(answers)
    if left["stage"] == "poc":
        left.pop("deploy_target")
    if left.get("deploy_target") != "kubernetes":
        left.pop("rollout_strategy")
    if left["provider"] == "simulator":
        left.pop("fallback_provider")
    return left


def possible(answers: Answers) -> bool:
    """Whether the choices made so far can be made together."""
    provider, fallback = answers.get("provider"), answers.get("fallback_provider", "none")
    return fallback == "none" or provider not in (fallback, "simulator")


def holding(wanted: Answers) -> dict[str, Any] | None:
    """A full set of choices that holds the wanted ones, where there can be one."""
    first = {name: values[0] for name, values in choices().items()}
    for stage, provider in product(("hardening", "poc"), ("openai", "anthropic", "simulator")):
        full = applies(first | {"stage": stage, "provider": provider} | dict(wanted))
        if possible(full) and wanted.items() <= full.items():
            return full
    return None


def pairs(answers: Answers) -> set[Pair]:
    """Every two choices of one set of answers."""
    return set(combinations(((name, answers[name]) for name in choices() if name in answers), 2))


def possible_pairs() -> set[Pair]:
    """Every two choices that some set of answers holds together."""
    single = [(name, value) for name, values in choices().items() for value in values]
    return {
        pair for pair in combinations(single, 2) if len(dict(pair)) == 2 and holding(dict(pair))
    }


@cache
def matrix() -> list[dict[str, Any]]:
    """Answers that hold every possible pair of choices; plain and awkward words take turns."""
    rows = [
        applies(dict(zip(choices(), row, strict=True)))
        for row in AllPairs(
            list(choices().values()),
            filter_func=lambda row: possible(dict(zip(choices(), row, strict=False))),
        )
    ]
    # An answer to a question that is then not asked holds no pair: add rows for what that leaves.
    left = sorted(possible_pairs().difference(*map(pairs, rows)))
    while left:
        wanted: dict[str, str] = {}
        for pair in left:
            if all(wanted.get(name, value) == value for name, value in pair):
                wanted = wanted | dict(pair) if holding(wanted | dict(pair)) else wanted
        rows.append(holding(wanted) or {})
        left = [pair for pair in left if pair not in pairs(rows[-1])]
    return [row | (AWKWARD if number % 2 else {}) for number, row in enumerate(rows)]


def title(answers: Answers) -> str:
    """A combination's name in the test report."""
    return "-".join(str(answers[name]) for name in choices() if name in answers)


def tracked() -> list[Path]:
    """The files that are or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def copy_of_template(target: Path) -> Path:
    """What Copier would clone, as plain files: rendering from it needs no git."""
    for source in tracked():
        inside = source.relative_to(ROOT)
        if inside.parts[0] in PARTS:
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / inside)
    return target


def render(template: Path, target: Path, answers: Answers | None = None) -> Path:
    """Generate in this process, with the defaults for what is not given, without hooks."""
    # Copier asks git about the mode of every file it writes, one process each.
    with patch("copier._main.is_git_available", return_value=False):
        run_copy(
            str(template),
            target,
            data=KICKOFF | dict(answers or {}),
            defaults=True,
            quiet=True,
            skip_tasks=True,
        )
    return target


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder under a name of its own, and return what it printed."""
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ("git", *identity, "-c", "commit.gpgsign=false", *arguments)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit_all(folder: Path, message: str = "Everything") -> None:
    """Commit all of a folder, making it a repository first where it is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "--no-verify", "--allow-empty", "-m", message)


def tag(template: Path, version: str) -> Path:
    """Make the template's files a released version of it."""
    commit_all(template, version)
    git(template, "tag", version)
    return template


def files(folder: Path) -> Iterator[Path]:
    """All files of a rendered repository, relative to it."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in (".git", ".venv"):
            yield inside


def ownership() -> dict[str, list[str]]:
    """hooks/ownership.toml."""
    return tomllib.loads((ROOT / "hooks" / "ownership.toml").read_text(encoding="utf-8"))


def need(program: str, *others: str) -> str:
    """The path of a program, or of another that does as well.

    Without any the test is skipped, or fails where tools are required.
    """
    found = next((path for name in (program, *others) if (path := shutil.which(name))), None)
    return found or _missing(program)


def need_module(name: str) -> Any:
    """A library of requirements/heavy.in; without it as without a program."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        _missing(name)


def _missing(tool: str) -> NoReturn:
    missing = f"{tool} is not installed"
    if os.environ.get("AIRWORTHY_REQUIRE_TOOLS") == "1":
        pytest.fail(missing)
    pytest.skip(missing)
