"""Which kind of source a path is."""

from pathlib import Path

from playbook.data.importing.encodings import Encoding, Unclear, encoding_of
from playbook.data.importing.folders import Folder
from playbook.data.importing.objects import JsonArray, JsonLines
from playbook.data.importing.rows import Source
from playbook.data.importing.tables import Table
from playbook.verdicts import Mistake

_LINES = (".jsonl", ".ndjson", ".log")
_TABLES = (".csv", ".tsv")
_HEAD = 1024


def open_source(path: Path, encoding: str | None, delimiter: str | None) -> Source | Unclear:
    """What is at a path; Unclear when somebody has to say how it is encoded.

    Raises:
        Mistake: When there is nothing that can be imported.
    """
    name = path.resolve().name
    if path.is_dir():
        return Folder(path, name, encoding)
    if not path.is_file():
        raise Mistake(f"{path}\n  There is no such file or folder.")
    if path.stat().st_size == 0:
        raise Mistake(f"{path}\n  The file is empty.")
    found = encoding_of(path, str(path), encoding)
    if isinstance(found, Unclear):
        return found
    kind = path.suffix.lower()
    if delimiter or kind in _TABLES:
        return Table(path, name, found, delimiter)
    first = _first_sign(path, found)
    if kind in _LINES or (kind != ".json" and first == "{"):
        return JsonLines(path, name, found)
    if first == "[":
        return JsonArray(path, name, found)
    if first != "{":
        return Table(path, name, found, None)
    lines = JsonLines(path, name, found)
    if next(lines.rows()).problem:
        raise Mistake(f"{path}\n  Expected a list of objects: [{{...}}, {{...}}], or one a line.")
    return lines


def _first_sign(path: Path, encoding: Encoding) -> str:
    with path.open(encoding=encoding.name, errors=encoding.errors) as file:
        return file.read(_HEAD).lstrip()[:1]
