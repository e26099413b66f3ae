"""`playbook guards`: what the guards see, and what they do not."""

from typing import Annotated

import typer

from playbook import project as projects

guards = typer.Typer(no_args_is_help=True, help="Measure what the guards see.")


@guards.command("personal")
def guards_personal(
    seed: Annotated[int | None, typer.Option("--seed", help="Other letters than usual.")] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=1, max=5000, help="Letters of each kind and language.")
    ] = 200,
) -> None:
    """Measure how much personal data the guards see.

    With the engine that config/guardrails.yaml names, on generated letters in seven languages and
    on numbers that are nobody's. It reports; there is no target to meet.
    """
    project = projects.find()
    from playbook.guards.personal import command

    command(project, seed, rows)


@guards.command("injection")
def guards_injection(
    corpus: Annotated[
        str, typer.Option("--corpus", help="open, scored, or a .jsonl file or folder of yours.")
    ] = "open",
    json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown tables.")] = False,
    show_misses: Annotated[
        bool, typer.Option("--show-misses", help="Print what was judged wrong; not of scored.")
    ] = False,
) -> None:
    """Measure which attacks are stopped, and who else.

    On labelled texts, by source. It reports; there is no target to meet.
    """
    from playbook.guards.injection import report

    for line in report(corpus, as_json=json, markdown=markdown, show_misses=show_misses):
        typer.echo(line)
