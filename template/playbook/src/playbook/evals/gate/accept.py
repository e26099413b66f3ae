"""`playbook evals accept`: make the last run the baseline of its mode, with who and why."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playbook.evals import command
from playbook.evals.alone import alone
from playbook.evals.gate import baseline, history
from playbook.evals.gate.baseline import Accepted, Baseline
from playbook.evals.gate.decision import SIMULATED
from playbook.evals.gate.measure import percent
from playbook.evals.reports import document
from playbook.evals.results import Mode
from playbook.project import Project
from playbook.staging import SIMULATED_MODEL
from playbook.verdicts import Code, Mistake, Verdict

AGAIN = "Next: uv run playbook evals run, and accept that"

_IN_WORDS = {
    "model": "the release's model",
    "parameters": "the release's parameters",
    "prompt": "the release's prompt version",
    "prompt_sha256": "the prompt",
    "source_sha256": "the service's code",
    "dataset_sha256": "the cases",
}


@dataclass(frozen=True)
class Wish:
    """Who accepts the last run, and why; asked for or looked up where it is not said."""

    why: str | None = None
    by: str | None = None


def run(project: Project, wish: Wish, verdict: Verdict) -> Code:
    """Write the baseline, add it to the history, and say what changed."""
    with alone(project.root):
        return _accept(project, wish, verdict)


def _accept(project: Project, wish: Wish, verdict: Verdict) -> Code:
    written = document.read(project.root / document.LATEST, str(document.LATEST))
    _refuse_unfit(written)
    _refuse_stale(project, written)
    before, note = _before(project, Mode(written["mode"]))
    today = datetime.now(UTC).date().isoformat()
    accepted = Accepted(by=_by(project, wish), why=_why(wish), on=today)
    now = baseline.made_of(written, accepted)
    history.read(project)  # a broken one is said before anything is written
    file = baseline.write(project, now)
    history.record(project, written, accepted=True)
    verdict.conclude(Code.MET, f"accepted as the baseline of {now.mode} answers: {file}")
    for line in [*note, *_lines(now, before, written)]:
        print(line)
    return Code.MET


def _refuse_unfit(written: Mapping[str, Any]) -> None:
    """Raises Mistake where the report can be nobody's baseline."""
    why = None
    if written["only"] is not None:
        why = f"The last run was of {written['only']} only; a baseline is of all cases."
    elif written["verdict"]["code"] == Code.NOT_JUDGED:
        why = f"The last run could not be judged: {'; '.join(written['verdict']['reasons'])}."
    elif written["mode"] not in baseline.MODES:
        why = "In the last run no model answered, so there is nothing to compare with later."
    if why:
        raise Mistake(f"{document.LATEST}\n  {why}\n{AGAIN}")


def _refuse_stale(project: Project, written: Mapping[str, Any]) -> None:
    """Raises Mistake where the report is of other files than those that would be committed."""
    from chassis.config import load_config

    config = load_config(project.root)
    if written["release"] not in config.releases:
        raise Mistake(
            f"{document.LATEST}\n  The last run was of {written['release']}, which is no longer in "
            f"config/releases.yaml.\n{AGAIN}"
        )
    pipeline = project.pipeline()
    now = command.binding(
        project,
        pipeline,
        config,
        config.releases[written["release"]],
        command.load_suite(project, pipeline)[0],
        mode=Mode.simulated if written["model"] == SIMULATED_MODEL else None,
    )
    changed = [words for name, words in _IN_WORDS.items() if now[name] != written[name]]
    if changed:
        raise Mistake(
            f"{document.LATEST}\n  The last run is not of the files as they are now. Changed "
            f"since: {', '.join(changed)}.\n{AGAIN}"
        )


def _before(project: Project, mode: Mode) -> tuple[Baseline | None, list[str]]:
    """The baseline that is replaced; one that cannot be read is no reason to keep it."""
    try:
        return baseline.read(project, mode), []
    except Mistake as mistake:
        first = str(mistake).partition("\n")[0]
        return None, [f"Replaced a file that was no baseline: {first}"]


def _by(project: Project, wish: Wish) -> str:
    by = (wish.by or "").strip() or (project.git("config", "user.name") or "").strip()
    if not by:
        raise Mistake(
            "--by\n  Git knows no name (user.name), so say who accepts this run:\n"
            'Next: uv run playbook evals accept --by "Ann Berg" --why "..."'
        )
    return by


def _why(wish: Wish) -> str:
    why = (wish.why or "").strip()
    if why:
        return why
    if wish.why is None and sys.stdin.isatty() and sys.stdout.isatty():
        import questionary

        question = questionary.text(
            "Why is this run the one to compare with?",
            validate=lambda text: bool(text.strip()) or "This cannot be empty.",
        )
        return str(question.unsafe_ask()).strip()
    raise Mistake(
        "--why\n  Say why this run is accepted; it stands in the baseline and in its diff:\n"
        'Next: uv run playbook evals accept --why "prompt v2 is better on edge cases"'
    )


def _lines(now: Baseline, before: Baseline | None, written: Mapping[str, Any]) -> Iterator[str]:
    file = baseline.file_of(now.mode).as_posix()
    yield f"Accepted as the baseline of {now.mode} answers, by {now.accepted_by}: {file}"
    yield f"  now     {_counted(now)}"
    if before is None:
        yield "  before  nothing: it is the first one"
    else:
        yield f"  before  {_counted(before)}, by {before.accepted_by} on {before.accepted_on}"
        yield f"  {_changes(now, before)}"
    if written["verdict"]["code"] != Code.MET:
        reasons = "; ".join(written["verdict"]["reasons"])
        yield f"This run was {written['verdict']['status'].upper()}: {reasons}."
        yield "Later runs are compared with it; targets are judged as before."
    if now.mode == Mode.simulated:
        yield SIMULATED
    yield ""
    yield f"Next: git add {baseline.FOLDER.as_posix()} {history.FILE.as_posix()}, and commit"


def _counted(one: Baseline) -> str:
    n = len(one.cases)
    share = percent(one.right / n) if n else "-"
    return f"{one.release}, {one.right} of {n} right ({share})"


def _changes(now: Baseline, before: Baseline) -> str:
    was = {(case.id, case.hash): case for case in before.cases}
    shared = [(was[key], case) for case in now.cases if (key := (case.id, case.hash)) in was]
    worse = sum(old.right and not new.right for old, new in shared)
    better = sum(new.right and not old.right for old, new in shared)
    new, gone = len(now.cases) - len(shared), len(before.cases) - len(shared)
    return (
        f"{worse + better} flipped: {worse} now wrong, {better} now right; "
        f"{new} new or changed, {gone} gone or changed"
    )
