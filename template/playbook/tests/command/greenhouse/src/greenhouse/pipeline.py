"""One call to the model, one typed answer."""

from typing import Any

from chassis import Context, Draft, Evaluator, Pipeline

from .schemas import QUEUES, Advice, Question, Sorted


async def advise(question: Question, ctx: Context) -> Draft[Advice]:
    """Sort one question."""
    found = await ctx.model.run(ctx.prompt(text=question.text), output=Sorted)
    answer = Advice(category=found.category, priority="normal", queue=QUEUES[found.category])
    return Draft(answer, confidence=found.confidence)


def hand_over(question: Question, reason: str) -> Advice:
    """Answer without a model."""
    return Advice(category=None, priority="normal", queue="head-gardener")


def category_is_right(question: Question, advice: Advice, expected: dict[str, Any]) -> bool:
    """The category is the labelled one, or one of them."""
    label = expected["category"]
    return advice.category in (label if isinstance(label, list) else [label])


pipeline = Pipeline(
    name="triage",
    takes=Question,
    gives=Advice,
    run=advise,
    degraded=hand_over,
    package="greenhouse",
    evaluators=(Evaluator("category", category_is_right, gate=True),),
)
