"""`playbook evals adversarial`: attack the service, judge what came of it, keep the evidence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook import stand_in
from playbook.evals.adversarial import showing
from playbook.evals.adversarial.asking import Attacked, target
from playbook.evals.adversarial.attacks import FOLDER, Attack, load
from playbook.evals.adversarial.judging import Decision, decide
from playbook.evals.command import git_state, release_of
from playbook.evals.run import prompt_hash_of
from playbook.evidence import Evidence, EvidenceStatus
from playbook.hashes import hash_of
from playbook.processes import signals_like_ctrl_c
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Code, Mistake, Verdict, write_json

if TYPE_CHECKING:
    from chassis.config import Config

FORMAT = 1
ID = "09-adversarial"
EXPIRES = timedelta(days=30)
CRITERIA = "config/success-criteria.yaml"
_STATUS: dict[Code, EvidenceStatus] = {
    Code.MET: "pass",
    Code.NOT_MET: "fail",
    Code.INCONCLUSIVE: "inconclusive",
}


@dataclass(frozen=True)
class Wish:
    """What of the suite is run, and how."""

    family: str | None = None
    case: str | None = None
    release: str | None = None
    json: Path | None = None
    concurrency: int | None = None
    simulated: bool = False

    @property
    def only(self) -> str | None:
        """What the run is narrowed to."""
        return self.case or self.family


def run(project: Project, wish: Wish, verdict: Verdict) -> Code:
    """Attack the service, print what came of it, and leave report and evidence.

    Returns:
        0 met, 1 not met, 3 could not be judged, 4 too few cases.
    """
    from chassis.config import load_config

    started = datetime.now(UTC)
    pipeline = project.pipeline()
    config = load_config(project.root)
    attacks = load(project.root / FOLDER, pipeline, str(FOLDER))
    _all_have_targets(attacks, config)
    chosen = _selected(attacks, wish)
    release = release_of(project, config, wish.release)
    obeyed = wish.simulated or stand_in.needed(release)
    with (
        signals_like_ctrl_c(),
        target(project, pipeline, config, release, simulated=obeyed) as service,
        progress("attacks", len(chosen)) as done,
    ):
        concurrency = wish.concurrency or config.evals.concurrency
        results = service.run(chosen, concurrency, config.evals.cost_cap_usd, done)
    decision = decide(
        results,
        config.criteria.safety,
        obeyed=obeyed,
        unjudged_at_most=config.evals.infrastructure_errors_at_most,
        only=wish.only,
    )
    about = {
        "format": FORMAT,
        "made_at": started.isoformat(timespec="seconds"),
        "release": release.name,
        "model": "simulator: obeys every attack" if obeyed else release.model,
        "prompt_sha256": prompt_hash_of(pipeline, release.prompt),
        "attacks_sha256": _hash(project),
        "mode": decision.mode.value,
        "obeyed": obeyed,
        "only": wish.only,
        "attacks": sum(case.attack for case in chosen),
        "look_alikes": sum(not case.attack for case in chosen),
        "git": git_state(project),
    }
    written = showing.document(about, decision, results)
    for path in filter(None, (project.root / showing.REPORT, wish.json)):
        write_json(path, written)
    verdict.conclude(decision.code, *decision.reasons)
    _show(about, decision, results)
    if wish.only is None and wish.release is None and decision.code in _STATUS:
        _keep(project, decision, started)
    showing.printed(["", f"Next: {showing.next_command(decision, results)}"])
    return decision.code


def show(project: Project, case: str) -> None:
    """Everything the last run knows about one case.

    Raises:
        Mistake: When there is no report, or no such case in it.
    """
    path = project.root / showing.REPORT
    try:
        report = json.loads(path.read_text("utf-8"))
        cases = {entry["id"]: entry for entry in report["cases"]}
        same = report["format"] == FORMAT
    except FileNotFoundError:
        raise Mistake(
            f"{showing.REPORT}\n  There is no report yet.\nNext: uv run playbook evals adversarial"
        ) from None
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise Mistake(
            f"{showing.REPORT}\n  This is not a report of this playbook version.\n"
            "Next: uv run playbook evals adversarial"
        )
    if case not in cases:
        raise Mistake(
            f"--show {case}\n  The last run had no such case; it had "
            f"{', '.join(list(cases)[:3])} and so on."
        )
    showing.printed([showing.title(report), f"made {report['made_at']}", ""])
    showing.printed(showing.case_lines(cases[case]))


def _all_have_targets(attacks: Sequence[Attack], config: "Config") -> None:
    families = config.criteria.safety.families
    for family in dict.fromkeys(case.family for case in attacks if case.attack):
        if family not in families:
            raise Mistake(
                f"{FOLDER}/{family}.jsonl\n  {CRITERIA} has no target for this family. Add it to "
                f"safety.families: {family}: {{resisted_at_least: 0.9}}"
            )


def _selected(attacks: Sequence[Attack], wish: Wish) -> list[Attack]:
    if wish.case:
        chosen = [case for case in attacks if case.id == wish.case]
        if not chosen:
            raise Mistake(f"--case {wish.case}\n  There is no attack with this id.")
        return chosen
    if wish.family:
        chosen = [case for case in attacks if case.family == wish.family]
        if not chosen:
            names = ", ".join(sorted({case.family for case in attacks}))
            raise Mistake(f"--family {wish.family}\n  There is no such family: {names}.")
        return chosen
    return list(attacks)


def _show(about: dict[str, Any], decision: Decision, results: Sequence[Attacked]) -> None:
    lines = [showing.title(about), ""]
    if decision.code is not Code.NOT_JUDGED:
        lines += [*showing.table(decision), ""]
    lines += showing.decision_lines(decision)
    if decision.code is not Code.NOT_JUDGED:
        lines += showing.wrong_lines(decision, results)
    showing.printed(lines)


def _hash(project: Project) -> str:
    folder = project.root / FOLDER
    return hash_of(folder, folder.glob("*.jsonl"))


def _keep(project: Project, decision: Decision, started: datetime) -> None:
    """Write the evidence of point 9: how much is resisted and who is stopped, by family."""
    import chassis

    root = project.root
    names = [CRITERIA, "config/guardrails.yaml", "config/releases.yaml", "uv.lock"]
    inputs = {name: root / name for name in names}
    inputs |= {f"{FOLDER}/{file.name}": file for file in sorted((root / FOLDER).glob("*.jsonl"))}
    evidence = Evidence(
        id=ID,
        status=_STATUS[decision.code],
        command="playbook evals adversarial" + (" --simulated" if decision.obeyed else ""),
        started=started,
        measured=showing.measured(decision),
        inputs={
            **inputs,
            f"src/{project.package}": project.source,
            "chassis": Path(chassis.__file__).parent,
        },
        mode="simulated" if decision.obeyed else "live",
        expires_after=EXPIRES,
    )
    written = evidence.write(project)
    showing.printed(["", f"Evidence of point 9: {project.relative(written)}."])
