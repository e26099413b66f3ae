"""Secrets of a working copy: made once, never overwritten, for their owner's eyes only."""

import hashlib
import json
import stat
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.identity import Refused
from chassis.identity.api_keys import ApiKeys
from playbook.keys import _fill, value_of

if TYPE_CHECKING:
    from conftest import Greenhouse


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _keys(greenhouse: "Greenhouse") -> list[dict[str, Any]]:
    path = greenhouse.root / ".secrets" / "api-keys.json"
    keys: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["keys"]
    return keys


def test_a_fresh_clone_gets_an_env_file_and_a_key_that_works(greenhouse: "Greenhouse") -> None:
    (greenhouse.root / ".env.example").write_text("# Mine\nSERVICE_SECRET=\nLOG_LEVEL=DEBUG\n")
    ran = greenhouse.playbook("keys", "ensure")
    assert ran.code == 0
    env = (greenhouse.root / ".env").read_text("utf-8")
    assert env.startswith("# Mine\nSERVICE_SECRET=")
    assert "LOG_LEVEL=DEBUG" in env
    assert len(value_of(env, "SERVICE_SECRET") or "") >= 32
    key = value_of(env, "DEV_API_KEY")
    keys = ApiKeys.load(greenhouse.root / ".secrets" / "api-keys.json")
    caller = keys.caller(key or "")
    assert caller.organisation == "glasshouse"
    assert caller.scopes == {"triage", "feedback", "delegate", "docs"}


