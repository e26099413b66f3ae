"""What can go wrong with a call, and what it means for the retry, the breaker and the metric."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from pydantic_ai.exceptions import (
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    UserError,
)


class ModelUnavailable(Exception):
    """No model of the release gave a usable answer within the time budget."""


class FailureKind(StrEnum):
    """Why a call gave no answer, as `airworthy_model_failures_total` counts it."""

    timeout = "timeout"
    connection = "connection"
    rate_limited = "rate_limited"
    server_error = "server_error"
    malformed = "malformed"
    credentials = "credentials"
    quota = "quota"
    not_found = "not_found"
    too_long = "too_long"
    filtered = "filtered"
    rejected = "rejected"
    unusable = "unusable"
    breaker_open = "breaker_open"
    queue_full = "queue_full"
    no_time = "no_time"


@dataclass(frozen=True)
class _Meaning:
    """What a kind of failure has us do."""

    retry: bool  # the same call may do better in a moment
    blames: bool  # it is evidence against the provider: the breaker counts it


_TRY_AGAIN = _Meaning(retry=True, blames=True)
# Another model may take it, or be paid for; this one answers every such call alike, at once and
# in good health. Were it to open the breaker, one caller's input could take the model from all.
_NEXT_MODEL = _Meaning(retry=False, blames=False)

_MEANINGS = {
    FailureKind.timeout: _TRY_AGAIN,
    FailureKind.connection: _TRY_AGAIN,
    FailureKind.rate_limited: _TRY_AGAIN,
    FailureKind.server_error: _TRY_AGAIN,
    FailureKind.malformed: _TRY_AGAIN,
}

# Most special first: the first that fits counts.
_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (ModelQuotaExceededError, FailureKind.quota),
    (ModelRateLimitError, FailureKind.rate_limited),
    (ModelUnavailableError, FailureKind.server_error),
    (ModelServerError, FailureKind.server_error),
    (ModelTimeoutError, FailureKind.timeout),
    (ModelConnectionError, FailureKind.connection),
    (ModelAuthenticationError, FailureKind.credentials),
    (ModelNotFoundError, FailureKind.not_found),
    (ModelContextWindowExceededError, FailureKind.too_long),
    (ModelRequestRejectedError, FailureKind.rejected),
    (ContentFilterError, FailureKind.filtered),
    (UserError, FailureKind.rejected),  # the library cannot ask this model for what we want
)


class Failure(Exception):
    """One call that gave no usable answer. Its text is ours: never what the provider wrote."""

    def __init__(
        self, kind: FailureKind, text: str, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.retry_after_seconds = retry_after_seconds
        meaning = _MEANINGS.get(kind, _NEXT_MODEL)
        self.retry = meaning.retry
        self.blames = meaning.blames

    @property
    def local(self) -> bool:
        """Whether it was decided here, and the provider not asked."""
        return self.kind in (FailureKind.breaker_open, FailureKind.queue_full, FailureKind.no_time)


def failure_of(error: Exception) -> Failure:
    """What an exception of the client means."""
    status = getattr(error, "status_code", None)
    text = f"{type(error).__name__}{f' {status}' if status else ''}"
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return Failure(FailureKind.timeout, "408, request timeout")
    if isinstance(error, ModelConnectionError) and error.phase is not None:
        if error.phase == "pool":
            # Our own connections are all taken. That says nothing about the provider.
            return Failure(FailureKind.no_time, "no connection was free in time")
        text = f"{text}, {error.phase}"
    for category, kind in _KINDS:
        if isinstance(error, category):
            return Failure(kind, text, retry_after_seconds=getattr(error, "retry_after", None))
    if isinstance(error, ModelAPIError):
        if status is not None:
            return Failure(FailureKind.rejected, text)
        # None of its kinds: a body that is not JSON, mostly.
        return Failure(FailureKind.malformed, "malformed response")
    # A body that is not the protocol's surfaces as whatever its parser raised, such as an
    # IndexError for `choices: []`: the provider's fault, not a bug of ours.
    return Failure(FailureKind.malformed, f"malformed response ({type(error).__name__})")
