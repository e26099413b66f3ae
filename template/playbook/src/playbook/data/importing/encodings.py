"""How the bytes of a text file are read: seen where it can be seen, never guessed.

Statistics guess short texts of Western Europe wrong too often to trust them with a data set, so a
file that is neither UTF-8 nor marked needs somebody who looks at a line of it.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from playbook.verdicts import Mistake
from playbook.visible import one_line

_MARKS = (  # the longer first: UTF-32's begins as UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OFTEN = ("cp1252", "cp1250", "cp1251", "shift_jis", "gb18030")
"""What files that are not UTF-8 are mostly in; Excel writes the first in Western Europe."""

_CHUNK = 1 << 20
_HEAD = 4096
_AROUND = 12  # bytes around the first that is not UTF-8: a word, not what a customer wrote
_MOSTLY_ZERO = 0.3  # of every second byte: Latin text in UTF-16
_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"PAR1", b"SQLite")
_ESCAPED = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
UNREADABLE = _ESCAPED
"""What stands for a byte that is not UTF-8 in a file that is nearly all UTF-8."""


@dataclass(frozen=True)
class Encoding:
    """A codec, and what happens to bytes that do not fit it."""

    name: str
    errors: str = "strict"


@dataclass(frozen=True)
class Unclear:
    """A file that is not UTF-8: the first line that shows it, as it could be read."""

    line: int
    readings: dict[str, str]


def encoding_of(path: Path, shown: str, wanted: str | None) -> Encoding | Unclear:
    """How a file is to be read.

    Args:
        path: The file.
        shown: Its name, for messages.
        wanted: What the person says it is.

    Raises:
        Mistake: When it is no text, or not what the person says.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_PACKED):
        raise Mistake(
            f"{shown}\n  This is no text file. From a spreadsheet, save as CSV (UTF-8) and import "
            "that."
        )
    if wanted:
        return _as_wanted(path, shown, wanted)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _as_wanted(path, shown, name)
    unmarked = _without_mark(head)
    return Encoding(unmarked) if unmarked else _utf8(path)


def _as_wanted(path: Path, shown: str, name: str) -> Encoding:
    try:
        "x".encode(name)  # no codec that is none of text, such as base64
        decoder = codecs.getincrementaldecoder(name)()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except LookupError:
        raise Mistake(
            f"--encoding {name}\n  There is no such encoding. Often: utf-8, utf-16, "
            f"{', '.join(OFTEN)}."
        ) from None
    except UnicodeError:
        raise Mistake(
            f"{shown}\n  This cannot be read as {name}: some bytes do not exist in it."
        ) from None
    return Encoding(name)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 of Latin text without its mark: every second byte is zero."""
    pairs = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    if odd > _MOSTLY_ZERO > even * 2:
        return "utf-16-le"
    return "utf-16-be" if even > _MOSTLY_ZERO > odd * 2 else None


def _utf8(path: Path) -> Encoding | Unclear:
    """UTF-8, also with a few broken bytes; else the first line that shows that it is not."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                escaped = len(_ESCAPED.findall(text))
                bad += escaped
                good += len(_NOT_ASCII.findall(text)) - escaped
        bad += len(_ESCAPED.findall(decoder.decode(b"", final=True)))
    if bad == 0:
        return Encoding("utf-8")
    return Encoding("utf-8", "surrogateescape") if good > bad else _unclear(path)


def _unclear(path: Path) -> Unclear:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                around = line[max(0, error.start - _AROUND) : error.start + _AROUND]
                return Unclear(number, dict(_readings(around)))
    return Unclear(1, {})


def _readings(part: bytes) -> list[tuple[str, str]]:
    found = []
    for name in OFTEN:
        try:
            found.append((name, one_line(part.decode(name))))
        except UnicodeDecodeError:
            continue
    return found


def unclear_message(shown: str, unclear: Unclear) -> str:
    """What a person without a terminal has to type."""
    lines = [f"{shown}:{unclear.line}", "  This is not UTF-8. How this line would read:"]
    lines += [f"    --encoding {name:<10} {text}" for name, text in unclear.readings.items()]
    return "\n".join([*lines, "Next: the same command with the right one."])
