"""Links and images in an answer: only to the hosts the service allows.

A picture's address is fetched as soon as it is shown, so an answer that was talked into naming one
carries data away without a click (OWASP LLM02, LLM05).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .spans import Span

# A scheme with slashes, an address without scheme, `www.`, and the schemes that are code or files.
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{0,30}:|(?<![\w:/\\]))[/\\]{2,}[^\s<>\"'`\])}|]+"
    r"|\bwww\.[^\s<>\"'`\])}|]+"
    # Browsers read https:example.com and https:/example.com as https://example.com.
    r"|\bhttps?:[/\\]?[\w.-]{0,253}\w\.\w[^\s<>\"'`\])}|]*"
    r"|\b(?:javascript|vbscript):\S+|\bdata:[a-z]+/[a-z0-9.+-]+[;,]\S*",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*:)?[/\\]*(?:[^/\\?#@\s]*@)*([^/\\?#:@\s]*)", re.IGNORECASE
)
_WEB = re.compile(r"^(?:https?:|//|\\\\|/\\|\\/|www\.)", re.IGNORECASE)
_AT_THE_END = ".,;:!?"


class ForeignLinks:
    """Finds addresses of hosts that are not on the list.

    `allowed` names hosts; `*.example.com` stands for every host below `example.com`.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self._exact = {host.lower() for host in allowed if not host.startswith("*.")}
        self._below = tuple(host[1:].lower() for host in allowed if host.startswith("*."))

    def find(self, text: str) -> list[Span]:
        """Every address of a foreign host, in order."""
        if "//" not in text and "\\" not in text and ":" not in text and "." not in text:
            return []
        return list(self._find(text))

    def _find(self, text: str) -> Iterator[Span]:
        for match in _ADDRESS.finditer(text):
            address = match[0].rstrip(_AT_THE_END)
            if not self._is_allowed(address):
                yield Span(match.start(), match.start() + len(address), "link")

    def _is_allowed(self, address: str) -> bool:
        """Whether it is a page of an allowed host; code, files and odd spellings never are."""
        host = _HOST.match(address)
        if not _WEB.match(address) or host is None or "\\" in address:
            return False
        name = host[1].lower().rstrip(".")
        return name in self._exact or name.endswith(self._below)
