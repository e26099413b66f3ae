"""Judges in the suite: ask them about every answer, and join their verdicts to the scores.

A run opens `bench` once, asks it about each case that `to_be_judged` names, and joins the opinions
to the case's result by `joined`. A simulated verdict is shown and never counts: it says nothing of
the answer. Models come through the same hook as the service's, so that verdicts are recorded and
replayed like answers.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.outcomes import Outcome
from playbook.evals.judge import card as cards
from playbook.evals.judge.rates import corrected
from playbook.evals.results import CaseResult
from playbook.project import Project

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.config import Config, Settings
    from chassis.judge import Judges, Opinion
    from chassis.providers import Models
    from chassis.service import Result
    from playbook.evals.cases import Case

UNAVAILABLE = "judge_unavailable"
"""Why a case says nothing about its answer when a judge that gates gave no verdict."""


@dataclass(frozen=True)
class Bench:
    """The pipeline's judges, open; so many calls at once as were allowed."""

    pipeline: "Pipeline[Any, Any]"
    judges: "Judges"
    gating: bool
    _places: asyncio.Semaphore

    async def ask(self, taken: Any, given: Any) -> "list[Opinion]":
        """What every judge makes of one answer, given as the service has them."""
        asked = (self.ask_one(judge.name, taken, given) for judge in self.pipeline.judges)
        return list(await asyncio.gather(*asked))

    async def ask_one(self, name: str, taken: Any, given: Any) -> "Opinion":
        """What one judge makes of one answer."""
        async with self._places:
            opinion = await self.judges.ask(name, taken, given)
        return opinion if self.gating else replace(opinion, gate=False)


@asynccontextmanager
async def bench(
    pipeline: "Pipeline[Any, Any]",
    root: Path,
    *,
    concurrency: int,
    models: "Models | None" = None,
    gating: bool = True,
    settings: "Settings | None" = None,
) -> AsyncIterator[Bench]:
    """Open the pipeline's judges over the configuration in a (staged) folder.

    Args:
        pipeline: Whose judges; without any, nothing is opened and nobody asked.
        root: The folder whose `config/` counts.
        concurrency: How many verdicts may be under way at once.
        models: What stands between a judge and the client of its model, as for the service.
        gating: Whether any judge may gate; not in a run that is meant to be simulated.
        settings: Keys and addresses; those of the folder and the environment without.
    """
    from chassis.config import Settings, load_config
    from chassis.judge import open_judges

    config = load_config(root)
    known = settings or Settings.load(root)
    async with open_judges(pipeline, config, known, models=models) as judges:
        yield Bench(pipeline, judges, gating, asyncio.Semaphore(concurrency))


def to_be_judged(case: "Case", result: "Result") -> bool:
    """Whether there is an answer to judge: a draft, where an answer was expected.

    Drafts that were handed over are judged as well, as the threshold is chosen by them.
    """
    return result.draft is not None and Outcome.answered in case.expected.outcome


def joined(
    result: CaseResult, opinions: "Iterable[Opinion]", silent: str = UNAVAILABLE
) -> CaseResult:
    """A case's result with the verdicts on its answer; `silent` is why one may be missing."""
    scores, judged = dict(result.scores), dict(result.judged)
    right, if_answered, unjudged = result.right, result.right_if_answered, result.unjudged
    answered = result.outcome == Outcome.answered
    for opinion in opinions:
        judged[opinion.judge] = _as_json(opinion)
        if opinion.passed is not None and answered:
            scores[opinion.judge] = opinion.passed
        if not opinion.gate or opinion.use.simulated:
            continue
        if opinion.passed is None:
            # What is wrong anyway stays wrong; the rest nobody knows.
            unjudged = unjudged or (silent if right and answered else None)
            if_answered = None if if_answered else if_answered
        else:
            right = right and (opinion.passed or not answered)
            if_answered = if_answered and opinion.passed
    return replace(
        result,
        scores=scores,
        judged=judged,
        right=right and unjudged is None,
        right_if_answered=if_answered,
        unjudged=unjudged,
    )


def _as_json(opinion: "Opinion") -> dict[str, Any]:
    return {
        "passed": opinion.passed,
        "reason": opinion.reason,
        "gate": opinion.gate,
        "simulated": opinion.use.simulated,
        "seconds": opinion.seconds,
        "cost_usd": opinion.use.cost_usd,
    }


def cost_usd(opinions: "Iterable[Opinion]") -> float | None:
    """What verdicts cost, apart from the service's own cost; None when a model has no price."""
    return total(opinion.use.cost_usd for opinion in opinions)


def total(costs: Iterable[float | None]) -> float | None:
    """The sum; None when one of them is unknown."""
    known = list(costs)
    return None if None in known else sum(cost for cost in known if cost is not None)


def bound_of(pipeline: "Pipeline[Any, Any]", config: "Config") -> dict[str, Any]:
    """What the judges' part of a result hangs on; nothing where there is no judge."""
    from chassis.judge import check_judges, judge_prompt

    check_judges(pipeline, config)
    bound = {
        judge.name: {
            **config.evals.judges[judge.name].model_dump(mode="json"),
            "prompt_sha256": judge_prompt(pipeline.package, judge.name).sha256,
        }
        for judge in pipeline.judges
    }
    return {"judges": bound} if bound else {}


def notes(project: Project, results: Sequence[CaseResult]) -> list[str]:
    """What a report says of each judge: how much passed, and how much truly did."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for result in results:
        if result.outcome == Outcome.answered and result.unjudged is None:
            for name, opinion in result.judged.items():
                found.setdefault(name, []).append(opinion)
    return [_note(project, name, given) for name, given in found.items()]


def _note(project: Project, name: str, given: Sequence[Mapping[str, Any]]) -> str:
    verdicts = [one["passed"] for one in given if one["passed"] is not None]
    passed, n = sum(verdicts), len(verdicts)
    said = f"Judge {name} passed {passed} of {n} answers" + (
        f" and gave no verdict on {len(given) - n}" if n < len(given) else ""
    )
    if any(one["simulated"] for one in given):
        return f"{said}; simulated, so it counts for nothing."
    try:
        card = cards.read(project, name)
    except ValueError as error:
        return f"{said}; {error}."
    if card is None or card.mode == "simulated":
        return f"{said}; nobody measured how often it is right ({cards.COMMAND} {name})."
    truth = corrected(passed, n, card.held_out)
    if truth is None:
        return f"{said}; its card shows it no better than a coin, so that says nothing."
    return (
        f"{said} ({passed / n:.1%}); with its known errors corrected about {truth.share:.1%} "
        f"(95% interval {truth.low * 100:.1f} to {truth.high * 100:.1f}; Rogan and Gladen 1978)."
    )
