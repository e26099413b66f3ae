"""What can be live: `config/releases.yaml`. Which of them is live is said by `flags.json`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator
from pydantic import Strict as StrictType
from pydantic.json_schema import SkipJsonSchema

from .fields import Name, Strict, mistake, number, share
from .problems import did_you_mean, listed

Provider = Literal[
    "simulator", "openai", "azure", "openai-compatible", "anthropic", "google", "bedrock"
]
PROVIDERS: tuple[str, ...] = get_args(Provider)


@dataclass(frozen=True)
class ModelId:
    """A model and who serves it; written `provider:model`."""

    provider: str
    name: str

    @classmethod
    def parse(cls, text: str) -> ModelId:
        """Take `provider:model` apart. The model may have colons of its own, as Bedrock's do."""
        provider, _, name = text.partition(":")
        return cls(provider, name)

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"


def _check_model(text: str) -> str:
    model = ModelId.parse(text)
    known = f"Known providers: {listed(PROVIDERS)}."
    if ":" not in text:
        guess = next((p for p in PROVIDERS if text.startswith((p + "/", p + "-"))), None)
        example = f"{guess}:{text[len(guess) + 1 :]}" if guess else f"openai:{text}"
        message = f'"{text}" does not say who serves it. Write provider:model, such as {example}.'
        raise mistake(f"{message} {known}")
    if model.provider not in PROVIDERS:
        guess = did_you_mean(model.provider, PROVIDERS)
        raise mistake(f'No provider is called "{model.provider}".{guess} {known}')
    if not model.name or model.name != model.name.strip():
        raise mistake(f'"{text}" has no model after the colon, or a space around it.')
    return text


ModelText = Annotated[
    str,
    AfterValidator(_check_model),
    Field(json_schema_extra={"pattern": f"^({'|'.join(PROVIDERS)}):.+$"}),
]


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Parameters(Strict):
    """What is sent along with each model call; null leaves it to the provider."""

    temperature: float | None = number(
        "0 is the steadiest. null where the model takes none, as reasoning models do.",
        unit="number",
        example=0.0,
        ge=0,
        le=2,
        default=None,
    )
    max_tokens: int = number(
        "The longest answer, in tokens: it bounds cost and time.", unit="tokens", example=400, ge=1
    )
    top_p: float | None = share("Nucleus sampling.", example=1.0, default=None)
    seed: int | None = Field(
        default=None, description="Where the provider takes one.", examples=[7]
    )
    thinking: Literal["off", "minimal", "low", "medium", "high"] | None = Field(
        default=None,
        description="How much a reasoning model thinks before it answers.",
        examples=["low"],
    )

    def settings(self) -> dict[str, Any]:
        """Give what is set, under the names of pydantic-ai's ModelSettings."""
        chosen = self.model_dump(exclude_none=True)
        if self.thinking == "off":
            chosen["thinking"] = False
        return chosen


class Price(Strict):
    """A price for a model that the price list does not know."""

    input_usd_per_million: float = number(
        "USD per million tokens in.", unit="usd", example=0.25, ge=0
    )
    output_usd_per_million: float = number(
        "USD per million tokens out.", unit="usd", example=2.0, ge=0
    )


class Calibration(Strict):
    """What justifies a confidence threshold; `playbook evals calibrate --write` fills it in."""

    threshold: float = share("The threshold that was chosen.", example=0.62)
    target: float = share("The share right that was asked for, among the answered.", example=0.92)
    model: ModelText = Field(
        description="The release's model then.", examples=["openai:gpt-5-mini"]
    )
    prompt_sha256: Sha256 = Field(description="The prompt then.", examples=["a41f..."])
    dataset_sha256: Sha256 = Field(description="The cases it was chosen on.", examples=["09c2..."])
    mode: Literal["live", "replayed", "simulated"] = Field(
        description="Who answered. A threshold chosen on simulated answers fits no real model.",
        examples=["live"],
    )
    cases: int = number(
        "How many cases had an answer with a confidence.", unit="count", example=366, ge=1
    )
    share_right: float = share(
        "Right among the answered, on cases the threshold was not chosen on.", example=0.957
    )
    share_answered: float = share(
        "Answered rather than handed over, on cases the threshold was not chosen on.", example=0.9
    )
    made_on: Annotated[date, StrictType(False)] = Field(
        description="The day of it, in UTC.", examples=["2027-01-31"]
    )


