"""Who owns what, and who is called at night: `config/ownership.yaml`. Data only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic import Strict as StrictType

from .criteria import Criteria
from .evals import Evals
from .explain import model_at, names
from .fields import Key, Strict, Text, mistake, number
from .problems import did_you_mean, listed

ROLES = ("product_owner", "ai_engineer", "platform_engineer", "domain_expert")
"""The four roles of the playbook; a file may add others."""

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]


class Person(Strict):
    """Someone who can be asked."""

    name: Text | None = Field(
        description="Who it is: a person, not a team. null while nobody is named.",
        examples=["Ann Berg"],
    )
    email: Email | None = Field(
        default=None, description="Where to write to.", examples=["ann@example.com"]
    )


class Oncall(Strict):
    """Who answers when an alert pages."""

    primary: Text | None = Field(
        description="Who is called first. null while nobody is named.", examples=["Ann Berg"]
    )
    secondary: Text | None = Field(
        description="Who is called when the first does not answer. null while nobody is named.",
        examples=["Ben Cruz"],
    )
    channel: Text = Field(description="Where incidents are talked about.", examples=["#triage"])
    pager: Text = Field(
        description="The pager's service or its URL; `none` while there is no pager.",
        examples=["https://acme.pagerduty.com/services/P1"],
    )


class Step(Strict):
    """One step of the escalation."""

    after_minutes: int = number(
        "Minutes without an answer before this step.", unit="minutes", example=15, ge=0
    )
    to: Text = Field(description="Whom to call: a person or a role.", examples=["secondary"])


class Cadence(Strict):
    """How often something is looked at again, and when it last was."""

    every_days: int = number("Days between two looks.", unit="days", example=30, ge=1)
    owner: Key = Field(description="A role of this file.", examples=["ai_engineer"])
    last_done: date | None = Field(
        default=None,
        description="The day it was last done; null for never.",
        examples=["2027-01-31"],
    )


class Attestation(Strict):
    """Something no command can see, said by a person who stands for it until a day."""

    point: int = number(
        "The point of the readiness checklist it is about.", unit="point", example=19, ge=1, le=20
    )
    statement: Text = Field(description="What is so.", examples=["The rotation was tested."])
    by: Text = Field(description="Who says it.", examples=["Ann Berg"])
    on: date = Field(description="The day it was said.", examples=["2027-01-31"])
    expires: date = Field(
        description="The day it counts for the last time.", examples=["2027-04-30"]
    )
    criterion: Text | None = Field(
        default=None,
        description="The number of success-criteria.yaml that may ask for less than on the base "
        "branch; one of evals.yaml begins with `evals.`. Eval gate.",
        examples=["quality.slices.edge.at_least"],
    )
    to: bool | float | Text | None = Field(
        default=None,
        description="How far: the loosest value that this stands for; `removed` for a slice that "
        "goes.",
        examples=[0.8],
    )

    @model_validator(mode="after")
    def _criterion_exists(self) -> Self:
        if self.criterion is None:
            if self.to is not None:
                raise mistake("Say of which number: add `criterion`.", "to")
            return self
        if self.to is None:
            raise mistake("Say how far it may go: add `to`, such as `to: 0.8`.", "criterion")
        model: type[Strict]
        file, model, path = "success-criteria.yaml", Criteria, tuple(self.criterion.split("."))
        if path[0] == "evals":
            file, model, path = "evals.yaml", Evals, path[1:]
        block = model_at(model, path[:-1])
        known = names(block) if block else []
        if not path or (path[-1] not in known and model_at(model, path) is None):
            hint = did_you_mean(path[-1], known) if path else ""
            example = "" if hint else " It is a path, such as quality.slices.edge.at_least."
            raise mistake(f"{file} has no {self.criterion}.{hint}{example}", "criterion")
        return self


class Ownership(Strict):
    """Ownership of the service."""

    roles: dict[Key, Person] = Field(description="Who owns what.")
    oncall: Oncall = Field(description="Who answers when an alert pages.")
    escalation: Annotated[tuple[Step, ...], StrictType(False)] = Field(
        description="Whom to call, in this order, when nobody answers.",
        examples=["[{after_minutes: 15, to: secondary}]"],
        min_length=1,
    )
    cadence: dict[Key, Cadence] = Field(
        description="What is looked at again: models, prompts, knowledge base, dependencies."
    )
    attestations: Annotated[tuple[Attestation, ...], StrictType(False)] = Field(
        default=(), description="What no command can see, said by a person until a day."
    )

    def warnings(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Say whom nobody has named yet: fine in a proof of concept, not with users."""
        if unnamed := [role for role, person in self.roles.items() if person.name is None]:
            yield ("roles",), f"Nobody is named yet as {listed(unnamed)}."
        called = {"primary": self.oncall.primary, "secondary": self.oncall.secondary}
        if missing := [place for place, person in called.items() if person is None]:
            yield ("oncall",), f"Nobody is on call yet as {listed(missing)}."

    @field_validator("roles")
    @classmethod
    def _all_roles(cls, roles: dict[str, Person]) -> dict[str, Person]:
        for role in ROLES:
            if role not in roles:
                others = [name for name in roles if name not in ROLES]
                written = did_you_mean(role, others).replace("Did you mean", "Is it")
                raise mistake(f"The role {role} is missing. The four: {listed(ROLES)}.{written}")
        return roles

    @field_validator("attestations")
    @classmethod
    def _expire_later(cls, attestations: tuple[Attestation, ...]) -> tuple[Attestation, ...]:
        for index, attestation in enumerate(attestations):
            if attestation.expires <= attestation.on:
                message = (
                    f"{attestation.expires} is not after {attestation.on}, the day it was said."
                )
                raise mistake(message, index, "expires")
        return attestations
