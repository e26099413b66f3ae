"""`playbook label`: the sitting itself, from the first screen to the cases it leaves."""

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import questionary
from rich.console import Console

from chassis.config import load_config
from chassis.outcomes import Outcome
from playbook.data import candidates
from playbook.data.answers import LabelField, label_fields
from playbook.data.candidates import Candidate
from playbook.data.importing.existing import existing_cases
from playbook.data.importing.load import stem_of
from playbook.data.importing.plan import check_slice
from playbook.label import screen
from playbook.label.journal import LOCK, Do, Event, Journal
from playbook.label.session import Session
from playbook.label.settle import Settled, settle
from playbook.project import Project
from playbook.sitting import person
from playbook.sitting.keys import Pressed, choose
from playbook.verdicts import Code, Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

KEYS = {
    "s": "skip",
    "u": "undo",
    "a": "several right",
    "0": "open",
    "o": "outcome",
    "l": "slice",
    "c": "critical",
    "n": "note",
    "f": "all text",
    "q": "quit",
}
OUTCOMES = (Outcome.answered, Outcome.handed_over, Outcome.blocked)


@dataclass(frozen=True)
class Wish:
    """What the command line says."""

    source: str | None = None
    slice: str | None = None
    labeller: str | None = None
    blind: bool = False


def run(project: Project, wish: Wish) -> int:
    """Label until nothing waits, or the person quits."""
    pipeline = project.pipeline()
    slices = load_config(project.root).criteria.quality.slices
    if wish.slice:
        check_slice(wish.slice, slices, f"--slice {wish.slice}")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Mistake("label shows texts and waits for keys, and this is no terminal.")
    lock = candidates.folder_of(project) / LOCK
    with person.alone(lock, "labelling session of this service"):
        return _label(project, pipeline, wish, slices)


def _label(
    project: Project, pipeline: "Pipeline[Any, Any]", wish: Wish, slices: Collection[str]
) -> int:
    fields = label_fields(pipeline, (placed.case for placed in existing_cases(project, pipeline)))
    if not fields:
        raise Mistake(
            f"No field of {pipeline.gives.__name__} has a fixed set of values (a Literal, an "
            "enumeration, a truth value), so there is nothing to choose from."
        )
    journal = Journal(candidates.folder_of(project))
    left = settle(project, pipeline, fields, journal)
    if left.cases:
        print(f"Kept from a session that was cut off: {_cases(left)}")
    waiting = _waiting(project, wish.source)
    labeller = wish.labeller or person.who(project)
    session = Session(waiting, fields, journal.read())
    default = wish.slice or ("common" if "common" in slices else next(iter(slices)))
    sitting = Sitting(session, journal, labeller, default, sorted(slices), blind=wish.blind)
    code = Code.MET
    try:
        sitting.go()
    except (KeyboardInterrupt, EOFError):
        code = Code.INTERRUPTED
    for line in _ended(session, settle(project, pipeline, fields, journal), blind=wish.blind):
        print(line)
    return code


