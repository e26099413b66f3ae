"""One case on one screen: what of it is shown, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from playbook.data.answers import LabelField
from playbook.data.candidates import Candidate
from playbook.label.session import ANSWERED, Draft, Session
from playbook.sitting.page import Block, Page, draw, texts_of
from playbook.visible import visible


@dataclass(frozen=True)
class View:
    """What the screen shows besides the case.

    Attributes:
        slice: Where the case belongs unless something else was said.
        keys: What each letter does.
        message: What the last key did, where it does not show.
        full: Whether a long text is shown to its end.
    """

    slice: str
    keys: Mapping[str, str]
    message: str = ""
    full: bool = False


def show(console: Console, session: Session, candidate: Candidate, view: View) -> None:
    """Draw the screen, up to the question."""
    draft = session.draft(candidate)
    label = draft.next_field(session.fields)
    page = Page(
        title=_title(session),
        about=_about(candidate, draft, view.slice),
        blocks=[Block(_texts(candidate))],
        counts=_counts(session, label),
        choices=len(label.values),
        keys=view.keys,
        more="f",
        message=view.message,
        full=view.full,
    )
    draw(console, page)


def _title(session: Session) -> str:
    at = min(session.done + session.skipped + 1, len(session.candidates))
    skipped = f" · {session.skipped} skipped" if session.skipped else ""
    return f"{at} of {len(session.candidates)} · {session.done} labelled{skipped}"


def _about(candidate: Candidate, draft: Draft, slice_: str) -> list[str]:
    parts = [candidate.source, candidate.reason, f"slice {draft.slice or slice_}"]
    if draft.critical:
        parts.append("CRITICAL")
    if draft.outcome != [ANSWERED]:
        parts.append(f"outcome {' or '.join(draft.outcome)}")
    parts += [f"{name}: {_written(value)}" for name, value in draft.answers.items()]
    return parts + [note for note in (candidate.notes, draft.note) if note]


def _written(value: object) -> str:
    if value is None:
        return "open"
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _texts(candidate: Candidate) -> list[Text]:
    if candidate.raw is not None:
        return [Text(visible(candidate.raw))]
    return list(texts_of(candidate.input))


def _counts(session: Session, label: LabelField) -> str:
    counts = session.counts(label)
    return " · ".join(f"{choice} {counts[choice]}" for choice in label.choices if counts[choice])
