"""API keys: how they are stored, and whose a presented one is."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..config import ConfigError
from ..config.explain import parse
from ..config.fields import mistake
from ..config.files import read_json
from ..config.problems import Problem as ConfigProblem
from ..config.problems import shown
from .caller import Caller
from .refusals import Refused

# Bytes of the file; a thousand keys take a quarter of a megabyte.
_LARGEST_FILE = 4 * 1024 * 1024


def _utc_unless_said(moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment


def _a_hash(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        # Without the value: it may be the key itself.
        raise mistake("This is not a SHA-256. `playbook keys new` writes a key's entry.")
    return value


Moment = Annotated[datetime | None, AfterValidator(_utc_unless_said)]


class ApiKey(BaseModel):
    """One key as it is stored: its hash, never the key.

    Keys are 256 random bits, so a plain SHA-256 is enough; a slow password hash protects guessable
    secrets only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    sha256: Annotated[str, BeforeValidator(_a_hash)]
    organisation: str = Field(min_length=1)
    scopes: frozenset[str] = frozenset()
    created: Moment = None
    expires: Moment = None
    revoked: Moment = None

    def state(self, now: datetime) -> str:
        """`valid`, `expired` or `revoked`; revoked says more, so it comes first."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"


class KeyDocument(BaseModel):
    """The file of API keys. Two entries of one id are a key that is being rotated."""

    model_config = ConfigDict(extra="forbid")

    keys: list[ApiKey]

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        homes = {key.id: key.organisation for key in reversed(self.keys)}
        times = Counter(key.sha256 for key in self.keys)
        for index, key in enumerate(self.keys):
            if key.organisation != homes[key.id]:
                message = f"The entries of {key.id} name two organisations; make them one."
                raise mistake(message, "keys", index, "organisation")
            if times[key.sha256] > 1:
                message = "Two entries hold this key; take one out."
                raise mistake(message, "keys", index, "sha256")
        return self


def hash_key(key: str) -> str:
    """The form in which a key is stored."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class ApiKeys:
    """The keys this service accepts, looked up by hash."""

    def __init__(self, keys: list[ApiKey]) -> None:
        self._by_hash = {key.sha256: key for key in keys}

    @classmethod
    def load(cls, path: Path) -> ApiKeys:
        """Read the file that `playbook keys` writes.

        Raises ConfigError when it is missing or not a key file, with line, field and fix.
        """
        file = shown(path, Path.cwd())
        return cls(parse(KeyDocument, read_json(_text(path, file), file)).keys)

    def caller(self, presented: str) -> Caller:
        """Whose key this is.

        Raises Refused (401) when it is nobody's, or no longer valid. The time a look-up takes tells
        an attacker about hashes of guesses, from which nothing follows about another key.
        """
        key = self._by_hash.get(hash_key(presented))
        if key is None:
            raise Refused("wrong-key", "This API key is not known here.")
        caller = Caller(principal=key.id, organisation=key.organisation, scopes=key.scopes)
        match key.state(datetime.now(UTC)):
            case "revoked":
                raise Refused("revoked-key", "This API key was revoked.", caller=caller)
            case "expired":
                raise Refused("expired-key", "This API key has expired.", caller=caller)
        return caller


def _text(path: Path, file: str) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            fix = f"This file is larger than {_LARGEST_FILE:,} bytes, so it is not a key file."
            raise ConfigError([ConfigProblem(file, None, "", fix)])
        return path.read_text("utf-8")
    except FileNotFoundError:
        fix = "There are no API keys yet. Run `make setup`, or point API_KEYS_FILE at a secret."
    except OSError as error:
        fix = f"This file cannot be read: {error.strerror}. Point API_KEYS_FILE at a key file."
    except ValueError:
        fix = (
            "This file is not UTF-8 text. Move it away and run `make setup`, which makes a new one."
        )
    raise ConfigError([ConfigProblem(file, None, "", fix)]) from None