class Sitting:
    """One person before the screen.

    Args:
        session: What there is to do.
        journal: Where answers go at once.
        labeller: Who answers.
        slice_: Where cases belong unless something else is said.
        slices: Those there are.
        blind: Whether suggestions stay hidden.
    """

    def __init__(
        self,
        session: Session,
        journal: Journal,
        labeller: str,
        slice_: str,
        slices: Sequence[str],
        *,
        blind: bool,
    ) -> None:
        self._session = session
        self._journal = journal
        self._labeller = labeller
        self._slice = slice_
        self._slices = slices
        self._blind = blind
        self._full = False
        self._message = ""
        self._console = Console()

    def go(self) -> None:
        """Ask until nothing is left, or the person has had enough."""
        while (candidate := self._session.current) is not None:
            label = self._session.draft(candidate).next_field(self._session.fields)
            keys = {k: does for k, does in KEYS.items() if k != "0" or self._may_be_open(label)}
            view = screen.View(self._of(candidate), keys, self._message, full=self._full)
            screen.show(self._console, self._session, candidate, view)
            self._message = ""
            answer = self._ask(candidate, label, keys)
            if isinstance(answer, Pressed):
                if answer.key == "q":
                    return
                self._press(answer.key, candidate, label)
            else:
                self._say(candidate, "answer", label.choices[answer], label)

    def _ask(self, candidate: Candidate, label: LabelField, keys: Iterable[str]) -> str | Pressed:
        suggested = self._suggested(candidate, label)
        return choose(
            label.name,
            list(label.choices),
            first=suggested,
            remarks={suggested: "<- suggested, not decided"} if suggested else {},
            keys=keys,
            instruction="(a digit, or arrows and Enter)",
        )

    def _press(self, key: str, candidate: Candidate, label: LabelField) -> None:
        draft = self._session.draft(candidate)
        match key:
            case "s":
                self._say(candidate, "skip")
            case "u":
                self._undo()
            case "a":
                self._several(candidate, label)
            case "0":
                self._say(candidate, "answer", None, label)
            case "o":
                self._outcome(candidate)
            case "l":
                chosen = questionary.select(
                    "slice", choices=list(self._slices), default=draft.slice or self._of(candidate)
                ).unsafe_ask()
                self._say(candidate, "slice", chosen)
            case "c":
                self._say(candidate, "critical", not draft.critical)
            case "n":
                self._say(candidate, "note", person.note(draft.note))
            case "f":
                self._full = not self._full

    def _several(self, candidate: Candidate, label: LabelField) -> None:
        chosen = questionary.checkbox(
            f"{label.name}: all that are acceptable (space marks, Enter ends)",
            choices=list(label.choices),
        ).unsafe_ask()
        values = [label.choices[one] for one in chosen]
        if not values:
            self._message = "Nothing was marked, so nothing was said."
            return
        self._say(candidate, "answer", values if len(values) > 1 else values[0], label)

    def _outcome(self, candidate: Candidate) -> None:
        chosen = questionary.checkbox(
            "outcome: all that are acceptable (space marks, Enter ends)",
            choices=[outcome.value for outcome in OUTCOMES],
        ).unsafe_ask()
        if chosen:
            self._say(candidate, "outcome", list(chosen))

    def _undo(self) -> None:
        last = self._session.last
        if last is None:
            self._message = "There is nothing to take back in this session."
            return
        event = Event(labeller=self._labeller, id=last.id, do="undo")
        self._journal.add(event)
        self._session.add(event)
        self._message = f"Taken back: {last.do} {last.field or ''}".rstrip()

    def _say(
        self, candidate: Candidate, do: Do, value: Any = None, label: LabelField | None = None
    ) -> None:
        event = Event(
            labeller=self._labeller,
            id=candidate.id,
            do=do,
            field=label.name if label else None,
            value=value,
            slice=self._of(candidate),
            suggested=bool(label and self._suggested(candidate, label)),
        )
        self._journal.add(event)
        self._session.add(event)
        if do in ("answer", "skip", "outcome"):
            self._full = False

    def _of(self, candidate: Candidate) -> str:
        known = candidate.slice
        return known if known is not None and known in self._slices else self._slice

    def _suggested(self, candidate: Candidate, label: LabelField) -> str | None:
        value = (candidate.suggested or {}).get(label.name)
        if self._blind or value is None:
            return None
        written = label.written(value)
        return written if written in label.choices else None

    def _may_be_open(self, label: LabelField) -> bool:
        return label is not self._session.fields[0]


def _waiting(project: Project, source: str | None) -> list[Candidate]:
    files = candidates.files(project)
    if source is not None:
        wanted = stem_of(source)
        known = [path.stem for path in files]
        files = [path for path in files if path.stem == wanted]
        if not files:
            there = f"There are: {', '.join(known)}." if known else "There are none at all."
            raise Mistake(f"--source {source}\n  No candidates of it wait. {there}")
    waiting = [one for found in candidates.load(project, files).values() for one in found]
    if not waiting:
        raise Mistake(
            "Nothing waits for a label.\nNext: uv run playbook data import FILE, or\n"
            "      uv run playbook data import --logs FILE"
        )
    return waiting


def _ended(session: Session, done: Settled, *, blind: bool) -> list[str]:
    lines = [""]
    lines.append(f"Labelled: {_cases(done)}" if done.cases else "No case was finished.")
    agreed, asked = session.agreement()
    if asked:
        how = "" if blind else " (seen before the answer; --blind tells more)"
        lines.append(f"Suggestions that were right: {agreed} of {asked}{how}.")
    if done.homeless:
        lines.append(
            "Kept, but for texts that are no longer in evals/candidates (import them again): "
            f"{done.homeless} finished."
        )
    waiting = len(session.candidates) - session.done
    if waiting:
        lines.append(f"{waiting} still wait. Next: uv run playbook label")
    else:
        lines.append("Next: uv run playbook evals run")
    return lines


def _cases(settled: Settled) -> str:
    return ", ".join(
        f"{count} in evals/cases/{name}.jsonl" for name, count in sorted(settled.cases.items())
    )
