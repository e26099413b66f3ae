"""One call to the model, one typed answer; a note it may not label goes to nobody."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis import Context, Draft, Evaluator, Pipeline

Name = Literal["fruit", "tool", "other"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Note(BaseModel):
    """What comes in."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    tags: list[str] = []


class Found(BaseModel):
    """What the model is asked for."""

    label: Name
    confidence: float
    remark: str = ""


class Label(BaseModel):
    """What goes out."""

    label: Name | None
    remark: str = Field(default="", max_length=300)


async def label(note: Note, ctx: Context) -> Draft[Label]:
    """Label one note."""
    found = await ctx.model.run(ctx.prompt(text=note.text), output=Found)
    return Draft(Label(label=found.label, remark=found.remark), confidence=found.confidence)


def unlabelled(_: Note, reason: str) -> Label:
    """Answer without the model."""
    return Label(label=None, remark=f"not labelled: {reason}")


pipeline = Pipeline(
    name="label",
    takes=Note,
    gives=Label,
    run=label,
    degraded=unlabelled,
    evaluators=(Evaluator("label", lambda *_: True, gate=True),),
    package="labels",
)
