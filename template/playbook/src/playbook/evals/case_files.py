"""JSON lines as they stand in a file: decoded, numbered, split on a line feed and nothing else."""

import codecs
from collections.abc import Iterator
from pathlib import Path

_BOM = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class NotUtf8(Exception):
    """The bytes are something else; its text says what they look like, `line` where it shows."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def read_text(file: Path) -> str:
    """The whole text, line endings and all; a byte order mark is left out.

    Raises:
        NotUtf8: Saying what it looks like, and how to change it.
    """
    content = file.read_bytes()
    if content.startswith(_UTF_16):
        raise NotUtf8(_utf_16(file))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if _mostly_empty(content):
            raise NotUtf8(_utf_16(file)) from None
        raise NotUtf8(*_one_byte(file, content, error.start)) from None
    if _mostly_empty(content):
        raise NotUtf8(_utf_16(file))
    return text.removeprefix(_BOM)


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1; Windows line ends are taken off.

    JSON may hold other line separators inside a string (U+2028, a form feed), so none of them
    ends a line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.strip():
            yield number, line


def _mostly_empty(content: bytes) -> bool:
    """Whether every second byte is zero, as in Western text of two bytes a character."""
    head = content[:1000]
    return len(head) > 1 and head.count(0) >= len(head) // 3


def _utf_16(file: Path) -> str:
    return (
        "This looks like UTF-16, as Excel and PowerShell write it. Save it as UTF-8, or:\n"
        f"  iconv -f UTF-16 -t UTF-8 {file.name} > utf-8.jsonl"
    )


def _one_byte(file: Path, content: bytes, at: int) -> tuple[str, int]:
    """What a byte that is no UTF-8 would be in Windows-1252, and in which line it is."""
    line = content.count(b"\n", 0, at) + 1
    start = content.rfind(b"\n", 0, at) + 1
    around = content[max(start, at - 12) : at + 9].partition(b"\n")[0]
    as_windows = around.decode("cp1252", "replace")
    message = (
        f"This is not UTF-8: byte 0x{content[at]:02X} at column {at - start + 1}. It looks like "
        f"Windows-1252 or Latin-1, where it reads {as_windows!r}. Save it as UTF-8, or:\n"
        f"  iconv -f WINDOWS-1252 -t UTF-8 {file.name} > utf-8.jsonl"
    )
    return message, line
