"""What documents name is there: commands with options, make targets, numbers, measured tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from chassis.config import Criteria
from chassis.config.evals import Evals
from chassis.config.explain import field_at
from playbook.cli import app
from playbook.evals.paired import POWER, smallest_drop
from playbook.evals.statistics import wilson

from support import ROOT

EVALS = ROOT / "template" / "docs" / "evals.md"
SERVICES = "template"  # the folder of what a generated service reads
FENCED = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANY_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
OPTION = re.compile(r"^--[a-z][a-z-]*")
SHARE = 0.9
CHANGED = (0.04, 0.08, 0.16)


def documents() -> list[Path]:
    """Every document of this repository and of a generated service."""
    own = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]
    theirs = [*ROOT.glob("template/*.md.jinja"), *ROOT.glob("template/docs/*.md*")]
    return sorted(own + theirs)


def spans(text: str) -> Iterator[str]:
    """What stands in code: lines of shell blocks without their remarks, and spans within a text."""
    for block in FENCED.findall(text):
        for line in block.splitlines():
            yield from line.partition(" #")[0].split("; ")
    yield from (" ".join(span.split()) for span in CODE.findall(ANY_FENCE.sub("", text)))


def group() -> TyperGroup:
    """The command `playbook`."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def named(span: str, root: TyperGroup) -> list[str] | None:
    """The words after `playbook`, where a span is such a command; also in short, as `evals run`."""
    words = span.split()
    if words[:2] == ["uv", "run"]:
        words = words[2:]
    if words[:1] == ["playbook"] and len(words) > 1:
        return words[1:]
    known = root.commands.get(words[0]) if words else None
    if isinstance(known, TyperGroup) and len(words) > 1 and words[1] in known.commands:
        return words
    return words if known and len(words) > 1 and OPTION.match(words[1]) else None


def mistake(words: list[str], root: TyperGroup) -> str | None:
    """What is wrong with a command line, None where it would be understood."""
    here: Any = root
    while words and isinstance(here, TyperGroup) and not OPTION.match(words[0]):
        if words[0] not in here.commands:
            return f"there is no command {words[0]}"
        here, words = here.commands[words[0]], words[1:]
    known = {name for parameter in here.params for name in parameter.opts} | {"--help"}
    for word in words:
        if (option := OPTION.match(word)) and option[0] not in known:
            return f"{here.name} has no option {option[0]}"
    return None


def test_every_command_that_a_document_names_is_there_with_its_options() -> None:
    root = group()
    found: dict[str, str] = {}
    count = 0
    for document in documents():
        for span in spans(document.read_text("utf-8")):
            words = named(span, root)
            if words is None:
                continue
            count += 1
            if wrong := mistake(words, root):
                found[f"{document.relative_to(ROOT)}: {span}"] = wrong
    assert count > 100
    assert found == {}


def test_a_command_that_is_not_there_is_noticed() -> None:
    root = group()
    for span in ("uv run playbook evals walk", "evals run --lively", "playbook label --seed 3"):
        words = named(span, root)
        assert words and mistake(words, root), span


def test_every_make_target_that_a_document_names_is_there() -> None:
    found = []
    for document in documents():
        theirs = document.is_relative_to(ROOT / SERVICES) or document.name == "CHANGELOG.md"
        makefiles = [ROOT / "Makefile", *([ROOT / SERVICES / "Makefile"] if theirs else [])]
        if document.name in ("README.md", "releasing.md"):
            makefiles.append(ROOT / SERVICES / "Makefile")  # they speak of both
        known = set().union(*(targets(file) for file in makefiles))
        for span in spans(document.read_text("utf-8")):
            words = span.split()
            if words[:1] == ["make"]:
                asked = [word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
                found += [f"{document.name}: make {word}" for word in asked if word not in known]
    assert found == []


def targets(makefile: Path) -> set[str]:
    """The targets of a Makefile."""
    return set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text("utf-8"), re.MULTILINE))


def test_the_numbers_that_the_page_on_evals_names_stand_in_the_configuration() -> None:
    said = set(re.findall(r"`([a-z_]+(?:\.[a-z0-9_]+)+)", EVALS.read_text("utf-8")))
    paths = {one for one in said if one.split(".")[0] in {*Criteria.model_fields, "recordings"}}
    assert paths > {"quality.at_least", "quality.regression.margin", "recordings.on_miss"}
    lost = [
        path
        for path in sorted(paths)
        if not any(field_at(model, tuple(path.split("."))) for model in (Criteria, Evals))
    ]
    assert lost == []
    keys = ("infrastructure_errors_at_most", "cost_cap_usd", "repeats", "judges")
    assert all(key in Evals.model_fields and f"`{key}" in EVALS.read_text("utf-8") for key in keys)


def test_the_page_on_evals_says_what_so_many_cases_can_show() -> None:
    """Playbook 2.15: nobody takes a small data set for proof. The figures are those of the gate."""
    _, _, part = EVALS.read_text("utf-8").partition("<!-- measured: paired.smallest_drop -->\n")
    stated = part.partition("<!-- end -->")[0].splitlines()[2:]
    assert POWER == 0.8, "the page says: four times out of five"
    assert stated == [row(cases) for cases in (100, 200, 400, 1000)]


def row(cases: int) -> str:
    """A row of the table: the interval around a measured share, and the drops that are seen."""
    low, high = wilson(round(cases * SHARE), cases)
    drops = [smallest_drop(cases, round(cases * share)) for share in CHANGED]
    said = " | ".join(f"{drop * 100:.1f} points" for drop in drops if drop is not None)
    return f"| {cases} | {low * 100:.1f} to {high * 100:.1f}% | {said} |"
