"""Tripwires for plain attempts to give the model orders through the input. A tripwire, not a wall.

What holds when it misses: every value is marked as data, the output must fit a schema, and the
service has no tools.
"""

from __future__ import annotations

import re

_WHOSE = r"(?:(?:all|any|the|your|these|of|my)\s+)*"
_EARLIER = rf"{_WHOSE}(?:previous|prior|above|earlier|system|original|initial)"
_WIRES = re.compile(
    "|".join(
        (
            (
                rf"\b(?:ignore|disregard|forget|override|bypass)\s+{_EARLIER}\s+"
                r"(?:instructions?|rules?|prompts?|directions?|guidelines?)"
            ),
            (
                rf"\b(?:reveal|print|show|repeat|output|leak)\s+(?:me )?{_WHOSE}"
                r"(?:(?:system|hidden|initial|original)\s+)+(?:prompts?|instructions?)"
            ),
            (
                r"\byou are (?:now|no longer)\s+(?:in )?(?:an? |the )?"
                r"(?:dan\b|developer mode|jailbroken|unrestricted)"
            ),
            (
                r"\bignor\w*\s+(?:tod[ao]s?\s+|tutte\s+)?(?:las |le |as )?"
                r"(?:instrucciones|istruzioni|instruções)\s+(?:anteriores|precedenti)"
            ),
            r"\bignore[zr]?\s+(?:toutes )?les instructions précédentes",
            r"\bignoriere\w*\s+(?:alle )?(?:vorherigen|bisherigen|obigen)\s+anweisungen",
            r"<\|(?:im_start|im_end|system|endoftext)\|>|\[/?INST\]",
        )
    ),
    re.IGNORECASE,
)


def looks_like_injection(text: str) -> bool:
    """Whether a tripwire was touched; expects normalised text."""
    return _WIRES.search(text) is not None
