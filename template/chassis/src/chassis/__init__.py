"""The chassis: everything a service of this kind needs around its pipeline.

Here lives what runs in the service, one module a concern; tooling lives in `playbook`. A service
imports these names and nothing below them. Nothing here imports the service.
"""

from .app import create_app
from .identity import Caller
from .pipeline import Context, Draft, Evaluator, Pipeline
from .serve import serve
from .service import Service

__all__ = [
    "Caller",
    "Context",
    "Draft",
    "Evaluator",
    "Pipeline",
    "Service",
    "create_app",
    "serve",
]
