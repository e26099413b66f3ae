"""A case that was asked more than once: its first answer, and how to show it."""

from collections.abc import Mapping, Sequence
from typing import Any


def at_first(right: bool, repeats: Sequence[bool]) -> bool:
    """Whether the first answer was right, where a case was asked more than once."""
    return repeats[0] if repeats else right


def shown(got: Mapping[str, Any], right: bool, repeats: Sequence[bool]) -> Mapping[str, Any]:
    """The answer, or how often it was right, where most answers were unlike the first."""
    if at_first(right, repeats) == right:
        return got
    return {"asked again": f"right {sum(repeats)} of {len(repeats)} times"}
