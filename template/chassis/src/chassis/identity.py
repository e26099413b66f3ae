"""Who is calling.

API keys, end users, sessions, and the keyed hashes under which they are stored.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .config import ConfigError
from .config.problems import Problem as ConfigProblem
from .config.problems import shown
from .outcomes import Outcome
from .problems import Problem, invalid

_LONGEST_NAME = 200


@dataclass(frozen=True)
class Caller:
    """The principal of a request and for whom it acts.

    `user` is the principal itself, or the `X-End-User` of a principal with the scope `delegate`. A
    session exists only within a user.
    """

    principal: str
    organisation: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    user: str = ""
    session: str | None = None

    @property
    def user_id(self) -> str:
        """The end user, or the principal where none was named."""
        return self.user or self.principal

    @property
    def identity(self) -> str:
        """The user, unique across organisations: what limits count and hashes stand for."""
        return "\0".join((self.organisation, "user" if self.user else "key", self.user_id))

    @property
    def session_identity(self) -> str | None:
        """The session, unique across users."""
        return f"{self.identity}\0{self.session}" if self.session else None


class ApiKey(BaseModel):
    """One key as it is stored: its hash, never the key.

    Keys are 256 random bits, so a plain SHA-256 is enough; a slow password hash protects guessable
    secrets only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    organisation: str = Field(min_length=1)
    scopes: frozenset[str] = frozenset()
    expires: datetime | None = None

    @field_validator("expires")
    @classmethod
    def _utc_unless_said(cls, expires: datetime | None) -> datetime | None:
        if expires is not None and expires.tzinfo is None:
            return expires.replace(tzinfo=UTC)
        return expires


class _KeyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keys: list[ApiKey]


def hash_key(key: str) -> str:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiKeys:
    """The keys this service accepts, looked up by hash."""

    def __init__(self, keys: list[ApiKey]) -> None:
        self._by_hash = {key.sha256: key for key in keys}

    @classmethod
    def load(cls, path: Path) -> ApiKeys:
        """Read the file that `playbook keys` writes.

        Raises ConfigError when it is missing or not a key file.
        """
        try:
            return cls(_KeyFile.model_validate_json(path.read_text("utf-8")).keys)
        except FileNotFoundError:
            fix = (
                "There are no API keys yet. "
                "Run `make setup`, or point API_KEYS_FILE at a mounted secret."
            )
            raise ConfigError([ConfigProblem(shown(path, Path.cwd()), None, "", fix)]) from None
        except OSError as error:
            fix = f"This file cannot be read: {error.strerror}. Point API_KEYS_FILE at a key file."
            raise ConfigError([ConfigProblem(shown(path, Path.cwd()), None, "", fix)]) from None
        except ValueError:  # not UTF-8, not JSON, not of this form
            fix = (
                "This is not a key file. Move it away and run `make setup`, which makes a new one."
            )
            raise ConfigError([ConfigProblem(shown(path, Path.cwd()), None, "", fix)]) from None

    def authenticate(self, headers: Mapping[str, str]) -> Caller:
        """The caller these headers prove.

        Raises Problem (401) without a valid key, and (403) for `X-End-User` without the scope
        `delegate`.
        """
        presented = _presented_key(headers)
        if presented is None:
            raise _unauthenticated("no-key", "Send your API key as `Authorization: Bearer <key>`.")
        key = self._by_hash.get(hash_key(presented))
        if key is None:
            raise _unauthenticated("wrong-key", "This API key is not known here.")
        if key.expires is not None and key.expires <= datetime.now(UTC):
            raise _unauthenticated("expired-key", "This API key has expired.")
        caller = Caller(
            principal=key.id,
            organisation=key.organisation,
            scopes=key.scopes,
            user=_named(headers, "X-End-User"),
            session=_named(headers, "X-Session-Id") or None,
        )
        if caller.user:
            require_scope(caller, "delegate")
        return caller


def _presented_key(headers: Mapping[str, str]) -> str | None:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip():
        return bearer.strip()
    return headers.get("x-api-key") or None


def _named(headers: Mapping[str, str], header: str) -> str:
    """An identity from a header. Cut short it could be somebody else's, so it is refused."""
    value = headers.get(header.lower(), "").strip()
    if len(value) > _LONGEST_NAME:
        raise invalid(
            "header-too-long",
            "A header is too long",
            f"{header} has {len(value):,} characters; this service takes up to {_LONGEST_NAME}.",
            status=400,
        )
    return value


def _unauthenticated(kind: str, detail: str) -> Problem:
    return Problem(
        kind,
        "Not authenticated",
        status=401,
        outcome=Outcome.unauthenticated,
        detail=detail,
        headers={"WWW-Authenticate": "Bearer"},
    )


def require_scope(caller: Caller, scope: str) -> None:
    """Raise Problem (403) unless the caller's key has `scope`."""
    if scope not in caller.scopes:
        raise Problem(
            "scope-missing",
            "Not allowed",
            status=403,
            outcome=Outcome.forbidden,
            detail=f"This API key lacks the scope `{scope}`.",
        )


class Pseudonyms:
    """Keyed hashes under which identities are logged and stored (HMAC-SHA-256, cut to 64 bits)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: str, identity: str | None) -> str | None:
        """The pseudonym of an identity.

        The same person differs by `kind`, so hashes cannot be joined.
        """
        if identity is None:
            return None
        message = f"{kind}:{identity}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:16]
