"""What the service takes, what the model gives, and what the caller gets."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Category = Literal[
    "billing",
    "account",
    "bug",
    "how_to",
    "feature_request",
    "security",
    "cancellation",
    "other",
]
Priority = Literal["urgent", "high", "normal", "low"]

QUEUES: dict[Category, str] = {
    "billing": "billing",
    "account": "identity",
    "bug": "engineering",
    "how_to": "support",
    "feature_request": "product",
    "security": "security",
    "cancellation": "retention",
    "other": "support",
}
PEOPLE_QUEUE = "human-review"

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Ticket(BaseModel):
    """One message of a customer."""

    model_config = ConfigDict(extra="forbid")

    subject: Line = Field(default="", description="The subject line, if there is one.")
    body: Text = Field(description="What the customer wrote.")


class Classification(BaseModel):
    """What the model is asked for; the prompt says what each value means."""

    category: Category
    priority: Priority
    confidence: float = Field(ge=0, le=1, description="How sure the category is, 0 to 1.")
    summary: str = Field(min_length=1, description="One line for the person who takes it.")


class Triage(BaseModel):
    """What the caller gets. Without a category, a person decides."""

    category: Category | None
    priority: Priority
    confidence: float
    summary: str
    queue: str
