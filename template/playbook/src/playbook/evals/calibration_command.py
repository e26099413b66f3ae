"""`playbook evals calibrate`: choose a release's confidence threshold, and say why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbook.evals import calibration_report, command, confidence
from playbook.evals.alone import alone
from playbook.evals.calibration import Calibrated, calibrate
from playbook.evals.confidence import Said
from playbook.evals.reports import document, files, terminal, wording
from playbook.evals.results import Mode
from playbook.project import Project
from playbook.verdicts import Code, Mistake, NotJudged, Verdict, write_json, write_whole

COMMAND = "uv run playbook evals calibrate"


@dataclass(frozen=True)
class Wish:
    """What is asked of the threshold, and what to do with it."""

    release: str | None = None
    target_right: float | None = None
    most_handed_over: float | None = None
    simulated: bool = False
    fresh: bool = False
    write: bool = False
    simulated_anyway: bool = False
    concurrency: int | None = None

    @property
    def mode(self) -> Mode | None:
        """Who is to answer, where it is not left to the release and the keys."""
        return Mode.simulated if self.simulated else None


def run(project: Project, wish: Wish, verdict: Verdict) -> Code:
    """Choose the threshold, print what led to it, leave curve and picture; write it if asked."""
    from chassis.config import load_config

    config = load_config(project.root)
    release = command.release_of(project, config, wish.release)
    if wish.write and release.prompt_sha256 is not None:
        raise Mistake(_RELEASED.format(release.name))
    target = wish.target_right or config.criteria.quality.at_least
    if not 0 < target < 1:
        raise Mistake(
            f"config/success-criteria.yaml  quality.at_least\n  No number of cases can show "
            f"{target:g}. Give a lower one here: --target-right 0.99"
        )
    written = _report(project, config, release, wish)
    said = confidence.said_by(written["cases"])
    calibrated = calibrate(said, target, wish.most_handed_over)
    verdict.conclude(calibrated.code, calibrated.reason)
    for line in calibration_report.lines(written, said, calibrated):
        print(line)
    if said:
        print(f"Picture: {_leave(project, written, said, calibrated)}")
    print()
    if not wish.write:
        print(f"Next: {_next(written, calibrated, wish)}")
    elif calibrated.chosen is None:
        print("Nothing was written.")
    else:
        _write(project, wish, _justification(written, release.model, calibrated), release.name)
        print(f"Written to config/releases.yaml: {release.name} hands over below ", end="")
        print(f"{calibrated.chosen.threshold:g}. The service takes it from its next start.")
    return calibrated.code


_RELEASED = (
    "--write\n  {} was released (its prompt_sha256 is set), and a release that was live is never "
    "edited.\n  Copy it to the next name in config/releases.yaml, with prompt_sha256: null, and "
    f"calibrate that:\n  {COMMAND} --release <name> --write\nNothing was run."
)
_SIMULATED = (
    "--write\n  These answers were simulated: a threshold chosen on them fits no real model.\n"
    "  Calibrate with the real one (its key in .env), or say --simulated-anyway; the file then "
    "says so, and the service warns of it once a real model answers.\nNothing was written."
)


def _report(project: Project, config: Any, release: Any, wish: Wish) -> dict[str, Any]:
    """The last run, when it still speaks for the release; a new one otherwise."""
    if not wish.fresh:
        pipeline = project.pipeline()
        cases, _ = command.load_suite(project, pipeline)
        bound = command.binding(project, pipeline, config, release, cases, mode=wish.mode)
        last = _last(project)
        if last and last.get("only") is None and bound.items() <= last.items():
            return last
    selection = command.Selection(
        release=release.name, mode=wish.mode, concurrency=wish.concurrency
    )
    with alone(project.root):
        judged = command.judge(project, selection)
        files.leave(project.root, judged.report)
        judged.finish()
    if judged.decision.code is Code.NOT_JUDGED:
        lines = terminal.decision_lines(judged.report)
        help_now = command.next_command(judged, selection, again="evals calibrate")
        raise NotJudged("\n".join([*lines, f"Next: {help_now}"]))
    return judged.report


def _last(project: Project) -> dict[str, Any] | None:
    try:
        last = document.read(project.root / document.LATEST, str(document.LATEST))
    except Mistake:
        return None
    return None if last["verdict"]["code"] == Code.NOT_JUDGED else last


def _leave(
    project: Project, written: Mapping[str, Any], said: Sequence[Said], found: Calibrated
) -> Path:
    """The curve as JSON and as a picture, beside the report; gives the picture's place."""
    from playbook.evals.calibration_picture import picture

    stem = document.FOLDER / f"{written['release']}-calibration"
    write_json(
        project.root / stem.with_suffix(".json"), calibration_report.document(written, said, found)
    )
    title = f"Calibration of {wording.title(written)}"
    path = stem.with_suffix(".svg")
    write_whole(project.root / path, picture(title, confidence.bins(said), found))
    return path


def _justification(written: dict[str, Any], model: str, found: Calibrated) -> dict[str, Any]:
    """The block `calibration` of the release; the chassis's Calibration is its form."""
    assert found.chosen is not None
    assert found.elsewhere is not None
    return {
        "threshold": found.chosen.threshold,
        "target": found.target,
        "model": model,
        "prompt_sha256": written["prompt_sha256"],
        "dataset_sha256": written["dataset_sha256"],
        "mode": written["mode"],
        "cases": found.chosen.n,
        "share_right": round(found.elsewhere.share_right, 4),
        "share_answered": round(found.elsewhere.share_answered, 4),
        "made_on": datetime.fromisoformat(written["made_at"]).astimezone(UTC).date(),
    }


def _write(project: Project, wish: Wish, calibration: dict[str, Any], release: str) -> None:
    from chassis.config import load_config
    from chassis.config.load import RELEASES_FILE
    from playbook.evals.calibration_file import with_calibration

    if calibration["mode"] != Mode.live and not wish.simulated_anyway:
        raise Mistake(_SIMULATED)
    path = project.root / RELEASES_FILE
    before = path.read_bytes().decode("utf-8")
    write_whole(path, with_calibration(before, release, calibration))
    try:
        load_config(project.root)
    except Exception:
        write_whole(path, before)  # a file that stops the start is never left behind
        raise


def _next(written: dict[str, Any], found: Calibrated, wish: Wish) -> str:
    release = f" --release {wish.release}" if wish.release else ""
    if found.code is Code.MET:
        if written["mode"] == Mode.live:
            return f"{COMMAND}{release} --write"
        return f"{COMMAND}{release} --write, once a real model answers (its key is in .env)"
    if found.code is Code.INCONCLUSIVE:
        return f"add labelled cases to evals/cases/, then {COMMAND}{release}"
    return "uv run playbook evals show"
