"""The default finder: patterns with checksums, no model, under a tenth of a millisecond a KB.

It does not see names and postal addresses; `presidio` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..spans import Span
from .accounts import cards, ibans
from .credentials import Secrets
from .folding import folded
from .machines import machines, mailboxes
from .national import national_numbers
from .phones import Phones
from .spans import Together, resolved

# Six digits close together, or the middle of a codice fiscale: only around those is there anything
# to find, so ordinary prose is read once, for this.
_NUMBER = re.compile(r"[0-9](?:[ ./()-]{0,3}+[0-9]){5,}+|[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}")
_ANY_DIGIT = re.compile(r"[0-9]")
_BEFORE, _AFTER = 48, 32  # characters around the digits that still belong to such a number


class Personal:
    """Finds personal data by its form.

    Args:
        regions: Countries (ISO 3166, such as DE) whose telephone numbers count in national form,
            without a word before them.
    """

    def __init__(self, regions: Sequence[str] = ()) -> None:
        self._regions = tuple(regions)

    def find(self, text: str) -> list[Span]:
        """Mailboxes, machines, cards, accounts, national numbers, telephones."""
        text = folded(text)
        spans = list(mailboxes(text)) if "@" in text else []
        if _ANY_DIGIT.search(text):
            spans += machines(text)
            phones = Phones(text, self._regions)
            for start, end in _windows(text):
                numbers = [
                    *cards(text, start, end),
                    *ibans(text, start, end),
                    *national_numbers(text, start, end),
                ]
                spans += [*numbers, *phones.within(start, end, numbers)]
        return resolved(spans) if spans else spans


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """The parts of the text with a long number in them, each with what is around it."""
    start = end = -1
    for match in _NUMBER.finditer(text):
        if match.start() - _BEFORE > end:
            if end >= 0:
                yield start, end
            start = max(0, match.start() - _BEFORE)
        end = min(len(text), match.end() + _AFTER)
    if end >= 0:
        yield start, end


SECRETS = Secrets()
PERSONAL = Personal()
EVERYTHING = Together(SECRETS, PERSONAL)
