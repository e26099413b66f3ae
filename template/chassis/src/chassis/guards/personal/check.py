"""A finder as the check of a guard."""

from __future__ import annotations

from ..runner import Check, Found
from .spans import Finder, redact, replaced


def check_with(finder: Finder) -> Check:
    """The check that tells the kinds the finder sees, and the text without them."""

    def check(text: str) -> Found | None:
        spans = finder.find(text)
        if not spans:
            return None
        kinds = tuple(dict.fromkeys(span.kind for span in spans))
        return Found(kinds, redact(replaced(text, spans), finder))

    return check
