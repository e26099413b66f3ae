"""One case on one screen, drawn with rich; a text of a stranger cannot drive the terminal."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from playbook.console import WIDEST
from playbook.data.answers import LabelField
from playbook.data.candidates import Candidate
from playbook.label.session import ANSWERED, Draft, Session
from playbook.visible import one_line, visible

_AROUND = 14  # lines that the screen needs besides the text and the choices
_LEAST_TEXT = 6


@dataclass(frozen=True)
class View:
    """What the screen shows besides the case.

    Attributes:
        slice: Where the case belongs unless something else was said.
        message: What the last key did, where it does not show.
        full: Whether a long text is shown to its end.
    """

    slice: str
    message: str = ""
    full: bool = False


def show(console: Console, session: Session, candidate: Candidate, view: View) -> None:
    """Draw the screen, up to the question."""
    draft = session.draft(candidate)
    console.clear()
    console.print(Rule(_title(session), align="left", style="dim"), markup=False)
    about = _about(candidate, draft, view.slice)
    console.print(about, style="dim", markup=False, highlight=False)
    room = console.height - _AROUND - len(draft.next_field(session.fields).values)
    for line in _fitted(console, candidate, room, full=view.full):
        console.print(line, markup=False, highlight=False)
    console.print(Rule(style="dim"))
    console.print(_counts(session, draft.next_field(session.fields)), style="dim")
    if view.message:
        console.print(Text(visible(view.message)), style="yellow", highlight=False)


def width(console: Console) -> int:
    """How wide texts are."""
    return min(console.width, WIDEST)


def _title(session: Session) -> Text:
    at = min(session.done + session.skipped + 1, len(session.candidates))
    skipped = f" · {session.skipped} skipped" if session.skipped else ""
    return Text(f"{at} of {len(session.candidates)} · {session.done} labelled{skipped}")


def _about(candidate: Candidate, draft: Draft, slice_: str) -> Text:
    parts = [candidate.source, candidate.reason, f"slice {draft.slice or slice_}"]
    if draft.critical:
        parts.append("CRITICAL")
    if draft.outcome != [ANSWERED]:
        parts.append(f"outcome {' or '.join(draft.outcome)}")
    parts += [f"{name}: {_written(value)}" for name, value in draft.answers.items()]
    parts += [note for note in (candidate.notes, draft.note) if note]
    return Text(" · ".join(one_line(part, 100) for part in parts))


def _written(value: object) -> str:
    if value is None:
        return "open"
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _fitted(console: Console, candidate: Candidate, room: int, *, full: bool) -> Iterator[Text]:
    lines: list[Text] = []
    for text in _texts(candidate):
        lines += text.wrap(console, width(console), tab_size=4)
    room = max(room, _LEAST_TEXT)
    if full or len(lines) <= room:
        yield from lines
        return
    yield from lines[: room - 1]
    yield Text(f"... {len(lines) - room + 1} more lines: f shows all", style="yellow")


def _texts(candidate: Candidate) -> Iterator[Text]:
    if candidate.raw is not None:
        yield Text(visible(candidate.raw))
        return
    if not isinstance(candidate.input, dict):
        yield Text(visible(_as_text(candidate.input)))
        return
    for name, value in candidate.input.items():
        shown = visible(_as_text(value))
        between = "\n" if "\n" in shown or len(shown) > 80 else "  "
        yield Text.assemble((visible(str(name)), "bold"), between, shown)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _counts(session: Session, label: LabelField) -> Text:
    counts = session.counts(label)
    return Text(
        " · ".join(f"{choice} {counts[choice]}" for choice in label.choices if counts[choice])
    )
