"""Data that must not get out, and everything in which it is searched.

A new kind of data is one line in `MARKERS`. Where it is planted stands in planted_places.py.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx2
from scripted_provider import Provider

from chassis.prompts import canary_of
from chassis.testing import ServiceUnderTest

SERVICE_SECRET = "planted-service-secret-0123456789abcdef"  # pragma: allowlist secret
PROVIDER_KEY = 'planted provider\'s "key" 0123'  # pragma: allowlist secret
CALLER_KEY = "aw_Zk3v9QmT1xY7bN5cR8wL2pD6fH4jS0aGuEiKoMqVsXy"  # pragma: allowlist secret


class Marker(NamedTuple):
    """What is planted, and the part of it that nobody may find."""

    text: str
    needle: str


def _whole(text: str) -> Marker:
    return Marker(text, text)


OURS = {
    "the canary": _whole(canary_of(SERVICE_SECRET.encode())),
    "the service's secret": _whole(SERVICE_SECRET),
    "the provider's key": _whole(PROVIDER_KEY),
}
MARKERS = {
    "an e-mail address": _whole("ann.berg@example.com"),
    "a card": _whole("4111 1111 1111 1111"),
    "an account": _whole("DE89 3704 0044 0532 0130 00"),
    "a phone": _whole("+41 44 668 18 00"),
    "an address of the internet": _whole("192.0.2.17"),
    "an address of version 6": _whole("2001:db8::8a2e:370:7334"),
    "a machine": _whole("00:1A:2B:3C:4D:5E"),
    "a national number": Marker("Steuer-ID 36574261809", "36574261809"),
    "an API key": _whole("sk-proj-abcdefghijklmnop1234567890"),  # pragma: allowlist secret
    "a token": _whole("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLWhlcmU"),
    "a password": Marker("password: plum-4711-tree", "plum-4711-tree"),  # pragma: allowlist secret
    "a private key": Marker(
        "-----BEGIN PRIVATE KEY----- "  # pragma: allowlist secret
        "MIIplantedkey -----END PRIVATE KEY-----",
        "MIIplantedkey",
    ),
    "the caller's key": _whole(CALLER_KEY),
    **OURS,
}
EVERYTHING = "; ".join(marker.text for marker in MARKERS.values())


def writings(needle: str) -> set[str]:
    """How a needle may stand in a text: as it is, escaped as JSON, in an address, in base64."""
    found = {needle, json.dumps(needle)[1:-1], quote(needle), quote(needle, safe="")}
    found.add(json.dumps(json.dumps(needle)[1:-1])[1:-1])
    for shift in range(3):  # whatever stands before it
        encoded = base64.b64encode(b"\0" * shift + needle.encode()).decode()
        middle = encoded[4 * (shift > 0) : len(encoded) - 4]
        if len(middle) >= 8:
            found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return found


@dataclass
class Scene:
    """A service and everything it said."""

    service: ServiceUnderTest
    provider: Provider
    refusals: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def post(self, body: Any, **more: str) -> httpx2.Response:
        """Send a body; keep what comes."""
        return self._keep(await self.service.post(body, **more))

    async def ask(self, method: str, address: str, headers: dict[str, str]) -> httpx2.Response:
        """Send any request; keep what comes. Header values may be anything that bytes can say."""
        raw = [(n.encode(), v.encode("utf-8", "surrogateescape")) for n, v in headers.items()]
        body = b'{"text": "an apple"}' if method == "POST" else None
        return self._keep(
            await self.service.http.request(method, address, headers=raw, content=body)
        )

    def _keep(self, response: httpx2.Response) -> httpx2.Response:
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        kept = self.refusals if response.status_code >= 400 else self.answers
        kept.append(f"{headers}\n{response.text}")
        return response

    def searched(self) -> dict[str, str]:
        """Everything that is kept, sent on or shown: what a marker must not be in."""
        return {
            "log": self.service.log_text(),
            "spans": "\n".join(span.to_json() for span in self.service.spans),
            "metrics": self.service.metrics(),
            "problems": "\n".join(self.refusals),
        }


def found(scene: Scene, needles: dict[str, Marker], *, apart_from: str = "") -> list[str]:
    """Where which marker came out."""
    return [
        f"{what} in {where}"
        for where, text in scene.searched().items()
        if where != apart_from
        for what, marker in needles.items()
        if any(writing in text for writing in writings(marker.needle))
    ]
