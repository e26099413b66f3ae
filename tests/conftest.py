"""Fixtures of the template's tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import examples
import pytest
from jinja2 import Environment

from support import ANSWERS_TEMPLATE, ROOT, copy_of_template, render, tag


def pytest_configure(config: pytest.Config) -> None:
    examples.configure(config)


@pytest.fixture(scope="session", autouse=True)
def _nobody_in_particular(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the person's Copier settings nor an outer git command may change a result."""
    settings = tmp_path_factory.mktemp("settings") / "settings.yml"
    settings.write_text("defaults: {}\ntrust: []\n", encoding="utf-8")
    os.environ["COPIER_SETTINGS_PATH"] = str(settings)
    for name in (
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_WORK_TREE",
        "VIRTUAL_ENV",
        "MAKEFLAGS",
        "MAKELEVEL",
    ):
        os.environ.pop(name, None)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Copier compiles every part of every path anew; the same text gives the same code."""
    compiled: dict[Any, Any] = {}
    compile_anew = Environment.compile

    def compile_once(environment: Environment, source: Any, *more: Any, **named: Any) -> Any:
        if not isinstance(source, str):
            return compile_anew(environment, source, *more, **named)
        key = (type(environment), source, more, tuple(sorted(named.items())))
        if key not in compiled:
            compiled[key] = compile_anew(environment, source, *more, **named)
        return compiled[key]

    with patch.object(Environment, "compile", compile_once):
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it stands in the working tree, as plain files."""
    return copy_of_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def varying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of the template that answers can change: all but the two packages of plain files."""
    folder = copy_of_template(tmp_path_factory.mktemp("varying"))
    for package in ("chassis", "playbook"):
        plain = folder / "template" / package
        assert not list(plain.rglob("*.jinja")), f"{package} is no longer plain: render it as well"
        shutil.rmtree(plain, ignore_errors=True)
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template as it stands in the working tree, released as a version."""
    return tag(copy_of_template(tmp_path_factory.mktemp("released")), "v0.1.0")


@pytest.fixture(scope="session")
def service(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the default answers give, without hooks; for tests that only read it."""
    return render(template, tmp_path_factory.mktemp("default") / "acme-triage")


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our questions around a template that only records the answers."""
    folder = tmp_path_factory.mktemp("bare")
    for part in ("copier.yml", f"template/{ANSWERS_TEMPLATE}"):
        (folder / part).parent.mkdir(exist_ok=True)
        (folder / part).write_bytes((ROOT / part).read_bytes())
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Our questions, settings and hooks around a template of a few files, released as v1.0.0.

    For what Copier does with files whatever they hold: it is quick, and stays true as the real
    template grows.
    """
    folder = tmp_path / "small template"
    for part in ("copier.yml", "hooks/post_copy.py", "hooks/after_update.py", "hooks/steps.py"):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        (folder / part).write_bytes((ROOT / part).read_bytes())
    later = "{% if stage != 'poc' %}.{% endif %}"
    chosen = "{% if use_case == 'triage' %}.{% endif %}"
    for name, text in {
        ANSWERS_TEMPLATE: (ROOT / "template" / ANSWERS_TEMPLATE).read_text(encoding="utf-8"),
        "Makefile": "one:\n\ttrue\n\ntwo:\n\ttrue\n\nthree:\n\ttrue\n",
        "pyproject.toml.jinja": '[project]\nname = "{{ service_slug }}"\nversion = "0.1.0"\n',
        "config/numbers.yaml.jinja": "quality: {{ quality_target }}\n",
        f"{chosen}/src/{{{{ package_name }}}}/pipeline.py": "ANSWER = 42\n",
        f"{chosen}/tests/test_pipeline.py": "",
        "chassis/tests/test_core.py": "",
        f"{later}/ops/kubernetes/base.yaml": "kind: Service\n",
        f"{later}/ops/kubernetes/yours/patch.yaml": "kind: Patch\n",
        f"{later}/ops/alerts/yours.yaml": "groups: []\n",
    }.items():
        path = folder / "template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tag(folder, "v1.0.0")
