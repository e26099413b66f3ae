"""Ticket triage: one call to the model, one typed answer."""

from chassis import Context, Draft, Pipeline

from .evaluators import EVALUATORS
from .schemas import PEOPLE_QUEUE, QUEUES, Classification, Ticket, Triage


async def triage(ticket: Ticket, ctx: Context) -> Draft[Triage]:
    """Classify one ticket.

    Guards, limits, retries, fallback, logs and cost are the chassis's; this function says only
    what the service does. A draft below the release's confidence threshold goes to a person.
    """
    prompt = ctx.prompt(subject=ticket.subject, body=ticket.body)
    found = await ctx.model.run(prompt, output=Classification)
    answer = Triage(
        category=found.category,
        priority=found.priority,
        confidence=found.confidence,
        summary=" ".join(found.summary.split())[:200],
        queue=QUEUES[found.category],
    )
    return Draft(answer, confidence=found.confidence)


def hand_over(ticket: Ticket, reason: str) -> Triage:
    """Answer without the model: a person sorts the ticket."""
    return Triage(
        category=None,
        priority="normal",
        confidence=0.0,
        summary=f"Not sorted ({reason.replace('_', ' ')}): please read the ticket.",
        queue=PEOPLE_QUEUE,
    )


pipeline = Pipeline(
    name="triage",
    takes=Ticket,
    gives=Triage,
    run=triage,
    degraded=hand_over,
    evaluators=EVALUATORS,
    package=__name__.partition(".")[0],
)
