"""Which guards run, and what each does with what it finds."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, StringConstraints, field_validator, model_validator

from ..fields import Key, Strict, Text, mistake, number

Mode = Literal["block", "redact", "observe"]
Host = Annotated[
    str, StringConstraints(pattern=r"^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+$", to_lower=True)
]


class Guard(Strict):
    """One guard: what it does with what it finds, and how long it may take."""

    mode: Mode = Field(
        description="block refuses (422), redact takes it out and goes on, observe only notes it.",
        examples=["block"],
    )
    budget_ms: float = number(
        "Processor time; a guard that takes longer counts as crashed, and the request is not "
        "answered (503).",
        unit="milliseconds",
        example=50,
        gt=0,
        le=10_000,
    )


class InjectionGuard(Guard):
    """The input guard against prompt injection; there is nothing to take out of an injection."""

    mode: Literal["block", "observe"] = Field(
        description="block refuses (422), observe only notes it.", examples=["block"]
    )


class InputGuards(Strict):
    """Guards on what comes in."""

    injection: InjectionGuard = Field(
        description="Text that tries to give the model orders.",
        examples=["{mode: block, budget_ms: 50}"],
    )
    personal_data: Guard = Field(
        default=Guard(mode="redact", budget_ms=250),
        description="Personal data and secrets in what is sent to the provider. redact masks them "
        "in the prompt and puts the caller's own back into the answer; the pipeline sees them.",
        examples=["{mode: redact, budget_ms: 50}"],
    )


class LinksGuard(Guard):
    """The output guard on links and images."""

    allowed_hosts: list[Host] = Field(
        default=[],
        description="Hosts an answer may link to; *.example.com stands for all below example.com.",
        examples=["[docs.example.com]"],
    )


class MarkupGuard(Guard):
    """The output guard on HTML and Markdown."""

    fields: list[Text] = Field(
        default=[],
        description="Fields of the answer that are meant to carry markup; whoever shows them has "
        "to make it safe.",
        examples=["[body]"],
    )


class TopicsGuard(Guard):
    """The output guard on what an answer must not be about; there is nothing to take out of it."""

    mode: Literal["block", "observe"] = Field(
        description="block refuses (422), observe only notes it.", examples=["block"]
    )
    deny: dict[Key, list[Text]] = Field(
        default={},
        description="By topic, words and phrases that no answer may have; whole words, whatever "
        "their case and accents.",
        examples=["{rivals: [acme cloud]}"],
    )
    scope: list[Text] = Field(
        default=[],
        description="Beginnings of words; a longer answer without any of them is off topic. Empty "
        "checks nothing.",
        examples=["[invoice, account]"],
    )
    scope_least_words: int = number(
        "Texts with fewer words are not held against the scope.",
        unit="count",
        example=30,
        default=30,
        ge=1,
    )


class OutputGuards(Strict):
    """Guards on what goes out."""

    personal_data: Guard = Field(
        description="Personal data in the answer.",
        examples=["{mode: redact, budget_ms: 50}"],
    )
    secrets: Guard = Field(
        description="Keys, tokens, passwords.", examples=["{mode: block, budget_ms: 50}"]
    )
    canary: Guard = Field(
        description="The marker hidden in the prompt: if it comes out, the prompt leaked.",
        examples=["{mode: block, budget_ms: 50}"],
    )
    links: LinksGuard = Field(
        default=LinksGuard(mode="redact", budget_ms=50),
        description="Links and images to hosts that are not allowed.",
        examples=["{mode: redact, budget_ms: 50, allowed_hosts: []}"],
    )
    markup: MarkupGuard = Field(
        default=MarkupGuard(mode="redact", budget_ms=50),
        description="HTML and Markdown that a page would act upon.",
        examples=["{mode: redact, budget_ms: 50, fields: []}"],
    )
    topics: TopicsGuard = Field(
        default=TopicsGuard(mode="block", budget_ms=50),
        description="What an answer must not be about.",
        examples=["{mode: block, budget_ms: 50, deny: {rivals: [acme cloud]}}"],
    )


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class PersonalData(Strict):
    """What sees personal data, for every guard that looks for it."""

    engine: Literal["light", "presidio"] = Field(
        default="light",
        description="light finds what has a form: e-mail, cards, accounts, numbers of states, "
        "phones, machines. presidio adds names and addresses (an extra of 300 MB and a model).",
        examples=["light"],
    )
    language_models: dict[Language, Text] = Field(
        default={},
        description="For presidio: the spaCy model of each language; each reads every text.",
        examples=["{en: en_core_web_sm}"],
    )
    phone_regions: list[Region] = Field(
        default=[],
        description="Countries whose phone numbers count in national form without a word such as "
        "phone before them; international ones always count.",
        examples=["[DE, AT]"],
    )

    @field_validator("phone_regions")
    @classmethod
    def _known_regions(cls, regions: list[str]) -> list[str]:
        for index, region in enumerate(regions):
            if region not in SUPPORTED_REGIONS:
                message = f"{region} is no country of ISO 3166 with telephone numbers, such as GB."
                raise mistake(message, index)
        return regions

    @model_validator(mode="after")
    def _models_for_presidio(self) -> Self:
        if self.engine == "presidio" and not self.language_models:
            message = "presidio needs a spaCy model, such as {en: en_core_web_sm}."
            raise mistake(message, "language_models")
        if self.engine == "light" and self.language_models:
            message = "light uses no language model. Set engine: presidio, or take them out."
            raise mistake(message, "language_models")
        return self
