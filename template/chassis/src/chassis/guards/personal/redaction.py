"""Redaction of what is logged: everything the light finder sees, in whatever is there to log.

A log line must not leak, and must not fail: what cannot be read is told, not shown.
"""

from __future__ import annotations

import re
from typing import Any

from .light import EVERYTHING
from .spans import SECRET, redact

UNREADABLE = "[unreadable]"

_SECRET_NAME = re.compile(
    r"(?:.{0,64}[_ .-])?(?:password|passwd|pwd|passphrase|secret|api[_-]?key|private[_-]?key|"
    r"(?:access|auth|refresh|id|bearer)[_-]?token|authorization|cookie)s?",
    re.IGNORECASE | re.DOTALL,
)
_SHORT = 10**6  # fewer digits are a count or an amount, never a number of a person


def redact_all(value: Any) -> Any:
    """A JSON-like value with secrets and personal data replaced everywhere.

    In strings, in keys, in long numbers; and whole, where the key says that it is a secret. Never
    raises: a value that cannot be looked at becomes `[unreadable]`.
    """
    try:
        return _redacted(value)
    except Exception:  # noqa: BLE001 - a log line is written whatever is in it, and leaks nothing
        return UNREADABLE


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value, EVERYTHING)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"), EVERYTHING)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {
            redact_all(key): redact_all(item) if not _opens(key, item) else f"[{SECRET}]"
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_all(item) for item in value]
    if isinstance(value, int | float) and abs(value) < _SHORT:
        return value
    whole = isinstance(value, float) and value.is_integer()
    written = str(int(value)) if whole else str(value)
    clean = redact(written, EVERYTHING)
    return value if clean == written and isinstance(value, int | float) else clean


def _opens(key: Any, item: Any) -> bool:
    """Whether a value is a secret because of its name."""
    if not isinstance(key, str) or isinstance(item, bool) or not item:
        return False
    return isinstance(item, str | int | bytes) and _SECRET_NAME.fullmatch(key) is not None
