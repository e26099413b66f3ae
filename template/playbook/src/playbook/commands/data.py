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
