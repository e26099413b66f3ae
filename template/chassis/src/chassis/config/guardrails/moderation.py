"""Whether a moderation service is asked too, which one, and what counts as harmful."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic import Strict as StrictType

from ..fields import Strict, mistake, number
from ..problems import did_you_mean, listed

ModerationProvider = Literal["none", "azure-content-safety", "openai"]

AZURE_CATEGORIES = {
    "hate": "Hate",
    "self-harm": "SelfHarm",
    "sexual": "Sexual",
    "violence": "Violence",
}
"""The categories of Azure AI Content Safety: our names of them, and its own."""

OPENAI_CATEGORIES = (
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
)
"""The categories of OpenAI's omni-moderation models."""

_AZURE_SEVERITIES = (2, 4, 6)

BlocklistName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z._~-]{1,64}$")]


class Moderation(Strict):
    """A hosted service that looks for harmful text, and for attacks on the prompt."""

    provider: ModerationProvider = Field(
        default="none",
        description="Who is asked: none, azure-content-safety (AZURE_CONTENT_SAFETY_ENDPOINT, "
        "AZURE_CONTENT_SAFETY_KEY) or openai (OPENAI_API_KEY).",
        examples=["openai"],
    )
    mode: Literal["block", "observe"] = Field(
        default="block",
        description="block refuses (422), observe only notes it. A service that cannot be asked "
        "fails the request in both (503).",
        examples=["observe"],
    )
    budget_ms: float = number(
        "Time for asking, a retry included, each for the input, fetched content and the answer; "
        "a service that takes longer counts as crashed (503).",
        unit="milliseconds",
        example=1500,
        default=1500,
        gt=0,
        le=10_000,
    )
    input: bool = Field(
        default=True,
        description="Whether it sees what callers send, and what the pipeline fetches.",
        examples=["true"],
    )
    output: bool = Field(
        default=True, description="Whether it sees the model's answers.", examples=["true"]
    )
    prompt_shield: bool = Field(
        default=True,
        description="Whether Azure's Prompt Shields look for attacks on the prompt in the input; "
        "openai has none.",
        examples=["true"],
    )
    thresholds: dict[str, float | None] = Field(
        default={},
        description="From which value on a category counts; null leaves it out. Azure: severity 2 "
        "(low), 4 (medium; the default) or 6 (high). OpenAI: a score up to 1; without one, its own "
        "verdict counts.",
        examples=["{violence: 2}"],
    )
    blocklists: Annotated[tuple[BlocklistName, ...], StrictType(False)] = Field(
        default=(),
        description="Azure only: names of blocklists of that resource.",
        examples=["[brand-names]"],
    )

    @model_validator(mode="after")
    def _looks_at_something(self) -> Self:
        if self.provider != "none" and not (self.input or self.output):
            raise mistake("It would see neither input nor output. Set provider: none.", "provider")
        return self

    @model_validator(mode="after")
    def _thresholds_fit(self) -> Self:
        if self.provider == "azure-content-safety":
            known: tuple[str, ...] = tuple(AZURE_CATEGORIES)
        elif self.provider == "openai":
            known = OPENAI_CATEGORIES
        else:
            return self
        for category, threshold in self.thresholds.items():
            if category not in known:
                message = (
                    f"{category} is no category of {self.provider}."
                    f"{did_you_mean(category, known)} It has {listed(known)}."
                )
                raise mistake(message, "thresholds", category)
            if threshold is not None:
                self._check_threshold(category, threshold)
        if all(self.thresholds.get(category, 0) is None for category in known):
            message = "Every category is left out. Set provider: none, or keep one."
            raise mistake(message, "thresholds")
        return self

    def _check_threshold(self, category: str, threshold: float) -> None:
        if self.provider == "openai":
            if not 0 < threshold <= 1:
                message = f"{threshold:g} is not a score above 0 and up to 1, such as 0.8."
                raise mistake(message, "thresholds", category)
        elif threshold not in _AZURE_SEVERITIES:
            message = f"{threshold:g} is not a severity: 2 (low), 4 (medium) or 6 (high)."
            raise mistake(message, "thresholds", category)

    @model_validator(mode="after")
    def _nothing_of_azure_for_openai(self) -> Self:
        if self.provider != "openai":
            return self
        if self.blocklists:
            raise mistake("openai has no blocklists. Remove them.", "blocklists")
        if self.prompt_shield and "prompt_shield" in self.model_fields_set:
            message = "openai has no Prompt Shields; azure-content-safety has. Set it to false."
            raise mistake(message, "prompt_shield")
        return self
