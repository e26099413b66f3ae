"""Run cases through the whole request path, in this process; say what became of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_evals import Case as EvalsCase
from pydantic_evals import Dataset
from pydantic_evals.evaluators import Evaluator as EvalsEvaluator
from pydantic_evals.evaluators import EvaluatorContext
from pydantic_evals.reporting import ReportCase, ReportCaseFailure

from chassis.identity import Caller
from chassis.outcomes import Outcome
from playbook.evals.cases import Case
from playbook.evals.results import CaseResult, Mode

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.service import Result, Service

RIGHT = "right"
RIGHT_IF_ANSWERED = "right, had it been answered"


@dataclass
class _RightOrWrong(EvalsEvaluator[Case, "Result", None]):
    """The pipeline's own evaluators, and from them and the outcome: right or wrong."""

    pipeline: "Pipeline[Any, Any]" = field(repr=False)

    def evaluate(self, ctx: EvaluatorContext[Case, "Result", None]) -> dict[str, bool | float]:
        case, result = ctx.inputs, ctx.output
        as_expected = result.outcome in case.expected.outcome
        if result.draft is None:
            return {RIGHT: as_expected}
        if Outcome.answered not in case.expected.outcome:
            return {RIGHT: as_expected, RIGHT_IF_ANSWERED: False}
        scores, right = self._scores(case, result.draft)
        if result.outcome is not Outcome.answered:
            return {RIGHT: as_expected, RIGHT_IF_ANSWERED: right}
        return {**scores, RIGHT: right, RIGHT_IF_ANSWERED: right}

    def _scores(self, case: Case, draft: dict[str, Any]) -> tuple[dict[str, bool | float], bool]:
        """What each evaluator says of an answer, and whether all that gate agree to it."""
        taken = self.pipeline.takes.model_validate_json(case.body)
        answer = self.pipeline.gives.model_validate(draft)
        labelled = bool(case.expected.values)
        expected = case.expected.values if labelled else None
        scores: dict[str, bool | float] = {}
        right = True
        for evaluator in self.pipeline.evaluators:
            if not labelled and not evaluator.live:
                continue  # It compares with a label, and this case asks for an outcome only.
            score = evaluator.check(taken, answer, expected)
            if score is None:
                continue  # It has nothing to say of this case.
            scores[evaluator.name] = score
            if evaluator.gate:
                right = right and score is True
        return scores, right


async def run_cases(
    service: "Service",
    pipeline: "Pipeline[Any, Any]",
    cases: Sequence[Case],
    *,
    organisation: str,
    concurrency: int,
    on_done: Callable[[], None] = lambda: None,
) -> list[CaseResult]:
    """Run every case once, at most `concurrency` at a time.

    Each case is a user of its own, so that no limit for one user is met.

    Args:
        service: An open service.
        pipeline: The pipeline it serves.
        cases: What to run.
        organisation: In whose name.
        concurrency: How many requests may be in flight.
        on_done: Called after each case.
    """

    async def ask(case: Case) -> "Result":
        caller = Caller("evals", organisation, frozenset({pipeline.name}), user=case.id)
        try:
            return await service.handle(case.body, {"content-type": "application/json"}, caller)
        finally:
            on_done()

    dataset: Dataset[Case, Result, None] = Dataset(
        name=pipeline.name,
        cases=[EvalsCase(name=case.id, inputs=case) for case in cases],
        evaluators=[_RightOrWrong(pipeline)],
    )
    report = await dataset.evaluate(ask, max_concurrency=concurrency, progress=False)
    # The report's own averages leave crashed cases out; counting is ours.
    by_id = {case.name: _result(case) for case in report.cases}
    by_id |= {failure.name: _crashed(failure) for failure in report.failures}
    return [by_id[case.id] for case in cases]


def _result(reported: ReportCase[Case, "Result", None]) -> CaseResult:
    case, result = reported.inputs, reported.output
    scores: dict[str, bool | float] = {
        name: given.value for name, given in (reported.assertions | reported.scores).items()
    }
    right = scores.pop(RIGHT, False) is True
    if_answered = scores.pop(RIGHT_IF_ANSWERED, False) is True
    call: Mapping[str, Any] = result.call or {}
    return CaseResult(
        id=case.id,
        hash=case.hash,
        slice=case.slice,
        critical=case.critical,
        provenance=case.provenance,
        right=right,
        outcome=str(result.outcome),
        expected=_expected(case),
        got=_got(case, result),
        input=case.raw if case.raw is not None else case.input,
        unjudged=None if right else _why_unjudged(case, result),
        detail=call.get("model_error") or call.get("problem"),
        crashed=_crash(reported),
        mode=_mode(call.get("simulated")),
        confidence=call.get("confidence"),
        seconds=result.seconds,
        cost_usd=call.get("cost_usd"),
        called=call.get("model_answered") is not None,
        scores=scores,
        right_if_answered=None if result.draft is None else if_answered,
    )


def _mode(simulated: bool | None) -> Mode | None:
    if simulated is None:
        return None
    return Mode.simulated if simulated else Mode.live


def _crash(reported: ReportCase[Case, "Result", None]) -> str | None:
    if reported.evaluator_failures:
        return f"an evaluator crashed: {reported.evaluator_failures[0].error_message}"
    if (reported.output.call or {}).get("problem") == "internal-error":
        return "the pipeline crashed; see unexpected_error in evals/reports/log.jsonl"
    return None


def _crashed(failure: ReportCaseFailure[Case, "Result", None]) -> CaseResult:
    case = failure.inputs
    return CaseResult(
        id=case.id,
        hash=case.hash,
        slice=case.slice,
        critical=case.critical,
        provenance=case.provenance,
        right=False,
        outcome="crashed",
        expected=_expected(case),
        got={},
        input=case.raw if case.raw is not None else case.input,
        crashed=f"crashed: {failure.error_message}",
    )


def _why_unjudged(case: Case, result: "Result") -> str | None:
    """Why the result says nothing about the answers: the model was never heard."""
    if result.outcome in case.expected.outcome:
        return None
    if result.outcome is Outcome.rate_limited:
        return "rate_limited"
    call: Mapping[str, Any] = result.call or {}
    if call.get("model_answered") is not None:
        return None
    if result.outcome in (Outcome.switched_off, Outcome.fallback):
        return str(result.body["degraded"]["reason"])
    return None


def _expected(case: Case) -> dict[str, Any]:
    outcomes = [str(outcome) for outcome in case.expected.outcome]
    if outcomes == [Outcome.answered] and case.expected.values:
        return case.expected.values
    return {"outcome": outcomes if len(outcomes) > 1 else outcomes[0], **case.expected.values}


def _got(case: Case, result: "Result") -> dict[str, Any]:
    """The part of the answer that a label speaks about, or what came in its place."""
    if result.outcome is not Outcome.answered:
        why = (result.body.get("degraded") or {}).get("reason") or result.body.get("type")
        return {"outcome": str(result.outcome)} | ({"because": why} if why else {})
    answer = result.body["answer"]
    values = {name: answer.get(name) for name in case.expected.values}
    return (
        values
        if Outcome.answered in case.expected.outcome and values
        else {
            "outcome": str(result.outcome),
            **answer,
        }
    )


def prompt_hash_of(pipeline: "Pipeline[Any, Any]", prompt: str) -> str:
    """The hash of a release's prompt, to which the report is bound."""
    from chassis.prompts import PromptVersion, prompts_folder

    folder: Path = prompts_folder(pipeline.package) / prompt
    return PromptVersion.load(folder).sha256
