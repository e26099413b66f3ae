"""Settings from the environment over `.env`; secrets stay secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chassis.config import ConfigError, Settings

SECRET = "a-secret-that-is-long-enough-to-be-used"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)


def write_env(root: Path, *lines: str) -> Path:
    (root / ".env").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def told(root: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        Settings.load(root)
    return str(caught.value)


def test_the_defaults_listen_on_this_machine_only(tmp_path: Path) -> None:
    settings = Settings.load(write_env(tmp_path, f"SERVICE_SECRET={SECRET}"))
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 8080, 9464)
    assert settings.metrics_host == "127.0.0.1"
    assert settings.simulator_url == "http://127.0.0.1:8089/v1"
    assert settings.api_keys_file == tmp_path / ".secrets" / "api-keys.json"


@pytest.mark.parametrize(
    ("issuer", "good"),
    [
        ("https://login.example.com/acme/", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost/x", True),
        ("http://login.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@evil.example", False),
        ("https://", False),
        ("login.example.com", False),
        ("https://login.example.com/?x=1", False),
    ],
)
def test_an_identity_provider_is_asked_over_https_only(
    tmp_path: Path, issuer: str, good: bool
) -> None:
    root = write_env(tmp_path, f"SERVICE_SECRET={SECRET}", f"OIDC_ISSUER={issuer}")
    if good:
        assert Settings.load(root).oidc_issuer == issuer  # to the letter, as tokens have it
    else:
        assert ".env:2  OIDC_ISSUER\n" in told(root)


def test_the_environment_counts_more_than_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "9000")
    root = write_env(tmp_path, f"SERVICE_SECRET={SECRET}", "PORT=8000", "LOG_LEVEL=debug")
    settings = Settings.load(root)
    assert (settings.port, settings.log_level) == (9000, "DEBUG")


def test_a_variable_left_empty_is_not_set(tmp_path: Path) -> None:
    settings = Settings.load(write_env(tmp_path, f"SERVICE_SECRET={SECRET}", "OPENAI_API_KEY="))
    assert settings.openai_api_key is None
    assert settings.lacking("openai") == ["OPENAI_API_KEY"]
    assert settings.lacking("simulator") == []


def test_mistakes_are_shown_at_their_lines_of_the_file(tmp_path: Path) -> None:
    root = write_env(
        tmp_path,
        "# settings",
        "PORT=eighty",
        "export METRICS_PORT=70000",
        "LOG_LEVEL=loud",
        "SIMULATOR_URL=localhost:8089",
        f"SERVICE_SECRET={SECRET}",
    )
    assert told(root) == (
        ".env:2  PORT\n"
        '  "eighty" is text; expected a whole number.\n'
        ".env:3  METRICS_PORT\n"
        '  "70000" is out of range: expected at most 65535.\n'
        ".env:4  LOG_LEVEL\n"
        '  "LOUD" is not one of DEBUG, INFO, WARNING, ERROR.\n'
        ".env:5  SIMULATOR_URL\n"
        '  "localhost:8089" is not a URL: it starts with https:// or http://.'
    )


def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "9464")
    root = write_env(tmp_path, f"SERVICE_SECRET={SECRET}", "METRICS_PORT=9464")
    assert told(root) == ".env:2  METRICS_PORT\n  9464 is PORT already. Choose another."
    monkeypatch.setenv("PORT", "x")
    assert told(root) == 'environment variable  PORT\n  "x" is text; expected a whole number.'


def test_a_service_without_its_secret_says_how_to_get_one(tmp_path: Path) -> None:
    assert told(tmp_path) == (
        ".env  SERVICE_SECRET\n  This is not set. Run `make setup`, which makes one."
    )


def test_a_secret_too_short_is_refused_without_being_shown(tmp_path: Path) -> None:
    message = told(write_env(tmp_path, "SERVICE_SECRET=hunter2"))
    assert "shorter than 32 characters" in message and "hunter2" not in message


def test_no_secret_is_shown(tmp_path: Path) -> None:
    secrets = {
        name: f"redis://:{SECRET}@localhost" if name == "redis_url" else f"{SECRET}-{name}"
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    root = write_env(tmp_path, *(f"{name.upper()}={value}" for name, value in secrets.items()))
    settings = Settings.load(root)
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert len(secrets) >= 7
    assert SECRET not in shown


def test_reading_leaves_the_environment_as_it_was(tmp_path: Path) -> None:
    before = dict(os.environ)
    Settings.load(write_env(tmp_path, f"SERVICE_SECRET={SECRET}", "PORT=1234"))
    assert dict(os.environ) == before
