"""Secrets of a working copy: `.env` and the hashed API keys, made where there are none."""

import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.identity.api_keys import hash_key
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole

OWNER_ONLY = 0o600
ENV, EXAMPLE = ".env", ".env.example"
DEFAULT_KEYS_FILE = ".secrets/api-keys.json"
DEVELOPMENT_SCOPES = ("feedback", "delegate", "docs")


def ensure(project: Project) -> list[str]:
    """Make what a fresh clone lacks; change nothing that is there.

    Returns:
        One line per thing done; empty when everything was in place.
    """
    done = []
    env = project.root / ENV
    if not env.exists():
        example = project.root / EXAMPLE
        text = example.read_text(encoding="utf-8") if example.is_file() else ""
        done.append(f"made {ENV}" + (f" from {EXAMPLE}" if text else ""))
    else:
        text = env.read_text(encoding="utf-8")
    filled, names = _fill(text, {"SERVICE_SECRET": _token(), "DEV_API_KEY": new_key()})
    done += [f"{ENV}: {name} made" for name in names]
    if not env.exists() or filled != text:
        write_whole(env, filled, OWNER_ONLY)
    elif _narrowed(env):
        done.append(f"{ENV}: only you can read it now")
    return done + _register_development_key(project, value_of(filled, "DEV_API_KEY") or "")


def new(project: Project, name: str, scopes: list[str], expires_days: int | None = None) -> str:
    """Make one more API key.

    Returns:
        The key itself; it is nowhere else, its hash is what is kept.

    Raises:
        Mistake: When the name is taken or the service knows no such scope.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
        raise Mistake(
            f"--name {name!r}\n  A name has letters, digits, dots, dashes; such as web-frontend."
        )
    known = [project.pipeline().name, *DEVELOPMENT_SCOPES]
    for scope in scopes:
        if scope not in known and not re.fullmatch(r"tool:[a-z0-9][a-z0-9_.-]*", scope):
            raise Mistake(
                f"--scope {scope}\n  There is no such scope: {', '.join(known)}, tool:<name>."
            )
    path = keys_file(project)
    document = read_keys(path, project)
    if any(known["id"] == name for known in document["keys"]):
        raise Mistake(
            f"{project.relative(path)}\n  There is a key named {name} already. Take another name, "
            f"or make it a new key: uv run playbook keys rotate {name}"
        )
    expires = None if expires_days is None else now() + timedelta(days=expires_days)
    key = new_key()
    document["keys"].append(entry(project, name, key, scopes, expires))
    write_keys(path, document)
    return key


def now() -> datetime:
    """The time, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def keys_file(project: Project) -> Path:
    """Where the service looks for its keys: API_KEYS_FILE, or `.secrets/api-keys.json`."""
    return project.root / project.environment().get("API_KEYS_FILE", DEFAULT_KEYS_FILE)


def new_key() -> str:
    """256 random bits, with a prefix by which a secret scanner recognises them."""
    return f"aw_{secrets.token_urlsafe(32)}"


def entry(
    project: Project, name: str, key: str, scopes: list[str], expires: datetime | None = None
) -> dict[str, Any]:
    """A key as the key file holds it: its hash, whose it is, what it may do."""
    return {
        "id": name,
        "sha256": hash_key(key),
        "organisation": project.organisation,
        "scopes": list(dict.fromkeys(scopes)),
        "created": now().isoformat(),
        "expires": expires.isoformat() if expires else None,
    }


def value_of(text: str, name: str) -> str | None:
    """A variable's value in a dotenv text; None when it is missing or empty."""
    from io import StringIO

    from dotenv import dotenv_values

    return dotenv_values(stream=StringIO(text), interpolate=False).get(name) or None


def _token() -> str:
    return secrets.token_urlsafe(32)


def _fill(text: str, values: dict[str, str]) -> tuple[str, list[str]]:
    """Give each variable without a value one: in its own line, or else at the end."""
    filled = []
    for name, value in values.items():
        if value_of(text, name):
            continue
        line = re.compile(
            rf"^(\s*(?:export\s+)?{name})\s*=[ \t]*(?:''|\"\")?[ \t]*(#.*)?$", re.MULTILINE
        )
        if line.search(text):
            text = line.sub(lambda match, value=value: f"{match[1]}={value}", text)  # type: ignore[misc]
        else:
            text += ("" if not text or text.endswith("\n") else "\n") + f"{name}={value}\n"
        filled.append(name)
    return text, filled


def _register_development_key(project: Project, key: str) -> list[str]:
    """Make the key of `.env` work, under the id `dev`."""
    path = keys_file(project)
    document = read_keys(path, project)
    where = project.relative(path)
    if any(known["sha256"] == hash_key(key) for known in document["keys"]):
        return [f"{where}: only you can read it now"] if _narrowed(path) else []
    others = [known for known in document["keys"] if known["id"] != "dev"]
    replaced = len(others) != len(document["keys"])
    scopes = [project.pipeline().name, *DEVELOPMENT_SCOPES]
    document["keys"] = [entry(project, "dev", key, scopes), *others]
    write_keys(path, document)
    if replaced:
        return [f"{where}: the key dev is now the DEV_API_KEY of {ENV}; the one before is void"]
    return [f"{where}: the key dev registered, with {', '.join(scopes)}"]


def read_keys(path: Path, project: Project) -> dict[str, Any]:
    """The key file as it stands; empty where there is none."""
    if not path.exists():
        return {"keys": []}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if all(isinstance(known["id"] + known["sha256"], str) for known in document["keys"]):
            return dict(document)
    except (ValueError, TypeError, KeyError):
        pass
    raise Mistake(
        f"{project.relative(path)}\n  This is not a key file; nothing was changed. "
        "Move it away and run the command again, which makes a new one."
    )


def write_keys(path: Path, document: dict[str, Any]) -> None:
    """Replace the key file, whole; a running service reads it within a second."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, json.dumps(document, indent=2) + "\n", OWNER_ONLY)


def _narrowed(path: Path) -> bool:
    """Take the file from everyone but its owner; whether that changed anything."""
    if path.stat().st_mode & 0o077 == 0:
        return False
    path.chmod(OWNER_ONLY)
    return True
