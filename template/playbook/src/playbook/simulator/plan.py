"""Reading fault plans from files and requests, with errors that name file, line, field and fix."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from .faults import KINDS, Match, Plan

if TYPE_CHECKING:
    from chassis.config.files import Document

EXAMPLE = "faults:\n  - kind: rate_limit\n    count: 2\n    retry_after_seconds: 1"


class PlanError(ValueError):
    """A fault plan that cannot be used. Its text is meant for people; `field` is a dotted path."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


def load_plan(path: Path) -> Plan:
    """Read a plan file, YAML or JSON by its content."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PlanError(
            f"{path}\n  There is no such file. A plan looks like this:\n{EXAMPLE}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}\n  The file cannot be read: {error}.") from None
    return parse_plan(text, source=str(path))


def parse_plan(text: str, *, source: str = "the fault plan") -> Plan:
    """Read a plan from text."""
    document = _parse(text, source)
    try:
        return Plan.model_validate(document.data)
    except ValidationError as error:
        problems = [_Problem(dict(found), document) for found in error.errors()]
    text = "\n".join(problem.text() for problem in problems)
    raise PlanError(text, problems[0].field)


def _parse(text: str, source: str) -> Document:
    """Read YAML or JSON as the files of `config/` are read."""
    # Imported here: a simulator without a plan starts a third of a second sooner (measured).
    from chassis.config import ConfigError
    from chassis.config.files import read_json, read_yaml

    try:
        is_json = text.lstrip().startswith(("{", "["))
        return read_json(text, source) if is_json else read_yaml(text, source)
    except ConfigError as error:
        raise PlanError(f"{error}\nA plan looks like this:\n{EXAMPLE}") from None


class _Problem:
    """One of Pydantic's errors, in words a person can act on."""

    def __init__(self, found: dict[str, Any], document: Document) -> None:
        self.found = found
        path = list(found["loc"])
        # Pydantic puts the kind of a rule into the path, where the file has no such level.
        if len(path) > 2 and path[0] == "faults" and path[2] in KINDS:
            self.kind = str(path.pop(2))
        else:
            self.kind = ""
        if found["type"].startswith("union_tag"):
            path.append("kind")
        self.path = path
        self.document = document
        self.field = ".".join(map(str, path))

    def text(self) -> str:
        """`file:line  field`, then what is wrong and what would be right."""
        line = self.document.line(tuple(self.path))
        place = self.document.file if line is None else f"{self.document.file}:{line}"
        return f"{place}  {self.field}\n  {self._advice()}"

    def _advice(self) -> str:
        kind = self.found["type"]
        if kind == "union_tag_invalid":
            asked = self.found["ctx"]["tag"]
            return f"{asked!r} is not a kind of fault.{_close(asked, KINDS)} {_one_of(KINDS)}"
        if kind == "union_tag_not_found":
            return f"A rule needs a 'kind'. {_one_of(KINDS)}"
        if kind == "extra_forbidden":
            known = self._known()
            return f"There is no such field here.{_close(self.path[-1], known)} {_one_of(known)}"
        if kind == "missing":
            return f"This field is required.{_REQUIRED.get(str(self.path[-1]), '')}"
        given = self.found["input"]
        return f"{given!r} cannot be used: {self.found['msg'][0].lower()}{self.found['msg'][1:]}."

    def _known(self) -> list[str]:
        if len(self.path) == 1:
            return list(Plan.model_fields)
        if self.path[-2] == "match":
            return list(Match.model_fields)
        return sorted(KINDS[self.kind].model_fields) if self.kind else list(KINDS)


_REQUIRED = {
    "faults": " Put the rules under 'faults:'; an empty list means no faults.",
    "seconds": " For example: seconds: 2.5",
    "skill": " For example: skill: 0.5",
}


def _one_of(names: Any) -> str:
    return f"Use one of: {', '.join(names)}."


def _close(asked: object, names: Any) -> str:
    close = get_close_matches(str(asked), list(names), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
