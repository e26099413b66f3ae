"""Whole services, installed and used as their owners would: the default and an unusual one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from generated import INSTALL_SECONDS, TEST_SECONDS, Service, generate
from support import (
    AWKWARD,
    commit_all,
    copy_of_template,
    git,
    need,
    tag,
)

UNUSUAL: dict[str, Any] = AWKWARD | {
    "quality_target": 0.5,
    "peak_requests_per_second": 0.5,
    "pager": "webhook",
    "provider": "anthropic",
    "fallback_provider": "google",
    "log_payload": "hash",
    "authentication": "oidc",
    "stage": "production",
    "ci_provider": "gitlab",
    "deploy_target": "compose",
    "licence": "MIT",
}


@pytest.fixture(scope="module", params=["default", "unusual"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Each service once: the default with its hooks, the unusual one without."""
    need("uv")
    need("make")
    template = tag(copy_of_template(tmp_path_factory.mktemp("template")), "v0.1.0")
    target = tmp_path_factory.mktemp("generated") / f"the {request.param} service"
    if request.param == "default":
        made = generate(template, target, {}, "--trust")
    else:
        made = generate(template, target, UNUSUAL, "--skip-tasks")
        commit_all(target)
    made.run("make", "setup", seconds=INSTALL_SECONDS)
    return made


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("generated")]


def test_its_own_tests_pass(service: Service) -> None:
    assert " passed" in service.run("make", "test", seconds=TEST_SECONDS)


def test_its_types_are_strict_and_sound(service: Service) -> None:
    assert "Success" in service.run("uv", "run", "mypy", "--strict")


def test_its_linter_finds_nothing_and_its_formatter_changes_nothing(service: Service) -> None:
    service.run("uv", "run", "ruff", "check")
    service.run("uv", "run", "ruff", "format", "--check")


def test_its_pre_commit_hooks_pass_and_change_nothing(service: Service) -> None:
    git(service.folder, "add", "--all")
    before = git(service.folder, "write-tree")
    service.run("uv", "run", "pre-commit", "run", "--all-files")
    git(service.folder, "add", "--all")
    assert git(service.folder, "write-tree") == before


def test_nothing_secret_or_installed_would_be_committed(service: Service) -> None:
    git(service.folder, "add", "--all")
    listed = git(service.folder, "ls-files").split("\n")
    assert not [
        name
        for name in listed
        if name.startswith((".env", ".secrets/", ".venv/")) and name != ".env.example"
    ]
    assert "uv.lock" in listed


@pytest.mark.parametrize("service", ["default"], indirect=True)
def test_what_is_the_teams_own_is_read_in_ten_minutes(service: Service) -> None:
    """DESIGN, principle 8: pipeline, schemas, evaluators, prompts and their tests."""
    patterns = ("src/*/*.py", "src/*/prompts/v1/*.md", "tests/*.py")
    own = [path for pattern in patterns for path in service.folder.glob(pattern)]
    assert 0 < sum(len(path.read_text("utf-8").splitlines()) for path in own) < 300


@pytest.mark.parametrize("service", ["default"], indirect=True)
def test_a_proof_of_concept_shows_at_most_fifteen_entries(service: Service) -> None:
    visible = sorted(p.name for p in service.folder.iterdir() if not p.name.startswith("."))
    assert len(visible) <= 15, visible


def test_a_clone_of_it_installs_and_passes_its_tests(service: Service, tmp_path: Path) -> None:
    commit_all(service.folder, "All")
    git(tmp_path, "clone", "-q", str(service.folder), "clone")
    clone = Service(tmp_path / "clone")
    clone.run("make", "setup", seconds=INSTALL_SECONDS)
    clone.run("uv", "run", "pytest", "--quiet", "tests", seconds=TEST_SECONDS)
    shutil.rmtree(clone.folder)


@pytest.mark.parametrize("service", ["default"], indirect=True)
def test_what_runs_is_small(service: Service, tmp_path: Path) -> None:
    runtime = tmp_path / "runtime"
    service.run("uv", "venv", "--quiet", str(runtime))
    where = f"UV_PROJECT_ENVIRONMENT={runtime}"
    service.run("env", where, "uv", "sync", "--quiet", "--no-dev", "--no-editable", "--frozen")
    installed = [path.stat() for path in runtime.rglob("*") if path.is_file()]
    megabytes = sum({entry.st_ino: entry.st_size for entry in installed}.values()) / 1e6
    assert megabytes <= 120
