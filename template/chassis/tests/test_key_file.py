"""The file of API keys while the service runs: a key comes and goes without a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from chassis.config import ConfigError
from chassis.identity.api_keys import ApiKeys, hash_key
from chassis.testing import ServiceUnderTest

NOTE = {"text": "an apple"}


@pytest.fixture(autouse=True)
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.identity.key_file.POLL_SECONDS", 0.02)


def entry(key: str, name: str = "web", **more: Any) -> dict[str, Any]:
    usual = {"id": name, "sha256": hash_key(key), "organisation": "acme", "scopes": ["label"]}
    return {**usual, **more}


def write(path: Path, document: Any) -> None:
    """Replace the file whole, as `playbook keys` and a mounted secret do."""
    new = path.with_suffix(".new")
    new.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    new.replace(path)


def file_of(service: ServiceUnderTest) -> Path:
    return service.keys_file


async def status(service: ServiceUnderTest, key: str) -> int:
    return (await service.post(NOTE, key=key)).status_code


async def test_a_key_is_given_and_revoked_without_a_restart(service: ServiceUnderTest) -> None:
    """PLAYBOOK 2.12: rotation and revocation need no deployment."""
    assert await status(service, "new") == 401
    write(file_of(service), {"keys": [entry("new")]})
    await until(lambda: len(service.lines("api_keys_loaded")) == 1)
    assert (await status(service, "new"), await status(service, service.key)) == (200, 401)
    write(file_of(service), {"keys": [entry("new", revoked="2026-01-01T00:00:00Z")]})
    await until(lambda: len(service.lines("api_keys_loaded")) == 2)
    assert await status(service, "new") == 401
    assert service.lines("security_event")[-1]["kind"] == "revoked-key"


@pytest.mark.parametrize("bad", ["", "{not json", '{"keys": [{"id": 3}]}', '{"keys": {}}', None])
async def test_a_bad_file_locks_nobody_out_and_is_said(
    service: ServiceUnderTest, bad: str | None
) -> None:
    """As with flags: the last good one stays, log and metric tell, and it heals by itself."""
    good = file_of(service).read_text("utf-8")
    assert service.metric("airworthy_api_keys_valid") == 1
    if bad is None:
        file_of(service).unlink()
    else:
        write(file_of(service), bad)
    await until(lambda: service.metric("airworthy_api_keys_valid") == 0)
    assert await status(service, service.key) == 200
    (event,) = service.lines("api_keys_refused")
    assert "last good keys stay" in event["consequence"]
    write(file_of(service), good)
    await until(lambda: service.metric("airworthy_api_keys_valid") == 1)


def refused(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "keys.json"
    write(path, document)
    with pytest.raises(ConfigError) as caught:
        ApiKeys.load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"scope": ["label"]}, "keys[0].scope\n  scope is not known here. Did you mean scopes?"),
        ({"sha256": "aw_the-key-itself"}, "keys[0].sha256\n  This is not a SHA-256."),
        ({"sha256": 7}, "keys[0].sha256\n  This is not a SHA-256."),
        ({"expires": "soon"}, "keys[0].expires\n"),
        ({"id": ""}, "keys[0].id\n  This is empty"),
    ],
)
def test_a_mistake_is_told_with_its_entry_and_never_with_a_key(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    said = refused(tmp_path, {"keys": [{**entry("secret"), **change}]})
    assert told in said
    assert "aw_" not in said


def test_two_entries_of_one_key_have_to_agree(tmp_path: Path) -> None:
    other = entry("second", organisation="globex")
    said = refused(tmp_path, {"keys": [entry("first"), other]})
    assert "keys[1].organisation" in said
    assert "two organisations" in said
    assert "Two entries hold this key" in refused(
        tmp_path, {"keys": [entry("first", "a"), entry("first", "b")]}
    )


def test_a_file_of_anything_is_not_read_into_memory(tmp_path: Path) -> None:
    assert "so it is not a key file" in refused(tmp_path, " " * 5_000_000)
