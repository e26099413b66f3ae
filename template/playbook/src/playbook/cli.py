"""The command `playbook`: what it offers; the work itself is imported when it is asked for."""

import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from playbook import project as projects
from playbook import verdicts
from playbook.commands.data import data
from playbook.commands.data_import import data_import
from playbook.commands.evals import evals
from playbook.commands.guards import guards
from playbook.commands.keys import keys
from playbook.commands.label import label
from playbook.help import GroupedHelp
from playbook.verdicts import Code, ReaderGone, Stopped

FIRST = "Start here"
JUDGE = "Judge the service"
SET_UP = "Set up and check"

# Plain help, not rich's: it is on the screen in half the time, and reads the same in a log.
app = typer.Typer(
    cls=GroupedHelp,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Everything beside the service itself: try it, judge it, make it your own.\n\n"
    "Run it through uv, from the service's folder: uv run playbook demo",
    epilog="Commands that judge exit with 0 met, 1 not met, 2 wrong usage or invalid files, "
    "3 could not be judged, 4 too few cases, 70 a bug of ours.",
)
config = typer.Typer(no_args_is_help=True, help="Check the files in config/.")


@app.command(rich_help_panel=FIRST)
def demo() -> None:
    """See the whole service at work, without a key."""
    project = projects.find()
    from playbook.demo.command import run_demo

    with verdicts.recorded("demo", project.root) as verdict:
        code = run_demo(project, verdict)
    raise typer.Exit(code)


@app.command(rich_help_panel=FIRST)
def run() -> None:
    """Run the service here, with a simulator if it needs one."""
    from playbook.run import run as run_service

    raise typer.Exit(run_service(projects.find()))


@app.command(rich_help_panel=FIRST)
def begin(
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Labels and cases as YAML; asks without it."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Print such a file, to start from, and stop.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that were changed, too.")
    ] = False,
) -> None:
    """Replace the sample by your own labels and cases.

    Asks for them, or reads them from a file; --example prints one to start from. Writes schemas.py,
    the prompt, example.json and evals/cases/, runs the cases on the simulator, and declares the
    floor of simulated answers in config/success-criteria.yaml.
    """
    from playbook.begin import command

    if example:
        typer.echo(command.example_file(), nl=False)
        return
    raise typer.Exit(command.begin(projects.find(), source, force=force))


@app.command(rich_help_panel=JUDGE)
def faults(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="This fault; give it once for each."),
    ] = None,
) -> None:
    """Bring faults about; see what callers get.

    Timeouts, errors, wrong answers, dead guards, a full disk: each on a copy of the configuration,
    over real HTTP, against the simulator. Takes about a minute; writes evidence/04-faults.json.

    Exit codes: 0 met, 1 not met, 2 invalid files, 3 could not be judged, 4 a fault was not run.
    """
    project = projects.find()
    with verdicts.recorded("faults", project.root) as verdict:
        from playbook.faults.command import run as run_faults

        code = run_faults(project, only or [], verdict)
    raise typer.Exit(code)


@config.command("check")
def config_check() -> None:
    """Check every file of config/, flags and prompts too."""
    project = projects.find()
    with verdicts.recorded("config check", project.root) as verdict:
        from playbook.configuration import check

        for line in check(project, verdict):
            typer.echo(line)


@app.command(rich_help_panel=FIRST)
def simulate(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any.")] = 8089,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same answers.")] = 0,
    latency_ms: Annotated[
        str, typer.Option("--latency-ms", help="400 is fixed; 400:1500 is median and p95.")
    ] = "0",
    faults: Annotated[
        Path | None, typer.Option("--faults", metavar="FILE", help="A plan of faults.")
    ] = None,
    skill: Annotated[
        float, typer.Option("--skill", min=0, max=1, help="How well it answers.")
    ] = 1.0,
) -> None:
    """Stand in for a model provider; marks every answer.

    It speaks OpenAI's and Anthropic's protocols on loopback, and answers only from what the prompt
    says. In config/releases.yaml, simulator:anthropic/small reaches it by the second.
    """
    from playbook.simulator.__main__ import main as simulator

    arguments = [f"--port={port}", f"--seed={seed}", f"--skill={skill}"]
    arguments += [f"--latency-ms={latency_ms}", *([f"--faults={faults}"] if faults else [])]
    raise typer.Exit(simulator(arguments))


app.add_typer(evals, name="evals", rich_help_panel=JUDGE)
data.command("import")(data_import)
app.add_typer(data, name="data", rich_help_panel=JUDGE)
app.command("label", rich_help_panel=JUDGE)(label)
app.add_typer(guards, name="guards", rich_help_panel=JUDGE)
app.add_typer(keys, name="keys", rich_help_panel=SET_UP)
app.add_typer(config, name="config", rich_help_panel=SET_UP)


def main() -> None:
    """The console script."""
    code = execute(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # or the interpreter would complain while it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def execute(arguments: list[str]) -> int:
    """Run one command line; gives its exit code and never shows a traceback."""
    try:
        app(arguments, prog_name="playbook")
    except SystemExit as stop:
        code = _code_of(stop)
        if code == Code.INTERRUPTED:  # typer makes this of Ctrl-C, and says nothing
            _say("\nStopped by Ctrl-C.")
        return code
    except KeyboardInterrupt:
        return Code.INTERRUPTED
    except ReaderGone:
        return Code.READER_GONE
    except Stopped as stop:
        _say(str(stop))
        return stop.code
    except Exception as error:  # noqa: BLE001 - no traceback reaches a person
        if verdicts.is_config_error(error):
            _say(f"{error}\nNothing was run.")
            return Code.INVALID
        _say(_bug(error))
        return Code.BUG
    return Code.MET


def _code_of(stop: SystemExit) -> int:
    return (
        stop.code if isinstance(stop.code, int) else (Code.MET if stop.code is None else Code.BUG)
    )


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr)
    except UnicodeEncodeError:
        print(text.encode("ascii", "replace").decode(), file=sys.stderr)


def _bug(error: Exception) -> str:
    """Save the traceback where only the person can read it, and say where."""
    when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    descriptor, name = tempfile.mkstemp(prefix=f"playbook-{when}-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
        file.write("".join(traceback.format_exception(error)))
    return (
        f"This is a bug of the playbook, not of yours: {type(error).__name__}.\n"
        f"The traceback is in {name}; please send it to whoever keeps the playbook."
    )


if __name__ == "__main__":
    main()
