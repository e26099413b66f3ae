"""A copy of the configuration to turn dials on; the person's own files stay as they are."""

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chassis.config.load import EVALS_FILE, FLAGS_FILE, GUARDRAILS_FILE, RELEASES_FILE
from playbook.project import Project
from playbook.verdicts import write_json

UNLIMITED_PER_MINUTE = 1_000_000
PATIENT_SECONDS = 60.0  # for one attempt at a model, where latency is not what is judged
SIMULATED_MODEL = "simulator:small"
SIMULATED_PRICE = {"input_usd_per_million": 0.25, "output_usd_per_million": 2.0}


@contextmanager
def staged(project: Project) -> Iterator[Path]:
    """A folder to start a service in: a copy of `config/`, `.env` by a link, no API keys.

    Yields:
        The folder; it is removed at the end.
    """
    with tempfile.TemporaryDirectory(prefix="playbook-") as name:
        root = Path(name)
        shutil.copytree(project.root / "config", root / "config")
        env = project.root / ".env"
        if env.exists():
            (root / ".env").symlink_to(env.resolve())
        write_json(keys_file(root), {"keys": []})
        take_keys_only(root)
        yield root


def keys_file(root: Path) -> Path:
    """Where the staged copy keeps its API keys; API_KEYS_FILE has to name it."""
    return root / ".secrets" / "api-keys.json"


def take_keys_only(root: Path) -> None:
    """Leave the identity provider out of it, in a staged copy: no tokens are needed there."""
    with edited(root / GUARDRAILS_FILE) as document:
        if "oidc" in document.get("access", {}).get("methods", []):
            document["access"]["methods"] = ["api_key"]


def switch(root: Path, *, ai_enabled: bool) -> None:
    """Set the kill switch for everyone, in a staged copy."""
    document = _flags(root)
    document["flags"]["ai_enabled"] = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "on" if ai_enabled else "off",
    }
    write_json(root / FLAGS_FILE, document)


def route(root: Path, release: str) -> None:
    """Send everyone to one release, in a staged copy."""
    document = _flags(root)
    document["flags"]["release"] = {
        "state": "ENABLED",
        "variants": {release: release},
        "defaultVariant": release,
    }
    write_json(root / FLAGS_FILE, document)


def simulate(root: Path) -> None:
    """Put the simulator in the place of every model, judges too, in a staged copy."""
    with edited(root / RELEASES_FILE) as document:
        for release in document["releases"].values():
            release["model"] = SIMULATED_MODEL
            release["fallbacks"] = []
            release["price"] = dict(SIMULATED_PRICE)
    simulate_judges(root)


def simulate_judges(root: Path) -> None:
    """Put the simulator in the place of every judge's model, in a staged copy."""
    if not (root / EVALS_FILE).exists():
        return
    with edited(root / EVALS_FILE) as document:
        for judge in ((document or {}).get("judges") or {}).values():
            judge["model"] = SIMULATED_MODEL
            judge["price"] = dict(SIMULATED_PRICE)


def lift_request_limits(root: Path) -> None:
    """Let a run of many cases through: how much a caller may ask is not what it judges.

    It counts for itself, too: a run spends nothing of what callers of a deployed service may.
    """
    with edited(root / GUARDRAILS_FILE) as document:
        limits = document["limits"]
        limits["storage"] = "memory"
        for name in limits:
            if name.endswith("_requests_per_minute"):
                limits[name] = UNLIMITED_PER_MINUTE
            elif name.endswith(("_tokens_per_day", "_usd_per_day")):
                limits[name] = None


def lift_time_limits(root: Path) -> None:
    """Give a request all the time it needs, in a staged copy: how fast it is is not judged."""
    with edited(root / GUARDRAILS_FILE) as document:
        request, model = document["request"], document["model"]
        if model["timeout_seconds"] < PATIENT_SECONDS:
            model["timeout_seconds"] = PATIENT_SECONDS
            request["budget_seconds"] = max(2 * PATIENT_SECONDS, request["budget_seconds"])


def leave_out_hosted_guards(root: Path, given: Collection[str]) -> bool:
    """Leave the hosted moderation out of a staged copy, where `given` lacks what it needs."""
    from chassis.config.settings import NEEDED

    with edited(root / GUARDRAILS_FILE) as document:
        moderation = document.get("moderation", {})
        needed = NEEDED.get(moderation.get("provider", "none"), ())
        if all(name in given for name in needed):
            return False
        moderation["provider"] = "none"
    return True


def default_release(root: Path) -> str | None:
    """The release that a caller without targeting gets, as flags.json says."""
    flag = _flags(root)["flags"].get("release", {})
    chosen = flag.get("variants", {}).get(flag.get("defaultVariant"))
    return chosen if isinstance(chosen, str) else None


@contextmanager
def edited(path: Path) -> Iterator[Any]:
    """The content of a YAML file, to change; written back at the end."""
    from ruamel.yaml import YAML

    yaml = YAML()
    document = yaml.load(path.read_text(encoding="utf-8"))
    yield document
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def _flags(root: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((root / FLAGS_FILE).read_text(encoding="utf-8"))
    return document
