"""The later life of an API key: listed, rotated while two are valid, revoked.

Entries are never taken out: a revoked key that is still used is a security event of its own kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.identity.api_keys import ApiKey, hash_key
from playbook.keys import keys_file, new_key, now, read_keys, write_keys
from playbook.project import Project
from playbook.verdicts import Mistake

EXPIRES_SOON = timedelta(days=14)
_DEVELOPMENT = "dev"


@dataclass(frozen=True)
class Rotated:
    """A key's successor, and until when the older one still works."""

    key: str
    older_until: datetime
    expires: datetime | None


def lines(project: Project) -> Iterator[str]:
    """One line per key, and what to do about those that need something."""
    path = keys_file(project)
    keys = _keys(project)
    if not keys:
        yield f"{project.relative(path)} has no keys. Make one: uv run playbook keys new"
        return
    rows = [("name", "state", "made", "expires", "scopes")]
    rows += [
        (key.id, key.state(now()), _day(key.created, "?"), _day(key.expires, "never"), _scopes(key))
        for key in keys
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    yield from _advice(keys)


def rotate(
    project: Project, name: str, overlap_days: int, expires_days: int | None = None
) -> Rotated:
    """Give a caller a second key, of the same name and scopes; the first ends after the overlap.

    The new key lasts as many days as `expires_days` says, or as the older one was given.

    Raises:
        Mistake: When there is no such key, or two of it are valid already.
    """
    path = keys_file(project)
    document = read_keys(path, project)
    valid = _valid(project, name)
    if name == _DEVELOPMENT:
        raise Mistake(
            f"{name}\n  This is your own key: empty DEV_API_KEY in .env and run `make setup`."
        )
    if len(valid) > 1:
        raise Mistake(
            f"{name}\n  Two of its keys are valid. When its callers have the newer one: "
            f"uv run playbook keys revoke {name} --older"
        )
    (older,) = valid
    until = now() + timedelta(days=overlap_days)
    if older.expires is not None:
        until = min(until, older.expires)
    expires = _lifetime(older, expires_days)
    key = new_key()
    entry = next(e for e in document["keys"] if e["sha256"] == older.sha256)
    entry["expires"] = until.isoformat()
    successor = {
        **entry,
        "sha256": hash_key(key),
        "created": now().isoformat(),
        "expires": expires.isoformat() if expires else None,
    }
    document["keys"].insert(document["keys"].index(entry) + 1, successor)
    write_keys(path, document)
    return Rotated(key, until, expires)


def revoke(project: Project, name: str, *, older: bool = False) -> int:
    """End a caller's keys now, or only the older of two.

    Returns:
        How many were ended.

    Raises:
        Mistake: When no such key is valid, or there are not two.
    """
    path = keys_file(project)
    document = read_keys(path, project)
    valid = _valid(project, name)
    if older and len(valid) < 2:
        raise Mistake(
            f"{name}\n  Only one of its keys is valid. To end it: "
            f"uv run playbook keys revoke {name}"
        )
    ended = {key.sha256 for key in (valid[:1] if older else valid)}
    for entry in document["keys"]:
        if entry["sha256"] in ended:
            entry["revoked"] = now().isoformat()
    write_keys(path, document)
    return len(ended)


def _keys(project: Project) -> list[ApiKey]:
    path = keys_file(project)
    try:
        return [ApiKey.model_validate(e) for e in read_keys(path, project)["keys"]]
    except ValueError:  # what it says may hold a key
        raise Mistake(
            f"{project.relative(path)}\n  An entry of this file is not a key's; nothing was "
            "changed. The service says which one when it starts."
        ) from None


def _valid(project: Project, name: str) -> list[ApiKey]:
    keys = _keys(project)
    valid = [key for key in keys if key.id == name and key.state(now()) == "valid"]
    if not valid:
        known = ", ".join(dict.fromkeys(key.id for key in keys if key.state(now()) == "valid"))
        raise Mistake(f"{name}\n  No valid key has this name. Valid: {known or 'none'}.")
    return valid


def _lifetime(older: ApiKey, expires_days: int | None) -> datetime | None:
    if expires_days is not None:
        return now() + timedelta(days=expires_days)
    if older.expires is None or older.created is None:
        return None
    return now() + (older.expires - older.created)


def _advice(keys: list[ApiKey]) -> Iterator[str]:
    valid: dict[str, list[ApiKey]] = {}
    for key in keys:
        if key.state(now()) == "valid":
            valid.setdefault(key.id, []).append(key)
    for name, of_one in valid.items():
        last = of_one[-1].expires
        if len(of_one) > 1:
            yield (
                f"{name}: two are valid, so its callers can change over. "
                f"Then: uv run playbook keys revoke {name} --older"
            )
        elif last is not None and last - now() < EXPIRES_SOON:
            yield f"{name}: expires soon. Next: uv run playbook keys rotate {name}"


def _day(moment: datetime | None, otherwise: str) -> str:
    return moment.date().isoformat() if moment else otherwise


def _scopes(key: ApiKey) -> str:
    return ", ".join(sorted(key.scopes)) or "none"


def told(rotated: Rotated, name: str) -> Iterator[str]:
    """What to do with a successor."""
    yield (
        f"This is the only time the key is shown. The older key of {name} works until "
        f"{rotated.older_until:%Y-%m-%d %H:%M} UTC."
    )
    yield f"It expires on {rotated.expires:%Y-%m-%d}." if rotated.expires else "It never expires."
    yield (
        "Next: give it to its callers, deploy the key file where the service runs elsewhere, then "
        f"uv run playbook keys revoke {name} --older"
    )
