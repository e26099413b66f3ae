"""Structured logs.

JSON lines on standard output, one `ai_call` line a request, payloads by policy.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, TextIO

import structlog

from .config.guardrails import PayloadPolicy
from .guards.personal.redaction import redact_all
from .identity import Pseudonyms
from .record import Exchange

Logger = structlog.typing.FilteringBoundLogger


def make_logger(
    stream: TextIO | None = None,
    level: str = "INFO",
    *,
    hide: Callable[[str], str] = str,
    **bound: str,
) -> Logger:
    """A logger that writes one JSON object a line, after `hide` took our own secrets out.

    A log sink that fails (disk full, closed pipe) never fails the request.
    """
    logger: Logger = structlog.wrap_logger(
        _ForgivingLogger(stream or sys.stdout, hide),
        processors=[
            structlog.stdlib.add_log_level,
            _in_reading_order,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )
    return logger.bind(**bound)


class _ForgivingLogger:
    """Writes lines; loses them rather than the request when the stream is broken."""

    def __init__(self, stream: TextIO, hide: Callable[[str], str]) -> None:
        self._stream = stream
        self._hide = hide

    def msg(self, line: str) -> None:
        try:
            self._stream.write(self._hide(line) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return

    log = debug = info = warn = warning = error = critical = exception = fatal = msg


def _in_reading_order(
    _: Any, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Put first what a person looks for first: when, how bad, what."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    first = {"timestamp": now, "level": event.pop("level"), "event": event.pop("event")}
    return {**first, **event}


_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)


class StandardLibraryHandler(logging.Handler):
    """Sends what libraries log through our logger, so that every line on stdout is JSON."""

    def __init__(self, logger: Logger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Forward one record, redacted, with the exception's type but without its text."""
        where = {}
        if record.exc_info and record.exc_info[0] is not None:
            where["exception"] = record.exc_info[0].__name__
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit their message
            message = str(record.msg)
        if record.name == "asyncio":  # the lines below the first quote exceptions
            message = message.partition("\n")[0]
        level = max(known for known in _LEVELS if known <= max(record.levelno, logging.DEBUG))
        self._logger.log(level, redact_all(message), logger=record.name, **where)


def payload(value: Any, policy: PayloadPolicy) -> Any:
    """A request's input or output as the payload policy lets it into the log."""
    if value is None or policy == "full":
        return value
    if policy == "redacted":
        return redact_all(value)
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"sha256": digest, "characters": len(text)}


def ai_call(
    exchange: Exchange, seconds: float, policy: PayloadPolicy, pseudonyms: Pseudonyms
) -> dict[str, Any]:
    """The fields of the log line of one request; `schemas/ai-call.json` describes them."""
    caller, use = exchange.caller, exchange.model
    return {
        "request_id": exchange.request_id,
        "trace_id": exchange.trace_id,
        "span_id": exchange.span_id,
        "principal": pseudonyms.principal(caller),
        "user": pseudonyms.of("user", caller.identity) if caller else None,
        "session": pseudonyms.of("session", caller.session_identity) if caller else None,
        "organisation": caller.organisation if caller else None,
        "release": exchange.release,
        "model_asked": use.asked,
        "model_answered": use.answered,
        "prompt_version": exchange.prompt_version,
        "prompt_sha256": exchange.prompt_sha256,
        "input": payload(exchange.input, policy),
        "language": exchange.language,
        "output": payload(exchange.output, policy),
        "tokens_in": use.tokens_in,
        "tokens_out": use.tokens_out,
        "cost_usd": use.cost_usd,
        "latency_seconds": round(seconds, 6),
        "model_seconds": round(use.seconds, 6),
        "retries": use.retries,
        "fallback_used": use.fallback_used,
        "model_error": use.error if policy == "full" else redact_all(use.error),
        "guards": [dict(vars(verdict)) for verdict in exchange.guards],
        "confidence": exchange.confidence,
        "outcome": exchange.outcome.value if exchange.outcome else None,
        "status": exchange.status,
        "problem": exchange.problem,
        "degraded_reason": exchange.degraded_reason,
        "simulated": use.simulated,
    }


def ai_call_schema() -> dict[str, Any]:
    """The JSON Schema of an `ai_call` line, as shipped."""
    text = (files("chassis") / "schemas" / "ai-call.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
