"""The cases a page can be searched for: those that went wrong, and those that flipped."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from playbook.evals.reports import wording

MOST_TEXT = 12_000_000
"""Characters of what was sent, in all: a page has to open in a browser."""

_MOST_VALUE = 4_000
_MOST_TEXT_EACH = 40_000
_LEAST_TEXT_EACH = 600


def shown(report: Mapping[str, Any], show_held_out: bool) -> list[dict[str, Any]]:
    """What the page knows about each of them, critical and worse ones first."""
    flips = {flip["id"]: flip for flip in wording.flips_of(report)}
    cases = [case for case in report["cases"] if not case["right"] or case["id"] in flips]
    cases.sort(key=lambda case: _place(case, flips.get(case["id"])))
    room = max(_LEAST_TEXT_EACH, min(_MOST_TEXT_EACH, MOST_TEXT // max(1, len(cases))))
    return [_case(case, flips.get(case["id"]), room, show_held_out) for case in cases]


def _place(case: Mapping[str, Any], flip: Mapping[str, Any] | None) -> tuple[Any, ...]:
    worse = flip is not None and flip["got_worse"]
    return not case["critical"], not worse, case["right"], case["slice"], case["id"]


def _case(
    case: Mapping[str, Any], flip: Mapping[str, Any] | None, room: int, show_held_out: bool
) -> dict[str, Any]:
    hidden = wording.hidden(case, show_held_out)
    known: dict[str, Any] = {
        "id": wording.visible(case["id"]),
        "slice": case["slice"],
        "kind": _hidden_kind(case) if hidden else wording.kind(case),
        "critical": case["critical"],
        "held": case["held_out"],
        "flip": None if flip is None else "worse" if flip["got_worse"] else "better",
    }
    if hidden:
        return known
    known["sent"], known["cut"] = _sent(case["input"], room)
    before = flip["before"] if flip else {}
    known["fields"] = [_field(name, case, before) for name in _names(case, before)]
    facts = {
        "crashed": case["crashed"],
        "not judged because of": case["unjudged"],
        "the log says": case["detail"],
        "evaluators": wording.values(case["scores"]) if case["scores"] else None,
        **{f"judge {name}": said for name, said in wording.opinions(case).items()},
        "confidence": case["confidence"],
        "asked repeatedly": ", ".join("right" if one else "wrong" for one in case["repeats"]),
        "seconds": round(case["seconds"], 3),
        "USD": case["cost_usd"],
        "label from": case["provenance"],
    }
    known["facts"] = [
        [name, wording.visible(wording.value_text(value)[:_MOST_VALUE])]
        for name, value in facts.items()
        if value not in (None, "")
    ]
    return known


def _hidden_kind(case: Mapping[str, Any]) -> str:
    if case["unjudged"] is not None:
        return wording.NOT_JUDGED
    return "right" if case["right"] else "wrong"


def _sent(value: Any, room: int) -> tuple[list[list[str]], bool]:
    """What was sent as named texts, and whether it had to be cut."""
    parts = value.items() if isinstance(value, Mapping) else [("", value)]
    texts: list[list[str]] = []
    cut = False
    for name, part in parts:
        text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, default=str)
        cut = cut or len(text) > room
        texts.append([wording.visible(str(name)), wording.visible(text[:room])])
        room = max(0, room - len(text))
    return texts, cut


def _names(case: Mapping[str, Any], before: Mapping[str, Any]) -> Sequence[str]:
    return list(dict.fromkeys([*case["expected"], *case["got"], *before]))


def _field(name: str, case: Mapping[str, Any], before: Mapping[str, Any]) -> list[Any]:
    """A field's name, what was expected, what came, whether they differ, and what came before."""
    expected, got = case["expected"], case["got"]
    accepted = expected.get(name)
    accepted = accepted if isinstance(accepted, list) else [accepted]
    differs = name in expected and name in got and got[name] not in accepted
    sides = (_side(name, expected), _side(name, got))
    return [wording.visible(name), *sides, differs, _side(name, before)]


def _side(name: str, fields: Mapping[str, Any]) -> str | None:
    if name not in fields:
        return None
    return wording.visible(wording.value_text(fields[name])[:_MOST_VALUE])
