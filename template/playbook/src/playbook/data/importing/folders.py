"""A folder of samples: one text, e-mail or JSON object a file."""

import email
import email.policy
import json
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from playbook.data.importing.encodings import Encoding, encoding_of
from playbook.data.importing.rows import Row, flat
from playbook.verdicts import Mistake

SUFFIXES = (".txt", ".eml", ".json")
_MOST_BYTES = 5 << 20
_HEADERS = ("subject", "from", "to", "date")


class Folder:
    """Files below a folder; the folder directly above a file is the value of `folder`.

    Args:
        path: The folder.
        name: As messages and candidates name it.
        encoding: How texts are read that are not UTF-8.

    Raises:
        Mistake: When there is no such file in it.
    """

    def __init__(self, path: Path, name: str, encoding: str | None) -> None:
        self.path = path
        self.name = name
        self._encoding = encoding
        if not any(file.suffix.lower() in SUFFIXES for file in self._files()):
            raise Mistake(f"{name}\n  There is no file here that ends in {', '.join(SUFFIXES)}.")

    def rows(self) -> Iterator[Row]:
        """Every file, by name."""
        for file in self._files():
            inside = file.relative_to(self.path).as_posix()
            where = f"{self.name}/{inside}"
            if file.suffix.lower() not in SUFFIXES:
                yield Row(where, problem=f"It does not end in {', '.join(SUFFIXES)}.")
            elif file.stat().st_size > _MOST_BYTES:
                yield Row(where, problem=f"It is larger than {_MOST_BYTES >> 20} MB.")
            else:
                yield self._row(where, file)

    def _files(self) -> Iterator[Path]:
        for file in sorted(self.path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(self.path).parts)
            if not hidden and file.is_file():
                yield file

    def _row(self, where: str, file: Path) -> Row:
        about = {"file": file.name}
        if file.parent != self.path:
            about["folder"] = file.parent.name
        try:
            if file.suffix.lower() == ".eml":
                return Row(where, _mail(file) | about)
            text = self._text(file, where)
        except Mistake as mistake:
            return Row(where, problem=str(mistake).partition("\n")[2].strip())
        except OSError as error:
            return Row(where, problem=f"It cannot be read: {error.strerror}.")
        if file.suffix.lower() == ".txt":
            return Row(where, {"text": text} | about)
        try:
            value = json.loads(text)
            if not isinstance(value, dict):
                return Row(where, problem="This is no JSON object. Expected: {...}")
            return Row(where, flat(value) | about)
        except json.JSONDecodeError as error:
            return Row(where, problem=f"This is not JSON: {error.msg} (line {error.lineno}).")
        except RecursionError:
            return Row(where, problem="This is nested too deep.")

    def _text(self, file: Path, where: str) -> str:
        encoding = encoding_of(file, where, self._encoding)
        if not isinstance(encoding, Encoding) or encoding.errors != "strict":
            raise Mistake(f"{where}\nThis is not UTF-8; say what it is: --encoding cp1252")
        return file.read_text(encoding.name)


def _mail(file: Path) -> dict[str, str]:
    """Headers and text of an e-mail; attachments are left where they are.

    Raises:
        Mistake: When the library cannot make sense of it.
    """
    try:
        with file.open("rb") as stream:
            message = email.message_from_binary_file(stream, policy=email.policy.default)
        found = {name: str(message.get(name, "")) for name in _HEADERS}
        part = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else None
        content = str(part.get_content()) if part is not None else ""
        is_html = part is not None and part.get_content_type() == "text/html"
    except Exception as error:  # the parser raises anything on hostile mail
        raise Mistake(f"{file.name}\nThis e-mail cannot be read.") from error
    return found | {"text": text_of_html(content) if is_html else content}


class _Text(HTMLParser):
    """Collects what a reader of a page sees."""

    _BLOCKS = frozenset(("br", "p", "div", "li", "tr", "table", "h1", "h2", "h3", "blockquote"))
    _UNSEEN = frozenset(("script", "style", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._UNSEEN:
            self._hidden += 1
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def text_of_html(html: str) -> str:
    """The text of a page, with its paragraphs."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
