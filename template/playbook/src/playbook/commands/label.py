"""`playbook label`: say what is right, one text after the other."""

from typing import Annotated

import typer

from playbook import project as projects


def label(
    source: Annotated[
        str | None, typer.Option("--source", help="Only the candidates of this import.")
    ] = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="Where its cases belong; common without it.")
    ] = None,
    labeller: Annotated[
        str | None, typer.Option("--labeller", metavar="WHO", help="Who labels; asked without it.")
    ] = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Hide what the model said until you have answered.")
    ] = False,
) -> None:
    """Label what was imported, key by key.

    One text a screen; a digit or Enter answers. Every answer is on the disk before the next
    question. Finished ones become cases in evals/cases when you quit with q, or with Ctrl-C; after
    a crash, when you start again.

    A suggestion of the model is marked as one. People agree with what they are shown: with --blind
    the labels are your own.
    """
    project = projects.find()
    from playbook.label.command import Wish, run

    raise typer.Exit(run(project, Wish(source, slice_, labeller, blind)))
