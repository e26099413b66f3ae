"""The steps before a judge can be measured: start one, collect answers, give verdicts."""

import sys
from collections.abc import Iterator

from playbook.evals.judge import example, labelling
from playbook.evals.judge.command import chosen_judges
from playbook.evals.reports import document
from playbook.project import Project
from playbook.verdicts import Mistake


def take(
    project: Project, name: str | None, *, new: bool, collect: int | None, label: bool
) -> Iterator[str]:
    """Do what was asked for, and say what was done.

    Raises:
        Mistake: For a judge that is not there, or files that cannot be used.
        KeyboardInterrupt: At the end, when a person ended it so.
    """
    if name is None:
        raise Mistake("Name the judge, such as: uv run playbook evals judge --new my_judge")
    if new:
        yield from example.start(project, name)
        return
    pipeline = project.pipeline()
    chosen_judges(pipeline, name, project)
    if collect:
        written = document.read(project.root / document.LATEST, str(document.LATEST))
        added = labelling.collect(project, name, pipeline, written["cases"], collect)
        short = f", all there were; {collect} were asked for" if added < collect else ""
        yield f"evals/judges/{name}.labels.jsonl: {added} answers added{short}."
        if not label:
            yield f"Next: {labelling.next_step(name, added)}"
    if label:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise Mistake(
                "--label asks a person, and there is no terminal here. The verdicts can be written "
                f'into evals/judges/{name}.labels.jsonl as well: "verdict": "pass", "labeller": ...'
            )
        given = labelling.label(project, name, pipeline)
        yield f"{given.verdicts} verdicts given, {given.waiting} answers wait."
        yield f"Next: {labelling.next_step(name, given.waiting)}"
        if given.interrupted:
            raise KeyboardInterrupt
