"""CSV as people really have it: other delimiters, line breaks in quotes, a quote never closed."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from playbook.data.importing.encodings import UNREADABLE, Encoding
from playbook.data.importing.rows import Row
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_LINES_LOOKED_AT = 200
_EXCEL_SAYS = "sep="
NOT_UTF8 = "A byte of it is not UTF-8."


class Table:
    """A CSV file with a header.

    Args:
        path: The file.
        name: As messages and candidates name it.
        encoding: How its bytes are read.
        delimiter: What separates values; found out without it.

    Raises:
        Mistake: When there is no header, or the delimiter is none.
    """

    def __init__(self, path: Path, name: str, encoding: Encoding, delimiter: str | None) -> None:
        self.path = path
        self.name = name
        self._encoding = encoding
        with self._open() as file:
            head = list(islice(file, _LINES_LOOKED_AT))
        self._skipped = 1 if head and head[0].lower().startswith(_EXCEL_SAYS) else 0
        said = head[0].strip()[len(_EXCEL_SAYS) :] if self._skipped else None
        self.delimiter = _checked(delimiter) if delimiter else said or sniffed(head)
        self._header = self._read_header()

    def rows(self) -> Iterator[Row]:
        """Every record; `where` is the line at which it begins, as an editor counts."""
        with self._open() as file:
            reader = self._reader(islice(file, self._skipped, None))
            next(reader, None)
            while True:
                first = reader.line_num + self._skipped + 1
                where = f"{self.name}:{first}"
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Row(where, problem=_why(error, first, reader.line_num + self._skipped))
                    continue
                if not any(cell.strip() for cell in cells):
                    continue
                yield self._row(where, cells)

    def _row(self, where: str, cells: list[str]) -> Row:
        if len(cells) != len(self._header):
            count = "1 value" if len(cells) == 1 else f"{len(cells)} values"
            return Row(
                where,
                problem=f"It has {count}; the header names {len(self._header)}. A text with a "
                "delimiter or a line break in it needs quotes around it.",
            )
        values = dict(zip(self._header, cells, strict=True))
        broken = any(not c.isascii() and UNREADABLE.search(c) for c in cells)
        return Row(where, values, NOT_UTF8 if broken else None)

    def _open(self) -> TextIO:
        return self.path.open(
            encoding=self._encoding.name, errors=self._encoding.errors, newline=""
        )

    def _reader(self, lines: Iterator[str]) -> "CsvReader":
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _read_header(self) -> list[str]:
        with self._open() as file:
            reader = self._reader(islice(file, self._skipped, None))
            header: list[str] = []
            try:
                header = next(reader, [])
            except csv.Error as error:
                raise Mistake(f"{self.name}:1\n  The header cannot be read: {error}.") from error
        if not any(name.strip() for name in header):
            raise Mistake(f"{self.name}:1\n  The file is empty: there is no header.")
        return _named(header)


def sniffed(lines: list[str]) -> str:
    """The delimiter under which most rows have as many values as the header.

    `csv.Sniffer` looks at characters, and takes a letter of a long text for one.
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = []
        try:
            for cells in csv.reader(lines, delimiter=delimiter):
                widths.append(len(cells))
        except csv.Error:
            pass
        widths = [width for width in widths if width]
        if not widths or widths[0] < 2:
            continue
        alike = sum(width == widths[0] for width in widths) / len(widths)
        best, best_score = max((best, best_score), (delimiter, (alike, widths[0])), key=_second)
    return best


def _second(pair: tuple[str, tuple[float, int]]) -> tuple[float, int]:
    return pair[1]


def _checked(delimiter: str) -> str:
    delimiter = _NAMES.get(delimiter.lower(), delimiter)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise Mistake(
            f"--delimiter {delimiter}\n  One character, or one of comma, semicolon, tab, pipe."
        )
    return delimiter


def _named(header: list[str]) -> list[str]:
    """Every column gets a name of its own."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = " ".join(cell.split()) or f"column {number}"
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return names


def _why(error: csv.Error, first: int, last: int) -> str:
    text = str(error)
    if "unexpected end of data" in text or "field larger" in text:
        lost = f" Lines {first} to {last} could not be read." if last > first else ""
        return f"A quote that opens here is never closed.{lost}"
    if "expected after" in text:
        return 'A quote within a quoted text must be written twice: "".'
    return f"It is not valid CSV: {text}."
