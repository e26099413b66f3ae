"""Tripwires for attempts to give the model orders through data. Tripwires, not a wall.

What holds when they miss: every value is marked as data, the output must fit a schema, and the
service has no tools. What they catch and what they do not: `uv run playbook guards injection`.

`words.py` (and `context.py`, `readers.py`, `languages.py`, `unspaced.py`) is what words may mean,
`reading.py` turns a text into that, `signals.py`, `quiet.py` and `forged.py` are what is looked
for, `reports.py` tells who only talks about attacks; here the signals of a text are weighed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from .. import decode
from ..runner import Found
from .context import CONTEXT
from .forged import TRANSCRIPT, marks
from .languages import LANGUAGES, UNSPACED_MORE
from .patterns import compiled, needs
from .quiet import QUIET
from .readers import READERS
from .reading import BREAK, CLOSE, COLON, OPEN, Lexicon, joined, tokens_of
from .reports import without_examples
from .signals import SIGNALS
from .unspaced import UNSPACED
from .words import MISSPELT, WORDS

INPUT_THRESHOLD = 4
"""What a caller wrote: a person may be refused, so it takes one sure signal, or two others."""
CONTENT_THRESHOLD = 3
"""What a pipeline fetched: documents have less cause to speak to a model."""
WINDOW = 80
"""Words within which signals add up; farther apart they are about different things."""
_MAX_QUOTE = 60  # words; nobody quotes more of an attack than that to report it
_NEAR_QUOTE = 14  # words before and after a quotation in which somebody says that it is one
_NEAR_REPORT = 9  # words before an order in which somebody says whom it was given to
_MOST = 20  # places of one signal, and quotations, that are looked at

_LEXICON = Lexicon(
    joined(WORDS, CONTEXT, READERS, LANGUAGES), joined(UNSPACED, UNSPACED_MORE), MISSPELT
)
_ALIKE = str.maketrans("l", "i")
_LEET = _LEXICON.respelled(_ALIKE)
_COMPILED = tuple(
    (signal, compiled(signal.pattern, _LEXICON), needs(signal.pattern, _LEXICON))
    for signal in (*SIGNALS, *QUIET)
)


def _by_sign() -> dict[str, list[int]]:
    """The signals by the signs of their rarest step: in most texts few of them need a search."""
    found: dict[str, list[int]] = {}
    for number, (_, _, needed) in enumerate(_COMPILED):
        for sign in needed[0]:
            found.setdefault(sign, []).append(number)
    return found


_BY_SIGN = _by_sign()
_TELLING = _LEXICON.words("DROP", "RULES", "ORDERS", "PROMPT", "SHOW")
_BACKWARDS = frozenset(word[::-1] for word in _TELLING) - _TELLING
_BACKWARDS |= {"eht", "ruoy", "siht", "tahw"}
_ROTATED = frozenset(decode.rot13(word) for word in _TELLING if word.isascii()) - _TELLING
_AI = re.compile(r"(?<![A-Za-z])AI(?![A-Za-z])")
_LETTERS = 4
_IN_A_ROW = "1" * _LETTERS
_QUOTES = frozenset(_LEXICON.signs("QUOTE"))
_TELLS = _LEXICON.signs("TELL")
_YOU = frozenset(_LEXICON.signs("YOU", "YOUR"))


class View(Enum):
    """How a text was come by; its value is the kind that is told beside the families."""

    PLAIN = "plain"
    HIDDEN = "hidden"
    """Parts of a page that its readers do not see."""
    ENCODED = "encoded"
    """As the web and programs write texts, too."""
    CARVED = "encoded-part"
    """A piece that was decoded; what stands around it may say what to do with it."""
    DISGUISED = "disguised"
    """As nobody writes who wants to be read: backwards, rotated, letter by letter."""

    @property
    def bonus(self) -> int:
        """What it adds to the weight of a signal: such an order is no slip of the tongue."""
        return {View.PLAIN: 0, View.DISGUISED: 2}.get(self, 1)


_HIDING = frozenset(view.value for view in View if view is not View.PLAIN)


class _Seen:
    """A signal, where in the code it was, and how much it weighs."""

    __slots__ = ("family", "name", "place", "weight")

    def __init__(self, name: str, family: str, place: int, weight: int) -> None:
        self.name = name
        self.family = family
        self.place = place
        self.weight = weight


def check_input(text: str) -> Found | None:
    """Orders in what a caller wrote; expects normalised text."""
    return _check(text, INPUT_THRESHOLD)


def check_content(text: str) -> Found | None:
    """Orders in what a pipeline brings to the prompt itself; expects normalised text."""
    return _check(text, CONTENT_THRESHOLD)


def _check(text: str, threshold: int) -> Found | None:
    found = _weighed(text, threshold)
    # Only a text that would be stopped is worth the question whether it is a report, and reports
    # do not hide what they tell of.
    if found and _HIDING.isdisjoint(found.kinds) and (rest := without_examples(text)) is not None:
        return _weighed(rest, threshold)
    return found


def _weighed(text: str, threshold: int) -> Found | None:
    """What weighs enough in a text."""
    plain: list[_Seen] = []
    for number, (view, seen) in enumerate(_views(text)):
        heaviest = _heaviest(plain + seen if view is View.CARVED else seen)
        bonus = view.bonus
        # What the text says plainly, too, was not hidden by spelling it otherwise.
        if view in (View.ENCODED, View.DISGUISED) and plain:
            bonus *= bool({each.name for each in heaviest} - {each.name for each in plain})
        if heaviest and sum(each.weight for each in heaviest) + bonus >= threshold:
            families = [each.family for each in heaviest]
            return Found(tuple(dict.fromkeys([*families, *([view.value] if bonus else [])])))
        if number == 0:
            plain = [_Seen(each.name, each.family, 0, each.weight) for each in heaviest]
    return None


def _views(text: str) -> Iterator[tuple[View, list[_Seen]]]:
    """Each view of the text that is worth making, and what is seen in it, the plain one first."""
    yield from _read(View.PLAIN, text)
    for part in decode.hidden(text):
        yield from _read(View.HIDDEN, part)
    for how, part in decode.decoded(text):
        yield from _read(View.CARVED if how in decode.CARVED else View.ENCODED, part)


def _read(view: View, text: str) -> Iterator[tuple[View, list[_Seen]]]:
    """The views of one text that are only other spellings of it."""
    # In small letters it is a word of French ("j'ai") and Italian.
    folded = decode.fold(_AI.sub("LLM", text) if "AI" in text else text)
    tokens = tokens_of(folded)
    drawn = view is View.PLAIN and decode.drawn(text)
    yield View.DISGUISED if drawn else view, _signals(folded, tokens, _LEXICON)
    for how, spelled in decode.spellings(folded, _lettered(tokens)):
        lexicon = _LEXICON
        if how == "leet":
            lexicon, spelled = _LEET, spelled.translate(_ALIKE)
        disguised = View.DISGUISED if how == "spaced" else View.ENCODED
        yield disguised, _signals(spelled, tokens_of(spelled), lexicon)
    words = set(tokens)
    if not _BACKWARDS.isdisjoint(words):
        yield View.DISGUISED, _spelled(decode.reversed_text(folded))
        yield View.DISGUISED, _spelled(decode.reversed_words(folded))
    if not _ROTATED.isdisjoint(words):
        yield View.DISGUISED, _spelled(decode.rot13(folded))


def _lettered(tokens: list[str]) -> bool:
    """Whether single letters stand in a row, as in "i g n o r e"."""
    lengths = list(map(len, tokens))
    if lengths.count(1) < _LETTERS:
        return False
    return _IN_A_ROW in "".join("1" if length == 1 else " " for length in lengths)


def _spelled(folded: str) -> list[_Seen]:
    return _signals(folded, tokens_of(folded), _LEXICON)


def _signals(folded: str, tokens: list[str], lexicon: Lexicon) -> list[_Seen]:
    """The signals in a folded text, in the order in which they stand there."""
    code = lexicon.code(tokens)
    present = set(code)
    found: list[_Seen] = []
    quotes: list[tuple[int, int]] | None = None
    likely = {number for sign in present for number in _BY_SIGN.get(sign, ())}
    for signal, pattern, needed in map(_COMPILED.__getitem__, sorted(likely)):
        if any(map(present.isdisjoint, needed)):
            continue
        places = 0
        for match in pattern.finditer(code):
            if quotes is None:
                quotes = _quotations(code)
            if not any(start < match.end() <= end for start, end in quotes) and not _reported(
                code, match.start()
            ):
                found.append(_Seen(signal.name, signal.family, match.start(), signal.weight))
                places += 1
            if places == _MOST:
                break
    for mark, offset in marks(folded):
        if mark is TRANSCRIPT:  # a name with a colon is then who speaks, not who is spoken to
            found = [each for each in found if not each.name.startswith("AI with a colon")]
        place = offset * len(code) // max(len(folded), 1)
        found.append(_Seen(mark.name, mark.family, place, mark.weight))
    found.sort(key=lambda each: each.place)
    return found


def _reported(code: str, start: int) -> bool:
    """Whether somebody tells there whom else he told it: "he tells it to forget its rules"."""
    before = code[max(0, start - _NEAR_REPORT) : start]
    before = before[max(map(before.rfind, (BREAK, COLON))) + 1 :]
    told = max(map(before.rfind, _TELLS))
    return told >= 0 and _YOU.isdisjoint(before[told + 1 :])


def _quotations(code: str) -> list[tuple[int, int]]:
    """Where the text quotes, and says so: these are reports of what somebody else wrote."""
    spans: list[tuple[int, int]] = []
    start = code.find(OPEN)
    while start >= 0 and len(spans) < _MOST:
        end = code.find(CLOSE, start, start + _MAX_QUOTE)
        if end >= 0:
            spans.append((start, end))
        start = code.find(OPEN, end if end >= 0 else start + 1)
    outside = _without(code, spans)
    return [
        (start, end)
        for start, end in spans
        if not _QUOTES.isdisjoint(
            outside[max(0, start - _NEAR_QUOTE) : start] + outside[end : end + _NEAR_QUOTE]
        )
    ]


def _without(code: str, spans: list[tuple[int, int]]) -> str:
    """The code with quotations blanked: the word that reports must not be quoted itself."""
    parts, last = [], 0
    for start, end in spans:
        parts += [code[last:start], BREAK * (end - start)]
        last = end
    return "".join([*parts, code[last:]])


def _heaviest(found: list[_Seen]) -> list[_Seen]:
    """The signals that weigh most together within a window; each counts once."""
    best: list[_Seen] = []
    weight = 0
    for first in range(len(found)):
        within: dict[str, _Seen] = {}
        for each in found[first:]:
            if each.place - found[first].place > WINDOW:
                break
            within.setdefault(each.name, each)
        total = sum(each.weight for each in within.values())
        if total > weight:
            best, weight = list(within.values()), total
        if weight >= INPUT_THRESHOLD:  # enough for either direction
            break
    return best
