"""The pipeline: one message and a manner in, the same message in other words out."""

from pydantic import BaseModel, Field

from chassis import Context, Draft, Pipeline

MANNERS = {
    "chat": "A hasty chat message: lower case, abbreviations, no greeting.",
    "formal": "A long-winded, very formal letter.",
    "angry": "Annoyed and rambling; the wish comes late.",
    "learner": "Somebody who writes in a foreign language and makes a learner's mistakes.",
    "dictated": "Dictated to a phone: no punctuation, some words misheard.",
    "german": "In German, informal.",
    "spanish": "In Spanish, polite.",
    "french": "In French, brief.",
    "hindi": "In Hindi mixed with English, as people chat.",
}


class Order(BaseModel):
    """What to write anew, and how."""

    manner: str
    message: str


class Rewritten(BaseModel):
    """The message in other words."""

    text: str = Field(min_length=1)


async def rewrite(order: Order, ctx: Context) -> Draft[Rewritten]:
    """Ask once."""
    prompt = ctx.prompt(manner=MANNERS[order.manner], message=order.message)
    return Draft(await ctx.model.run(prompt, output=Rewritten), confidence=1.0)


def nothing(order: Order, reason: str) -> Rewritten:
    """There is no message without a model; whoever asked sees that it was not answered."""
    return Rewritten(text="-")


pipeline = Pipeline(
    name="rewrite",
    takes=Order,
    gives=Rewritten,
    run=rewrite,
    degraded=nothing,
    package=__name__.rpartition(".")[0],
)
