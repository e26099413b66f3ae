"""What differs between machines, and what is secret: environment variables, over `.env`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..guards.personal.credentials import Secrets
from ..guards.personal.spans import redact
from .explain import explain
from .fields import mistake
from .problems import ConfigError, Problem, shown


def _url(text: str) -> str:
    if not re.match(r"^https?://[^\s/]+", text):
        raise mistake(f'"{text}" is not a URL: it starts with https:// or http://.')
    return text.rstrip("/")


def is_secure(url: str) -> bool:
    """Whether an address is https, or http to this machine, where nobody is on the way."""
    local = r"^http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/|$)"
    return bool(re.match(r"^https://[^\s/@?#]+", url) or re.match(local, url))


def _secure_url(text: str) -> str:
    """As it is written, with its last slash or without: an issuer is compared to the letter."""
    if not is_secure(text) or re.search(r"[\s?#]", text):
        example = "https://login.example.com/acme"
        raise mistake(f'"{text}" is not an https address, such as {example}.')
    return text


def _redis_url(secret: SecretStr) -> SecretStr:
    # What is wrong is not quoted: the address holds a password.
    expected = "a Redis address, such as redis://:password@redis.internal:6379/0"
    try:
        parts = urlsplit(secret.get_secret_value())
        port = parts.port
    except ValueError:
        raise mistake(f"This is not {expected}: its port is no number.") from None
    if parts.scheme not in ("redis", "rediss"):
        raise mistake(f"This is not {expected}: it starts with redis:// or, over TLS, rediss://.")
    if not parts.hostname or port == 0:
        raise mistake(f"This is not {expected}: it names no host, or port 0.")
    if not re.fullmatch(r"(/\d*)?", parts.path):
        raise mistake(f"This is not {expected}: after the port comes the number of a database.")
    return secret


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Url = Annotated[str, AfterValidator(_url)]
SecureUrl = Annotated[str, AfterValidator(_secure_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """Settings of one process. The names in the environment are these, in capitals.

    `OTEL_*` is read by the OpenTelemetry SDK itself, `AWS_*` by boto.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: Port = Field(default=8080, description="Port of the service; 0 takes a free one.")
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address of /metrics, which asks for no key: where outsiders cannot reach it.",
    )
    metrics_port: Port = Field(default=9464, description="Port of /metrics; 0 takes a free one.")
    environment: str = Field(
        default="development",
        pattern=r"^[a-z][a-z0-9-]*$",
        description="development, staging, production; named in logs and metrics.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        Field(default="INFO", description="The least level that is logged.")
    )
    service_secret: SecretStr = Field(
        description="Key for hashes of users and for feedback tokens; at least 32 characters."
    )
    dev_api_key: SecretStr | None = Field(
        default=None, description="The key `make run` and the examples use; development only."
    )
    api_keys_file: Path = Field(
        default=Path(".secrets/api-keys.json"), description="Hashed API keys of the callers."
    )
    oidc_issuer: SecureUrl | None = Field(
        default=None, description="Identity provider whose tokens are taken, as in their iss."
    )
    oidc_audience: str | None = Field(
        default=None, description="What tokens for this service have in their aud."
    )
    oidc_jwks_url: SecureUrl | None = Field(
        default=None, description="Its signing keys, where it has no discovery document."
    )
    redis_url: RedisUrl | None = Field(
        default=None, description="Where limits are counted with `limits.storage: redis`."
    )
    simulator_url: Url = Field(
        default="http://127.0.0.1:8089/v1", description="Where the simulator listens."
    )
    model_base_url: Url | None = Field(
        default=None, description="Address of the provider openai-compatible."
    )
    model_api_key: SecretStr | None = Field(
        default=None, description="Key of the provider openai-compatible, where it wants one."
    )
    openai_api_key: SecretStr | None = Field(default=None, description="Key of openai.")
    azure_openai_endpoint: Url | None = Field(default=None, description="Address of azure.")
    azure_openai_api_key: SecretStr | None = Field(default=None, description="Key of azure.")
    azure_openai_api_version: str | None = Field(
        default=None, description="API version of azure, where not its v1."
    )
    azure_content_safety_endpoint: Url | None = Field(
        default=None, description="Address of the moderation azure-content-safety."
    )
    azure_content_safety_key: SecretStr | None = Field(
        default=None, description="Key of the moderation azure-content-safety."
    )
    moderation_base_url: Url | None = Field(
        default=None,
        description="Address of the moderation openai, where another server speaks its protocol.",
    )
    anthropic_api_key: SecretStr | None = Field(default=None, description="Key of anthropic.")
    google_api_key: SecretStr | None = Field(default=None, description="Key of google.")

    @field_validator("service_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value()) < 32:
            raise mistake("This is shorter than 32 characters. Remove it and run `make setup`.")
        return secret

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.port == self.metrics_port != 0:
            raise mistake(f"{self.port} is PORT already. Choose another.", "metrics_port")
        return self

    @classmethod
    def load(cls, root: Path) -> Settings:
        """Read the environment over `root/.env`; paths in it are relative to `root`.

        Raises:
            ConfigError: with every mistake, at its line of `.env` or naming the variable.
        """
        env_file = root / ".env"
        arguments: dict[str, Any] = {"_env_file": env_file, "_env_file_encoding": "utf-8"}
        try:
            settings = cls(**arguments)
        except ValidationError as failed:
            raise ConfigError(_problems(cls, failed, env_file, root)) from None
        except UnicodeDecodeError:
            message = "This file is not UTF-8 text. Save it as UTF-8."
            raise ConfigError([Problem(".env", None, "", message)]) from None
        return settings.model_copy(update={"api_keys_file": root / settings.api_keys_file})

    def lacking(self, provider: str) -> list[str]:
        """Name the variables a provider, or the method `oidc`, needs that are not set."""
        needed = NEEDED.get(provider, ())
        return [name for name in needed if getattr(self, name.lower()) is None]


NEEDED = {
    "openai": ("OPENAI_API_KEY",),
    "azure": ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"),
    "azure-content-safety": ("AZURE_CONTENT_SAFETY_ENDPOINT", "AZURE_CONTENT_SAFETY_KEY"),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY",),
    "openai-compatible": ("MODEL_BASE_URL",),
    "oidc": ("OIDC_ISSUER", "OIDC_AUDIENCE"),
}
"""What each provider needs; bedrock takes AWS's own chain of credentials, the simulator nothing."""


def _problems(
    cls: type[Settings], failed: ValidationError, env_file: Path, root: Path
) -> list[Problem]:
    in_file = _lines(env_file)
    in_environment = {name.upper() for name, value in os.environ.items() if value}
    found = []
    for error in failed.errors(include_url=False):
        path, message = explain(cls, error)
        name = str(path[0]).upper()
        if error["type"] == "missing":
            message = "This is not set. Run `make setup`, which makes one."
        message = redact(message, Secrets())  # a key may have got into the wrong line
        if name in in_environment:
            found.append(Problem("environment variable", None, name, message))
        else:
            found.append(Problem(shown(env_file, root), in_file.get(name), name, message))
    return found


def _lines(env_file: Path) -> dict[str, int]:
    """Find the line of each variable of a `.env` file."""
    if not env_file.is_file():
        return {}
    text = env_file.read_text(encoding="utf-8")
    named = ((re.match(r"\s*(?:export\s+)?(\w+)\s*=", line)) for line in text.splitlines())
    return {match[1].upper(): n for n, match in enumerate(named, start=1) if match}
