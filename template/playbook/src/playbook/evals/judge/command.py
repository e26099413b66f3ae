"""`playbook evals judge`: measure judges, and write their cards."""

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playbook import stand_in
from playbook.evals import judging
from playbook.evals.judge import card as cards
from playbook.evals.judge import labels as labelled
from playbook.evals.judge import measure, report
from playbook.evals.judge.labels import Label
from playbook.evals.judge.measure import Asked
from playbook.progress import progress
from playbook.project import Project
from playbook.staging import keys_file, simulate, staged
from playbook.verdicts import Code, Mistake, Verdict

if TYPE_CHECKING:
    from chassis import Judge, Pipeline
    from chassis.config import Config

_WORST_FIRST = (Code.INVALID, Code.NOT_JUDGED, Code.NOT_MET, Code.INCONCLUSIVE, Code.MET)


@dataclass(frozen=True)
class Wish:
    """Which judge is measured, and how."""

    name: str | None = None
    repeats: int = 1
    concurrency: int | None = None
    simulated: bool = False


def run(project: Project, wish: Wish, verdict: Verdict) -> Code:
    """Measure one judge, or all; print their cards and leave them."""
    from chassis.config import load_config
    from chassis.judge import check_judges

    pipeline, config = project.pipeline(), load_config(project.root)
    check_judges(pipeline, config)
    codes, reasons = [], []
    for judge in chosen_judges(pipeline, wish.name, project):
        code, reason = _measure(project, pipeline, config, judge, wish)
        codes.append(code)
        reasons.append(reason)
    worst = next(code for code in _WORST_FIRST if code in codes)
    verdict.conclude(worst, *reasons)
    return worst


def chosen_judges(
    pipeline: "Pipeline[Any, Any]", name: str | None, project: Project
) -> "Sequence[Judge]":
    """The judge of a name, or all.

    Raises:
        Mistake: When there is none.
    """
    from chassis.config.problems import did_you_mean

    names = [judge.name for judge in pipeline.judges]
    if name and name not in names and (project.source / "judges" / name).is_dir():
        raise Mistake(
            f"{name}\n  Its prompt is written, but the pipeline does not name it yet.\n"
            f'Next: judges=(Judge("{name}"),) in the Pipeline of '
            f"{project.relative(project.source / 'pipeline.py')}, and its model below `judges` in "
            "config/evals.yaml"
        )
    if not names:
        raise Mistake(
            "The pipeline has no judge, and needs none while evaluators can tell right from "
            f"wrong.\nNext, for one failure that only reading shows: {cards.COMMAND} --new "
            f"{name or 'summary_says_the_wish'}"
        )
    if name is None:
        return pipeline.judges
    if name not in names:
        raise Mistake(
            f"{name}\n  The pipeline has no judge of this name: {', '.join(names)}."
            f"{did_you_mean(name, names)}\nA new one: {cards.COMMAND} --new {name}"
        )
    return [judge for judge in pipeline.judges if judge.name == name]


def _measure(
    project: Project,
    pipeline: "Pipeline[Any, Any]",
    config: "Config",
    judge: "Judge",
    wish: Wish,
) -> tuple[Code, str]:
    chosen = config.evals.judges[judge.name]
    labels = labelled.load(project, judge.name, pipeline)
    bound_to = cards.bound_of(pipeline, judge, chosen, labels)
    given = [label for label in labels if label.verdict is not None]
    if not given:
        reason = report.too_few(labels, chosen)
        print(f"{judge.name}: INCONCLUSIVE  {reason}")
        print(f"Next: {_next_for_labels(judge.name, labels)}")
        return Code.INCONCLUSIVE, reason
    places = wish.concurrency or config.evals.concurrency
    asked = _asked(project, pipeline, judge, given, wish, places)
    allowed = config.evals.infrastructure_errors_at_most
    card = measure.card_of(judge.name, bound_to, asked, wish.repeats, allowed)
    for line in report.lines(card, asked, chosen):
        print(line)
    code, reason = report.decision(card, chosen)
    print(f"{code.status.upper()}  {reason}")
    _keep(project, card)
    print(f"Next: {_next(card, code, labels, gate=chosen.gate)}")
    return code, f"{judge.name}: {reason}"


def _asked(
    project: Project,
    pipeline: "Pipeline[Any, Any]",
    judge: "Judge",
    labels: Sequence[Label],
    wish: Wish,
    places: int,
) -> list[Asked]:
    """Open the judges over a copy of the configuration, and ask one."""
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(staged(project))
        if wish.simulated:
            simulate(root)
        environment = {"API_KEYS_FILE": str(keys_file(root))}
        if not project.environment().get("SERVICE_SECRET"):
            environment["SERVICE_SECRET"] = secrets.token_urlsafe(32)
        if not stand_in.chosen_url(project) and _simulated(root):
            from playbook.simulator.process import running_simulator

            environment[stand_in.VARIABLE] = stack.enter_context(running_simulator())
        stack.enter_context(stand_in.variables(environment))
        on_done = stack.enter_context(progress("answers", len(labels)))

        async def open_and_ask() -> list[Asked]:
            async with judging.bench(pipeline, root, concurrency=places) as bench:
                return await measure.ask(bench, judge.name, labels, wish.repeats, on_done)

        return asyncio.run(open_and_ask())


def _simulated(root: Any) -> bool:
    from chassis.config import load_config
    from chassis.config.releases import ModelId

    judges = load_config(root).evals.judges.values()
    return any(ModelId.parse(one.model).provider == "simulator" for one in judges)


def _keep(project: Project, card: cards.Card) -> None:
    """Write the card; a simulated one takes no live one's place."""
    path = project.relative(cards.path_of(project, card.judge))
    try:
        before = cards.read(project, card.judge)
    except ValueError:
        before = None
    if card.mode == "simulated" and before is not None and before.mode == "live":
        print(f"{path} was made by a real model and is kept.")
        return
    card.save(project)
    print(f"Card: {path}")


def _next_for_labels(name: str, labels: Sequence[Label]) -> str:
    if any(label.verdict is None for label in labels):
        return f"{cards.COMMAND} {name} --label"
    return f"uv run playbook evals run, then {cards.COMMAND} {name} --collect 100"


def _next(card: cards.Card, code: Code, labels: Sequence[Label], *, gate: bool) -> str:
    name = card.judge
    if card.mode == "simulated":
        return f"{cards.COMMAND} {name}, with a real model (config/evals.yaml, its key in .env)"
    if code is Code.INCONCLUSIVE:
        return _next_for_labels(name, labels)
    if code is Code.NOT_MET:
        return (
            f"read what it got wrong, edit the judge's instructions.md, then {cards.COMMAND} {name}"
        )
    if not gate:
        return f"config/evals.yaml  judges.{name}.gate: true, if it shall decide what is right"
    return "uv run playbook evals run"
