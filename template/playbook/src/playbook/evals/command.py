"""`playbook evals run`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook import stand_in
from playbook.evals import confidence, judging
from playbook.evals.alone import alone
from playbook.evals.cases import Case, dataset_hash, load, load_all
from playbook.evals.gate import Decision, baseline, check_first, history, judge_run
from playbook.evals.reports import document, files, terminal
from playbook.evals.results import CaseResult, Mode
from playbook.evals.run import prompt_hash_of
from playbook.evals.suite import Suite, run_suite
from playbook.project import Project
from playbook.staging import SIMULATED_MODEL, default_release
from playbook.verdicts import Code, Mistake, Verdict

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.config import Config, Release
    from playbook.evals.answering import Answering


@dataclass(frozen=True)
class Selection:
    """What of the suite is run, and how; what is None is as config/evals.yaml has it.

    `mode` forces live, replayed or simulated answers.
    """

    slice: str | None = None
    case: str | None = None
    release: str | None = None
    cases: Path | None = None
    json: Path | None = None
    concurrency: int | None = None
    mode: Mode | None = None
    cost_cap_usd: float | None = None
    repeats: int | None = None
    fresh: bool = False
    show_held_out: bool = False
    base: str | None = None

    @property
    def only(self) -> str | None:
        """What the run is narrowed to."""
        return self.case or self.slice


@dataclass(frozen=True)
class Judged:
    """A finished run; `opening` and `closing` say what is to be known of it beside the results.

    `finish` is called once its report is written: a run that is killed before is not asked twice.
    """

    decision: Decision
    results: list[CaseResult]
    report: dict[str, Any]
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    finish: Callable[[], None] = lambda: None


def one_mode(*, live: bool, replayed: bool, simulated: bool) -> Mode | None:
    """The mode that was asked for, if any.

    Raises:
        Mistake: For more than one.
    """
    wished = {Mode.live: live, Mode.replayed: replayed, Mode.simulated: simulated}
    chosen = [mode for mode, is_wished in wished.items() if is_wished]
    if len(chosen) > 1:
        options = " and ".join(f"--{mode}" for mode in chosen)
        raise Mistake(f"{options}\n  Answers are of one kind, or they could not be compared.")
    return chosen[0] if chosen else None


def run(project: Project, selection: Selection, verdict: Verdict) -> Code:
    """Run the suite, print what it showed, and leave the report."""
    with alone(project.root):
        judged = judge(project, selection)
        files.leave(project.root, judged.report, show_held_out=selection.show_held_out)
        if selection.json:
            document.write(selection.json, judged.report)
        if not selection.cases:
            history.record(project, judged.report)
        judged.finish()
    decision = judged.decision
    verdict.conclude(decision.code, *decision.reasons)
    said = [*lines(judged, selection), "", *judged.closing]
    terminal.say([*said, f"Next: {next_command(judged, selection)}"])
    return decision.code


def judge(project: Project, selection: Selection, answering: "Answering | None" = None) -> Judged:
    """Run the suite and judge it; prints nothing but progress.

    Args:
        project: The service.
        selection: What is run, and how.
        answering: Who answers; without it, it follows from the selection, the release and the keys.

    Raises:
        Mistake: For wrong usage, and for cases or configuration that cannot be used.
    """
    from chassis.config import load_config

    pipeline = project.pipeline()
    config = load_config(project.root)
    every, held_out = load_suite(project, pipeline, selection.cases)
    cases = _selected(every, selection)
    release = release_of(project, config, selection.release)
    bound = binding(project, pipeline, config, release, cases, mode=selection.mode)
    simulated = selection.mode is Mode.simulated or (answering is None and stand_in.needed(release))
    check_first(project, config, 0 if selection.only else len(cases), simulated=simulated)
    ran = run_suite(
        Suite(
            project=project,
            pipeline=pipeline,
            config=config,
            release=release,
            cases=cases,
            binding=bound,
            held_out=held_out,
            only=selection.only,
            own_cases=selection.cases is None,
            forced=selection.mode,
            concurrency=selection.concurrency or config.evals.concurrency,
            cost_cap_usd=selection.cost_cap_usd or config.evals.cost_cap_usd,
            repeats=selection.repeats or config.evals.repeats,
            fresh=selection.fresh,
            before=lambda mode: right_before(project, mode),
            answering=answering,
        )
    )
    results = ran.results
    decision = judge_run(
        project,
        config,
        results,
        only=selection.only,
        base=selection.base,
        own_cases=selection.cases is None,
    )
    decision = replace(decision, notes=(*decision.notes, *judging.notes(project, results)))
    bound_to = {**bound, "only": selection.only, "git": git_state(project)}
    report = document.document(
        decision=decision,
        results=results,
        bound_to=bound_to,
        sections={
            "decides": [one.name for one in pipeline.evaluators if one.gate]
            + [name for name, one in config.evals.judges.items() if one.gate],
            "confidence": confidence.summary(results),
        },
    )
    return Judged(decision, results, report, tuple(ran.opening), tuple(ran.closing), ran.finish)


def binding(
    project: Project,
    pipeline: "Pipeline[Any, Any]",
    config: "Config",
    release: "Release",
    cases: Sequence[Case],
    *,
    mode: Mode | None,
) -> dict[str, Any]:
    """What answers hang on; a report speaks for a release while all of this is as it was."""
    return {
        "release": release.name,
        "model": SIMULATED_MODEL if mode is Mode.simulated else release.model,
        "parameters": release.parameters.model_dump(mode="json"),
        "prompt": release.prompt,
        "prompt_sha256": prompt_hash_of(pipeline, release.prompt),
        "source_sha256": project.source_hash(),
        "dataset_sha256": dataset_hash(cases),
        **judging.bound_of(pipeline, config),
    }


def lines(judged: Judged, selection: Selection) -> list[str]:
    """What a run shows, from its title to the wrong cases."""
    return terminal.lines(
        judged.report, opening=judged.opening, show_held_out=selection.show_held_out
    )


def next_command(judged: Judged, selection: Selection, again: str = "evals run") -> str:
    """The command that most likely helps now; `again` is the one that could not judge."""
    decision = judged.decision
    command = "uv run playbook"
    if decision.code is Code.NOT_JUDGED:
        heard = all(result.unjudged is None for result in judged.results)
        if heard and decision.measured.mode is not Mode.mixed:
            return f"fetch the base branch with its history; then {command} {again}"
        if judged.report["model"].startswith("simulator:"):
            return f"unset SIMULATOR_URL, or start what it names; then {command} {again}"
        return f"check the provider's status and your key; then {command} {again}"
    if selection.case:
        return f"{command} evals show {selection.case}"
    found = decision.comparison
    if found and "worse" in (row.verdict for row in (found.all, *found.rows)):
        return f"{command} evals show --flips"
    worst = min(
        (row for row in decision.measured.rows if row.n and row.right < row.n),
        key=lambda row: row.share,
        default=None,
    )
    if worst is not None:
        return f"{command} evals show {worst.name}"
    if decision.code is Code.INCONCLUSIVE and not selection.only:
        return "add labelled cases to evals/cases/, one line each"
    return f"{command} run"


def git_state(project: Project) -> dict[str, Any]:
    """The commit a report belongs to, and whether files differed from it."""
    sha = project.git("rev-parse", "HEAD")
    status = project.git("status", "--porcelain", "--", ".") if sha else None
    return {"sha": sha, "dirty": bool(status) if status is not None else None}


def right_before(project: Project, mode: Mode) -> dict[tuple[str, str], bool]:
    """What the baseline of a mode had right, by the id and the hash of each case."""
    before = baseline.read(project, mode)
    return {(case.id, case.hash): case.right for case in before.cases} if before else {}


def load_suite(
    project: Project, pipeline: "Pipeline[Any, Any]", folder: Path | None = None
) -> tuple[list[Case], frozenset[str]]:
    """The cases of the service, or of another folder, and the ids of those that are held out.

    Raises:
        Mistake: Naming all that is wrong with them.
    """
    if folder is None:
        return load_all(project, pipeline)
    if not folder.is_dir():
        raise Mistake(f"{project.relative(folder)}\n  There is no such folder of cases.")
    return load(folder, pipeline, project.relative(folder)), frozenset()


def _selected(cases: list[Case], selection: Selection) -> list[Case]:
    if selection.case:
        chosen = [case for case in cases if case.id == selection.case]
        if not chosen:
            raise Mistake(f"--case {selection.case}\n  There is no case with this id.")
        return chosen
    if selection.slice:
        chosen = [case for case in cases if case.slice == selection.slice]
        if not chosen:
            names = ", ".join(sorted({case.slice for case in cases}))
            raise Mistake(f"--slice {selection.slice}\n  There is no such slice: {names}.")
        return chosen
    return cases


def release_of(project: Project, config: "Config", asked_for: str | None) -> "Release":
    """The release asked for, or the one that answers by default.

    Raises:
        Mistake: When there is none of that name.
    """
    releases = config.releases
    name = asked_for or default_release(project.root) or releases.names[0]
    if name not in releases:
        asked = "--release " if asked_for else "config/flags.json  release: "
        raise Mistake(
            f"{asked}{name}\n  config/releases.yaml has no such release: "
            f"{', '.join(releases.names)}."
        )
    return releases[name]
