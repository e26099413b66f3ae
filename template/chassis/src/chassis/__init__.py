"""The chassis: everything a service of this kind needs around its pipeline.

Here lives what runs in the service, one module a concern; tooling lives in `playbook`. A service
imports these names and nothing below them; its tests have `chassis.testing` as well. Nothing here
imports the service.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import create_app
    from .identity import Caller
    from .pipeline import Context, Draft, Evaluator, Judge, Pipeline
    from .process import serve
    from .service import Service

__all__ = [
    "Caller",
    "Context",
    "Draft",
    "Evaluator",
    "Judge",
    "Pipeline",
    "Service",
    "create_app",
    "serve",
]

# Each name is imported when it is first used: a tool that only reads the configuration, or a
# pipeline, does not wait for the server and the model's client.
_MODULES = {
    "Caller": "identity",
    "Context": "pipeline",
    "Draft": "pipeline",
    "Evaluator": "pipeline",
    "Judge": "pipeline",
    "Pipeline": "pipeline",
    "Service": "service",
    "create_app": "app",
    "serve": "process",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value
