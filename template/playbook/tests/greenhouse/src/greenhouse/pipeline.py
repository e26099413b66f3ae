"""One call to the model, one typed answer."""

from chassis import Context, Draft, Evaluator, Pipeline

from .schemas import Advice, Question


async def advise(question: Question, ctx: Context) -> Draft[Advice]:
    """Sort one question."""
    answer = await ctx.model.run(ctx.prompt(text=question.text), output=Advice)
    return Draft(answer, confidence=answer.confidence)


def hand_over(question: Question, reason: str) -> Advice:
    """What is answered without a model."""
    return Advice(topic="watering", confidence=0.0)


def topic_is_right(question: Question, advice: Advice, expected: dict[str, object] | None) -> bool:
    """Whether the topic is the labelled one, or one of them."""
    assert expected is not None
    label = expected["topic"]
    return advice.topic in (label if isinstance(label, list) else [label])


pipeline = Pipeline(
    name="advice",
    takes=Question,
    gives=Advice,
    run=advise,
    degraded=hand_over,
    package="greenhouse",
    evaluators=(Evaluator("topic", topic_is_right, gate=True),),
)
