"""Every choice of every question, and every pair of choices, gives a whole and clean repository."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from support import (
    ROOT,
    Answers,
    Pair,
    choices,
    config,
    files,
    matrix,
    pairs,
    possible_pairs,
    render,
    title,
)

NAMES = "|".join(name for name in config() if not name.startswith("_"))
# Alert rules, dashboards and CI files have braces of their own; what is looked for is ours.
LEFTOVER = re.compile(
    rf"\{{\{{-?\s*(?:{NAMES}|_copier\w*)\b"
    r"|\{%-?\s*(?:if|elif|else|endif|for|endfor|set|macro|raw|endraw)\b"
)
# What only some answers may bring. The first that matches a file decides.
OPTIONS: list[tuple[str, Callable[[Answers], bool]]] = [
    (r"^\.github/", lambda a: a["ci_provider"] == "github"),
    (r"^\.gitlab", lambda a: a["ci_provider"] == "gitlab"),
    (r"^(azure-pipelines|\.azure)", lambda a: a["ci_provider"] == "azure"),
    (r"^LICENSE$", lambda a: a["licence"] != "proprietary"),
    (r"^ops/kubernetes/", lambda a: a.get("deploy_target") == "kubernetes"),
    (r"^ops/compose/", lambda a: a.get("deploy_target") == "compose"),
]
SDKS = {"anthropic", "google", "bedrock"}


class _AnyTag(yaml.SafeLoader):
    """Reads YAML whose tags belong to its reader, such as GitLab's !reference."""


_AnyTag.add_multi_constructor("!", lambda loader, suffix, node: None)


@cache
def parse(suffix: str, text: str) -> None:
    """Parse one file by its kind; the same content is parsed once."""
    match suffix:
        case ".py":
            ast.parse(text)
        case ".toml":
            tomllib.loads(text)
        case ".yaml" | ".yml":
            list(yaml.load_all(text, Loader=_AnyTag))
        case ".json":
            json.loads(text)
        case ".jsonl":
            for line in text.splitlines():
                json.loads(line)


def problems(folder: Path, answers: Answers) -> list[str]:
    """All that is wrong with a rendered repository, each with its file."""
    found: list[str] = []
    for inside in files(folder):
        name = inside.as_posix()
        if re.search(r"[{}%]", name):
            found.append(f"{name}: its name was not rendered")
        for pattern, chosen in OPTIONS:
            if re.search(pattern, name):
                if not chosen(answers):
                    found.append(f"{name}: belongs to an option that was not chosen")
                break
        try:
            text = (folder / inside).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if leftover := LEFTOVER.search(text):
            found.append(f"{name}: {leftover[0]} was not rendered")
        try:
            parse(inside.suffix, text)
        except (SyntaxError, ValueError, yaml.YAMLError) as error:
            found.append(f"{name}: {error}")
        if inside.suffix == ".md":
            found += [
                f"{name}: its link {link} leads nowhere" for link in dead_links(folder, inside)
            ]
    return found


def dead_links(folder: Path, document: Path) -> Iterator[str]:
    """The links of a document whose file or heading is not there; addresses are not tried."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", (folder / document).read_text("utf-8")):
        path, _, heading = link.partition("#")
        target = (folder / document).parent / path if path else folder / document
        if not target.exists() or (heading and heading not in headings(target)):
            yield link


def headings(document: Path) -> set[str]:
    """The anchors of a Markdown file."""
    lines = re.findall(r"(?m)^#+ (.+)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


ROWS = [
    pytest.param(row, id=title(row), marks=[] if number % 5 == 0 else pytest.mark.slow)
    for number, row in enumerate(matrix())
]


@pytest.mark.parametrize("answers", ROWS)
def test_a_combination_of_answers_gives_a_clean_repository(
    answers: Answers, varying: Path, tmp_path: Path
) -> None:
    folder = render(varying, tmp_path / "service", answers)
    assert problems(folder, answers) == []
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = re.findall(r"[\w-]+", " ".join(project["dependencies"]).partition("[")[2])
    providers = {answers["provider"], answers.get("fallback_provider")}
    assert SDKS & set(asked) == SDKS & providers, "only the chosen providers' SDKs are dependencies"


@pytest.mark.xdist_group("default service")
def test_the_default_answers_give_a_clean_repository(service: Path) -> None:
    answers = yaml.safe_load((service / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert problems(service, answers) == []


def test_every_choice_and_every_possible_pair_of_choices_is_rendered() -> None:
    held = set[Pair]().union(*map(pairs, matrix()))
    assert possible_pairs() - held == set()
    assert {choice for pair in held for choice in pair} == {
        (name, value) for name, values in choices().items() for value in values
    }


def test_every_overlay_is_chosen_by_some_answers_and_left_out_by_others() -> None:
    conditions = {
        match[1]
        for path in (ROOT / "template").rglob("*")
        if (match := re.fullmatch(r"\{% if (.+) %\}.+\{% endif %\}", path.name))
    }
    environment = Environment(autoescape=False)
    for condition in conditions:
        decide = environment.compile_expression(condition)
        seen = {bool(decide(**row)) for row in matrix()}
        assert True in seen, f"no answers choose the folder of: {condition}"
        only_choice = re.fullmatch(r"(\w+) == '[^']+'", condition)
        if not (only_choice and len(choices()[only_choice[1]]) == 1):
            assert False in seen, f"all answers choose the folder of: {condition}"


@pytest.mark.xdist_group("default service")
def test_the_same_answers_give_the_same_files(
    service: Path, template: Path, tmp_path: Path
) -> None:
    one, two = service, render(template, tmp_path / "two")
    assert list(files(one)) == list(files(two))
    assert all((one / inside).read_bytes() == (two / inside).read_bytes() for inside in files(one))


@pytest.mark.xdist_group("default service")
def test_a_proof_of_concept_fits_on_one_screen(service: Path) -> None:
    visible = [path.name for path in service.iterdir() if not path.name.startswith(".")]
    assert len(visible) <= 14, f"uv.lock comes on top: {sorted(visible)}"


@pytest.mark.xdist_group("default service")
def test_make_help_of_a_service_names_at_most_eight_targets(service: Path) -> None:
    text = (service / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):.*## ", text, re.MULTILINE)
    assert 1 <= len(targets) <= 8
    assert {"setup", "run", "test", "evals"} <= set(targets)


@pytest.mark.xdist_group("default service")
def test_services_are_held_to_the_rules_the_packages_are_developed_under(service: Path) -> None:
    ours, theirs = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
        for folder in (ROOT, service)
    )
    for setting in ("extend-select", "ignore"):
        assert ours["ruff"]["lint"][setting] == theirs["ruff"]["lint"][setting]
    assert ours["ruff"]["line-length"] == theirs["ruff"]["line-length"]
    assert ours["mypy"]["strict"] and theirs["mypy"]["strict"]
    assert ours["mypy"]["overrides"] == theirs["mypy"]["overrides"]
