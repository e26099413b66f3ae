"""Personal data and secrets in text: patterns, with a checksum wherever the format has one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any


def _luhn(text: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(doubled) + sum(digits[::-2])) % 10 == 0


def _iban(text: str) -> bool:
    """The check digits of an IBAN (ISO 13616, mod 97)."""
    compact = text.replace(" ", "").upper()
    rearranged = compact[4:] + compact[:4]
    return 15 <= len(compact) <= 34 and int("".join(str(int(c, 36)) for c in rearranged)) % 97 == 1


def _phone(text: str) -> bool:
    return 8 <= sum(c.isdigit() for c in text) <= 15


def _always(_: str) -> bool:
    return True


Pattern = tuple[str, re.Pattern[str], Callable[[str], bool]]

_SECRETS: tuple[Pattern, ...] = (
    (
        "secret",
        re.compile(
            r"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_A-Za-z0-9]{16,}|\bAKIA[0-9A-Z]{16}\b"
            r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[0-9A-Za-z_-]{35}"
            r"|(?<![\w-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"
            r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?"
            r"(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
        ),
        _always,
    ),
)
_PERSONAL: tuple[Pattern, ...] = (
    ("e-mail", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"), _always),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), _iban),
    ("card", re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])"), _luhn),
    ("ip", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"), _always),
    ("phone", re.compile(r"(?<![\w+])(?:\+|00)\d(?:[ ().-]{0,2}\d){7,13}(?!\w)"), _phone),
)


def _redact(text: str, patterns: tuple[Pattern, ...]) -> str:
    for name, pattern, valid in patterns:
        text = pattern.sub(partial(_replace, name, valid), text)
    return text


def _replace(name: str, valid: Callable[[str], bool], match: re.Match[str]) -> str:
    return f"[{name}]" if valid(match[0]) else match[0]


def redact_secrets(text: str) -> str:
    """The text with keys, tokens and private keys replaced by `[secret]`."""
    return _redact(text, _SECRETS)


def redact_personal(text: str) -> str:
    """The text with personal data replaced by its kind in brackets."""
    return _redact(text, _PERSONAL)


def redact_all(value: Any) -> Any:
    """A JSON-like value with both replaced everywhere: in strings, in keys, in long numbers."""
    if isinstance(value, str):
        return redact_personal(redact_secrets(value))
    if isinstance(value, list):
        return [redact_all(item) for item in value]
    if isinstance(value, dict):
        return {redact_all(key): redact_all(item) for key, item in value.items()}
    if isinstance(value, int | float):
        written = str(value)
        redacted = redact_personal(written)
        return value if redacted == written else redacted
    return value
