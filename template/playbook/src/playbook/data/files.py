"""Lines of case files, moved as they were written; every file is replaced whole."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from playbook.evals import case_files
from playbook.evals.cases import Case
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole

SEEN = "seen.json"
_ABOUT = (
    "What whoever writes the prompt has seen, as hashes of inputs: playbook data split holds none "
    "of it out any more. Commit this file beside the held-out cases."
)
_KEY = 16  # hexadecimal digits: among a million cases, two meet with a chance of 1 in 30 million
_BOM = "\ufeff"


def key_of(case: Case) -> str:
    """What is seen of a case: its input. A label may be put right, that does not unsee it."""
    sent = json.dumps([case.raw is not None, case.input if case.raw is None else case.raw])
    return hashlib.sha256(sent.encode()).hexdigest()[:_KEY]


def seen_in(project: Project) -> frozenset[str]:
    """The inputs that were visible at the last split.

    Raises:
        Mistake: When the file is not what a split wrote.
    """
    path = project.held_out / SEEN
    try:
        return frozenset(json.loads(path.read_text("utf-8"))["seen"])
    except FileNotFoundError:
        return frozenset()
    except (ValueError, KeyError, TypeError) as error:
        raise Mistake(
            f"{project.relative(path)}\n  This is not what `playbook data split` writes. Restore "
            "it from git; without it, cases that were seen may be held out."
        ) from error


def write_seen(project: Project, keys: Iterable[str]) -> None:
    """Write down what is visible now, one a line, so that two branches merge."""
    document = {"about": _ABOUT, "seen": sorted(set(keys))}
    text = json.dumps(document, indent=0) + "\n"
    path = project.held_out / SEEN
    if not path.exists() or path.read_text("utf-8") != text:
        write_whole(path, text)


def lines_of(file: Path) -> list[str]:
    """The lines without their line feeds, as they are; [] where there is no file."""
    return _text(file).split("\n") if file.exists() else []


def append(file: Path, lines: Sequence[str]) -> None:
    """Add lines at the end, in a new copy of the file."""
    before = _text(file) if file.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    write_whole(file, before + "".join(f"{line}\n" for line in lines))


def remove(file: Path, numbers: Collection[int]) -> None:
    """Leave lines out, by their numbers from 1, in a new copy of the file."""
    text = _text(file)
    mark = _BOM if text.startswith(_BOM) else ""
    kept = [
        line
        for number, line in enumerate(text.removeprefix(_BOM).split("\n"), start=1)
        if number not in numbers
    ]
    write_whole(file, mark + "\n".join(kept))


def taken(file: Path, numbers: Iterable[int]) -> list[str]:
    """Some lines of a file, by their numbers from 1; a byte order mark is none of them."""
    lines = lines_of(file)
    return [lines[number - 1].removeprefix(_BOM) for number in numbers]


def in_both(project: Project) -> dict[Path, list[int]]:
    """Visible lines that are held out as well: what a split leaves that was interrupted."""
    found = {}
    for file in sorted(project.cases.glob("*.jsonl")):
        held_out = project.held_out / file.name
        if not held_out.exists():
            continue
        there = {line.rstrip("\r") for line in _lines(held_out)} - {""}
        twice = [n for n, line in enumerate(_lines(file), 1) if line.rstrip("\r") in there]
        if twice:
            found[file] = twice
    return found


def _lines(file: Path) -> list[str]:
    return [line.removeprefix(_BOM) for line in lines_of(file)]


def _text(file: Path) -> str:
    """The text of a file to the last carriage return, byte order mark and all."""
    try:
        case_files.read_text(file)
    except case_files.NotUtf8 as error:
        place = f"{file}:{error.line}" if error.line else str(file)
        raise Mistake(f"{place}\n  {error}\nNothing was written.") from error
    return file.read_bytes().decode("utf-8")
