"""Writes the JSON Schemas by which editors check and complete the files of `config/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .criteria import Criteria
from .evals import Evals
from .flags_document import FlagsDocument
from .guardrails import Guardrails
from .ownership import Ownership
from .releases import Releases

MODELS: dict[str, type[BaseModel]] = {
    "success-criteria": Criteria,
    "releases": Releases,
    "guardrails": Guardrails,
    "ownership": Ownership,
    "evals": Evals,
    "flags": FlagsDocument,
}


def schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of one file, such as `success-criteria`."""
    made = MODELS[name].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def write_schemas(folder: Path) -> list[Path]:
    """Write all schemas into a folder; run after a model changed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MODELS:
        path = folder / f"{name}.json"
        text = json.dumps(schema(name), indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
        written.append(path)
    return written
