"""One variant of one case: changed, checked as a request would be, and stamped."""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from playbook.data.compare import OF
from playbook.data.synthesize.fields import Path, Texts
from playbook.data.synthesize.kinds import LONG_SHARE, Kind, expected
from playbook.data.synthesize.luck import Luck
from playbook.evals.cases import Case

if TYPE_CHECKING:
    from chassis.config.guardrails import RequestLimits


class Unfit(Exception):
    """A variant that cannot be; its text says why."""


@dataclass(frozen=True)
class Service:
    """What a variant has to fit."""

    takes: type[BaseModel]
    limits: "RequestLimits"
    texts: Texts
    slices: Sequence[str]


def usable(seed: Case) -> str | None:
    """Why a case cannot be a seed; None when it can."""
    if seed.raw is not None:
        return "not JSON"
    if seed.provenance == "synthetic":
        return "synthetic itself"
    if "answered" not in seed.expected.outcome:
        return "expected to be refused"
    return None


def home_of(kind: Kind, seed: Case, service: Service, asked_for: str | None) -> str:
    """The slice of a variant: the one asked for, the kind's own where declared, the seed's."""
    if asked_for:
        return asked_for
    return kind.home if kind.home and kind.home in service.slices else seed.slice


def variant(
    seed: Case, kind: Kind, number: int, luck_seed: int, service: Service, slice_: str | None = None
) -> Case:
    """Make the variant of that number; the same arguments give the same one.

    Raises:
        Unfit: When it would be no other case, or no input of the service.
    """
    luck = Luck(luck_seed, seed.id, kind.name, number)
    sent = copy.deepcopy(seed.input)
    changed = service.texts.changed(sent, lambda path, text: _text(path, text, kind, luck, service))
    if changed == seed.input:
        raise Unfit("nothing to change")
    label = _as_written(seed)
    case = Case.model_validate(
        {
            "id": f"{seed.id}{OF}{kind.name}-{number}",
            "slice": home_of(kind, seed, service, slice_),
            "input": changed,
            "expected": expected(label, kind.label),
            "provenance": "synthetic",
            "labeller": f"synthesized from {seed.id} ({kind.name})",
            "critical": seed.critical and kind.label == "kept",
            "notes": _notes(kind, luck_seed),
        }
    )
    check(case, service)
    return case


def check(case: Case, service: Service) -> None:
    """Send it past the form and size checks of the service.

    Raises:
        Unfit: With what the service would say.
    """
    from chassis.form import check_not_empty, parse_json, validate
    from chassis.guards.text import map_strings, normalise
    from chassis.problems import Problem

    try:
        value = map_strings(parse_json(case.body, service.limits), normalise)
        check_not_empty(value, service.limits)
        validate(service.takes, value)
    except Problem as problem:
        raise Unfit(problem.title.lower()) from problem


def line_of(case: Case) -> str:
    """The case as a line of a file, in the order in which cases are written by hand."""
    document = {
        "id": case.id,
        "slice": case.slice,
        "input": case.input,
        "expected": _as_written(case),
        "provenance": case.provenance,
        "labeller": case.labeller,
        "critical": case.critical,
        "notes": case.notes,
    }
    return json.dumps(document, ensure_ascii=False)


def _text(path: Path, text: str, kind: Kind, luck: Luck, service: Service) -> str:
    if path == service.texts.main:
        text = kind.change(text, luck)
        most = int(service.limits.max_characters * LONG_SHARE)
        return text if len(text) <= most or kind.name != "long" else _shorter(text, most)
    if kind.empties:
        return ""
    return kind.change(text, luck) if kind.everywhere and text.strip() else text


def _shorter(text: str, most: int) -> str:
    """Up to the last whole line that fits."""
    return text[:most].rpartition("\n")[0] or text


def _as_written(case: Case) -> dict[str, Any]:
    outcomes = [str(outcome) for outcome in case.expected.outcome]
    said = {"outcome": outcomes} if "outcome" in case.expected.model_fields_set else {}
    return {**said, **case.expected.values}


def _notes(kind: Kind, luck_seed: int) -> str:
    about = "" if kind.label == "kept" else f" Label {_LABELS[kind.label]}."
    return f"{kind.what[0].upper()}{kind.what[1:]}; seed {luck_seed}.{about}"


_LABELS = {
    "or handed over": "of the seed, or a person decides: part of it is missing",
    "or stopped": "of the seed, or handed over, or blocked",
    "lost": "given up: nothing of the wish is left",
}
