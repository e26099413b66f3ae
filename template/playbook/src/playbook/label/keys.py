"""Questions that one key answers: digits choose, letters are for everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import questionary
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings

MOST_DIGITS = 9


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
    keys: str,
    instruction: str,
) -> str | Pressed:
    """Let a person choose by digit, or by arrow and Enter; or press one of `keys`.

    Args:
        message: The question.
        choices: What can be chosen.
        first: Which of them the arrow is at.
        remarks: What stands beside a choice.
        keys: Letters that mean something else.
        instruction: What stands beside the question.

    Raises:
        KeyboardInterrupt: For Ctrl-C.
        EOFError: When the terminal has gone.
    """
    longest = max(map(len, choices))
    question = questionary.select(
        message,
        choices=[
            questionary.Choice(_title(number, choice, longest, remarks.get(choice)), value=choice)
            for number, choice in enumerate(choices, start=1)
        ],
        default=first if first in choices else choices[0],
        instruction=instruction,
        use_jk_keys=False,
        use_emacs_keys=False,
    )
    bindings = KeyBindings()
    results: dict[str, Any] = {key: Pressed(key) for key in keys}
    results |= {str(n): choice for n, choice in enumerate(choices[:MOST_DIGITS], start=1)}
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


def _title(number: int, choice: str, longest: int, remark: str | None) -> str:
    digit = str(number) if number <= MOST_DIGITS else " "
    return f"{digit} {choice:<{longest}}  {remark}" if remark else f"{digit} {choice}"
