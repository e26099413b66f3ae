"""For the service's own tests: the whole service, with the simulator in the model's place."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chassis import Pipeline
from chassis.testing import ServiceUnderTest, service_under_test
from playbook.simulator.embedded import EmbeddedSimulator
from playbook.staging import simulate, switch, take_keys_only


@asynccontextmanager
async def simulated_service(
    pipeline: Pipeline[Any, Any], root: Path
) -> AsyncIterator[ServiceUnderTest]:
    """Open the service of `root/config`, simulated and switched on whatever is live there."""
    with tempfile.TemporaryDirectory() as name, EmbeddedSimulator() as simulator:
        folder = Path(name)
        shutil.copytree(root / "config", folder / "config")
        simulate(folder)
        take_keys_only(folder)
        switch(folder, ai_enabled=True)
        async with service_under_test(
            pipeline, folder, simulator_url=simulator.base_url
        ) as service:
            yield service
