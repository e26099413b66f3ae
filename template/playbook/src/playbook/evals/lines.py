"""Files of one JSON object a line, read so that every mistake is told at its line, many at once."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from playbook.evals import case_files

MOST_PROBLEMS = 20

M = TypeVar("M", bound=BaseModel)
Reasons = Callable[[ValidationError], Iterable[str]]
"""What is wrong with one object: a text for each mistake, its field first."""


def parsed(
    text: str, where: str, model: type[M], reasons: Reasons, problems: list[str]
) -> Iterator[tuple[int, M]]:
    """The objects of a file with their line numbers; what is wrong is added to `problems`."""
    for number, line in case_files.numbered(text):
        try:
            yield number, model.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            problems.append(
                f"{where}:{number}  This is not JSON: {error.msg} (column {error.colno}). "
                "Each line is one whole case."
            )
        except RecursionError:
            problems.append(f"{where}:{number}  This is nested too deep to be read.")
        except ValidationError as error:
            problems += [f"{where}:{number}  {problem}" for problem in reasons(error)]


def first_of(problems: Sequence[str], most: int = MOST_PROBLEMS) -> list[str]:
    """The first problems, and how many more there are."""
    rest = len(problems) - most
    return [*problems[:most], *([f"... and {rest} more."] if rest > 0 else [])]


def listed(problems: Sequence[str], end: str) -> str:
    """The first problems, and in one sentence how many there are and what `end` says."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([*first_of(problems), f"{count} in {end}"])


def body(value: object, raw: str | None) -> bytes:
    """What is sent for a case: its input as JSON, or what is not JSON as it is."""
    text = raw if raw is not None else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")
