"""The questions of an import, for a person at a terminal."""

import sys
from collections import Counter
from collections.abc import Mapping

from playbook.data.answers import LabelField
from playbook.data.importing.encodings import Unclear
from playbook.data.importing.labels import NOTHING, Labels
from playbook.data.importing.mapping import Columns, longest, proposal
from playbook.data.importing.rows import Survey
from playbook.verdicts import Mistake
from playbook.visible import one_line

_MOST_LABELS_ASKED = 40
_WHAT = {
    "slice": "the slice, where rows belong to several",
    "labeller": "who gave the label",
    "notes": "a note",
    "critical": "yes or no: this one must never fail",
    "expected.outcome": "the expected outcome, such as blocked",
}


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def encoding(shown: str, unclear: Unclear) -> str:
    """Which reading of a line is right.

    Raises:
        Mistake: When none is.
    """
    import questionary

    choices = [
        questionary.Choice(f"{name:<10} {text}", value=name)
        for name, text in unclear.readings.items()
    ]
    none = questionary.Choice("none of these", value="")
    answer = questionary.select(
        f"{shown}, line {unclear.line}, is not UTF-8. Which of these reads right?",
        choices=[*choices, none],
    ).unsafe_ask()
    if not answer:
        raise Mistake("Save the file as UTF-8, or name its encoding: --encoding NAME")
    return str(answer)


def columns(
    known: Mapping[str, bool],
    said: Mapping[str, str],
    survey: Survey,
    labels: Mapping[str, LabelField],
) -> dict[str, str]:
    """Which column is what; what flags or equal names say is proposed first."""
    import questionary

    print("Which column is what? Enter takes the proposal. Ctrl-C stops; nothing is changed.")
    answers: dict[str, str] = {}
    nowhere = questionary.Choice("(no column)", value="")
    for target, needed in known.items():
        taken = set(answers.values())
        guess = said.get(target) or proposal(target, taken, survey, labels)
        if needed and guess is None:
            guess = longest(taken, survey)
        choices = [
            questionary.Choice(_title(name, column.samples), value=name)
            for name, column in survey.columns.items()
            if column.filled and (name not in taken or name == said.get(target))
        ]
        if not needed:
            choices.append(nowhere)
        if not choices:
            continue
        default = guess if guess in {choice.value for choice in choices} else choices[-1].value
        answer = questionary.select(
            f"{target}{_about(target, labels)}", choices=choices, default=default
        ).unsafe_ask()
        if answer:
            answers[target] = str(answer)
    print(f"To get the same again: {Columns(answers).flags}")
    return answers


def unknown_labels(read: Labels, unknown: Mapping[str, Counter[str]]) -> None:
    """What values mean that are no labels."""
    import questionary

    asked = 0
    for field, counts in unknown.items():
        for cell, count in counts.most_common():
            if (asked := asked + 1) > _MOST_LABELS_ASKED:
                raise Mistake(
                    f"The column of {field} has {len(counts)} values that are no labels; that is "
                    "no column of labels. Nothing was imported."
                )
            choices = [questionary.Choice(c, value=c) for c in read.choices(field)]
            answer = questionary.select(
                f'{field} "{one_line(cell)}" ({count} rows) is no label of the service. It means',
                choices=[*choices, questionary.Choice("(no label: a person decides)", value="")],
                default=read.guess(field, cell),
            ).unsafe_ask()
            read.map(cell, str(answer) or NOTHING)


def labeller() -> str | None:
    """Who stands for the labels of the file; nobody is an answer."""
    import questionary

    answer = questionary.text(
        "Who gave these labels? (empty: nobody you would rely on; they become suggestions)"
    ).unsafe_ask()
    return " ".join(str(answer).split()) or None


def go_on(bad: int, rest: int) -> bool:
    """Whether the good rows come in without the bad ones."""
    import questionary

    return bool(
        questionary.confirm(
            f"Leave out the {bad:,} bad and import the other {rest:,}?", default=False
        ).unsafe_ask()
    )


def _title(name: str, samples: list[str]) -> str:
    shown = " | ".join(one_line(sample, 24) for sample in samples)
    return f"{one_line(name, 24):<24}  {shown}"


def _about(target: str, labels: Mapping[str, LabelField]) -> str:
    if target in labels:
        return f"  (the right answer: {', '.join(list(labels[target].choices)[:4])}, ...)"
    return f"  ({_WHAT[target]})" if target in _WHAT else ""
