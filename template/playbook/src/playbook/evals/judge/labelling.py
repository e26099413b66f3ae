"""Get people's verdicts: take answers of the last run, then ask about one after the other."""

import getpass
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from playbook.evals.judge import card as cards
from playbook.evals.judge import labels as labelled
from playbook.evals.judge.labels import Label, key_of
from playbook.project import Project
from playbook.verdicts import Mistake
from playbook.visible import one_line, visible

if TYPE_CHECKING:
    from chassis import Pipeline

Choice = Literal["pass", "fail", "skip", "stop"]


@dataclass(frozen=True)
class Said:
    """What a person said of one answer."""

    choice: Choice
    note: str = ""


Ask = Callable[[Label, str], Said]


def collect(
    project: Project,
    name: str,
    pipeline: "Pipeline[Any, Any]",
    results: Sequence[Mapping[str, Any]],
    wanted: int,
) -> int:
    """Add answers of a report to the labels, without verdict; gives how many there were to add.

    Spread over slices and over right and wrong, in an order that does not depend on the report's.
    Held-out cases stay unseen, and no answer comes twice.

    Raises:
        Mistake: When the report has no answers, or the labels cannot be read.
    """
    answered = [
        one
        for one in results
        if one["outcome"] == "answered" and one.get("answer") and not one.get("held_out")
    ]
    if not answered:
        raise Mistake(
            "evals/reports/latest.json\n  No case of the last run has an answer that may be shown. "
            "Next: uv run playbook evals run"
        )
    labels = labelled.load(project, name, pipeline)
    known = {label.key for label in labels}
    fresh = [one for one in answered if key_of(one["input"], one["answer"]) not in known]
    added = [_label(one) for one in _spread(fresh, wanted)]
    if added:
        labelled.save(project, name, [*labels, *added])
    return len(added)


def _label(result: Mapping[str, Any]) -> Label:
    key = key_of(result["input"], result["answer"])
    return Label(id=f"{result['id']}-{key[:8]}", input=result["input"], answer=result["answer"])


def _spread(results: Iterable[Mapping[str, Any]], wanted: int) -> list[Mapping[str, Any]]:
    groups: dict[tuple[str, bool], list[Mapping[str, Any]]] = defaultdict(list)
    for one in sorted(results, key=lambda one: hashlib.sha256(str(one["id"]).encode()).digest()):
        groups[str(one["slice"]), bool(one["right"])].append(one)
    chosen: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while any(groups.values()) and len(chosen) < wanted:
        for group in groups.values():
            if group and len(chosen) < wanted:
                one = group.pop(0)
                key = key_of(one["input"], one["answer"])
                if key not in seen:
                    chosen.append(one)
                    seen.add(key)
    return chosen


def label(
    project: Project, name: str, pipeline: "Pipeline[Any, Any]", ask: Ask | None = None
) -> tuple[int, int]:
    """Ask for a verdict on each answer that has none; each is on disk before the next is shown.

    Returns:
        How many verdicts were given, and how many answers still wait.
    """
    labels = labelled.load(project, name, pipeline)
    waiting = [place for place, one in enumerate(labels) if one.verdict is None]
    labeller = project.git("config", "user.name") or getpass.getuser()
    given = 0
    for number, place in enumerate(waiting, start=1):
        said = (ask or _asked)(labels[place], f"{number} of {len(waiting)}")
        if said.choice == "stop":
            break
        if said.choice == "skip":
            continue
        told = {"verdict": said.choice, "labeller": labeller, "notes": said.note}
        labels[place] = labels[place].model_copy(update=told)
        labelled.save(project, name, labels)
        given += 1
    return given, sum(one.verdict is None for one in labels)


def _asked(label: Label, where: str) -> Said:
    """Show one answer on the screen and ask; Ctrl-C ends it, with all before it kept."""
    import questionary

    print(f"\n{where} · {one_line(label.id)}\n")
    for what, value in (("Input", label.input), ("Answer", label.answer)):
        print(f"{what}\n{readable(value)}\n")
    options = ("pass", "fail", "skip", "note", "quit")
    choices = [questionary.Choice(one, shortcut_key=one[0]) for one in options]
    note = ""
    while True:
        said = questionary.select("Does it pass?", choices, use_shortcuts=True).unsafe_ask()
        if said == "note":
            note = questionary.text("Note:", default=note).unsafe_ask()
        else:
            return Said("stop" if said == "quit" else said, note)


def readable(value: Any) -> str:
    """A value as a person reads it, field by field where it has some; a stranger wrote it."""
    if not isinstance(value, Mapping):
        return visible(_text(value))
    rows = (f"{name}: {_text(one)}" for name, one in value.items())
    return "\n".join("  " + visible(row).replace("\n", "\n    ") for row in rows)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def next_step(name: str, waiting: int) -> str:
    """The command after collecting or labelling."""
    return f"{cards.COMMAND} {name}{' --label' if waiting else ''}"
