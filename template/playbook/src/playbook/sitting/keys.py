"""Questions that one key answers: some keys choose, the others are for everything else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings

DIGITS = "123456789"


@dataclass(frozen=True)
class Pressed:
    """A key that is no choice."""

    key: str


def choose(
    message: str,
    choices: Sequence[str],
    *,
    first: str | None,
    remarks: Mapping[str, str],
    keys: Iterable[str],
    instruction: str,
    marks: str = DIGITS,
) -> str | Pressed:
    """Let a person choose by one key, or by arrow and Enter; or press one of `keys`.

    Args:
        message: The question.
        choices: What can be chosen.
        first: Which of them the arrow is at.
        remarks: What stands beside a choice.
        keys: Letters that mean something else.
        instruction: What stands beside the question.
        marks: The key of each choice, in their order; what is beyond them has arrows only.

    Raises:
        KeyboardInterrupt: For Ctrl-C.
        EOFError: When the terminal has gone.
    """
    longest = max(map(len, choices))
    question = questionary.select(
        message,
        choices=[
            questionary.Choice(_title(mark, choice, longest, remarks.get(choice)), value=choice)
            for mark, choice in zip(marks.ljust(len(choices)), choices, strict=False)
        ],
        default=first if first in choices else choices[0],
        instruction=instruction,
        use_jk_keys=False,
        use_emacs_keys=False,
    )
    bindings = KeyBindings()
    results: dict[str, Any] = {key: Pressed(key) for key in keys}
    results |= dict(zip(marks, choices, strict=False))
    for key, result in results.items():
        _bind(bindings, key, result)
    own = question.application.key_bindings
    question.application.key_bindings = merge_key_bindings([*([own] if own else []), bindings])
    answer: str | Pressed = question.unsafe_ask()
    return answer


def _bind(bindings: KeyBindings, key: str, result: object) -> None:
    @bindings.add(key, eager=True)
    def pressed(event: KeyPressEvent) -> None:
        if not event.app.is_done:
            event.app.exit(result=result)


def _title(mark: str, choice: str, longest: int, remark: str | None) -> str:
    return f"{mark} {choice:<{longest}}  {remark}" if remark else f"{mark} {choice}"
