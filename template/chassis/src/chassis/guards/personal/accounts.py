"""Payment cards and bank accounts: by issuer, length and check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from stdnum import numdb
from stdnum.iso7064 import mod_97_10

from ..spans import Span

# A run of digits in groups; a card may be all of it, or some of its groups.
_RUN = re.compile(r"(?<![\w+])(?<![\w][.,-])[0-9](?:[ -]?[0-9]){12,}+")
_GOES_ON = re.compile(r"\w|[.,-][0-9]")  # the last group is a part of something else then
_GROUP = re.compile(r"[0-9]{3,}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?=[ -]?[A-Z0-9])", re.IGNORECASE)
_LEAST, _MOST = 14, 19  # digits of a card

# Issuers' ranges: first digits, from and to, and the lengths they issue.
_ISSUERS = (
    ("1800", "1800", (15,)),  # JCB, its old numbers
    ("2131", "2131", (15,)),
    ("2200", "2204", range(16, 20)),  # Mir
    ("2221", "2720", (16,)),  # Mastercard
    ("300", "305", range(14, 20)),  # Diners Club
    ("3095", "3095", range(14, 20)),
    ("34", "34", (15,)),  # American Express
    ("3528", "3589", range(16, 20)),  # JCB
    ("36", "36", range(14, 20)),
    ("37", "37", (15,)),
    ("38", "39", range(14, 20)),
    ("4", "4", (16, 19)),  # Visa; its old 13 digits are how European article numbers begin
    ("50", "50", (16, 18, 19)),  # Maestro
    ("51", "55", (16,)),
    ("56", "58", (16, 18, 19)),
    ("6011", "6011", range(16, 20)),  # Discover
    ("62", "62", range(16, 20)),  # UnionPay
    ("63", "63", (16, 18, 19)),
    ("644", "659", range(16, 20)),
    ("67", "67", (16, 18, 19)),
    ("81", "82", range(16, 20)),  # RuPay, UnionPay
)


def cards(text: str, start: int, end: int) -> Iterator[Span]:
    """Card numbers that begin within a part of the text."""
    for run in _RUN.finditer(text, start, end):
        whole = run[0]
        if _GOES_ON.match(text, run.end()):
            whole = whole[: max(whole.rfind(" "), whole.rfind("-"), 0)]
        done, stops = run.start(), run.start() + len(whole)
        if _is_card(_compact(whole)):
            yield Span(done, stops, "card")
            continue
        groups = [group.span() for group in _GROUP.finditer(text, done, stops)]
        for first, (begin, _) in enumerate(groups):
            if begin < done:
                continue
            for _, stop in groups[first : first + _MOST // 3]:
                digits = _compact(text[begin:stop])
                if len(digits) > _MOST:
                    break
                if _is_card(digits):
                    yield Span(begin, stop, "card")
                    done = stop
                    break


def ibans(text: str, start: int, end: int) -> Iterator[Span]:
    """Account numbers of ISO 13616: as long as their country says, with the right check digits."""
    at = start
    while match := _IBAN.search(text, at, end):
        at = match.end()
        stop = _end_of_iban(text, match.start())
        if stop and _iban(text[match.start() : stop]):
            yield Span(match.start(), stop, "iban")
            at = stop


def _compact(written: str) -> str:
    return written.replace(" ", "").replace("-", "")


def _is_card(digits: str) -> bool:
    return (
        _LEAST <= len(digits) <= _MOST
        and any(
            low <= digits[: len(low)] <= high and len(digits) in lengths
            for low, high, lengths in _ISSUERS
        )
        and _luhn(digits)
    )


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1, annex B; stdnum's takes ten times longer."""
    return (sum(map(int, digits[::-2])) + sum(map(_DOUBLED.__getitem__, digits[-2::-2]))) % 10 == 0


_DOUBLED = dict(zip("0123456789", (0, 2, 4, 6, 8, 1, 3, 5, 7, 9), strict=True))


def _iban(written: str) -> bool:
    number = _compact(written).upper()
    return mod_97_10.is_valid(number[4:] + number[:4])


def _end_of_iban(text: str, start: int) -> int | None:
    """Where as many characters as the country's IBANs have end; at most one separator between."""
    left = _length(text[start : start + 2].upper())
    at = start
    while left and at < len(text):
        if text[at].isascii() and text[at].isalnum():
            left -= 1
        elif text[at] not in " -" or text[at - 1] in " -":
            return None
        at += 1
    whole = not left and at > start and not (at < len(text) and text[at].isalnum())
    return at if whole else None


@lru_cache(maxsize=26 * 26)
def _length(country: str) -> int:
    """How long this country's IBANs are; 0 where there are none."""
    structure = numdb.get("iban").info(country)[0][1].get("bban", "")
    lengths = re.findall(r"(\d+)!", structure)
    return 4 + sum(map(int, lengths)) if lengths else 0


_length("DE")  # reads the registry of ISO 13616 now, not within the first request
