"""Where a session stands: what was said of each candidate, and which comes next."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.outcomes import Outcome
from playbook.data.answers import LabelField
from playbook.data.candidates import Candidate
from playbook.label.journal import Event

ANSWERED = Outcome.answered.value


@dataclass
class Draft:
    """What was said of one candidate so far."""

    answers: dict[str, Any] = field(default_factory=dict)
    outcome: list[str] = field(default_factory=lambda: [ANSWERED])
    slice: str | None = None
    critical: bool = False
    note: str = ""
    skipped: bool = False
    labeller: str = ""
    seen_suggestion: bool = False

    def is_complete(self, fields: Sequence[LabelField]) -> bool:
        """Whether it says what a right answer is; where none is expected, the outcome does."""
        if ANSWERED not in self.outcome:
            return True
        return bool(self.answers) and all(label.name in self.answers for label in fields)

    def next_field(self, fields: Sequence[LabelField]) -> LabelField:
        """What has not been said yet."""
        return next((f for f in fields if f.name not in self.answers), fields[-1])

    def expected(self) -> dict[str, Any]:
        """The label, as a case has it."""
        labels = {} if ANSWERED not in self.outcome else self.answers
        found = {name: value for name, value in labels.items() if value is not None}
        if self.outcome != [ANSWERED]:
            outcome = self.outcome[0] if len(self.outcome) == 1 else self.outcome
            found = {"outcome": outcome} | found
        return found


def effective(events: Iterable[Event]) -> list[Event]:
    """The events that stand: an undo takes back the last one before it of the same candidate."""
    standing: list[Event] = []
    for event in events:
        if event.do != "undo":
            standing.append(event)
            continue
        for place in range(len(standing) - 1, -1, -1):
            if standing[place].id == event.id:
                del standing[place]
                break
    return standing


def drafts_of(events: Iterable[Event]) -> dict[str, Draft]:
    """What the events say of each candidate."""
    drafts: dict[str, Draft] = {}
    for event in effective(events):
        draft = drafts.setdefault(event.id, Draft())
        draft.labeller = event.labeller
        if event.slice and event.do != "slice":
            draft.slice = draft.slice or event.slice
        if event.do == "answer" and event.field:
            draft.answers[event.field] = event.value
            draft.seen_suggestion |= event.suggested
            draft.skipped = False
        elif event.do == "slice":
            draft.slice = str(event.value)
        elif event.do == "critical":
            draft.critical = bool(event.value)
        elif event.do == "note":
            draft.note = str(event.value)
        elif event.do == "outcome":
            draft.outcome = [str(one) for one in event.value]
            draft.skipped = False
        elif event.do == "skip":
            draft.skipped = True
    return drafts


class Session:
    """The candidates of one sitting, in their order.

    Args:
        candidates: What waits.
        fields: What is asked of each.
        events: What was said before. What is about others is none of this sitting's business, and
            no undo of it takes that back.
    """

    def __init__(
        self, candidates: Sequence[Candidate], fields: Sequence[LabelField], events: list[Event]
    ) -> None:
        self.candidates = candidates
        self.fields = fields
        mine = {candidate.id for candidate in candidates}
        self._events = effective(event for event in events if event.id in mine)
        self._drafts = drafts_of(self._events)

    def add(self, event: Event) -> None:
        """Take in one more event."""
        self._events = effective([*self._events, event])
        self._drafts = drafts_of(self._events)

    @property
    def current(self) -> Candidate | None:
        """The first that is neither finished nor skipped."""
        for candidate in self.candidates:
            draft = self.draft(candidate)
            if not draft.skipped and not draft.is_complete(self.fields):
                return candidate
        return None

    @property
    def last(self) -> Event | None:
        """What an undo would take back."""
        return self._events[-1] if self._events else None

    def draft(self, candidate: Candidate) -> Draft:
        """What was said of one."""
        return self._drafts.get(candidate.id) or Draft()

    @property
    def done(self) -> int:
        """How many are finished."""
        return sum(self.draft(c).is_complete(self.fields) for c in self.candidates)

    @property
    def skipped(self) -> int:
        """How many wait for another day."""
        return sum(self.draft(c).skipped for c in self.candidates)

    def counts(self, label: LabelField) -> Counter[str]:
        """How often each value was chosen in this sitting."""
        found: Counter[str] = Counter()
        for candidate in self.candidates:
            value = self.draft(candidate).answers.get(label.name)
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    found[label.written(one)] += 1
        return found

    def agreement(self) -> tuple[int, int]:
        """Of the suggested labels that were answered: how many were right, and how many."""
        agreed = asked = 0
        for candidate in self.candidates:
            for name, value in self.draft(candidate).answers.items():
                suggested = (candidate.suggested or {}).get(name)
                if suggested is not None and value is not None:
                    asked += 1
                    agreed += suggested == value or (isinstance(value, list) and suggested in value)
        return agreed, asked
