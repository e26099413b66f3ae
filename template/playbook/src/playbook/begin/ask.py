"""The questions of `begin`, for a person at a terminal."""

import sys
from typing import TYPE_CHECKING, Any

from playbook.begin.sample import Sample
from playbook.begin.wishes import ABOUT, LEAST_CASES, LEAST_LABELS, Wishes, input_problems
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

_INTRODUCTION = f"""\
This replaces the sample by your own labels and cases. It takes about ten minutes.
A label is a name, what it means (the model reads that), and the queue its messages go to.
A case is a message as it really comes, and its right label: {LEAST_CASES} to start with.
Ctrl-C stops; until the last answer nothing is changed.
"""


def ask(pipeline: "Pipeline[Any, Any]", sample: Sample) -> Wishes:
    """Ask for everything a file would say.

    Raises:
        Mistake: When nobody is at a terminal.
        KeyboardInterrupt: When the person stops.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Mistake(
            "begin asks questions, and this is no terminal.\n"
            "Next: uv run playbook begin --example > begin.yaml, edit it, then\n"
            "      uv run playbook begin --from begin.yaml"
        )
    print(_INTRODUCTION)
    about = _text("You sort ...", default=ABOUT)
    labels = _labels(sample)
    cases = _cases(pipeline, sample, [label["name"] for label in labels])
    return Wishes.model_validate({"about": about, "labels": labels, "cases": cases})


def _labels(sample: Sample) -> list[dict[str, str]]:
    labels: list[dict[str, str]] = []
    while True:
        number = len(labels) + 1
        more = number > LEAST_LABELS
        name = _name(number, {label["name"] for label in labels}, may_end=more)
        if not name:
            return labels
        meaning = _text(f"  What {name} means", needed=True)
        queue = _text(
            f"  Its {sample.destination}",
            default=name.replace("_", "-"),
            pattern=r"[a-z0-9][a-z0-9._-]*",
            otherwise="Lower-case letters, digits and dashes, such as claims-desk.",
        )
        labels.append({"name": name, "meaning": meaning, "queue": queue})


def _name(number: int, taken: set[str], *, may_end: bool) -> str:
    end = " (empty: that was the last)" if may_end else ""
    while True:
        name = _text(
            f"Label {number}{end}",
            needed=not may_end,
            pattern=r"[a-z][a-z0-9_]*" + ("|" if may_end else ""),
            otherwise="Lower-case letters, digits and _, such as water_damage.",
        )
        if name not in taken:
            return name
        print(f"  There is a {name} already.")


def _cases(
    pipeline: "Pipeline[Any, Any]", sample: Sample, labels: list[str]
) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = []
    while len(cases) < LEAST_CASES:
        print(f"\nCase {len(cases) + 1} of {LEAST_CASES}")
        case: dict[str, Any] = {
            name: _text(f"  {name}", needed=field.is_required())
            for name, field in pipeline.takes.model_fields.items()
        }
        problems = [message for _, message in input_problems(case, pipeline)]
        if problems:
            print("  The service would not take this. " + " ".join(problems))
            continue
        case[sample.label_field] = _choice(f"  {sample.label_field}", labels)
        cases.append(case)
    return cases


def _text(
    message: str,
    *,
    default: str = "",
    needed: bool = False,
    pattern: str | None = None,
    otherwise: str = "",
) -> str:
    import re

    import questionary

    def valid(text: str) -> bool | str:
        if needed and not text.strip():
            return "This cannot be empty."
        if pattern and not re.fullmatch(pattern, text.strip()):
            return otherwise
        return True

    answer = questionary.text(message, default=default, validate=valid).unsafe_ask()
    return str(answer).strip()


def _choice(message: str, choices: list[str]) -> str:
    import questionary

    return str(questionary.select(message, choices=choices).unsafe_ask())
