"""Run cases through the whole request path, in this process; say what became of each."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic_evals import Case as EvalsCase
from pydantic_evals import Dataset
from pydantic_evals.evaluators import Evaluator as EvalsEvaluator
from pydantic_evals.evaluators import EvaluatorContext
from pydantic_evals.lifecycle import CaseLifecycle
from pydantic_evals.reporting import ReportCase, ReportCaseFailure

from chassis.identity import Caller
from chassis.outcomes import Outcome
from playbook.evals import judging
from playbook.evals.asked import THE_MODELS_OWN, Asked, asking
from playbook.evals.cases import Case
from playbook.evals.results import CaseResult, Mode
from playbook.evals.spending import Spending

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.judge import Opinion
    from chassis.service import Result, Service
    from playbook.evals.judging import Bench

RIGHT = "right"
RIGHT_IF_ANSWERED = "right, had it been answered"
NEVER_RECORDED = "never_recorded"
"""Why a case was not judged: its answers are to be replayed, and there is none."""

AT_ONCE = 512
"""So many cases are handed to pydantic-evals at a time: it makes a task of each at once."""

_JSON = {"content-type": "application/json"}
_HOSTED = ("moderation", "prompt_shield")  # guards that ask a provider, who may be down


@dataclass
class _RightOrWrong(EvalsEvaluator[Case, "_Reply", None]):
    """The pipeline's own evaluators, and from them and the outcome: right or wrong."""

    pipeline: "Pipeline[Any, Any]" = field(repr=False)

    def evaluate(self, ctx: EvaluatorContext[Case, "_Reply", None]) -> dict[str, bool | float]:
        case, result = ctx.inputs, ctx.output.result
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


@dataclass(frozen=True)
class _Reply:
    """What came back for a case, and what its models did meanwhile."""

    result: "Result"
    asked: Asked
    opinions: "Sequence[Opinion]" = ()
    silent: str = judging.UNAVAILABLE  # why a judge may have given no verdict
    judges_live: bool = False


_Reported = ReportCase[Case, _Reply, None] | ReportCaseFailure[Case, _Reply, None]


class NotAsked(Exception):
    """The run may spend no more, so this case was not asked."""


OnResult = Callable[[CaseResult, Asked], None]


async def run_cases(
    service: "Service",
    pipeline: "Pipeline[Any, Any]",
    cases: Sequence[Case],
    *,
    organisation: str,
    concurrency: int,
    on_result: OnResult = lambda result, asked: None,
    spending: Spending | None = None,
    held_out: Collection[str] = frozenset(),
    turn: int = 0,
    bench: "Bench | None" = None,
) -> list[CaseResult]:
    """Run every case once, at most `concurrency` at a time.

    Each case is a user of its own, so that no limit for one user is met. What pydantic-evals keeps
    of a case (its answer, its spans) is let go as soon as it is judged, so that memory grows by the
    results alone.

    Args:
        service: An open service.
        pipeline: The pipeline it serves.
        cases: What to run.
        organisation: In whose name.
        concurrency: How many requests may be in flight.
        on_result: Called after each case, at once.
        spending: Stops the run at its cap.
        held_out: The ids of cases whose content is not shown to who writes the prompt.
        turn: 0 the first time; then how often these cases were asked before.
        bench: The judges, where there are any: each is asked about every answer.

    Returns:
        The results, in the order of the cases; those that could not be paid for are not there.
    """
    spending = spending or Spending(cap_usd=math.inf)
    results: dict[str, CaseResult] = {}

    async def ask(case: Case) -> _Reply:
        if not spending.allows_one_more():
            raise NotAsked
        caller = Caller("evals", organisation, frozenset({pipeline.name}), user=case.id)
        with spending.in_flight(), asking(Asked(case.id, turn)) as asked:
            result = await service.handle(case.body, _JSON, caller)
            reply = _Reply(result, asked)
            if bench is not None and judging.to_be_judged(case, result):
                reply = await _judged(bench, case, reply)
        costs = [(result.call or {}).get("cost_usd")] if asked.live else []
        if reply.judges_live:
            costs.append(judging.cost_usd(reply.opinions))
        if costs:
            spending.pay(judging.total(costs))
        return reply

    class Done(CaseLifecycle[Case, _Reply, None]):
        async def teardown(self, result: _Reported | None) -> None:
            if result is None:  # interrupted
                return
            case = result.inputs
            if isinstance(result, ReportCase):
                reply = result.output
                judged = judging.joined(_result(result, held_out), reply.opinions, reply.silent)
                asked = reply.asked
                result.output, result.scores, result.assertions = cast(_Reply, None), {}, {}
            elif result.error_message.startswith(NotAsked.__name__):
                return
            else:
                # The report's own averages leave crashed cases out; counting is ours.
                judged, asked = _crashed(result, held_out), Asked(case.id, turn)
            results[case.id] = judged
            on_result(judged, asked)

    for at in range(0, len(cases), AT_ONCE):
        dataset: Dataset[Case, _Reply, None] = Dataset(
            name=pipeline.name,
            cases=[EvalsCase(name=case.id, inputs=case) for case in cases[at : at + AT_ONCE]],
            evaluators=[_RightOrWrong(pipeline)],
        )
        await dataset.evaluate(ask, max_concurrency=concurrency, progress=False, lifecycle=Done)
        if spending.stopped:
            break
    return [results[case.id] for case in cases if case.id in results]


