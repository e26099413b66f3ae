"""`playbook data import`: from a look at the source to files that are replaced whole."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice

from chassis.config import load_config
from playbook.data import candidates
from playbook.data.alone import changing
from playbook.data.answers import label_fields
from playbook.data.importing import ask
from playbook.data.importing.encodings import Unclear, unclear_message
from playbook.data.importing.existing import existing_cases
from playbook.data.importing.load import Loader, seen_by, stem_of
from playbook.data.importing.plan import Plan, Wish, make_plan
from playbook.data.importing.redaction import Redaction
from playbook.data.importing.report import Report
from playbook.data.importing.rows import Row, Source, survey
from playbook.data.importing.samples import LeftOut, Maker, Sample
from playbook.data.importing.sources import open_source
from playbook.data.importing.writing import Spool, spool
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Code, Mistake, write_json
from playbook.visible import visible


def run(project: Project, wish: Wish) -> int:
    """Import a file or a folder.

    Returns:
        0 when it was imported, or nothing new was in it; 2 when rows are bad and nobody said to
        leave them out.
    """
    pipeline = project.pipeline()
    config = load_config(project.root)
    cases = existing_cases(project, pipeline)
    source, encoding = _opened(wish)
    found = survey(source, wish.limit)
    if not found.rows:
        raise Mistake(f"{wish.source}\n  There is not one row in it.")
    fields = label_fields(pipeline, (placed.case for placed in cases))
    slices = config.criteria.quality.slices
    plan = make_plan(wish, pipeline, fields, slices, found)
    redaction = Redaction(config.guardrails.personal_data)
    maker = Maker(
        pipeline,
        config.guardrails.request,
        plan.columns,
        plan.labels,
        redaction,
        lenient=plan.skip_bad,
    )
    print(f"{source.name}: {found.rows:,} {'row' if found.rows == 1 else 'rows'}")
    named = f" --encoding {encoding}" if encoding else ""
    said = f" {visible(plan.labels.flags)}" if plan.labels.flags else ""
    print(f"Read as: {visible(plan.columns.flags)}{said}{named}")
    report = Report(source.name, redacted=redaction.counts)
    with changing(project), spool(candidates.folder_of(project)) as lines:
        # Read again: somebody may have answered questions for a while.
        seen = seen_by(project, existing_cases(project, pipeline), redaction.value)
        redaction.counts.clear()  # what is in the cases is not what this import took out
        loader = Loader(project, source.name, seen, report, lines, slices, wish.provenance)
        with progress("importing", found.rows) as step:
            for row in counted(source, wish.limit, step, report):
                try:
                    _take(row.where, maker.make(row), plan, loader)
                except LeftOut as why:
                    loader.leave(row.where, why)
        if not wish.keep_similar:
            loader.leave_similar()
        return finish(project, report, loader, lines, skip_bad=wish.skip_bad, dry_run=wish.dry_run)


def counted(
    source: Source, limit: int | None, step: Callable[[], None], report: Report
) -> Iterator[Row]:
    """The rows, each counted."""
    for row in islice(source.rows(), limit):
        report.rows += 1
        yield row
        step()


def finish(
    project: Project,
    report: Report,
    loader: Loader,
    lines: Spool,
    *,
    skip_bad: bool,
    dry_run: bool,
) -> int:
    """Say what was found; write all of it, or nothing."""
    file = project.root / "evals" / "reports" / f"import-{stem_of(report.source)}.json"
    write_it = not dry_run and _is_fine(report, skip_bad=skip_bad)
    if write_it:
        lines.commit()
    write_json(file, report.document(written=write_it))
    for line in report.lines(project.relative(loader.candidates_file), done=write_it):
        print(line)
    if report.left:
        print(f"Every row that was left out: {project.relative(file)}")
    if dry_run:
        print("Nothing was written: --dry-run.")
        if not (report.mostly_refused or (report.bad and not skip_bad and not ask.can_ask())):
            return Code.MET
    if not write_it:
        _refuse(report)
        return Code.INVALID
    if report.candidates:
        name = stem_of(report.source)
        print(f"Next: uv run playbook label --source {name}")
    elif report.cases:
        print("Next: uv run playbook data check")
    return Code.MET


def _is_fine(report: Report, *, skip_bad: bool) -> bool:
    if report.mostly_refused:
        return False
    if not report.bad or skip_bad:
        return True
    if not ask.can_ask() or not report.taken:
        return False
    for line in report.bad_lines():
        print(line)
    return ask.go_on(len(report.bad), report.taken)


def _refuse(report: Report) -> None:
    if report.mostly_refused:
        lines = [*report.refused_lines(), "The service would not take most rows."]
        lines.append("Nothing was imported. Next: look at --map, which says what each column is.")
        print("\n".join(lines), file=sys.stderr)
        return
    lines = [] if ask.can_ask() else list(report.bad_lines())
    bad = len(report.bad)
    lines.append(f"{bad:,} bad row{'s' if bad != 1 else ''}. Nothing was imported.")
    lines.append("Next: correct the file, or leave them out with --skip-bad.")
    print("\n".join(lines), file=sys.stderr)


def _take(where: str, sample: Sample, plan: Plan, loader: Loader) -> None:
    labeller = sample.labeller or plan.labeller
    if sample.labels and labeller:
        loader.case(where, sample, sample.slice or plan.slice, labeller)
    else:
        loader.candidate(where, sample)


def _opened(wish: Wish) -> tuple[Source, str | None]:
    """The source, and the encoding that was named."""
    encoding = wish.encoding
    while isinstance(found := open_source(wish.source, encoding, wish.delimiter), Unclear):
        shown = str(wish.source)
        if not ask.can_ask() or not found.readings:
            raise Mistake(unclear_message(shown, found))
        encoding = ask.encoding(shown, found)
    return found, encoding
