"""Addresses of machines (IPv4, IPv6, MAC) and of mailboxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

from ..spans import Span

_QUAD = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w-]|\.[0-9])")
_NO_MACHINE = (0, 127, 255)  # this network, this machine, masks
_VERSION = re.compile(
    r"(?:\bv|version|versión|versione|versão|versie|ver\.|release|build|firmware|software|fassung)"
    r"[\s:=#]{0,3}$"
)
# Both begin with what is rare in prose, so that looking for them costs little.
_COLONS = re.compile(r"::|:[0-9A-Fa-f]{1,4}:")
_HYPHENS = re.compile(r"-[0-9A-Fa-f]{2}-")
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}:(?:[0-9A-Fa-f]{2}:){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{2}-(?:[0-9A-Fa-f]{2}-){4}[0-9A-Fa-f]{2})(?![\w-]|:[\w:])"
)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{6,39}+(?:\.[0-9.]{5,13})?(?![\w:])")
_GROUP = re.compile(r"[0-9A-Fa-f]{3}")
_REST = re.compile("[0-9A-Fa-f:.-]{0,48}")  # of an address that begins near a part's end
_REACH = 48  # an IPv6 address with an IPv4 tail has 45 characters

_LOCAL = frozenset("._%+-'&=!#$*/?^{|}~")  # beside letters and digits, RFC 5322 atoms
_DOMAIN = re.compile(r"@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[^\W\d_][\w-]{1,62}", re.UNICODE)
_LONGEST_LOCAL = 64


def mailboxes(text: str) -> Iterator[Span]:
    """E-mail addresses: found at their @, read to both sides."""
    at = text.find("@")
    while at >= 0:
        domain = _DOMAIN.match(text, at)
        if domain and (start := _start_of_local(text, at)) < at:
            yield Span(start, domain.end(), "e-mail")
        at = text.find("@", domain.end() if domain else at + 1)


def _start_of_local(text: str, at: int) -> int:
    start, first = at, max(0, at - _LONGEST_LOCAL)
    while start > first and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
        start -= 1
    while start < at and not text[start].isalnum() and text[start] not in "_+":
        start += 1  # a quote or a slash before it
    return start


def machines(text: str) -> Iterator[Span]:
    """IP and MAC addresses; neither versions nor addresses that mean "this machine"."""
    for match in _QUAD.finditer(text):
        if _is_ipv4(text, match):
            yield Span(*match.span(), "ip")
    for start, end in _around(text, (_COLONS, ":"), (_HYPHENS, "-")):
        for match in _MAC.finditer(text, start, end):
            yield Span(*match.span(), "mac")
        for match in _IPV6.finditer(text, start, end):
            address = match[0].removesuffix(":") if not match[0].endswith("::") else match[0]
            if _is_ipv6(address):  # a colon may stand after it, as after any word
                yield Span(match.start(), match.start() + len(address), "ip")


def _around(text: str, *rare: tuple[re.Pattern[str], str]) -> Iterator[tuple[int, int]]:
    """The parts of the text where an address with colons or hyphens may be."""
    for pattern, sign in rare:
        done = 0
        match = pattern.search(text) if sign in text else None
        while match:
            rest = _REST.match(text, min(len(text), match.end() + _REACH))
            end = rest.end() if rest else len(text)
            yield max(done, match.start() - _REACH), end
            done = end
            match = pattern.search(text, end)


def _is_ipv4(text: str, match: re.Match[str]) -> bool:
    start = match.start()
    before = text[max(0, start - 16) : start].lower()
    if before and (before[-1].isalnum() or before[-1] in "._-"):
        return False
    if (before.endswith("/") and before[-2:-1].isalnum()) or _VERSION.search(before):
        return False  # Chrome/120.0.0.0, version 1.2.3.4
    parts = [int(part) for part in match[0].split(".")]
    return max(parts) < 256 and parts[0] not in _NO_MACHINE


def _is_ipv6(candidate: str) -> bool:
    if not (_GROUP.search(candidate) and any(c.isdigit() for c in candidate)):
        return False  # a::b is a name in a program, 10:30:45 a time
    try:
        address = IPv6Address(candidate)
    except AddressValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
