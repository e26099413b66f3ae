"""`copier update` keeps what people wrote and brings what the playbook has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from copier import run_update
from pathspec import GitIgnoreSpec

from support import commit_all, files, git, need, ownership, render, tag

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Locking after an update is a test of its own; elsewhere it may not cost time."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    yield


def update(folder: Path, version: str, **answers: Any) -> None:
    """Update a committed service, as `copier update --trust --defaults` does."""
    run_update(
        folder,
        data=answers,
        vcs_ref=version,
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=True,
    )


def conflicts(folder: Path) -> list[str]:
    """Files in which the merge left both versions."""
    marker = re.compile(r"^<<<<<<< ", re.MULTILINE)
    return [
        path.as_posix()
        for path in files(folder)
        if marker.search((folder / path).read_text(encoding="utf-8", errors="replace"))
        or path.suffix == ".rej"
    ]


@pytest.fixture
def edited(small: Path, tmp_path: Path) -> Path:
    """A service of the small template in which people have worked."""
    folder = render(small, tmp_path / "service")
    (folder / "config" / "numbers.yaml").write_text("quality: 0.97 # agreed\n", encoding="utf-8")
    (folder / "src" / "acme_triage" / "pipeline.py").write_text("ANSWER = 43\n", encoding="utf-8")
    (folder / "src" / "acme_triage" / "own.py").write_text("OWN = 1\n", encoding="utf-8")
    (folder / "tests" / "test_pipeline.py").unlink()
    makefile = folder / "Makefile"
    makefile.write_text(makefile.read_text(encoding="utf-8") + "\nmine:\n\ttrue\n", "utf-8")
    commit_all(folder, "Work")
    return folder


def test_a_later_stage_adds_its_files_and_keeps_every_edit(edited: Path) -> None:
    update(edited, "v1.0.0", stage="production")
    assert (edited / "ops" / "kubernetes" / "base.yaml").is_file()
    assert conflicts(edited) == []
    changed = git(edited, "diff", "--name-only").split()
    assert changed == [".copier-answers.yml"], "edits are as they were committed"
    assert not (edited / "tests" / "test_pipeline.py").exists(), "deleted stays deleted"


def test_a_later_stage_brings_its_extension_points_once(edited: Path) -> None:
    update(edited, "v1.0.0", stage="production")
    mine = edited / "ops" / "kubernetes" / "yours" / "patch.yaml"
    assert mine.is_file() and (edited / "ops" / "alerts" / "yours.yaml").is_file()
    mine.write_text("kind: Mine\n", encoding="utf-8")
    commit_all(edited, "Production")
    update(edited, "v1.0.0")
    assert mine.read_text(encoding="utf-8") == "kind: Mine\n"


def test_what_is_yours_is_not_touched_when_the_template_changes_it(
    edited: Path, small: Path
) -> None:
    sample = next((small / "template").glob("*triage*/src/*/pipeline.py"))
    sample.write_text("ANSWER = 44\nMORE = 1\n", encoding="utf-8")
    (sample.parent / "new_in_the_sample.py").write_text("", encoding="utf-8")
    numbers = small / "template" / "config" / "numbers.yaml.jinja"
    numbers.write_text("quality: {{ quality_target }}\nnew: 1\n", encoding="utf-8")
    tag(small, "v1.1.0")
    update(edited, "v1.1.0")
    assert git(edited, "diff", "--name-only").split() == [".copier-answers.yml"]
    assert not (edited / "src" / "acme_triage" / "new_in_the_sample.py").exists()


def test_the_playbooks_files_are_merged_with_edits(edited: Path, small: Path) -> None:
    makefile = small / "template" / "Makefile"
    text = makefile.read_text(encoding="utf-8").replace("one:\n\ttrue", "one:\n\tfalse")
    makefile.write_text(text, encoding="utf-8")
    core = small / "template" / "chassis" / "tests" / "test_core.py"
    core.write_text("BETTER = 1\n", encoding="utf-8")
    tag(small, "v1.1.0")
    update(edited, "v1.1.0")
    merged = (edited / "Makefile").read_text(encoding="utf-8")
    assert "one:\n\tfalse" in merged and "mine:" in merged
    updated = (edited / "chassis" / "tests" / "test_core.py").read_text(encoding="utf-8")
    assert updated == "BETTER = 1\n", "tests/ is yours at the root only"
    assert conflicts(edited) == []


def test_an_update_runs_no_copy_hook_and_the_update_hook_once(
    edited: Path, small: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (small / "template" / "new.txt").write_text("new\n", encoding="utf-8")
    tag(small, "v1.1.0")
    capfd.readouterr()
    update(edited, "v1.1.0")
    said = capfd.readouterr().out
    assert "repository made" not in said
    assert said.count("  merge ") == 1 and said.count("  lock ") == 1


def test_a_conflict_is_named(edited: Path, small: Path, capfd: pytest.CaptureFixture[str]) -> None:
    makefile = edited / "Makefile"
    text = makefile.read_text(encoding="utf-8")
    makefile.write_text(text.replace("two:\n\ttrue", "two:\n\techo mine"), encoding="utf-8")
    commit_all(edited, "Mine")
    theirs = small / "template" / "Makefile"
    text = theirs.read_text(encoding="utf-8")
    theirs.write_text(text.replace("two:\n\ttrue", "two:\n\techo theirs"), encoding="utf-8")
    tag(small, "v1.1.0")
    update(edited, "v1.1.0")
    assert conflicts(edited) == ["Makefile"]
    assert "CONFLICTS in Makefile: keep one side" in capfd.readouterr().out


def test_an_update_without_changes_changes_nothing(released: Path, tmp_path: Path) -> None:
    folder = render(released, tmp_path / "acme-triage")
    commit_all(folder)
    update(folder, "v0.1.0")
    assert git(folder, "diff", "--name-only") == ""
    assert git(folder, "ls-files", "--others").split() in ([], ["uv.lock"])


def test_a_proof_of_concept_in_use_becomes_production(released: Path, tmp_path: Path) -> None:
    folder = render(released, tmp_path / "acme-triage")
    yours = GitIgnoreSpec.from_lines(ownership()["yours"])
    own = [path for path in files(folder) if yours.match_file(path.as_posix())]
    removed = next(path for path in own if path.parts[0] == "evals")
    for path in own:
        if path.suffix in (".py", ".md", ".yaml", ".toml") and path != removed:
            with (folder / path).open("a", encoding="utf-8") as file:
                file.write("\n# edited by the team\n")
    (folder / removed).unlink()
    (folder / "src" / "acme_triage" / "ours.py").write_text("OURS = 1\n", encoding="utf-8")
    with (folder / "Makefile").open("a", encoding="utf-8") as file:
        file.write("\n# a line at the end\n")
    commit_all(folder, "Work")
    update(folder, "v0.1.0", stage="production")

    assert conflicts(folder) == []
    assert git(folder, "diff", "--name-only", "--", *map(str, own)) == "", "every edit is kept"
    assert not (folder / removed).exists()
    assert "# a line at the end" in (folder / "Makefile").read_text(encoding="utf-8")
    fresh = render(released, tmp_path / "fresh", {"stage": "production"})
    theirs = {path for path in files(fresh) if not yours.match_file(path.as_posix())}
    missing = {path.as_posix() for path in theirs if not (folder / path).exists()}
    assert missing == set(), "what a fresh service at this stage has"
    different = {
        path.as_posix()
        for path in theirs - {Path("Makefile"), Path(".copier-answers.yml")}
        if (folder / path).read_bytes() != (fresh / path).read_bytes()
    }
    assert different == set(), "the playbook's files are as in a fresh service at this stage"


def test_a_dependency_of_the_teams_own_is_in_the_lock_after_an_update(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("uv")
    monkeypatch.delenv("UV_OFFLINE")
    folder = render(released, tmp_path / "acme-triage")
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    own = text.replace("dependencies = [", 'dependencies = [\n    "sortedcontainers>=2",', 1)
    project.write_text(own, encoding="utf-8")
    commit_all(folder)
    update(folder, "v0.1.0", quality_target=0.8)
    assert 'name = "sortedcontainers"' in (folder / "uv.lock").read_text(encoding="utf-8")
