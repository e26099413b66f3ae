"""What the running service is called, and which code it runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points


@dataclass(frozen=True)
class About:
    """Name and version for logs, metrics and traces, and the one sentence of its pyproject.toml."""

    name: str
    version: str = "unknown"
    summary: str = ""

    @classmethod
    def of(cls, package: str) -> About:
        """Read it from the distribution whose command starts the package.

        The variables OTEL_SERVICE_NAME and SERVICE_VERSION, which an image sets, win.
        """
        name, version, summary = _distribution_of(package)
        return cls(
            os.environ.get("OTEL_SERVICE_NAME") or name,
            os.environ.get("SERVICE_VERSION") or version,
            summary,
        )


@cache
def _distribution_of(package: str) -> tuple[str, str, str]:
    """Its name, version and summary, which stay as they are while a process runs."""
    found = package, "unknown", ""
    for entry in entry_points(group="console_scripts"):
        if entry.value.startswith(f"{package}.") and entry.dist is not None:
            found = entry.dist.name, entry.dist.version, entry.dist.metadata["Summary"] or ""
    return found
