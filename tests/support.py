"""What the template's tests share: the template of the working tree, rendered with answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

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


def possible(row: list[str]) -> bool:
    """Whether the choices made so far can be made together."""
    answers = dict(zip(choices(), row, strict=False))
    provider, fallback = answers.get("provider"), answers.get("fallback_provider", "none")
    return fallback == "none" or provider not in (fallback, "simulator")


@cache
def combinations() -> list[dict[str, Any]]:
    """Answers in which every pair of choices occurs, and every choice once; words take turns."""
    rows = AllPairs(list(choices().values()), filter_func=possible)
    found: list[dict[str, Any]] = []
    for number, row in enumerate(rows):
        answers = applies(dict(zip(choices(), row, strict=True)))
        if answers not in found:
            found.append(answers | (AWKWARD if number % 2 else {}))
    return found


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


def need(program: str) -> str:
    """The path of a program; without it the test is skipped, or fails where tools are required."""
    found = shutil.which(program)
    if found is None:
        missing = f"{program} is not installed"
        if os.environ.get("AIRWORTHY_REQUIRE_TOOLS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found
