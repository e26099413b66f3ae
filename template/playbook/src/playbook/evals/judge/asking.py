"""Ask a person for verdicts, one answer after the other; each key is kept before the next."""

import re
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.text import Text

from playbook.evals.judge import labels as labelled
from playbook.evals.judge.labels import Label
from playbook.project import Project
from playbook.sitting import person
from playbook.sitting.keys import Pressed, choose
from playbook.sitting.page import Block, Page, draw, texts_of
from playbook.visible import visible

if TYPE_CHECKING:
    from chassis import Pipeline

CHOICES = ("pass", "fail")
MARKS = "pf"
KEYS = {
    "s": "skip",
    "u": "undo",
    "n": "note",
    "a": "all of the texts and instructions",
    "q": "quit",
}


@dataclass(frozen=True)
class Step:
    """What one key did; an undo takes it back. A skip leaves the label as it was."""

    what: str
    before: Label
    after: Label


class Answers:
    """The answers of one sitting that wait for a verdict, and what was said of them.

    Every change reads the file again, so that what somebody wrote into it meanwhile stays.

    Raises:
        Mistake: When the file cannot be read, then or at a change.
    """

    def __init__(self, project: Project, name: str, pipeline: "Pipeline[Any, Any]") -> None:
        self._project = project
        self._name = name
        self._pipeline = pipeline
        self._labels: dict[str, Label] = {}
        self._read()
        self._keys = [key for key, one in self._labels.items() if one.verdict is None]
        self._skipped: set[str] = set()
        self._steps: list[Step] = []

    @property
    def current(self) -> Label | None:
        """The first that has no verdict and was not skipped."""
        waiting = (self._labels[key] for key in self._keys if key not in self._skipped)
        return next((one for one in waiting if one.verdict is None), None)

    @property
    def given(self) -> int:
        """How many verdicts were given here, and stand."""
        return sum(step.after.verdict != step.before.verdict for step in self._steps)

    @property
    def waiting(self) -> int:
        """How many answers of the file have no verdict."""
        return sum(one.verdict is None for one in self._labels.values())

    @property
    def where(self) -> str:
        """How far it is."""
        done = sum(self._labels[key].verdict is not None for key in self._keys)
        at = min(done + len(self._skipped) + 1, len(self._keys))
        skipped = f" · {len(self._skipped)} skipped" if self._skipped else ""
        return f"{at} of {len(self._keys)} · {done} judged{skipped}"

    @property
    def counts(self) -> str:
        """How often each verdict was given, in the answers of this sitting."""
        found = Counter(self._labels[key].verdict for key in self._keys)
        return " · ".join(f"{one} {found[one]}" for one in ("pass", "fail") if found[one])

    def judge(self, one: Label, verdict: Literal["pass", "fail"], labeller: str) -> str:
        """Give a verdict; says what was done, like all that follow."""
        told = {"verdict": verdict, "labeller": labeller}
        return self._do(Step(verdict, one, one.model_copy(update=told)))

    def note(self, one: Label, text: str) -> str:
        """Write a note, which needs no verdict."""
        return self._do(Step("note", one, one.model_copy(update={"notes": text})))

    def skip(self, one: Label) -> str:
        """Leave it for another day."""
        self._skipped.add(one.key)
        self._steps.append(Step("skip", one, one))
        return f"{one.id}: skip"

    def undo(self) -> str:
        """Take back what the last key did."""
        if not self._steps:
            return "There is nothing to take back in this session."
        step = self._steps.pop()
        if step.what == "skip":
            self._skipped.discard(step.after.key)
        elif problem := self._replace(step.after, step.before):
            return problem
        return f"Taken back: {step.what} of {step.after.id}"

    def _do(self, step: Step) -> str:
        if problem := self._replace(step.before, step.after):
            return problem
        self._steps.append(step)
        return f"{step.after.id}: {step.what}"

    def _replace(self, before: Label, after: Label) -> str | None:
        """Write one label, or say why not."""
        labels = self._read()
        found = next((place for place, one in enumerate(labels) if one.key == before.key), None)
        if found is None:
            self._forget(before.key)
            return f"{before.id} is no longer in the file, so nothing was written."
        if labels[found] != before:
            return f"{before.id} was changed in the file meanwhile; that is kept as it is there."
        labels[found] = self._labels[after.key] = after
        labelled.save(self._project, self._name, labels)
        return None

    def _forget(self, key: str) -> None:
        self._keys = [one for one in self._keys if one != key]
        self._skipped.discard(key)
        self._labels.pop(key, None)

    def _read(self) -> list[Label]:
        labels = labelled.load(self._project, self._name, self._pipeline)
        self._labels |= {one.key: one for one in labels}
        return labels


def lock(project: Project, name: str) -> AbstractContextManager[None]:
    """Keep every other command out that writes these labels.

    Raises:
        Mistake: When there is one.
    """
    path = project.root / "evals" / "reports" / f".{name}.labels.lock"
    return person.alone(path, f"labelling session for {name}")


def ask(answers: Answers, name: str, instructions: str, labeller: str) -> None:
    """Ask until nothing waits, or the person has had enough.

    Raises:
        KeyboardInterrupt: For Ctrl-C; what was said is kept.
        EOFError: When the terminal has gone; the same.
    """
    console = Console()
    message, full = "", False
    while (one := answers.current) is not None:
        question = instructions if full else first_paragraph(instructions)
        page = Page(
            title=answers.where,
            about=[one.id, *([one.notes] if one.notes else [])],
            blocks=[
                Block([Text(visible(question))], f"What {name} judges"),
                Block(list(texts_of(one.input)), "Input"),
                Block(list(texts_of(one.answer)), "Answer"),
            ],
            counts=answers.counts,
            choices=len(CHOICES),
            keys=KEYS,
            more="a",
            message=message,
            full=full,
        )
        draw(console, page)
        said = choose(
            "Does the answer pass?",
            CHOICES,
            first=None,
            remarks={},
            keys=KEYS,
            instruction="(p or f, or arrows and Enter)",
            marks=MARKS,
        )
        pressed = said.key if isinstance(said, Pressed) else said
        full = (not full) if pressed == "a" else full and pressed in ("n", "u")
        match pressed:
            case "pass" | "fail":
                message = answers.judge(one, pressed, labeller)
            case "s":
                message = answers.skip(one)
            case "u":
                message = answers.undo()
            case "n":
                message = answers.note(one, person.note(one.notes))
            case "q":
                return
            case _:
                message = ""


def first_paragraph(instructions: str) -> str:
    """What a judge is for, as its instructions begin; a heading says less."""
    for part in re.split(r"\n\s*\n", instructions):
        lines = [line.strip() for line in part.splitlines() if not line.startswith("#")]
        if any(lines):
            return " ".join(lines)
    return instructions
