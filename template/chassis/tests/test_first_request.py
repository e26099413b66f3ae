"""The first request of a process waits for nothing that could have been loaded before it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scripted_provider import Provider

pytestmark = pytest.mark.slow

_FIRST_REQUEST = """
import asyncio
import sys
from pathlib import Path

import labels
import sample_config

from chassis.identity import Caller
from chassis.testing import service_under_test


async def main(root, url):
    sample_config.make(root)
    async with service_under_test(labels.pipeline, root, simulator_url=url) as service:
        before = set(sys.modules)
        body, form = b'{"text": "An apple."}', {"content-type": "application/json"}
        caller = Caller("tools", "acme", frozenset({"label"}))
        result = await service.service.handle(body, form, caller)
        print(result.outcome, *sorted(set(sys.modules) - before))


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_the_first_request_imports_nothing(tmp_path: Path, provider: Provider) -> None:
    """What it imports, every request that comes with it waits for, within its time."""
    ran = subprocess.run(
        [sys.executable, "-c", _FIRST_REQUEST, str(tmp_path), provider.url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout.split() == ["answered"], ran.stdout + ran.stderr
