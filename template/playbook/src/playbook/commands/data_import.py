"""`playbook data import`: cases and candidates out of the team's exports and the service's logs."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from playbook import project as projects
from playbook.verdicts import Mistake

Only = Literal["all", "low-confidence", "handed-over", "low-rating"]
Provenance = Literal["production", "expert", "synthetic"]


def data_import(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, JSONL, JSON, a folder, a log.")
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="PART=COLUMN", help="Such as input.body=Text; once for each."
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="VALUE=LABEL", help='Such as "Tech issue=bug"; = is none.'),
    ] = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="Where its cases belong; common without it.")
    ] = None,
    slice_column: Annotated[
        str | None, typer.Option("--slice-column", help="The column that names the slice.")
    ] = None,
    provenance: Annotated[
        Provenance, typer.Option("--provenance", help="Where the texts come from.")
    ] = "production",
    labeller: Annotated[
        str | None, typer.Option("--labeller", metavar="WHO", help="Who stands for the labels.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="If it is not UTF-8, such as cp1252.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Of CSV; found out without it.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only so many rows, from the first.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out, import the good ones.")
    ] = False,
    keep_similar: Annotated[
        bool, typer.Option("--keep-similar", help="Take texts that are nearly the same, too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would do; write nothing.")
    ] = False,
    logs: Annotated[
        bool, typer.Option("--logs", help="The file is the service's own log; - is stdin.")
    ] = False,
    only: Annotated[
        Only | None, typer.Option("--only", help="Of a log: which calls; all without it.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="Of a log: so many, by chance.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of a log: another chance.")] = 0,
) -> None:
    """Make cases and candidates out of an export.

    A row with a label and a labeller becomes a case in evals/cases; any other a candidate, for
    playbook label. Personal data is taken out first. A column that is not named by --map is asked
    for at a terminal.

    With --logs, calls of the service's own log become candidates, the model's answer a suggestion:
    those with low confidence (below the release's threshold, or nearly), handed over to a person,
    or rated 1 or 2.

    With one bad row nothing is written: exit code 2, every bad row named by its line. At a
    terminal it asks; --skip-bad leaves them out. Files are replaced whole, or not at all.
    """
    project = projects.find()
    from playbook.data.importing import command
    from playbook.data.importing.plan import Wish

    wish = Wish(
        source=source,
        columns=columns or [],
        labels=labels or [],
        slice=slice_,
        slice_column=slice_column,
        provenance=provenance,
        labeller=labeller,
        encoding=encoding,
        delimiter=delimiter,
        limit=limit,
        dry_run=dry_run,
        skip_bad=skip_bad,
        keep_similar=keep_similar,
    )
    if logs:
        from playbook.data.importing import logs_command

        choice = logs_command.Choice(only or "all", sample, seed)
        raise typer.Exit(logs_command.run(project, wish, choice))
    if only or sample:
        raise Mistake("--only and --sample choose among the calls of a log: add --logs.")
    raise typer.Exit(command.run(project, wish))
