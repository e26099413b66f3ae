"""`playbook data check`: read the cases, say what is wrong with them, judge."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from playbook.data import compare
from playbook.data.counted import Counted, counted
from playbook.data.examples import prompts_of
from playbook.data.findings import Data, Finding, Weight, as_json, findings
from playbook.data.labels import labels_of
from playbook.evals.cases import Placed, read_all
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Code, Verdict, write_json

if TYPE_CHECKING:
    from chassis.config.criteria import Quality

PLACES_ON_A_SCREEN = 18  # over all findings, however many there are
LEAST_PLACES = 2
PLACES_OF_A_REMARK = 3
_WIDTH = 100
_STATUS = {Weight.fails: "NOT MET", Weight.lacks: "TOO FEW", Weight.remark: "remark"}


def run(project: Project, verdict: Verdict, json: Path | None = None) -> Code:
    """Check the cases, print what was found, and conclude."""
    from chassis.config import load_config
    from chassis.guards.personal.engine import personal_finder

    pipeline = project.pipeline()
    placed = read_all(project, pipeline)
    config = load_config(project.root)
    finder = personal_finder(config.guardrails.personal_data)
    cases = [p.case for p in placed]
    prompts = prompts_of(project)
    pairs = compare.pairs(cases)
    with progress("personal data", len(placed)) as on_done:
        data = Data(
            placed=placed,
            pairs=pairs,
            labels=labels_of(cases, pipeline.gives),
            quality=config.criteria.quality,
            prompts=prompts,
            finder=finder,
            on_done=on_done,
        )
        found = findings(data)
    own = counted(cases, prompts, pairs)
    code = code_of(found)
    reasons = [f.what for f in found if f.weight is not Weight.remark]
    verdict.conclude(code, *(reasons or [f"{len(placed)} cases; nothing is wrong with them."]))
    if json:
        write_json(json, document(placed, found, own, code))
    for line in lines(placed, found, own, config.criteria.quality):
        print(line)
    return code


def code_of(found: Sequence[Finding]) -> Code:
    """Something wrong outweighs something missing."""
    weights = {finding.weight for finding in found}
    if Weight.fails in weights:
        return Code.NOT_MET
    return Code.INCONCLUSIVE if Weight.lacks in weights else Code.MET


def document(
    placed: Sequence[Placed], found: Sequence[Finding], own: Counted, code: Code
) -> dict[str, object]:
    """What was found, for a program."""
    return {
        "code": int(code),
        "status": code.status,
        "cases": len(placed),
        "held_out": sum(p.held_out for p in placed),
        "slices": dict(Counter(p.case.slice for p in placed)),
        "provenance": dict(own.provenance),
        "own": {
            "total": own.total,
            "slices": dict(own.own),
            "repeated": own.repeated,
            "told_in_a_prompt": own.told,
        },
        "findings": [as_json(finding) for finding in found],
    }


def lines(
    placed: Sequence[Placed], found: Sequence[Finding], own: Counted, quality: "Quality"
) -> Iterator[str]:
    """What a person reads: all findings on a screen, the worst first, then the conclusion."""
    slices = len({p.case.slice for p in placed})
    held_out = sum(p.held_out for p in placed)
    yield (
        f"{len(placed):,} case{'' if len(placed) == 1 else 's'} · "
        f"{slices} slice{'' if slices == 1 else 's'} · {held_out:,} held out · "
        f"{own.total:,} of your own"
    )
    yield ""
    with_places = sum(bool(finding.places) for finding in found) or 1
    room = max(LEAST_PLACES, PLACES_ON_A_SCREEN // with_places)
    for finding in found:
        most = PLACES_OF_A_REMARK if finding.weight is Weight.remark else room
        yield from _shown(finding, min(room, most))
    yield from _decision(found, own, quality)


def _shown(finding: Finding, room: int) -> Iterator[str]:
    yield f"{_STATUS[finding.weight]:<8} {finding.name}: {finding.what}"
    yield from (f"           {place}" for place in finding.places[:room])
    if len(finding.places) > room:
        yield f"           ... and {len(finding.places) - room:,} more (--json FILE has them all)"
    yield from textwrap.wrap(finding.do, _WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 9)


def _decision(found: Sequence[Finding], own: Counted, quality: "Quality") -> Iterator[str]:
    yield ""
    code = code_of(found)
    worst = [f.name for f in found if f.weight is not Weight.remark]
    yield f"{code.status.upper()}  {', '.join(worst) or 'nothing is wrong with these cases'}"
    left = [
        text
        for n, text in (
            (own.repeated, f"{own.repeated} that nearly repeat another"),
            (own.told, f"{own.told} told in a prompt"),
        )
        if n
    ]
    without = f", without {' and '.join(left)}" if left else ""
    yield (
        f"Your own cases, which readiness counts (point 2): {own.total:,} of "
        f"{quality.least_sample} needed{without}."
    )
