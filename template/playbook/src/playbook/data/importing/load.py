"""Samples on their way in: a case where somebody stands for its label, else a candidate."""

import json
import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from chassis.config.problems import did_you_mean
from chassis.guards.personal.redaction import redact_all
from playbook.data import candidates
from playbook.data.candidates import Candidate, Reason
from playbook.data.importing.report import Line, Report
from playbook.data.importing.samples import LeftOut, Sample
from playbook.data.importing.seen import Known, Seen, key_of, nearly_the_same, words_of
from playbook.data.importing.writing import Spool
from playbook.evals.cases import Case, Placed
from playbook.project import Project
from playbook.visible import visible

_LONGEST_STEM = 40


def stem_of(name: str) -> str:
    """The name of a source, as ids and files of candidates have it."""
    stem = re.sub(r"[^a-z0-9]+", "-", Path(name).stem.lower()).strip("-")
    return stem[:_LONGEST_STEM].strip("-") or "import"


def seen_by(project: Project, cases: Iterable[Placed], redact: Any) -> Seen:
    """What is there already.

    Args:
        project: The service.
        cases: Its cases.
        redact: Takes personal data out of them as well, or they would not be recognised.
    """
    seen = Seen()
    for placed in cases:
        case = placed.case
        content = case.input if case.raw is None else case.raw
        what = "a held-out case" if placed.held_out else f"the case {case.id}"
        seen.add(words_of(redact(content)), Known(case.id, what, case.expected.values), case=True)
    for waiting in candidates.load(project, candidates.files(project)).values():
        for one in waiting:
            content = one.input if one.raw is None else one.raw
            seen.add(words_of(content), Known(one.id, f"the candidate {one.id}"), case=False)
    return seen


class _New(NamedTuple):
    """One sample of this import: its place among all texts, and its line."""

    place: int
    where: str
    path: Path
    number: int
    slice: str | None


class Loader:
    """Turns samples into lines of the right files.

    Args:
        project: The service.
        source: The name of what is imported.
        seen: What is there already.
        report: What is counted.
        spool: Where lines go.
        slices: The slices of the success criteria.
        provenance: Where the samples come from.
    """

    def __init__(
        self,
        project: Project,
        source: str,
        seen: Seen,
        report: Report,
        spool: Spool,
        slices: Collection[str],
        provenance: Literal["production", "expert", "synthetic"],
    ) -> None:
        self._project = project
        self._stem = stem_of(source)
        self._seen = seen
        self._report = report
        self._spool = spool
        self._slices = slices
        self._provenance = provenance
        self._new: list[_New] = []
        self._today: date = datetime.now(UTC).date()

    @property
    def candidates_file(self) -> Path:
        """Where the candidates of this source wait."""
        return candidates.folder_of(self._project) / f"{self._stem}.jsonl"

    def leave(self, where: str, why: LeftOut) -> None:
        """Count a row that does not come in."""
        self._report.left.append(Line(where, why.reason, why.detail, why.bad))

    def case(self, where: str, sample: Sample, slice_: str, labeller: str) -> None:
        """Add a case.

        Raises:
            LeftOut: When it is there already, or belongs to no slice.
        """
        if slice_ not in self._slices:
            hint = did_you_mean(slice_, self._slices)
            raise LeftOut("no slice of the success criteria", f"{slice_}.{hint}")
        words = words_of(sample.input)
        key = key_of(words)
        if known := self._seen.case(key):
            other = any(
                known.labels is not None and known.labels.get(name, label) != label
                for name, label in sample.labels.items()
            )
            reason = "there already, with another label" if other else "there already"
            raise LeftOut(reason, f"The same text as {known.what}.", bad=False)
        waiting = self._seen.candidate(key)
        case = Case.model_validate(
            {
                "id": waiting.id if waiting else self._seen.new_id(self._stem, key),
                "slice": slice_,
                "input": sample.input,
                "expected": sample.labels,
                "provenance": self._provenance,
                "labeller": labeller,
                "critical": sample.critical,
                "notes": sample.notes,
            }
        )
        path = self._project.cases / f"{slice_}.jsonl"
        number = self._spool.add(path, line_of(case))
        self._new.append(_New(len(self._seen.words), where, path, number, slice_))
        self._seen.add(words, Known(case.id, where, sample.labels), case=True)
        self._report.cases[slice_] += 1

    def candidate(
        self,
        where: str,
        sample: Sample,
        *,
        suggested: dict[str, Any] | None = None,
        reason: Reason = "imported",
    ) -> None:
        """Add a candidate.

        Raises:
            LeftOut: When its text is there already.
        """
        words = words_of(sample.input)
        key = key_of(words)
        if known := self._seen.case(key) or self._seen.candidate(key):
            raise LeftOut("there already", f"The same text as {known.what}.", bad=False)
        one = Candidate(
            id=self._seen.new_id(self._stem, key),
            input=sample.input,
            provenance=self._provenance,
            source=redact_all(visible(where)),
            added=self._today,
            suggested=suggested or sample.labels or None,
            reason=reason,
            notes=sample.notes,
            slice=sample.slice,
        )
        path = self.candidates_file
        number = self._spool.add(path, one.line)
        self._new.append(_New(len(self._seen.words), where, path, number, None))
        self._seen.add(words, Known(one.id, where), case=False)
        self._report.candidates += 1

    def leave_similar(self) -> None:
        """Leave out what says nearly the same as something that is there, or came before it."""
        if not self._new:
            return
        first = self._new[0].place
        seen = self._seen
        for place, other in sorted(nearly_the_same(seen.words, seen.is_case, first).items()):
            one, known = self._new[place - first], seen.known[other]
            self._spool.drop(one.path, one.number)
            if one.slice is None:
                self._report.candidates -= 1
            else:
                self._report.cases[one.slice] -= 1
            why = LeftOut("nearly the same", f"Nearly the text of {known.what}.", bad=False)
            self.leave(one.where, why)


def line_of(case: Case) -> str:
    """A case's line of its file: as short as somebody would write it."""
    written = case.model_dump(mode="json", exclude_unset=True)
    outcome = written["expected"].get("outcome")
    if outcome == ["answered"]:
        del written["expected"]["outcome"]
    elif outcome is not None and len(outcome) == 1:
        written["expected"]["outcome"] = outcome[0]
    return json.dumps(written, ensure_ascii=False) + "\n"
