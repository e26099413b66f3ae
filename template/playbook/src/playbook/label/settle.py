"""From finished answers to cases: idempotent, so that it may be cut off and done again."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook.data import candidates
from playbook.data.alone import changing
from playbook.data.answers import LabelField
from playbook.data.candidates import Candidate
from playbook.data.importing.existing import existing_cases
from playbook.data.importing.load import line_of
from playbook.data.importing.writing import spool
from playbook.evals.cases import Case
from playbook.label.journal import Event, Journal
from playbook.label.session import Draft, drafts_of, effective
from playbook.project import Project
from playbook.verdicts import write_whole

if TYPE_CHECKING:
    from chassis import Pipeline


@dataclass
class Settled:
    """What became of the answers."""

    cases: Counter[str] = field(default_factory=Counter)
    homeless: int = 0


def settle(
    project: Project, pipeline: "Pipeline[Any, Any]", fields: list[LabelField], journal: Journal
) -> Settled:
    """Move finished answers into evals/cases, then out of the candidates, then out of the journal.

    Each step knows what an earlier attempt did already.

    Raises:
        Mistake: When the cases there are cannot be read; the answers stay in the journal.
    """
    with changing(project):
        return _settle(project, pipeline, fields, journal)


def _settle(
    project: Project, pipeline: "Pipeline[Any, Any]", fields: list[LabelField], journal: Journal
) -> Settled:
    events = effective(journal.read())
    known = {placed.case.id for placed in existing_cases(project, pipeline)}
    waiting = candidates.load(project, candidates.files(project))
    by_id = {one.id: one for found in waiting.values() for one in found}
    done = Settled()
    finished = set(known)
    with spool(candidates.folder_of(project)) as lines:
        for identity, draft in drafts_of(events).items():
            if identity in known or not draft.is_complete(fields):
                continue
            candidate = by_id.get(identity)
            if candidate is None:
                done.homeless += 1
                continue
            case = case_of(candidate, draft)
            lines.add(project.cases / f"{case.slice}.jsonl", line_of(case))
            done.cases[case.slice] += 1
            finished.add(identity)
        lines.commit()
    for path, found in waiting.items():
        _keep(path, found, finished)
    journal.keep(_unfinished(events, finished))
    return done


def case_of(candidate: Candidate, draft: Draft) -> Case:
    """The case that a finished draft makes of a candidate; it keeps its id."""
    content = {"input": candidate.input} if candidate.raw is None else {"raw": candidate.raw}
    notes = [candidate.notes, draft.note]
    return Case.model_validate(
        {
            "id": candidate.id,
            "slice": draft.slice,
            **content,
            "expected": draft.expected(),
            "provenance": candidate.provenance,
            "labeller": draft.labeller,
            "critical": draft.critical,
            "notes": " ".join(note for note in notes if note),
        }
    )


def _keep(path: Path, found: list[Candidate], finished: set[str]) -> None:
    """Leave in a file of candidates what still waits."""
    rest = [one for one in found if one.id not in finished]
    if len(rest) == len(found):
        return
    if rest:
        write_whole(path, "".join(one.line for one in rest))
    else:
        path.unlink()


def _unfinished(events: list[Event], finished: set[str]) -> list[Event]:
    """What was begun; who was skipped is asked again the next time."""
    return [event for event in events if event.id not in finished and event.do != "skip"]
