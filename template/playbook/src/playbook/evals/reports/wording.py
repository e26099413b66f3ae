"""How every report words a case, an answer and a change, whatever the text holds."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from playbook.evals.gate.decision import SIMULATED
from playbook.verdicts import Code

WIDEST = 96
EXCERPT = 70
_MORE = " ..."
HIDDEN = "held out: its content is not shown"
WRONG_ANSWER = "wrong answer"
NOT_JUDGED = "not judged"

# Control characters, surrogates without their other half, marks that turn the direction of text or
# take no room, and what XML 1.0 has no place for: a reader is to see them, no program to obey them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """The text with every character that could hide or do something written out.

    Joiners stay: emoji and several scripts need them.
    """
    return _UNSEEN.sub(_written_out, text.replace("\r\n", "\n").replace("\r", "\n"))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


def one_line(text: str, width: int) -> str:
    """At most so many characters on one line."""
    # Only the beginning can be shown, and cleaning up all of a long text costs.
    cut = text[: 4 * width]
    line = " ".join(visible(cut).split())
    if len(line) <= width and len(cut) == len(text):
        return line
    line = line[: width - len(_MORE) + 1]
    whole_words = line.rpartition(" ")[0]
    return (whole_words if len(whole_words) > width * 0.7 else line[:-1]).rstrip() + _MORE


def values(fields: Mapping[str, Any], width: int = WIDEST) -> str:
    """Named values on one line: `category bug · priority high or urgent`."""
    parts = (f"{name} {value_text(value)}" for name, value in fields.items())
    return one_line(" · ".join(parts) or "nothing", width)


def value_text(value: Any) -> str:
    """One value; of a list, any is accepted."""
    if isinstance(value, list | tuple):
        return " or ".join(value_text(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "nothing" if value is None else str(value)


def excerpt(value: Any, width: int = EXCERPT) -> str:
    """The beginning of what was sent, in quotation marks."""
    if isinstance(value, Mapping):
        value = " | ".join(str(part) for part in value.values())
    return f'"{one_line(str(value), width)}"'


def got(case: Mapping[str, Any]) -> str:
    """What came: the answer, or what happened in its place."""
    return one_line(case["crashed"], WIDEST) if case["crashed"] else values(case["got"])


def opinions(case: Mapping[str, Any]) -> dict[str, str]:
    """What each judge said, by the judge's name."""
    said = case.get("judged") or {}
    verdicts = {True: "passed", False: "failed", None: "no verdict"}
    return {name: f"{verdicts[one['passed']]}: {one['reason']}" for name, one in said.items()}


def kind(case: Mapping[str, Any]) -> str:
    """In which way a case went, in two or three words."""
    if case["unjudged"] is not None:
        return NOT_JUDGED
    if case["right"]:
        return "right"
    if case["crashed"]:
        return "crashed"
    if case["outcome"] == "answered":
        return WRONG_ANSWER
    return f"ended as {str(case['outcome']).replace('_', ' ')}"


def is_wrong(case: Mapping[str, Any]) -> bool:
    """Whether the service failed it; what could not be judged is neither right nor wrong."""
    return not case["right"] and case["unjudged"] is None


def hidden(case: Mapping[str, Any], show_held_out: bool) -> bool:
    """Whether the content of a case, or of its flip, stays out of sight."""
    return bool(case["held_out"]) and not show_held_out


def worst_first(cases: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Critical ones before others, then by slice and id."""
    return sorted(cases, key=lambda case: (not case["critical"], case["slice"], case["id"]))


def flips_of(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Cases that changed sides since the baseline, the gravest first; none without one."""
    return list(report["comparison"]["flips"]) if report["comparison"] else []


def points(change: float) -> str:
    """A change of a share, in percentage points."""
    return f"{change * 100:+.1f}"


def counted(n: int, what: str = "case") -> str:
    """A number of things, in words."""
    return f"1 {what}" if n == 1 else f"{n:,} {what}s"


def title(report: Mapping[str, Any]) -> str:
    """The first line: what was judged, on what, and who answered."""
    prompt = report["prompt_sha256"]
    prompt_said = f"prompt {prompt[:4]}" if prompt else "prompt not read"
    part = f" of {report['only']}" if report["only"] else ""
    cases = counted(len(report["cases"]))
    return visible(f"{report['release']} · {prompt_said} · {cases}{part} · {report['mode']}")


def simulated(report: Mapping[str, Any]) -> bool:
    """Whether a simulator answered in the model's place, in part or in all."""
    return report["mode"] in ("simulated", "mixed")


def other_notes(report: Mapping[str, Any]) -> list[str]:
    """The notes, for a form that says at its top that answers were simulated."""
    return [note for note in report["notes"] if note != SIMULATED]


def concluded(report: Mapping[str, Any]) -> bool:
    """Whether there is a measurement to show at all."""
    return bool(report["verdict"]["code"] != Code.NOT_JUDGED)


def verdict_line(report: Mapping[str, Any]) -> str:
    """What was decided, and why."""
    reasons = "; ".join(report["verdict"]["reasons"])
    end = "" if reasons.endswith(".") else "."
    return visible(f"{report['verdict']['status'].upper()}  {reasons}{end}")


def smallest_drop(report: Mapping[str, Any]) -> str | None:
    """What the comparison with the baseline was able to see."""
    found = report["comparison"]
    if found is None:
        return None
    shared = found["all"]["shared"]
    these = "this case" if shared == 1 else f"these {counted(shared)}"
    if found["smallest_drop"] is None:
        return f"No drop at all could have been shown by {these}."
    return f"Smallest drop {these} could have shown: {found['smallest_drop'] * 100:.1f} points."


def asked_again(flip: Mapping[str, Any]) -> str:
    """Whether a flip is steady, where it was asked more than once."""
    repeats = flip["repeats"]
    return f"asked again: right {sum(repeats)} of {len(repeats)} times" if repeats else ""


def flips_said(flips: Iterable[Mapping[str, Any]]) -> str:
    """How many cases changed sides: `13 (9 worse, 4 better)`."""
    worse = [one["got_worse"] for one in flips]
    parts = [f"{n} {word}" for n, word in ((sum(worse), "worse"), (worse.count(False), "better"))]
    return f"{len(worse)} ({', '.join(part for part in parts if part[0] != '0')})"
