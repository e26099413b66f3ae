"""Get people's verdicts: take answers of the last run, then let a person say of each."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playbook.evals.judge import asking
from playbook.evals.judge import card as cards
from playbook.evals.judge import labels as labelled
from playbook.evals.judge.labels import Label, key_of
from playbook.project import Project
from playbook.sitting import person
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline


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
        Mistake: When the report has no answers, somebody is labelling, or the labels cannot be
            read.
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
    with asking.lock(project, name):
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


@dataclass(frozen=True)
class Given:
    """What a sitting brought: verdicts, answers that still wait, and whether it was cut off."""

    verdicts: int
    waiting: int
    interrupted: bool = False


def label(project: Project, name: str, pipeline: "Pipeline[Any, Any]") -> Given:
    """Let a person at the terminal say pass or fail of each answer that has no verdict.

    Raises:
        Mistake: When another session is open, or the labels cannot be read.
    """
    from chassis.judge import judge_prompt

    instructions = judge_prompt(pipeline.package, name).instructions
    interrupted = False
    with asking.lock(project, name):
        answers = asking.Answers(project, name, pipeline)
        try:
            if answers.current is not None:
                asking.ask(answers, name, instructions, person.who(project))
        except (KeyboardInterrupt, EOFError):
            interrupted = True
    return Given(answers.given, answers.waiting, interrupted)


def next_step(name: str, waiting: int) -> str:
    """The command after collecting or labelling."""
    return f"{cards.COMMAND} {name}{' --label' if waiting else ''}"
