"""The edit of `config/releases.yaml`: a threshold and what justifies it, nothing else moves."""

import json
import re
from collections.abc import Mapping
from typing import Any

from chassis.config.load import RELEASES_FILE
from playbook.verdicts import Mistake

_COMMENT = "# why the threshold is what it is; from: uv run playbook evals calibrate --write"


def with_calibration(text: str, release: str, calibration: Mapping[str, Any]) -> str:
    """The file with a release's threshold and calibration put in; all else stays to the letter.

    Raises:
        Mistake: When the file is written in a way this edit cannot follow; says what to put there.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        block = YAML().load(text)["releases"][release]
        if block.fa.flow_style():
            raise _by_hand(release, calibration)
        edited = _edited(text, block, calibration)
        plain = YAML(typ="safe", pure=True)
        before, after = plain.load(text), plain.load(edited)
    except (KeyError, TypeError, IndexError, AttributeError, YAMLError) as error:
        raise _by_hand(release, calibration) from error
    release_then = before["releases"][release] | {
        "confidence_threshold": calibration["threshold"],
        "calibration": dict(calibration),
    }
    if after != before | {"releases": before["releases"] | {release: release_then}}:
        raise _by_hand(release, calibration)
    return edited


def _edited(text: str, block: Any, calibration: Mapping[str, Any]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += end
    line, column = block.lc.value("confidence_threshold")
    key = block.lc.key("confidence_threshold")[1]
    before, rest = lines[line][:column], lines[line][column:]
    old = re.match(r"[^\s,}#]+", rest)
    # A comment behind it stays where it was, where the new number leaves the room.
    number = f"{calibration['threshold']:g}"
    rest = rest[old.end() if old else 0 :]
    if old and rest.startswith(" ") and len(number) > old.end():
        rest = re.sub(rf"^ {{1,{len(number) - old.end()}}}(?= )", "", rest)
    lines[line] = f"{before}{number}{rest}"
    written = [f"{' ' * key}calibration: {_COMMENT}{end}"]
    written += [f"{' ' * (key + 2)}{row}{end}" for row in _rows(calibration)]
    start, stop = line + 1, line + 1
    if "calibration" in block:
        start = block.lc.key("calibration")[0]
        stop = start + 1
        while stop < len(lines) and _belongs(lines[stop], key):
            stop += 1
    return "".join([*lines[:start], *written, *lines[stop:]])


def _belongs(line: str, key: int) -> bool:
    """Whether a line is inside the block whose key stands at this column."""
    return bool(line.strip()) and len(line) - len(line.lstrip(" ")) > key


def _rows(calibration: Mapping[str, Any]) -> list[str]:
    return [f"{name}: {_scalar(value)}" for name, value in calibration.items()]


def _scalar(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}" if value % 1 else f"{value:.1f}"
    # Always in quotes: a hash of digits alone would be read as a number.
    return json.dumps(value) if isinstance(value, str) else str(value)


def _by_hand(release: str, calibration: Mapping[str, Any]) -> Mistake:
    rows = "\n".join(f"      {row}" for row in _rows(calibration))
    return Mistake(
        f"{RELEASES_FILE}  releases.{release}\n"
        "  This is written in a way that cannot be edited without changing more of it. Put it in "
        f"by hand:\n    confidence_threshold: {calibration['threshold']:g}\n    calibration:\n"
        f"{rows}\nNothing was written."
    )
