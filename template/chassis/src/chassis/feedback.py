"""Feedback tokens: signed, so that a rating needs no stored state."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from .problems import invalid

_VALID_SECONDS = 30 * 24 * 3600


class Rating(BaseModel):
    """What a user says of an answer."""

    model_config = ConfigDict(extra="forbid")

    feedback_token: str = Field(max_length=2000, description="The token that came with the answer.")
    rating: int = Field(ge=1, le=5, description="1 (useless) to 5 (just right).")
    comment: str = Field(default="", max_length=2000, description="In the user's words.")


class FeedbackTokens:
    """Tokens that name request, release and user hash, and expire after 30 days."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"feedback:" + secret).digest()

    def issue(self, request_id: str, release: str, user: str | None) -> str:
        """A token for one answer."""
        claims = {
            "request_id": request_id,
            "release": release,
            "user": user,
            "expires": int(time.time()) + _VALID_SECONDS,
        }
        body = _encode(json.dumps(claims, separators=(",", ":")).encode())
        return f"{body}.{self._sign(body)}"

    def open(self, token: str) -> dict[str, Any]:
        """The claims of a token.

        Raises Problem (422) when it is not ours or has expired.
        """
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            raise invalid("feedback-token", "Not a feedback token", "Send the token as it came.")
        claims: dict[str, Any] = json.loads(_decode(body))
        if claims["expires"] < time.time():
            raise invalid("feedback-expired", "Too late", "An answer can be rated for 30 days.")
        return claims

    def _sign(self, body: str) -> str:
        return _encode(
            hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256).digest()
        )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