async def _judged(bench: "Bench", case: Case, reply: _Reply) -> _Reply:
    """The reply with what the judges say of it; their time and mode are not the service's."""
    taken = bench.pipeline.takes.model_validate_json(case.body)
    given = bench.pipeline.gives.model_validate(reply.result.draft)
    with asking(Asked(case.id, reply.asked.turn)) as asked:
        opinions = await bench.ask(taken, given)
    reply.asked.heard += asked.heard
    silent = NEVER_RECORDED if asked.missed else judging.UNAVAILABLE
    return replace(reply, opinions=opinions, silent=silent, judges_live=bool(asked.live))


def _result(reported: ReportCase[Case, _Reply, None], held_out: Collection[str]) -> CaseResult:
    case, result, asked = reported.inputs, reported.output.result, reported.output.asked
    scores: dict[str, bool | float] = {
        name: given.value for name, given in (reported.assertions | reported.scores).items()
    }
    # A fallback's answer, where the model before it was never recorded, is another release's.
    right = scores.pop(RIGHT, False) is True and not asked.missed
    if_answered = scores.pop(RIGHT_IF_ANSWERED, False) is True
    call: Mapping[str, Any] = result.call or {}
    return CaseResult(
        **_of(case, held_out),
        right=right,
        outcome=str(result.outcome),
        got=_got(case, result),
        unjudged=None if right else _why_unjudged(case, result, asked),
        detail=asked.recorded_failure or call.get("model_error") or _refused(call),
        crashed=_crash(reported),
        mode=_mode(call.get("simulated"), asked),
        confidence=call.get("confidence"),
        seconds=result.seconds + asked.recorded_seconds,
        cost_usd=call.get("cost_usd"),
        called=call.get("model_answered") is not None,
        fallback=call.get("fallback_used") is True,
        scores=scores,
        right_if_answered=None if result.draft is None else if_answered,
        answer=result.draft,
    )


def _refused(call: Mapping[str, Any]) -> str | None:
    """What was in the way, where it was neither the model nor the answer."""
    failed = next((g for g in call.get("guards", ()) if g["verdict"] == "error"), None)
    if failed is None:
        return call.get("problem")
    took = f"{failed['milliseconds']:.0f} ms"
    return f"the guard {failed['guard']} gave no verdict: it crashed, or took too long ({took})"


def _of(case: Case, held_out: Collection[str]) -> dict[str, Any]:
    """What a result says of its case."""
    return {
        "id": case.id,
        "hash": case.hash,
        "slice": case.slice,
        "critical": case.critical,
        "held_out": case.id in held_out,
        "provenance": case.provenance,
        "expected": _expected(case),
        "input": case.raw if case.raw is not None else case.input,
    }


def _mode(simulated: bool | None, asked: Asked) -> Mode | None:
    """Who answered, read from the response: the simulator marks its own, recorded or not."""
    if simulated is None:
        return None
    if simulated:
        return Mode.simulated
    return Mode.replayed if asked.replayed else Mode.live


def _crash(reported: ReportCase[Case, _Reply, None]) -> str | None:
    if reported.evaluator_failures:
        return f"an evaluator crashed: {reported.evaluator_failures[0].error_message}"
    if (reported.output.result.call or {}).get("problem") == "internal-error":
        return "the pipeline crashed; see unexpected_error in evals/reports/log.jsonl"
    return None


def _crashed(
    failure: ReportCaseFailure[Case, _Reply, None], held_out: Collection[str]
) -> CaseResult:
    return CaseResult(
        **_of(failure.inputs, held_out),
        right=False,
        outcome="crashed",
        got={},
        crashed=f"crashed: {failure.error_message}",
    )


def _why_unjudged(case: Case, result: "Result", asked: Asked) -> str | None:
    """Why the result says nothing about the answers: something was in the way of one.

    An answer that is of no use (cut off, filtered, not of the schema) is an answer, and wrong; so
    it is when every model of the release gave such a one. A model that might have done better and
    could not be heard leaves the case open.

    A guard of our own that crashes or overruns its time is part of what is judged: its time is its
    own work, on any machine, and callers who send this text get no answer. One that asks a service
    waits for somebody else.
    """
    if asked.missed:
        return NEVER_RECORDED
    if result.outcome in case.expected.outcome:
        return None
    if result.outcome is Outcome.rate_limited:
        return "rate_limited"
    if result.failures:
        in_the_way = any(kind not in THE_MODELS_OWN for kind in result.failures)
        return "provider_unavailable" if in_the_way else None
    if result.outcome in (Outcome.switched_off, Outcome.fallback):  # our own time was over
        return str(result.body["degraded"]["reason"])
    guards = (result.call or {}).get("guards", ())
    if any(g["guard"] in _HOSTED and g["verdict"] == "error" for g in guards):
        return "moderation_unavailable"
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