def test_only_the_owner_can_read_what_is_made(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    assert _mode(greenhouse.root / ".env") == 0o600
    assert _mode(greenhouse.root / ".secrets" / "api-keys.json") == 0o600
    assert _mode(greenhouse.root / ".secrets") == 0o700


def test_no_key_is_stored_or_said_in_plain(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("keys", "ensure")
    key = value_of((greenhouse.root / ".env").read_text("utf-8"), "DEV_API_KEY")
    assert key
    assert key not in (greenhouse.root / ".secrets" / "api-keys.json").read_text("utf-8")
    assert key not in ran.out + ran.err
    assert _keys(greenhouse)[0]["sha256"] == hashlib.sha256(key.encode()).hexdigest()


def test_a_second_time_nothing_changes(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    files = [greenhouse.root / ".env", greenhouse.root / ".secrets" / "api-keys.json"]
    before = [file.read_bytes() for file in files]
    ran = greenhouse.playbook("keys", "ensure")
    assert "nothing was changed" in ran.out
    assert [file.read_bytes() for file in files] == before


def test_values_that_are_there_are_kept(greenhouse: "Greenhouse") -> None:
    mine = "export SERVICE_SECRET='my own, and long enough for anybody'\nDEV_API_KEY=mine\nX=1"
    (greenhouse.root / ".env").write_text(mine)
    greenhouse.playbook("keys", "ensure")
    assert (greenhouse.root / ".env").read_text("utf-8") == mine
    assert _keys(greenhouse)[0]["sha256"] == hashlib.sha256(b"mine").hexdigest()


def test_a_file_others_could_read_is_narrowed_and_said(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    (greenhouse.root / ".env").chmod(0o644)
    ran = greenhouse.playbook("keys", "ensure")
    assert ".env: only you can read it now" in ran.out
    assert _mode(greenhouse.root / ".env") == 0o600


def test_the_development_key_follows_the_env_file_and_spares_other_keys(
    greenhouse: "Greenhouse",
) -> None:
    greenhouse.playbook("keys", "ensure")
    greenhouse.playbook("keys", "new", "--name", "web", "--scope", "triage")
    env = greenhouse.root / ".env"
    key = value_of(env.read_text("utf-8"), "DEV_API_KEY") or ""
    env.write_text(env.read_text("utf-8").replace(key, "another"), "utf-8")
    ran = greenhouse.playbook("keys", "ensure")
    assert "the one before is void" in ran.out
    assert sorted(entry["id"] for entry in _keys(greenhouse)) == ["dev", "web"]


def test_a_new_key_is_shown_once_and_works(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook(
        "keys", "new", "--name", "web", "--scope", "triage", "--scope", "feedback"
    )
    key = ran.out.strip()
    keys = ApiKeys.load(greenhouse.root / ".secrets" / "api-keys.json")
    caller = keys.caller(key)
    assert (caller.principal, caller.scopes) == (
        "web",
        frozenset({"triage", "feedback"}),
    )
    assert "only time the key is shown" in ran.err


def test_a_key_can_have_an_end(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "new", "--name", "web", "--scope", "triage", "--expires-days", "30")
    assert _keys(greenhouse)[0]["expires"].endswith("+00:00")
    ApiKeys.load(greenhouse.root / ".secrets" / "api-keys.json")


def test_a_name_is_given_once(greenhouse: "Greenhouse") -> None:
    arguments = ("keys", "new", "--name", "web", "--scope", "triage")
    greenhouse.playbook(*arguments)
    before = _keys(greenhouse)
    ran = greenhouse.playbook(*arguments)
    assert ran.code == 2
    assert "There is a key named web already" in ran.err
    assert _keys(greenhouse) == before


@pytest.mark.parametrize("content", ["", "[]", '{"keys": [{"id": 3}]}', "not json"])
def test_a_file_that_is_no_key_file_is_left_alone(greenhouse: "Greenhouse", content: str) -> None:
    path = greenhouse.root / ".secrets" / "api-keys.json"
    path.parent.mkdir()
    path.write_text(content)
    ran = greenhouse.playbook("keys", "ensure")
    assert ran.code == 2
    assert "This is not a key file; nothing was changed" in ran.err
    assert path.read_text("utf-8") == content


def test_a_name_that_could_not_be_logged_is_refused(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("keys", "new", "--name", "web\nadmin", "--scope", "triage")
    assert ran.code == 2


_LINE = st.sampled_from(
    [
        "# a comment",
        "",
        "A=1",
        "SERVICE_SECRET=",
        "SERVICE_SECRET=''",
        'SERVICE_SECRET=""  # fill me',
        "export SERVICE_SECRET=",
        "SERVICE_SECRET=kept",
        "# SERVICE_SECRET=commented",
        "OTHER_SERVICE_SECRET=x",
    ]
)


@given(st.lists(_LINE, max_size=6), st.booleans())
def test_filling_gives_a_value_keeps_the_rest_and_happens_once(
    lines: list[str], ends: bool
) -> None:
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    before = value_of(text, "SERVICE_SECRET")
    filled, _ = _fill(text, {"SERVICE_SECRET": "new"})
    assert value_of(filled, "SERVICE_SECRET") == (before or "new")
    assert value_of(filled, "A") == value_of(text, "A")
    assert value_of(filled, "OTHER_SERVICE_SECRET") == value_of(text, "OTHER_SERVICE_SECRET")
    assert _fill(filled, {"SERVICE_SECRET": "newer"}) == (filled, [])


def test_a_scope_that_no_door_asks_for_is_refused(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("keys", "new", "--name", "web", "--scope", "feedbak")
    assert ran.code == 2
    assert ran.err == (
        "--scope feedbak\n  There is no such scope: triage, feedback, delegate, docs, "
        "tool:<name>.\n"
    )
    assert not (greenhouse.root / ".secrets").exists()


def _service_says(greenhouse: "Greenhouse", key: str) -> str:
    """Whose key the service takes it for, or how it refuses it."""
    keys = ApiKeys.load(greenhouse.root / ".secrets" / "api-keys.json")
    try:
        return keys.caller(key).principal
    except Refused as refused:
        return refused.kind


def test_a_rotation_keeps_two_keys_of_one_caller_valid_until_the_older_is_revoked(
    greenhouse: "Greenhouse",
) -> None:
    """PLAYBOOK 2.12: nobody is locked out by a rotation, nobody keeps an old key."""
    scopes = ("--scope", "triage", "--scope", "tool:refund")
    older = greenhouse.playbook("keys", "new", "--name", "web", *scopes).out.strip()
    ran = greenhouse.playbook("keys", "rotate", "web", "--overlap-days", "3")
    newer = ran.out.strip()
    assert "uv run playbook keys revoke web --older" in ran.err
    assert newer not in ran.err
    assert [_service_says(greenhouse, key) for key in (older, newer)] == ["web", "web"]
    assert {tuple(entry["scopes"]) for entry in _keys(greenhouse)} == {("triage", "tool:refund")}
    assert "two are valid" in greenhouse.playbook("keys", "list").out
    assert greenhouse.playbook("keys", "rotate", "web").code == 2  # two at once are enough
    greenhouse.playbook("keys", "revoke", "web", "--older")
    assert [_service_says(greenhouse, key) for key in (older, newer)] == ["revoked-key", "web"]
    assert greenhouse.playbook("keys", "revoke", "web", "--older").code == 2
    assert greenhouse.playbook("keys", "revoke", "web").code == 0
    assert _service_says(greenhouse, newer) == "revoked-key"
    ran = greenhouse.playbook("keys", "revoke", "web")
    assert (ran.code, ran.err) == (2, "web\n  No valid key has this name. Valid: none.\n")


def test_a_new_key_lasts_as_long_as_the_older_one_was_given(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "new", "--name", "web", "--scope", "triage", "--expires-days", "30")
    greenhouse.playbook("keys", "rotate", "web")
    older, newer = (
        datetime.fromisoformat(entry["expires"]) - datetime.fromisoformat(entry["created"])
        for entry in _keys(greenhouse)
    )
    assert (older.days, newer.days) == (7, 30)


def test_the_list_shows_state_and_what_to_do_and_no_hash(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    greenhouse.playbook("keys", "new", "--name", "web", "--scope", "triage", "--expires-days", "5")
    ran = greenhouse.playbook("keys", "list")
    head, dev, web, advice = ran.out.splitlines()
    assert head.split() == ["name", "state", "made", "expires", "scopes"]
    assert dev.split()[:2] == ["dev", "valid"]
    assert "never" in dev
    assert web.split()[:2] == ["web", "valid"]
    assert advice == "web: expires soon. Next: uv run playbook keys rotate web"
    assert not [entry for entry in _keys(greenhouse) if entry["sha256"][:8] in ran.out]


def test_the_development_key_is_rotated_where_it_stands(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("keys", "ensure")
    ran = greenhouse.playbook("keys", "rotate", "dev")
    assert ran.code == 2
    assert "empty DEV_API_KEY in .env" in ran.err
