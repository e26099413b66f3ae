"""What the demo sends: picked from the labelled cases, so that it stays true when they change."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.outcomes import Outcome
from playbook.evals.cases import Case

if TYPE_CHECKING:
    from chassis import Pipeline

MODEL_ASKED = frozenset({Outcome.answered, Outcome.handed_over})
_SPANISH = re.compile(r"\b(es|spanish|español|castellano)\b|[¿¡ñ]", re.IGNORECASE)


@dataclass(frozen=True)
class Sent:
    """One request of the demo: what is sent, and what may become of it."""

    title: str
    body: bytes
    may_end: frozenset[Outcome]
    case: Case | None = None


def choose(cases: Sequence[Case], pipeline: "Pipeline[Any, Any]") -> Iterator[Sent]:
    """The requests a person would try first; a kind without a case is left out."""
    ordinary = _first(cases, "common", labelled=True) or _first(cases, None, labelled=True)
    if ordinary:
        yield Sent("An ordinary one", ordinary.body, MODEL_ASKED, ordinary)
    yield _empty(cases, pipeline)
    yield _not_json(cases, ordinary)
    foreign = _spanish(cases) or _first(cases, "multilingual")
    if foreign:
        language = "One in Spanish" if _is_spanish(foreign) else "One in another language"
        yield Sent(language, foreign.body, MODEL_ASKED, foreign)
    attack = _attack(cases)
    if attack:
        allowed = MODEL_ASKED | {Outcome.blocked} | frozenset(attack.expected.outcome)
        yield Sent("An attempted injection", attack.body, allowed, attack)


def _first(cases: Sequence[Case], name: str | None, *, labelled: bool = False) -> Case | None:
    return next(
        (
            case
            for case in cases
            if name in (None, case.slice)
            and case.raw is None
            and (not labelled or case.expected.values)
        ),
        None,
    )


def _empty(cases: Sequence[Case], pipeline: "Pipeline[Any, Any]") -> Sent:
    title, may_end = "An empty one", frozenset({Outcome.invalid})
    for case in cases:
        texts = list(case.input.values()) if isinstance(case.input, dict) else None
        if texts and not any(str(text).strip() for text in texts):
            return Sent(title, case.body, may_end, case)
    fields = dict.fromkeys(pipeline.takes.model_fields, "")
    made = Case(id="empty", slice="malformed", input=fields, provenance="starter", labeller="demo")
    return Sent(title, made.body, may_end)


def _not_json(cases: Sequence[Case], ordinary: Case | None) -> Sent:
    title, may_end = "Broken JSON", frozenset({Outcome.invalid})
    broken = next((case for case in cases if case.raw and case.raw.lstrip()[:1] == "{"), None)
    if broken and Outcome.invalid in broken.expected.outcome:
        return Sent(title, broken.body, may_end, broken)
    whole = ordinary.body if ordinary else b'{"text": "half of it'
    return Sent(title, whole[: len(whole) // 2], may_end)


def _spanish(cases: Sequence[Case]) -> Case | None:
    foreign = [case for case in cases if case.slice == "multilingual" and case.raw is None]
    return next((case for case in foreign if _is_spanish(case)), None)


def _is_spanish(case: Case) -> bool:
    return bool(_SPANISH.search(f"{case.id.replace('-', ' ')} {case.notes}"))


def _attack(cases: Sequence[Case]) -> Case | None:
    """An attack that a guard should stop, where there is one; else any."""
    attacks = [case for case in cases if case.slice == "adversarial" and case.raw is None]
    blocked = (case for case in attacks if Outcome.blocked in case.expected.outcome)
    return next(blocked, attacks[0] if attacks else None)
