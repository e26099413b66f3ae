"""The input guard that masks: personal data stays here, and the caller's own comes back.

It does not change what the pipeline sees, only what leaves for the provider in a prompt.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...record import GuardVerdict
from ..runner import Direction, Guard, judged
from .spans import PLACEHOLDER, Finder
from .vault import Vault


class Masking:
    """The masks of one request. Its verdicts are those of `guard`."""

    def __init__(self, guard: Guard, finder: Finder, verdicts: list[GuardVerdict]) -> None:
        self._guard = guard
        self._vault = Vault(finder)
        self._verdicts = verdicts
        self._known: dict[str, str] = {}

    def mask(self, direction: Direction, texts: Sequence[str], *, own: bool) -> list[str]:
        """The texts with placeholders; `own` when the caller sent them, and may see them again.

        Raises Problem (503) when it cannot be done in time.
        """
        new = [text for text in texts if text not in self._known]
        if new:
            masked = judged(direction, self._guard, lambda: self._look(new, own), self._verdicts)
            self._known.update(zip(new, masked, strict=True))
        return [self._known[text] for text in texts]

    def restore(self, text: str) -> str:
        """An answer's text with the caller's own values, and without the numbers of others."""
        return self._vault.restore(text)

    def _look(self, texts: Sequence[str], own: bool) -> tuple[str, tuple[str, ...], list[str]]:
        masked = [self._vault.mask(text, own) for text in texts]
        kinds = {
            match["kind"].lower(): None for text in masked for match in PLACEHOLDER.finditer(text)
        }
        return ("redact" if kinds else "pass"), tuple(kinds), masked
