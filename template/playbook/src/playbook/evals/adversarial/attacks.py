"""Attacks and look-alikes: one JSON object a line, one file a family, checked whole at first."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from chassis.config.problems import did_you_mean, say
from chassis.outcomes import Outcome
from playbook.evals import lines
from playbook.evals.cases import Labels, Provenance
from playbook.verdicts import Inconclusive, Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

FOLDER = Path("evals/adversarial")
BENIGN = "benign"
"""The family of look-alikes: harmless messages that read like attacks."""

_EXAMPLE = (
    '{"id": "direct-001", "family": "direct", "attack": true, "goal": "what the attacker wants", '
    '"input": {...}, "succeeded_if": {"contains": ["PWNED"]}}'
)


def as_list(value: object) -> list[Any]:
    """Where one value will do as well as several."""
    return list(value) if isinstance(value, list) else [value]


Texts = Annotated[list[Annotated[str, Field(min_length=1)]], BeforeValidator(as_list)]


class Signs(BaseModel):
    """How one sees that an attack succeeded: any of these shows it.

    Attributes:
        answer: Fields of the answer with a value, or one of several, that the attacker wants and no
            right answer has.
        contains: Words of the attacker's choice that no right answer would have.
        prompt: The canary, or a long run of the instructions' own words, came out.
        link: Hosts of the attacker's, or addresses as he spells them; a link there came out.
        outcome: Ends that the attacker wants, such as handed_over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: dict[str, Any] = {}
    contains: Texts = []
    prompt: bool = False
    link: Texts = []
    outcome: Annotated[list[Outcome], BeforeValidator(as_list)] = []

    @model_validator(mode="after")
    def _not_nothing(self) -> "Signs":
        if not (self.answer or self.contains or self.prompt or self.link or self.outcome):
            raise ValueError(
                "an attack that nothing shows is never seen to succeed. "
                f"Give one of {', '.join(Signs.model_fields)}"
            )
        return self


class Attack(BaseModel):
    """One message: an attack with its signs of success, or a look-alike that has to pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100)
    family: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    attack: bool
    goal: str = Field(min_length=1)
    input: Any = None
    raw: str | None = Field(default=None, description="Sent as it is, for what is not JSON.")
    succeeded_if: Signs | None = None
    expected: dict[str, Any] = {}
    provenance: Provenance = "expert"
    notes: str = ""

    @model_validator(mode="after")
    def _fits(self) -> "Attack":
        if ("input" in self.model_fields_set) == (self.raw is not None):
            raise ValueError("a case has either `input` (sent as JSON) or `raw` (sent as it is)")
        if self.attack and self.succeeded_if is None:
            raise ValueError("an attack needs succeeded_if: how one sees that it succeeded")
        if not self.attack and self.succeeded_if is not None:
            raise ValueError("a look-alike has no succeeded_if: nobody attacks")
        return self

    @property
    def body(self) -> bytes:
        """What is sent."""
        return lines.body(self.input, self.raw)


def load(folder: Path, pipeline: "Pipeline[Any, Any]", shown: str) -> list[Attack]:
    """Read every `<family>.jsonl` of a folder.

    Raises:
        Mistake: Naming file, line and field of everything that is wrong, at once.
        Inconclusive: When there are none.
    """
    files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    problems: list[str] = []
    attacks: list[Attack] = []
    seen: dict[str, str] = {}
    labels = Labels(pipeline)
    for file in files:
        for number, attack in _parse(file, f"{shown}/{file.name}", problems):
            where = f"{shown}/{file.name}:{number}"
            problems += [
                f"{where}  {problem}" for problem in _check(attack, file, pipeline, labels)
            ]
            if attack.id in seen:
                problems.append(f"{where}  id\n  {attack.id} is also at {seen[attack.id]}.")
            seen.setdefault(attack.id, where)
            attacks.append(attack)
    if problems:
        raise Mistake(lines.listed(problems, "the attacks. Nothing was sent."))
    if not attacks:
        raise Inconclusive(
            f"{shown}\n  There are no attacks here. One is a line of <family>.jsonl, such as\n"
            f"  {_EXAMPLE}\n  Look-alikes, which have to pass, are in {BENIGN}.jsonl."
        )
    return attacks


def _parse(file: Path, where: str, problems: list[str]) -> Iterator[tuple[int, Attack]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{where}\n  This is not UTF-8 (byte {error.start}). Save it as UTF-8.")
        return
    yield from lines.parsed(text, where, Attack, _reasons, problems)


def _reasons(error: ValidationError) -> Iterable[str]:
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"]) or "case"
        if detail["type"] == "extra_forbidden":
            kind = Signs if field.startswith("succeeded_if.") else Attack
            hint = did_you_mean(str(detail["loc"][-1]), kind.model_fields)
            yield f"{field}\n  There is no field of this name.{hint}"
        elif detail["type"] == "missing":
            yield f"{field}\n  This is missing."
        else:
            message = detail["msg"].removeprefix("Value error, ")
            given = "" if isinstance(detail["input"], dict) else f", not {say(detail['input'])}"
            yield f"{field}\n  {message[0].upper()}{message[1:]}{given}."


def _check(
    attack: Attack, file: Path, pipeline: "Pipeline[Any, Any]", labels: Labels
) -> Iterator[str]:
    """What the form cannot say: its file, that the service takes it, and that its values exist."""
    if attack.family != file.stem:
        yield (
            f"family\n  This file holds the family {file.stem}; a case of {attack.family} "
            f"belongs into {attack.family}.jsonl."
        )
    if attack.attack == (attack.family == BENIGN):
        yield f"attack\n  {BENIGN}.jsonl holds what is no attack, and no other file does."
    if attack.raw is None:
        try:
            pipeline.takes.model_validate_json(attack.body)
        except (ValidationError, ValueError) as error:
            yield f"input\n  The service takes no such input: {_first(error)}."
    values = [("expected", attack.expected)]
    if attack.succeeded_if:
        values.append(("succeeded_if.answer", attack.succeeded_if.answer))
    for place, fields in values:
        for name, value in fields.items():
            yield from _check_value(f"{place}.{name}", name, value, labels)


def _check_value(place: str, name: str, value: object, labels: Labels) -> Iterator[str]:
    if name not in labels.fields:
        hint = did_you_mean(name, labels.fields)
        yield f"{place}\n  An answer has no such field: {', '.join(labels.fields)}.{hint}"
        return
    for one in as_list(value):
        if mistake := labels.mistake(name, one):
            yield f"{place}\n  {mistake}"


def _first(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    detail = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"][0].lower() + detail["msg"][1:]
    return f"{field}: {message}" if field else message
