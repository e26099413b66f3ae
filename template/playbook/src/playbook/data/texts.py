"""What a case says, as text to compare: without case, accents of form, punctuation and spacing."""

import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from playbook.evals.cases import Case

_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")


class _LettersAndDigits(dict[int, str]):
    """Everything but letters, digits and what belongs to a letter becomes a space."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        kept = character if unicodedata.category(character)[0] in "LMN" else " "
        self[point] = kept
        return kept


_KEPT = _LettersAndDigits()


def folded(text: str) -> str:
    """The words of a text in one form; a text without any, such as `?!`, stays as it is."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(plain.translate(_KEPT).split()) or plain.strip()


def strings(case: Case) -> list[str]:
    """Every value that a case sends, as text; one that is not JSON is one text."""
    if case.raw is not None:
        return [case.raw]
    return [str(value) for value in _leaves(case.input)]


def whole(case: Case) -> str:
    """All that a case says itself, folded, without HTML tags and quoted mails.

    Two answers to one mail quote the same and differ; one mail as text and as HTML does not.
    """
    return " ".join(filter(None, (folded(own(text)) for text in strings(case))))


def own(text: str) -> str:
    """The text without tags and quoted lines, unless there is nothing else."""
    if "<" in text:
        text = html.unescape(_TAG.sub(" ", text)).strip() or text
    if ">" not in text:
        return text
    rest = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
    return rest if rest.strip() else text


def excerpt(case: Case, most: int = 60) -> str:
    """The beginning of what a case says, on one line."""
    text = " ".join(" ".join(strings(case)).split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield value
