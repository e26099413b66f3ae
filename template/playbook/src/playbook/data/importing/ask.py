"""The questions of an import, for a person at a terminal."""

import sys
from collections import Counter
from collections.abc import Mapping

from playbook.data.answers import LabelField
from playbook.data.importing.encodings import Unclear
from playbook.data.importing.labels import NOTHING, Labels
from playbook.data.importing.mapping import longest, proposal
from playbook.data.importing.rows import Survey
from playbook.verdicts import Mistake
from playbook.visible import one_line

_MOST_LABELS_ASKED = 40
_LABELS_SHOWN = 4
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

    print("Which column is what? Enter takes the proposal; Ctrl-C changes nothing.")
    answers: dict[str, str] = {}
    parts = [target for target in known if target not in _WHAT]
    for target in parts:
        guess = said.get(target) or proposal(target, answers.values(), survey, labels)
        if known[target] and guess is None:
            guess = longest(answers.values(), survey)
        about = _about(target, labels)
        _ask_column(target, about, survey, answers, guess, needed=known[target])
    answers |= {target: column for target, column in said.items() if target in _WHAT}
    while rest := [part for part in _WHAT if part in known and part not in answers]:
        if len(set(answers.values())) == len(survey.columns):
            break
        choices = [questionary.Choice(f"{part}: {_WHAT[part]}", value=part) for part in rest]
        more = questionary.select(
            "Does a column hold anything else?",
            choices=[questionary.Choice("no", value=""), *choices],
        ).unsafe_ask()
        if not more:
            break
        guess = proposal(str(more), answers.values(), survey, labels)
        _ask_column(str(more), "", survey, answers, guess, needed=False)
    return answers


def _ask_column(
    target: str,
    about: str,
    survey: Survey,
    answers: dict[str, str],
    guess: str | None,
    *,
    needed: bool,
) -> None:
    """Ask where one part comes from; `guess` is what Enter takes."""
    import questionary

    choices = [
        questionary.Choice(_title(name, column.samples), value=name)
        for name, column in survey.columns.items()
        if column.filled and name not in answers.values()
    ]
    if not needed:
        choices.append(questionary.Choice("(no column)", value=""))
    if not choices:
        return
    default = guess if guess in {choice.value for choice in choices} else choices[-1].value
    answer = questionary.select(f"{target}{about}", choices=choices, default=default).unsafe_ask()
    if answer:
        answers[target] = str(answer)


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
                f'{field} "{one_line(cell)}" ({count} row{"" if count == 1 else "s"}) '
                "is no label of the service. It means",
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
        choices = list(labels[target].choices)
        more = ", ..." if len(choices) > _LABELS_SHOWN else ""
        return f"  (the right answer: {', '.join(choices[:_LABELS_SHOWN])}{more})"
    return ""
