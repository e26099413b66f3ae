"""Every generated file has one owner, and Copier treats it as its owner expects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from support import config, files, matrix, ownership, render, title

COPIERS_OWN = [
    *("copier.yaml", "copier.yml", "~*", "*.py[co]", "__pycache__", ".git", ".DS_Store", ".svn"),
]


def matches(patterns: list[str], path: Path) -> bool:
    """Whether a file belongs to one of the patterns."""
    return GitIgnoreSpec.from_lines(patterns).match_file(path.as_posix())


def without_owner(folder: Path) -> list[str]:
    """The files that hooks/ownership.toml does not know."""
    owned = ownership()
    known = [*owned["yours"], *owned["extension_points"], *owned["playbook"]]
    return [path.as_posix() for path in files(folder) if not matches(known, path)]


def test_copier_skips_exactly_what_is_yours_and_the_extension_points() -> None:
    owned = ownership()
    assert config()["_skip_if_exists"] == owned["yours"] + owned["extension_points"]


def test_an_update_leaves_out_exactly_what_is_yours() -> None:
    *always, conditional = config()["_exclude"]
    assert always == COPIERS_OWN, "setting _exclude replaces Copier's own list; keep it"
    first, *patterns, last = [line.strip() for line in conditional.strip().splitlines()]
    assert (first, last) == ("{% if _copier_operation == 'update' %}", "{% endif %}")
    assert patterns == ownership()["yours"]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param({}, id="default"),
        *(
            pytest.param(row, id=title(row), marks=pytest.mark.slow if number % 3 else [])
            for number, row in enumerate(matrix()[::6])
        ),
    ],
)
def rendered(
    request: pytest.FixtureRequest, varying: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A service with some of the possible answers, but for the two packages."""
    return render(varying, tmp_path_factory.mktemp("varied") / "service", request.param)


def test_every_rendered_file_has_an_owner(rendered: Path) -> None:
    assert without_owner(rendered) == [], "say in hooks/ownership.toml whose these are"


@pytest.mark.xdist_group("default service")
def test_every_file_of_the_default_service_has_an_owner(service: Path) -> None:
    assert without_owner(service) == [], "say in hooks/ownership.toml whose these are"


@pytest.mark.xdist_group("default service")
def test_nothing_that_a_command_makes_is_rendered(service: Path) -> None:
    made = [path.as_posix() for path in files(service) if matches(ownership()["made"], path)]
    assert made == []


def stated(folder: Path) -> list[tuple[list[str], str]]:
    """The rows of docs/files.md: patterns and whose they are, in the words of the table."""
    rows = []
    for line in (folder / "docs" / "files.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows.append(([f"/{name}" for name in re.findall(r"`([^`]+)`", cells[0])], cells[1]))
    return rows


def test_the_services_own_list_of_owners_says_the_same(rendered: Path) -> None:
    owned = ownership()
    yours = [*owned["yours"], *owned["extension_points"]]
    rows = stated(rendered)
    for path in files(rendered):
        owners = {owner for patterns, owner in rows if matches(patterns, path)}
        assert owners, f"{path}: docs/files.md says nothing of it"
        said = any(owner.startswith("yours") for owner in owners)
        assert said == matches(yours, path), f"{path}: docs/files.md says {owners}"