class Release(Strict):
    """One thing that can be live: a model, a prompt and how they are used, under one name."""

    name: SkipJsonSchema[str] = Field(default="", exclude=True)
    model: ModelText = Field(
        description=f"provider:model. Providers: {listed(PROVIDERS)}.",
        examples=["openai:gpt-5-mini"],
    )
    fallbacks: Annotated[tuple[ModelText, ...], StrictType(False)] = Field(
        default=(),
        description="Further provider:model, tried in this order when the one before fails.",
        examples=["[anthropic:claude-haiku-4-5]"],
    )
    prompt: Name = Field(
        description="The folder of the prompt: src/<package>/prompts/<prompt>/.", examples=["v1"]
    )
    prompt_sha256: Sha256 | None = Field(
        default=None,
        description="null while the prompt is worked on. Set when it is released; from then on "
        "an edit of the prompt stops the start.",
    )
    parameters: Parameters = Field(
        description="What is sent along with each model call.",
        examples=["{temperature: 0.0, max_tokens: 400}"],
    )
    confidence_threshold: float = share(
        "An answer the pipeline is less sure of goes to a person (outcome handed_over).",
        example=0.5,
    )
    calibration: Calibration | None = Field(
        default=None,
        description="What justifies the threshold: `playbook evals calibrate --write` fills it "
        "in. The service warns at its start when it no longer fits the release.",
    )
    price: Price | None = Field(
        default=None,
        description="null takes the price list (genai-prices). Set it for a model it lacks.",
        examples=["{input_usd_per_million: 0.25, output_usd_per_million: 2.0}"],
    )
    retires: date | None = Field(
        default=None,
        description="The day the provider withdraws the model. Readiness warns before it.",
        examples=["2027-06-30"],
    )

    @field_validator("fallbacks")
    @classmethod
    def _fallbacks_differ(cls, fallbacks: tuple[str, ...]) -> tuple[str, ...]:
        for index, text in enumerate(fallbacks):
            if text in fallbacks[:index]:
                raise mistake(f"{text} is in the list twice.", index)
        return fallbacks

    @model_validator(mode="after")
    def _fallback_is_another_model(self) -> Release:
        if self.model in self.fallbacks:
            message = f"{self.model} is the model itself: when it fails, so does this. Remove it."
            raise mistake(message, "fallbacks", self.fallbacks.index(self.model))
        return self

    @property
    def provider(self) -> str:
        """Who serves the model."""
        return ModelId.parse(self.model).provider

    @property
    def model_name(self) -> str:
        """The model, as its provider calls it."""
        return ModelId.parse(self.model).name

    @property
    def chain(self) -> tuple[ModelId, ...]:
        """The model and its fallbacks, in the order they are tried."""
        return tuple(ModelId.parse(text) for text in (self.model, *self.fallbacks))


class Releases(Strict):
    """The releases this service can route to."""

    releases: dict[Name, Release] = Field(
        description="Releases by name. A release that was live is never edited: add the next one.",
        min_length=1,
    )

    @field_validator("releases", mode="before")
    @classmethod
    def _give_names(cls, releases: Any) -> Any:
        if not isinstance(releases, dict):
            return releases
        for key, release in releases.items():
            if isinstance(release, dict) and release.get("name", key) != key:
                raise mistake(f"The name is the key above, {key}. Remove this line.", key, "name")
        return {
            key: {**release, "name": key} if isinstance(release, dict) else release
            for key, release in releases.items()
        }

    def __getitem__(self, name: str) -> Release:
        return self.releases[name]

    def __contains__(self, name: object) -> bool:
        return name in self.releases

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all releases, in the order of the file."""
        return tuple(self.releases)
