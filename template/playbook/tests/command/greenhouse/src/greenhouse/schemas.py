"""What the greenhouse's desk takes, what the model gives, and what the caller gets."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Category = Literal["watering", "pests", "harvest"]
Priority = Literal["urgent", "normal"]

QUEUES: dict[Category, str] = {
    "watering": "pump-house",
    "pests": "plant-doctor",
    "harvest": "kitchen",
}


class Question(BaseModel):
    """A gardener's question."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1)


class Sorted(BaseModel):
    """What the model is asked for."""

    category: Category
    confidence: float = Field(ge=0, le=1)


class Advice(BaseModel):
    """What the gardener gets; without a category, a person decides."""

    category: Category | None
    priority: Priority
    queue: str
