"""`playbook data`: the labelled cases themselves: check, split, add to them."""

import typer

data = typer.Typer(no_args_is_help=True, help="Look after the labelled cases.")
