"""`playbook data`: the labelled cases themselves: check, split, add to them."""

from pathlib import Path
from typing import Annotated

import typer

from playbook import project as projects
from playbook import verdicts

data = typer.Typer(no_args_is_help=True, help="Look after the labelled cases.")


@data.command("check")
def data_check(
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all findings here, too.")
    ] = None,
) -> None:
    """Find duplicates, leaks, doubtful labels and personal data.

    Exit codes: 0 met, 1 something is wrong, 2 invalid files, 4 too few cases.
    """
    project = projects.find()
    with verdicts.recorded("data check", project.root) as verdict:
        from playbook.data.check import run

        code = run(project, verdict, json)
    raise typer.Exit(code)


@data.command("split")
def data_split(
    share: Annotated[
        float, typer.Option("--share", min=0.05, max=0.5, help="Of every slice and label.")
    ] = 0.2,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would move; write nothing.")
    ] = False,
) -> None:
    """Hold out a part of the cases from who writes the prompt.

    Moves lines from evals/cases/ to evals/held_out/. What is held out stays so; what was seen
    stays visible; new cases are divided so that each slice comes near its share.
    """
    from playbook.data.split import run

    run(projects.find(), share, dry_run=dry_run)
