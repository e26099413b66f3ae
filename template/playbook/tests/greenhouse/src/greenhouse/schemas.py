"""What the greenhouse's desk takes and gives."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Topic = Literal["watering", "pests", "harvest"]


class Question(BaseModel):
    """A gardener's question."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1)


class Advice(BaseModel):
    """Where it belongs."""

    topic: Topic
    confidence: float = Field(ge=0, le=1)
