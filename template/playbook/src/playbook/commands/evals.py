"""`playbook evals`: run the cases, judge the answers, choose the threshold."""

from pathlib import Path
from typing import Annotated

import typer

from playbook import project as projects
from playbook import verdicts
from playbook.help import GroupedOptions

evals = typer.Typer(no_args_is_help=True, help="Run the labelled cases and judge the answers.")


WHAT = "What is run"
WHO = "Who answers (else: live with a key, replayed without)"
HOW = "How"

Release = Annotated[
    str | None,
    typer.Option("--release", help="A release of config/releases.yaml.", rich_help_panel=WHAT),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency", min=1, max=64, help="Requests in flight at once.", rich_help_panel=HOW
    ),
]
Simulated = Annotated[
    bool,
    typer.Option("--simulated", help="The simulator, in the model's place.", rich_help_panel=WHO),
]
ShowHeldOut = Annotated[
    bool, typer.Option("--show-held-out", help="With the content of held-out cases, too.")
]


@evals.command("run", cls=GroupedOptions)
def evals_run(
    slice_: Annotated[
        str | None,
        typer.Option("--slice", help="Only the cases of this slice.", rich_help_panel=WHAT),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option("--case", help="Only the case with this id.", rich_help_panel=WHAT),
    ] = None,
    release: Release = None,
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Another folder of cases.", rich_help_panel=WHAT),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Ask everything, also after an interrupted run.", rich_help_panel=WHAT
        ),
    ] = False,
    live: Annotated[
        bool, typer.Option("--live", help="The provider; records.", rich_help_panel=WHO)
    ] = False,
    replayed: Annotated[
        bool,
        typer.Option("--replayed", help="The last live answers, recorded.", rich_help_panel=WHO),
    ] = False,
    simulated: Simulated = False,
    concurrency: Concurrency = None,
    cost_cap: Annotated[
        float | None,
        typer.Option("--cost-cap", metavar="USD", help="Stop there.", rich_help_panel=HOW),
    ] = None,
    repeats: Annotated[
        int | None,
        typer.Option(
            "--repeats",
            min=1,
            max=9,
            help="So many answers where one differs from the baseline.",
            rich_help_panel=HOW,
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write the report here, too.", rich_help_panel=HOW),
    ] = None,
    show_held_out: Annotated[
        bool,
        typer.Option(
            "--show-held-out", help="With the content of held-out cases.", rich_help_panel=HOW
        ),
    ] = False,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            help="Targets may not ask for less than on this branch.",
            rich_help_panel=HOW,
        ),
    ] = None,
) -> None:
    """Run the cases; judge them by the success criteria.

    What is not given is as config/evals.yaml has it. Interrupted, the next run goes on.

    Exit codes: 0 met, 1 not met, 2 invalid files, 3 could not be judged (provider down, cost cap
    reached), 4 too few cases or recordings.
    """
    project = projects.find()
    with verdicts.recorded("evals run", project.root) as verdict:
        from playbook.evals import command

        if cost_cap is not None and not cost_cap > 0:
            raise verdicts.Mistake("--cost-cap\n  This is an amount in USD, more than 0.")
        selection = command.Selection(
            slice=slice_,
            case=case,
            release=release,
            cases=cases,
            json=json,
            concurrency=concurrency,
            mode=command.one_mode(live=live, replayed=replayed, simulated=simulated),
            cost_cap_usd=cost_cap,
            repeats=repeats,
            fresh=fresh,
            base=base,
            show_held_out=show_held_out,
        )
        code = command.run(project, selection, verdict)
    raise typer.Exit(code)


@evals.command("accept")
def evals_accept(
    why: Annotated[str | None, typer.Option("--why", help="Why; asked for at a terminal.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who; without it, git's user.name.")
    ] = None,
) -> None:
    """Make the last run the baseline of later runs.

    They are compared with it, case by case. It writes evals/baselines/<mode>.json, to be
    committed. A run that was not met is accepted, too, and stays not met: accepting changes no
    target.
    """
    project = projects.find()
    with verdicts.recorded("evals accept", project.root) as verdict:
        from playbook.evals.gate import accept

        code = accept.run(project, accept.Wish(why, by), verdict)
    raise typer.Exit(code)


