"""What the chassis's tests share: a scripted provider, a configuration, a running service."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # examples, labels, sample_config, ...

import examples
import labels
import sample_config
import scripted_provider
from sample_config import Start
from scripted_provider import Provider

from chassis.config import Settings, load
from chassis.config.files import Document, read_yaml
from chassis.testing import ServiceUnderTest, service_under_test

_OURS = ("OTEL_", "AWS_", "SERVICE_")
_SETTINGS = {name.upper() for name in Settings.model_fields}


def pytest_configure(config: pytest.Config) -> None:
    examples.configure(config)


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """The same text of a configuration is parsed once: YAML is a third of what a start costs."""
    parsed: dict[tuple[str, str], Document] = {}

    def read_once(text: str, file: str) -> Document:
        if (text, file) not in parsed:
            parsed[text, file] = read_yaml(text, file)
        known = parsed[text, file]
        return replace(known, data=copy.deepcopy(known.data))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_yaml", read_once)
        yield


@pytest.fixture(autouse=True)
def _clean_environment() -> Iterator[None]:
    """Nothing of the developer's environment comes in, nothing that a start reads in stays."""
    before = dict(os.environ)
    for name in before:
        if name.startswith(_OURS) or name in _SETTINGS:
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def _provider() -> Iterator[Provider]:
    with scripted_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(_provider: Provider) -> Provider:
    """The scripted provider; it answers well until told otherwise."""
    _provider.forget()
    return _provider


@pytest.fixture
async def start(tmp_path: Path, provider: Provider) -> AsyncIterator[Start]:
    """Open a service over a sample configuration, changed as the test says, until the test ends."""
    async with AsyncExitStack() as stack:

        async def start(
            pipeline: Any = labels.pipeline,
            *,
            settings: dict[str, Any] | None = None,
            keys: dict[str, dict[str, Any]] | None = None,
            **changes: Any,
        ) -> ServiceUnderTest:
            root = sample_config.make(tmp_path, **changes)
            given = {"simulator_url": provider.url, **(settings or {})}
            opened = service_under_test(pipeline, root, keys=keys or {}, **given)
            return await stack.enter_async_context(opened)

        yield start


@pytest.fixture
async def service(start: Start) -> ServiceUnderTest:
    """A service over the sample configuration as it stands."""
    return await start()
