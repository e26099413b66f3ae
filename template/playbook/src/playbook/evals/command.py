"""`playbook evals run`."""

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook import stand_in
from playbook.evals import confidence
from playbook.evals.cases import Case, dataset_hash, load
from playbook.evals.gate import Decision, check_first, history, judge_run
from playbook.evals.reports import document, files, terminal
from playbook.evals.results import CaseResult
from playbook.evals.run import prompt_hash_of, run_cases
from playbook.progress import progress
from playbook.project import Project
from playbook.staging import (
    SIMULATED_MODEL,
    default_release,
    keys_file,
    lift_request_limits,
    route,
    simulate,
    staged,
    switch,
)
from playbook.verdicts import Code, Mistake, Verdict

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.config import Config, Release

LOG = document.FOLDER / "log.jsonl"


@dataclass(frozen=True)
class Selection:
    """What of the suite is run, and how."""

    slice: str | None = None
    case: str | None = None
    release: str | None = None
    cases: Path | None = None
    json: Path | None = None
    concurrency: int = 8
    simulated: bool = False
    show_held_out: bool = False
    base: str | None = None

    @property
    def only(self) -> str | None:
        """What the run is narrowed to."""
        return self.case or self.slice


@dataclass(frozen=True)
class Judged:
    """A finished run."""

    decision: Decision
    results: list[CaseResult]
    report: dict[str, Any]


def run(project: Project, selection: Selection, verdict: Verdict) -> Code:
    """Run the suite, print what it showed, and leave the report."""
    judged = judge(project, selection)
    decision = judged.decision
    files.leave(project.root, judged.report, show_held_out=selection.show_held_out)
    if selection.json:
        document.write(selection.json, judged.report)
    if not selection.cases:
        history.record(project, judged.report)
    verdict.conclude(decision.code, *decision.reasons)
    terminal.say([*lines(judged, selection), "", f"Next: {next_command(judged, selection)}"])
    return decision.code


def judge(project: Project, selection: Selection) -> Judged:
    """Run the suite and judge it; prints nothing but progress.

    Raises:
        Mistake: For wrong usage, and for cases or configuration that cannot be used.
    """
    from chassis.config import load_config

    pipeline = project.pipeline()
    config = load_config(project.root)
    cases = _selected(load_cases(project, pipeline, selection.cases), selection)
    release = release_of(project, config, selection.release)
    n = 0 if selection.only else len(cases)
    check_first(project, config, n, simulated=selection.simulated or stand_in.needed(release))
    results = _run(project, pipeline, release, cases, selection)
    decision = judge_run(project, config, results, only=selection.only, base=selection.base)
    bound_to = {
        **binding(project, pipeline, release, cases, simulated=selection.simulated),
        "only": selection.only,
        "git": git_state(project),
    }
    report = document.document(
        decision=decision,
        results=results,
        bound_to=bound_to,
        sections={"confidence": confidence.summary(results)},
    )
    return Judged(decision, results, report)


def binding(
    project: Project,
    pipeline: "Pipeline[Any, Any]",
    release: "Release",
    cases: Sequence[Case],
    *,
    simulated: bool,
) -> dict[str, Any]:
    """What answers hang on; a report speaks for a release while all of this is as it was."""
    return {
        "release": release.name,
        "model": SIMULATED_MODEL if simulated else release.model,
        "parameters": release.parameters.model_dump(mode="json"),
        "prompt": release.prompt,
        "prompt_sha256": prompt_hash_of(pipeline, release.prompt),
        "source_sha256": project.source_hash(),
        "dataset_sha256": dataset_hash(cases),
    }


def lines(judged: Judged, selection: Selection) -> list[str]:
    """What a run shows, from its title to the wrong cases."""
    return terminal.lines(judged.report, show_held_out=selection.show_held_out)


def next_command(judged: Judged, selection: Selection, again: str = "evals run") -> str:
    """The command that most likely helps now; `again` is the one that could not judge."""
    decision = judged.decision
    command = "uv run playbook"
    if decision.code is Code.NOT_JUDGED:
        if judged.report["model"].startswith("simulator:"):
            return f"unset SIMULATOR_URL, or start what it names; then {command} {again}"
        return f"check the provider's status and your key; then {command} {again}"
    if selection.case:
        return f"{command} evals show {selection.case}"
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


def load_cases(
    project: Project, pipeline: "Pipeline[Any, Any]", folder: Path | None = None
) -> list[Case]:
    """The cases of the service, or of another folder.

    Raises:
        Mistake: Naming all that is wrong with them.
    """
    folder = folder or project.cases
    if not folder.is_dir():
        raise Mistake(f"{project.relative(folder)}\n  There is no such folder of cases.")
    return load(folder, pipeline, project.relative(folder))


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


def _run(
    project: Project,
    pipeline: "Pipeline[Any, Any]",
    release: "Release",
    cases: Sequence[Case],
    selection: Selection,
) -> list[CaseResult]:
    """Open the service over a copy of its configuration, and run the cases through it.

    In the copy the kill switch is on, the release is the one asked for, and requests are not
    limited: what is judged is the release, not today's traffic.
    """
    from chassis.service import Service

    with contextlib.ExitStack() as stack:
        root = stack.enter_context(staged(project))
        switch(root, ai_enabled=True)
        route(root, release.name)
        lift_request_limits(root)
        if selection.simulated:
            simulate(root)
        environment = {"API_KEYS_FILE": str(keys_file(root))}
        if not project.environment().get("SERVICE_SECRET"):
            environment["SERVICE_SECRET"] = secrets.token_urlsafe(32)  # CI has no .env
        needed = selection.simulated or stand_in.needed(release)
        if needed and not stand_in.chosen_url(project):
            from playbook.simulator.process import running_simulator

            environment[stand_in.VARIABLE] = stack.enter_context(running_simulator())
        stack.enter_context(stand_in.variables(environment))
        log = project.root / LOG
        log.parent.mkdir(parents=True, exist_ok=True)
        file = stack.enter_context(log.open("w", encoding="utf-8"))
        on_done = stack.enter_context(progress("cases", len(cases)))

        async def serve_and_run() -> list[CaseResult]:
            async with Service.open(pipeline, root, log_stream=file) as service:
                return await run_cases(
                    service,
                    pipeline,
                    cases,
                    organisation=project.organisation,
                    concurrency=selection.concurrency,
                    on_done=on_done,
                )

        return asyncio.run(serve_and_run())
