"""Checks a whole flag document (flagd's format) before any of it is used: `config/flags.json`."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from openfeature.contrib.tools.flagd.core import FlagdCore
from openfeature.evaluation_context import EvaluationContext
from pydantic import ConfigDict, Field

from .explain import parse
from .fields import Strict
from .files import Document, FieldPath, read_json
from .problems import ConfigError, FlagsError, Problem, did_you_mean, listed, say
from .targeting import check_evaluators, check_targeting

KILL_SWITCH = "ai_enabled"
RELEASE = "release"

Variant = Annotated[Any, Field(description="The value this variant stands for.")]


class Flag(Strict):
    """One flag: its values by name, the one in force, and who gets another."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True)

    state: Literal["ENABLED", "DISABLED"] = Field(
        description="A DISABLED flag is skipped: the code's own default counts.",
        examples=['"ENABLED"'],
    )
    variants: dict[str, Variant] = Field(description="The values by name.", min_length=1)
    default_variant: str | None = Field(
        default=None,
        alias="defaultVariant",
        description="The variant in force where targeting says nothing. Edit this to roll back.",
        examples=['"on"'],
    )
    targeting: dict[str, Any] = Field(
        default={}, description="JsonLogic: who gets which variant. {} for nobody."
    )
    metadata: dict[str, str | int | float | bool] = Field(
        default={}, description="Remarks; JSON has no comments."
    )


class FlagsDocument(Strict):
    """A flag document in flagd's format."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True)

    schema_: str | None = Field(default=None, alias="$schema", description="For editors.")
    flags: dict[str, Flag] = Field(description="The flags by name.")
    evaluators: dict[str, Any] = Field(
        default={}, alias="$evaluators", description='Rules used by several flags ({"$ref": name}).'
    )
    metadata: dict[str, str | int | float | bool] = Field(
        default={}, description="Remarks; JSON has no comments."
    )


def validate_flags(
    text: str, releases: Iterable[str] | None, file: str = "config/flags.json"
) -> dict[str, Any]:
    """Check a flag document whole; the result can be given to flagd's evaluator.

    Args:
        text: The document.
        releases: The names of the releases there are; None where they could not be read.
        file: The document's name in messages.

    Raises:
        FlagsError: with every mistake found.
    """
    try:
        document = read_json(text, file)
    except ConfigError as error:
        raise FlagsError(error.problems) from None
    try:
        problems = _check(document, releases)
    except RecursionError:
        message = "Not valid: blocks within blocks without end."
        raise FlagsError([Problem(file, None, "", message)]) from None
    if problems:
        raise FlagsError(problems)
    return dict(document.data)


def _check(document: Document, releases: Iterable[str] | None) -> list[Problem]:
    flags = parse(FlagsDocument, document, FlagsError)
    problems = [
        document.problem(("$evaluators", *path), message)
        for path, message in check_evaluators(flags.evaluators)
    ]
    for name, flag in flags.flags.items():
        problems += _check_flag(document, name, flag, flags.evaluators)
    problems += _check_kill_switch(document, flags.flags)
    known = None if releases is None else list(releases)
    problems += _check_release(document, flags.flags, known)
    return problems or _try_out(document)


def _check_flag(
    document: Document, name: str, flag: Flag, evaluators: dict[str, Any]
) -> list[Problem]:
    here: FieldPath = ("flags", name)
    variants = tuple(flag.variants)
    found = []
    default = flag.default_variant
    if default is not None and default not in flag.variants:
        guess = did_you_mean(default, variants)
        message = f'"{default}" is not a variant of this flag.{guess} Variants: {listed(variants)}.'
        found.append(document.problem((*here, "defaultVariant"), message))
    kinds = {type(value) for value in flag.variants.values()}
    if len(kinds - {int, float}) + bool(kinds & {int, float}) > 1:
        message = "The variants are of different types; the values of a flag are all of one type."
        found.append(document.problem((*here, "variants"), message))
    for path, message in check_targeting(flag.targeting, variants, evaluators):
        found.append(document.problem((*here, "targeting", *path), message))
    return found


def _check_kill_switch(document: Document, flags: dict[str, Flag]) -> list[Problem]:
    found, flag = _check_needed(
        document,
        flags,
        KILL_SWITCH,
        missing='Without it the AI cannot be switched off. Add it with the variants "on": true '
        'and "off": false.',
        disabled='The AI could not be switched off. To switch it off, set defaultVariant to "off".',
    )
    if flag is None:
        return found
    where: FieldPath = ("flags", KILL_SWITCH, "variants")
    for name, value in flag.variants.items():
        if not isinstance(value, bool):
            message = f"The kill switch is true or false, without quotes; this is {say(value)}."
            found.append(document.problem((*where, name), message))
    if all(isinstance(value, bool) for value in flag.variants.values()):
        for needed in (True, False):
            if needed not in flag.variants.values():
                message = f"No variant is {say(needed)}. The kill switch needs both."
                found.append(document.problem(where, message))
    return found


def _check_release(
    document: Document, flags: dict[str, Flag], releases: list[str] | None
) -> list[Problem]:
    found, flag = _check_needed(
        document,
        flags,
        RELEASE,
        missing="Without it no release is live. Add it with one variant for each release.",
        disabled='No release would be live. Set it to "ENABLED".',
    )
    for name, value in flag.variants.items() if flag else ():
        if releases is not None and value not in releases:
            guess = did_you_mean(str(value), releases)
            known = f"Releases in releases.yaml: {listed(releases)}."
            message = f"There is no release {say(value)}.{guess} {known}"
            found.append(document.problem(("flags", RELEASE, "variants", name), message))
    return found


def _check_needed(
    document: Document, flags: dict[str, Flag], name: str, missing: str, disabled: str
) -> tuple[list[Problem], Flag | None]:
    """Check what the flags that the chassis itself reads have in common."""
    flag = flags.get(name)
    if flag is None:
        guess = did_you_mean(name, flags).replace("Did you mean", "Is it")
        problem = document.problem(("flags",), f'The flag "{name}" is missing.{guess} {missing}')
        return [problem], None
    found = []
    if flag.state != "ENABLED":
        message = f"This flag has to be ENABLED. {disabled}"
        found.append(document.problem(("flags", name, "state"), message))
    if flag.default_variant is None:
        message = f"This is missing. Name one of {listed(flag.variants)}."
        found.append(document.problem(("flags", name, "defaultVariant"), message))
    return found, flag


def _try_out(document: Document) -> list[Problem]:
    """Load the document into flagd's own evaluator and ask for both flags, as a last proof."""
    core = FlagdCore()
    someone = EvaluationContext("user-1", {"user": "user-1", "organisation": "acme"})
    flag = KILL_SWITCH
    try:
        core.set_flags(copy.deepcopy(document.data))  # The evaluator changes what it is given.
        core.resolve_boolean_value(KILL_SWITCH, False, someone)
        flag = RELEASE
        core.resolve_string_value(RELEASE, "", someone)
    except Exception as error:  # noqa: BLE001 - whatever flagd raises, it cannot use the document
        message = f"flagd cannot evaluate this flag: {error or type(error).__name__}."
        return [document.problem(("flags", flag), message)]
    return []
