"""What a text says to a model that undoes spelling tricks and encodings: the views of a text.

The views are only looked at; the pipeline gets the text as it is. Each costs time that grows with
the text's length and no faster, and is made only when the text has signs of it.
"""

from __future__ import annotations

import base64
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from .text import UNSEEN

MAX_DEPTH = 2
"""Encodings inside encodings: senders of honest data (a form in a URL) reach two."""
MAX_PIECES = 32
"""Encoded pieces looked at in one text: an e-mail has a handful; later ones are not opened."""
MAX_DECODED = 20_000
"""Decoded characters looked at in all: as long as the longest text field that is accepted."""
MIN_DECODED = 6
"""Shorter pieces hold no order: 'obey me' has seven characters."""

_UNSEEN = re.compile(f"[{UNSEEN}]+")
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670]+")  # accents; harakat
_LETTERS = str.maketrans("ıłøđħŧœæþð", "ilodhtoatd")  # these have no decomposition


def fold(text: str) -> str:
    """Lower case, compatibility letters as plain ones (NFKC), no accents, nothing unseen.

    Full-width, circled and mathematical letters become the letters that they stand for.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _UNSEEN.sub("", text).casefold())
    # Recomposed, because decomposition took Korean syllables and Japanese voice marks apart.
    return unicodedata.normalize("NFC", _MARKS.sub("", text).casefold()).translate(_LETTERS)


# Cyrillic, Greek, Armenian and phonetic letters by the Latin ones they are mistaken for (a part of
# Unicode's confusables.txt; the libraries for it bring megabytes for the same few dozen letters).
_LOOK_ALIKE = {
    "a": "аαɑᴀ", "b": "ьвβʙƅ", "c": "сςϲᴄ", "d": "ԁժɗᴅ", "e": "еεєҽᴇэ", "f": "ғϝꜰ", "g": "ɡցɢ",
    "h": "һհнʜ", "i": "іιɪɩӏ", "j": "јϳᴊ", "k": "кκᴋ", "l": "ⅼʟ|", "m": "мᴍ", "n": "пηոɴи",
    "o": "оοσօᴏ", "p": "рρᴘ", "q": "ԛզ", "r": "гʀя", "s": "ѕʂꜱ", "t": "тτᴛ", "u": "υսᴜ", "v": "νѵᴠ",
    "w": "ԝωшᴡ", "x": "хχ", "y": "уγүʏ", "z": "ᴢ",
}  # fmt: skip
_TO_LATIN = str.maketrans(
    {sign: letter for letter, signs in _LOOK_ALIKE.items() for sign in signs}
    # Letters drawn as symbols that NFKC leaves alone: negative squared and regional indicators.
    | {chr(start + n): chr(97 + n) for start in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
)
_SCRIPTS = "\u0370-\u058f\u1d00-\u1d7f\u0250-\u02af\ua730\ua731"
_MIXED = re.compile(f"[a-z][{_SCRIPTS}]|[{_SCRIPTS}][a-z]|[\U0001f150-\U0001f1ff]{{4}}")
_LEET = str.maketrans("0134579@$|", "oieastgasi")
_LEET_I = re.compile(r"!(?=\w)|(?<=\w)!(?=\w)")
# Patterns that are tried on every text start with the rarest sign they have, which makes them fast.
_LEET_SIGN = re.compile(
    r"[013457@$|!](?:(?=[a-z])(?!(?:st|nd|rd|th)(?!\w))(?<!\d.)|(?<=[a-z][0134])[0134])"
)
_SPACES = r"[ ._\-*·|/~+]"
_SPACED = re.compile(rf"(?<!\w)\w(?:{_SPACES}{{1,3}}\w(?!\w)){{4,}}")
_GAP = re.compile(rf"{_SPACES}{{2,3}}")


_DRAWN = re.compile("[\u24b6-\u24e9\U0001d400-\U0001d7ff]{4}")


def drawn(text: str) -> bool:
    """Whether words are set in letters made for formulas, which no keyboard has."""
    return not text.isascii() and _DRAWN.search(text) is not None


def spellings(folded: str, lettered: bool) -> Iterator[tuple[str, str]]:
    """A folded text spelled otherwise: (how, text) for each trick that it shows signs of.

    `lettered` says whether several of its words in a row have one letter only.
    """
    latin = folded
    if not folded.isascii() and _MIXED.search(folded):
        latin = folded.translate(_TO_LATIN)
        yield "look-alikes", latin
    if _LEET_SIGN.search(latin):
        yield "leet", _LEET_I.sub("i", latin).translate(_LEET)
    if (lettered or "_" in latin) and (text := _SPACED.sub(_joined, latin)) != latin:
        yield "spaced", text
        if _LEET_SIGN.search(text):
            yield "spaced", text.translate(_LEET)


def _joined(spaced: re.Match[str]) -> str:
    """The words of "i g n o r e   a l l": a wider gap is a space between words."""
    words = _GAP.sub("\0", spaced[0]).split("\0")
    return " ".join(re.sub(r"\W|_", "", word) for word in words)


def reversed_text(text: str) -> str:
    """The text read backwards."""
    return text[::-1]


def reversed_words(text: str) -> str:
    """The text with each word read backwards, and the words where they are."""
    return " ".join(word[::-1] for word in text.split())


def rot13(text: str) -> str:
    """The text with its Latin letters moved on by thirteen."""
    return codecs.encode(text, "rot13")


_SHORTEST_BASE64 = 12  # shorter runs are words
_FIRST_LINE = 8  # as in the expression below
CARVED = frozenset({"base64", "hex", "binary"})
"""Encodings of a piece of the text; the others are of the text as a whole."""
_BASE64 = re.compile(
    r"(?<![\w+/-])[A-Za-z0-9+/_-]{8,}(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/_-]{4,})*={0,2}"
)
_HEX = re.compile(r"(?<!\w)(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[ ,:\n-]{0,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){5,}")
_HEX_SIGN = re.compile(r"[0-9](?:[0-9A-Fa-f][ ,:\n-]{0,2}(?:0x|\\x)?){10}")
_BINARY = re.compile(r"[01](?<!\d.)[01]{7}(?:[ ,\n]{0,2}[01]{8}){5,}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY = re.compile(r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8});", re.IGNORECASE)
_ESCAPE = re.compile(
    r"\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})|\\x([0-9a-f]{2})", re.IGNORECASE
)
_MANY = 3  # single escapes are punctuation; a sentence that hides has more


def decoded(text: str) -> Iterator[tuple[str, str]]:
    """What is encoded in a normalised text: (how, the decoded text), encodings inside, too.

    At most MAX_PIECES pieces and MAX_DECODED characters in all, MAX_DEPTH deep.
    """
    left, pieces = MAX_DECODED, 0
    waiting = [(text, 1)]
    while waiting:
        source, depth = waiting.pop(0)
        for how, found in _pieces(source):
            if left <= 0 or pieces >= MAX_PIECES:
                return
            piece = found[:left]
            left -= len(piece)
            pieces += 1
            yield how, piece
            if depth < MAX_DEPTH:
                waiting.append((piece, depth + 1))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    if "%" in text and len(_PERCENT.findall(text)) >= _MANY:
        yield "percent", unquote(text.replace("+", " "), errors="replace")
    if "&" in text and len(_ENTITY.findall(text)) >= _MANY:
        yield "entities", html.unescape(text)
    if "\\" in text and len(_ESCAPE.findall(text)) >= _MANY:
        yield "escapes", _unescaped(text)
    for match in _HEX.finditer(text) if _HEX_SIGN.search(text) else ():
        digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", match[0])
        if (found := _as_text(bytes.fromhex(digits[: len(digits) // 2 * 2]))) is not None:
            yield "hex", found
    for match in _BINARY.finditer(text):
        bits = re.sub(r"[^01]", "", match[0])
        octets = bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits) - 7, 8))
        if (found := _as_text(octets)) is not None:
            yield "binary", found
    # Nearly all long words of ordinary text have no capitals, and base64 of a text always has some.
    likely = any(len(word) >= _FIRST_LINE and not word.islower() for word in text.split())
    for match in _BASE64.finditer(text) if likely else ():
        if (found := _base64(match[0])) is not None:
            yield "base64", found


def _base64(run: str) -> str | None:
    if len(run) < _SHORTEST_BASE64:
        return None
    compact = re.sub(r"[\s>=]", "", run).replace("-", "+").replace("_", "/")
    usable = len(compact) - (len(compact) % 4 == 1)
    return _as_text(base64.b64decode(compact[:usable] + "=" * (-usable % 4)))


def _as_text(data: bytes) -> str | None:
    """Bytes as text when they are a text that somebody could have written, else None."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sentence, and then what does not belong to it: the next line's word, a lost sign.
        if error.start < 2 * MIN_DECODED:
            return None
        text = data[: error.start].decode("utf-8")
    if len(text) < MIN_DECODED:
        return None
    readable = sum(char.isalpha() or char in " \n\t" for char in text)
    return text if readable >= 0.6 * len(text) else None


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(next(filter(None, match.groups())), 16)
        return chr(code) if code <= 0x10FFFF else ""

    # Two halves of a surrogate pair become the one character that they mean.
    halves = _ESCAPE.sub(character, text)
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


_HIDDEN_STYLE = re.compile(
    r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}0"
    r"|opacity\s{0,3}:\s{0,3}0(?![.\d])|(?:left|top|indent)\s{0,3}:\s{0,3}-\d{3}"
    r"|color\s{0,3}:\s{0,3}(?:#fff|white|transparent)|mso-hide|aria-hidden|\shidden\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[a-z][^<>]{0,600}>([^<>]+)", re.IGNORECASE)


def hidden(text: str) -> Iterator[str]:
    """The parts of HTML or Markdown that a reader of the page does not see."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start)
        yield text[start + 4 : end if end >= 0 else None]
        start = text.find("<!--", end) if end >= 0 else -1
    if "<" in text and _HIDDEN_STYLE.search(text):
        for tag in _TAG.finditer(text):
            if _HIDDEN_STYLE.search(tag[0], 0, len(tag[0]) - len(tag[1])):
                yield tag[1]