@evals.command("calibrate", cls=GroupedOptions)
def evals_calibrate(
    release: Release = None,
    target_right: Annotated[
        float | None,
        typer.Option(
            "--target-right",
            metavar="SHARE",
            min=0.5,
            max=0.9999,
            help="Without it, the criteria's quality target.",
        ),
    ] = None,
    max_handed_over: Annotated[
        float | None,
        typer.Option(
            "--max-handed-over",
            metavar="SHARE",
            min=0,
            max=1,
            help="The most that may go to a person.",
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the threshold into config/releases.yaml.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run the cases, even if the last run would do.")
    ] = False,
    concurrency: Concurrency = None,
    simulated: Simulated = False,
    simulated_anyway: Annotated[
        bool, typer.Option("--simulated-anyway", help="Write it though answers were simulated.")
    ] = False,
) -> None:
    """Choose a release's confidence threshold.

    The lowest at which the answered cases show the target right. Exit codes: 0 found, 1 no
    threshold does it, 2 invalid files, 3 could not be judged, 4 too few cases.
    """
    project = projects.find()
    with verdicts.recorded("evals calibrate", project.root) as verdict:
        from playbook.evals import calibration_command

        wish = calibration_command.Wish(
            release=release,
            target_right=target_right,
            most_handed_over=max_handed_over,
            simulated=simulated,
            fresh=fresh,
            write=write,
            simulated_anyway=simulated_anyway,
            concurrency=concurrency,
        )
        code = calibration_command.run(project, wish, verdict)
    raise typer.Exit(code)


@evals.command("judge")
def evals_judge(
    name: Annotated[str | None, typer.Argument(help="A judge; without it, all.")] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", min=1, max=20, help="Ask so often: is it steady?")
    ] = 1,
    concurrency: Concurrency = 8,
    simulated: Simulated = False,
    collect: Annotated[
        int | None,
        typer.Option("--collect", min=1, help="Take so many answers of the last run to label."),
    ] = None,
    label: Annotated[
        bool, typer.Option("--label", help="Give your verdict on answers that have none.")
    ] = False,
    new: Annotated[bool, typer.Option("--new", help="Start a judge of this name.")] = False,
) -> None:
    """Judge the judges: how often do they agree with people?

    Measures a judge against the verdicts in evals/judges/<name>.labels.jsonl and writes its card.
    With --label one key is a verdict: p pass, f fail, s skip, u undo, n note, q quit.
    Exit codes: 0 met, 1 rates too low, 2 invalid files, 3 could not be judged, 4 too few verdicts.
    """
    project = projects.find()
    if new or label or collect:
        from playbook.evals.judge import steps

        for line in steps.take(project, name, new=new, collect=collect, label=label):
            typer.echo(line)
        return
    with verdicts.recorded("evals judge", project.root) as verdict:
        from playbook.evals.judge import command

        wish = command.Wish(name, repeats, concurrency, simulated)
        code = command.run(project, wish, verdict)
    raise typer.Exit(code)


@evals.command("show")
def evals_show(
    what: Annotated[str | None, typer.Argument(help="A slice, or the id of a case.")] = None,
    flips: Annotated[
        bool, typer.Option("--flips", help="What changed sides since the baseline.")
    ] = False,
    show_held_out: ShowHeldOut = False,
) -> None:
    """Show what the last run got wrong, or one case."""
    from playbook.evals.reports import command, terminal

    said = command.show(projects.find(), what, flips=flips, show_held_out=show_held_out)
    terminal.say(said)


@evals.command("report")
def evals_report(
    html: Annotated[Path | None, typer.Option("--html", help="Write the page here.")] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write the comment for a pull request here.")
    ] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    show_held_out: ShowHeldOut = False,
) -> None:
    """Write the last run's report again.

    The page, the comment for a pull request, JUnit XML; without a form named, all of them in
    evals/reports/.
    """
    from playbook.evals.reports import command

    wish = command.Wish(html, markdown, junit, open_, show_held_out)
    for line in command.render(projects.find(), wish):
        typer.echo(line)


@evals.command("selftest")
def evals_selftest() -> None:
    """See the gate fail: break the service seven ways.

    In a copy of it, with answers that are made up: a prompt without definitions, a model that swaps
    labels, a wrong critical case, a bad slice, a dead provider, too few cases. Says whether the
    gate gave what it must each time, and nothing about a model. Takes about half a minute.

    Exit codes: 0 it did, 1 it let something through, 2 invalid files, 3 answers for this service
    cannot be made up.
    """
    project = projects.find()
    with verdicts.recorded("evals selftest", project.root) as verdict:
        from playbook.evals.selftest import command

        code = command.run(project, verdict)
    raise typer.Exit(code)


@evals.command("adversarial")
def evals_adversarial(
    family: Annotated[
        str | None, typer.Option("--family", help="Only this family of attacks, or benign.")
    ] = None,
    case: Annotated[str | None, typer.Option("--case", help="Only the case with this id.")] = None,
    release: Release = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the report here, too.")] = None,
    show: Annotated[
        str | None, typer.Option("--show", metavar="ID", help="Show one case of the last run.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, max=64, help="As config/evals.yaml says.")
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="With a model that obeys every attack.")
    ] = False,
) -> None:
    """Attack the whole service; see what holds.

    Sends the attacks and look-alikes of evals/adversarial/ over HTTP, and holds each family against
    the `safety` targets of config/success-criteria.yaml. Writes evidence/09-adversarial.json.

    Exit codes: 0 met, 1 not met, 2 invalid files, 3 could not be judged, 4 too few cases.
    """
    project = projects.find()
    from playbook.evals.adversarial import command

    if show:
        command.show(project, show)
        return
    with verdicts.recorded("evals adversarial", project.root) as verdict:
        wish = command.Wish(family, case, release, json, concurrency, simulated)
        code = command.run(project, wish, verdict)
    raise typer.Exit(code)
