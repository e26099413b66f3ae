"""Evidence that a command showed something: one JSON file for each point of the playbook."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from playbook.hashes import hash_of
from playbook.project import Project
from playbook.verdicts import write_json

FOLDER = Path("evidence")
EvidenceStatus = Literal["pass", "fail", "inconclusive"]
_CODE = {".py", ".md", ".json", ".yaml", ".toml", ".lua"}


@dataclass(frozen=True)
class Evidence:
    """What was shown, with what it was held against and what it depends on.

    Attributes:
        id: `<point>-<name>`, which is also the file's name.
        measured: Values, each with the target it was held against.
        inputs: Files and folders; evidence is stale once one of them has changed.
        mode: `simulated`, `replayed` or `live`.
    """

    id: str
    status: EvidenceStatus
    command: str
    started: datetime
    measured: list[dict[str, Any]]
    inputs: Mapping[str, Path]
    mode: str
    expires_after: timedelta

    def write(self, project: Project) -> Path:
        """Write it into `evidence/`; gives the file."""
        now = datetime.now(UTC)
        path = project.root / FOLDER / f"{self.id}.json"
        write_json(
            path,
            {
                "id": self.id,
                "status": self.status,
                "git_sha": project.git("rev-parse", "HEAD"),
                "command": self.command,
                "started": _when(self.started),
                "duration_seconds": round((now - self.started).total_seconds(), 3),
                "measured": self.measured,
                "inputs": {name: digest(path) for name, path in self.inputs.items()},
                "mode": self.mode,
                "expires": _when(now + self.expires_after),
            },
        )
        return path


def digest(path: Path) -> str | None:
    """The SHA-256 of a file, or of all code and text in a folder; None when it is not there."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    if not path.is_dir():
        return None
    return hash_of(path, (f for f in path.rglob("*") if f.is_file() and f.suffix in _CODE))


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
