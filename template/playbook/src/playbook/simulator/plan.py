"""Reading fault plans from files and requests, with errors that name file, line, field and fix."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from .faults import KINDS, Match, Plan

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
    data = _parse(text, source)
    if not isinstance(data, dict):
        raise PlanError(f"{source}\n  A plan is a list of rules under 'faults':\n{EXAMPLE}")
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        problems = [_Problem(dict(found), data) for found in error.errors()]
    text = "\n".join(problem.text(source) for problem in problems)
    raise PlanError(text, problems[0].field)


def _parse(text: str, source: str) -> Any:
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise PlanError(f"{source}\n  The plan is not valid JSON: {error}.") from None
    try:
        return YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise PlanError(f"{source}{line}\n  The plan is not valid YAML: {error.problem}.") from None
    except Exception as error:  # noqa: BLE001 - ruamel lets out what "._" and "-_" make of it
        raise PlanError(f"{source}\n  The plan is not valid YAML: {error}.") from None


class _Problem:
    """One of Pydantic's errors, in words a person can act on."""

    def __init__(self, found: dict[str, Any], data: Any) -> None:
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
        self.data = data
        self.field = ".".join(map(str, path))

    def text(self, source: str) -> str:
        """`file:line  field`, then what is wrong and what would be right."""
        return f"{source}{self._line()}  {self.field}\n  {self._advice()}"

    def _line(self) -> str:
        """The line of the field, or of the nearest thing around it that is there."""
        node, line = self.data, None
        for step in self.path:
            marks = getattr(node, "lc", None)
            if marks is None or marks.data is None:
                break
            try:
                line = marks.data[step][0] + 1
                node = node[step]
            except (KeyError, IndexError, TypeError):
                break
        return f":{line}" if line else ""

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
