"""Mistakes in configuration, as data: where each is, and what a person is told about it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One mistake: the file as the user knows it, the line, the field path and what to do."""

    file: str
    line: int | None
    field: str
    message: str

    def render(self) -> str:
        """Write the two lines a user sees; terminals make the first one a link."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        text = f"{place}  {self.field}".rstrip() + f"\n  {self.message}"
        return text.encode("utf-8", "backslashreplace").decode()  # Half a character may be quoted.


class ConfigError(Exception):
    """The configuration cannot be used. Carries every mistake found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line or 0))
        super().__init__(self.render())

    def render(self) -> str:
        """Write all problems, file by file and from top to bottom."""
        return "\n".join(problem.render() for problem in self.problems)


class FlagsError(ConfigError):
    """The flag document cannot be used; whatever was read before stays in force."""


def say(value: object) -> str:
    """Write a value as it would stand in the file, shortened, so that a message can quote it."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str))


def shortened(text: str) -> str:
    """Cut a text to what fits into a sentence."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find what was probably meant: the known name closest to a misspelt one."""
    by_lower = {k.lower(): k for k in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Say a sentence with the nearest known name, or nothing; it starts with a space."""
    guess = nearest(name, known)
    return f" Did you mean {guess}?" if guess else ""


def listed(names: Iterable[str]) -> str:
    """Write names as a list within a sentence."""
    return ", ".join(names)


def shown(path: Path, root: Path) -> str:
    """Name a file as the user knows it: relative to the repo where it can be."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)
