"""`playbook faults`: bring every fault about, and say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playbook.console import WIDEST, console
from playbook.evidence import FOLDER, Evidence, EvidenceStatus
from playbook.faults import report
from playbook.faults.matrix import Matrix
from playbook.faults.row import Result, Row, Status
from playbook.faults.rows import ROWS
from playbook.faults.staged import CHANGES
from playbook.processes import signals_like_ctrl_c
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Code, Mistake, Verdict, write_whole

ID = "04-faults"
EXPIRES = timedelta(days=30)
_STATUS: dict[Code, EvidenceStatus] = {
    Code.MET: "pass",
    Code.NOT_MET: "fail",
    Code.INCONCLUSIVE: "inconclusive",
}


def run(project: Project, only: Sequence[str], verdict: Verdict) -> int:
    """Run the matrix, or some of its rows.

    Returns:
        0 when every row held, 1 when one did not, 4 when one could not be run here.
    """
    rows = _chosen(only)
    started = datetime.now(UTC)
    with signals_like_ctrl_c(), Matrix.of(project) as matrix, progress("faults", len(rows)) as done:
        results = matrix.run(rows, done)
    code, summary = _decide(results)
    _show(results, summary)
    verdict.conclude(code, *(report.reasons(results) if code else [summary]))
    if only:
        console().print("Some rows only: no evidence was written.", style="dim")
        return code
    _keep(project, results, started, code, summary)
    return code


def _chosen(only: Sequence[str]) -> Sequence[Row]:
    by_name = {row.name: row for row in ROWS}
    for name in only:
        if name not in by_name:
            raise Mistake(f"--only {name}\n  There is no such row: {', '.join(by_name)}.")
    return [by_name[name] for name in only] or ROWS


def _decide(results: Sequence[Result]) -> tuple[Code, str]:
    held = [r for r in results if r.status is Status.held]
    ran = [r for r in results if r.seen is not None]
    slowest = max((r.seen.seconds for r in ran if r.seen), default=0.0)
    summary = (
        f"{len(held)} of {len(results)} faults answered as the table of outcomes says, "
        f"slowest {slowest:.1f} s."
    )
    if any(r.status is Status.broke for r in results):
        return Code.NOT_MET, summary
    if any(r.status is Status.not_run for r in results):
        return Code.INCONCLUSIVE, summary
    return Code.MET, summary


def _show(results: Sequence[Result], summary: str) -> None:
    to = console(WIDEST)
    for table in report.tables(results):
        to.print()
        to.print(table)
    to.print()
    code, _ = _decide(results)
    to.print(f"{code.status.upper()}  {summary}", style="bold", highlight=False)
    for line in report.reasons(results):
        to.print(f"  {line}", markup=False, highlight=False)
    to.print(CHANGES, style="dim", highlight=False)


def _keep(
    project: Project, results: Sequence[Result], started: datetime, code: Code, summary: str
) -> None:
    """Write the evidence of point 4, and the table beside it."""
    import chassis

    evidence = Evidence(
        id=ID,
        status=_STATUS[code],
        command="playbook faults",
        started=started,
        measured=report.measured(results),
        inputs={
            "config/guardrails.yaml": project.root / "config" / "guardrails.yaml",
            "config/releases.yaml": project.root / "config" / "releases.yaml",
            f"src/{project.package}": project.source,
            "chassis": Path(chassis.__file__).parent,
            "uv.lock": project.root / "uv.lock",
        },
        mode="simulated",
        expires_after=EXPIRES,
    )
    page = project.root / FOLDER / f"{ID}.md"
    written = evidence.write(project)
    write_whole(page, report.markdown(results, summary, CHANGES))
    names = f"{project.relative(written)} and {project.relative(page)}"
    console().print(f"Evidence of point 4: {names}.", highlight=False)
