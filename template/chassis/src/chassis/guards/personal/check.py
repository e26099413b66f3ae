"""A finder as the check of a guard."""

from __future__ import annotations

from collections.abc import Sequence

from ..runner import Check, check_of
from ..spans import Span, replaced
from .spans import Finder, redact


def check_with(finder: Finder) -> Check:
    """The check that tells the kinds the finder sees, and the text without them."""

    def clean(text: str, spans: Sequence[Span]) -> str:
        return redact(replaced(text, spans), finder)

    return check_of(finder.find, clean)
