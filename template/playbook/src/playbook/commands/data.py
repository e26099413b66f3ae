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
    """Find duplicates, leaks, doubtful labels, personal data.

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
    """Hold out cases from who writes the prompt.

    Moves lines from evals/cases/ to evals/held_out/. What is held out stays so; what was seen
    stays visible; new cases are divided so that each slice comes near its share.
    """
    from playbook.data.split import run

    run(projects.find(), share, dry_run=dry_run)


@data.command("synthesize")
def data_synthesize(
    from_: Annotated[
        str | None, typer.Option("--from", metavar="SLICE", help="Seeds of this slice only.")
    ] = None,
    case: Annotated[
        str | None, typer.Option("--case", metavar="ID", help="This case as the seed.")
    ] = None,
    kinds: Annotated[
        str | None,
        typer.Option(
            "--kinds",
            help="Of typos, casing, ocr, mixed, truncated, quoted, signature, emoji, html, long, "
            "empty, attack; with commas. All without it.",
        ),
    ] = None,
    per_case: Annotated[
        int, typer.Option("--per-case", min=1, max=100, help="Variants of each seed.")
    ] = 1,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same variants.")] = 0,
    slice_: Annotated[
        str | None,
        typer.Option("--slice", metavar="NAME", help="Their slice; else by kind, or the seed's."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Add them to this file instead.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print them as JSON lines; write nothing.")
    ] = False,
    model_written: Annotated[
        bool,
        typer.Option(
            "--model-written",
            help="The model of the default release writes them, in other registers and languages, "
            "up to cost_cap_usd of config/evals.yaml.",
        ),
    ] = False,
    simulated_anyway: Annotated[
        bool, typer.Option("--simulated-anyway", help="Even if the simulator writes them.")
    ] = False,
) -> None:
    """Make messy variants of cases, stamped synthetic.

    Typing errors, scans, quoted mails, other languages, attacks: what real input looks like. A
    variant keeps the label of its seed only where a person would still give it.
    """
    from playbook.data.synthesize import command

    wish = command.Wish(
        from_slice=from_,
        case=case,
        kinds=kinds,
        per_case=per_case,
        seed=seed,
        slice=slice_,
        out=out,
        dry_run=dry_run,
        model_written=model_written,
        simulated_anyway=simulated_anyway,
    )
    command.run(projects.find(), wish)
