"""What the models said while one case was asked: its mode, its recorded time, what to record."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from chassis.model import FailureKind

Heard = dict[str, Any]
"""One answer as it is recorded: `key` and `model`, and the answer or why there was none."""


@dataclass
class Asked:
    """One case being asked.

    Attributes:
        case: Its id.
        turn: 0 the first time, then the number of the repeat.
        heard: What real models said, in order; the simulator's answers are not kept.
        live: How many answers came from a real provider now.
        replayed: How many came from the recordings.
        missed: How many were not in the recordings.
        recorded_seconds: How long the models took when the replayed answers were recorded.
        recorded_failure: Why no answer was recorded, where the provider had none then either.
    """

    case: str
    turn: int = 0
    heard: list[Heard] = field(default_factory=list)
    live: int = 0
    replayed: int = 0
    missed: int = 0
    recorded_seconds: float = 0.0
    recorded_failure: str | None = None
    taken: Counter[str] = field(default_factory=Counter)

    def kept(self) -> list[Heard]:
        """What is worth recording: of a call that was tried again, only how it ended."""
        kept: list[Heard] = []
        for one in self.heard:
            last = next((k for k in reversed(kept) if k["key"] == one["key"]), None)
            if last is not None and "failed" in last:
                kept.remove(last)
            kept.append(one)
        return kept


_CURRENT: ContextVar[Asked | None] = ContextVar("asked", default=None)


@contextmanager
def asking(asked: Asked) -> Iterator[Asked]:
    """Have the models of this task tell this case what they do."""
    token = _CURRENT.set(asked)
    try:
        yield asked
    finally:
        _CURRENT.reset(token)


def current() -> Asked:
    """The case that is being asked; one that nobody looks at, outside of any."""
    return _CURRENT.get() or Asked("")


THE_MODELS_OWN = frozenset({FailureKind.unusable, FailureKind.filtered, FailureKind.too_long})
"""What is an answer, and a wrong one: it does not fit the schema, was cut off or filtered, or the
input does not fit the model. Everything else is in the way of an answer, and says nothing of it."""
