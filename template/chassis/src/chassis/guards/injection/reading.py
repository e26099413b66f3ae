"""Reads a folded text word by word into a short code: one sign for what each word may mean.

The code is what signals are matched on. "Please ignore all of the previous instructions" becomes
six signs, and so does the same sentence in Turkish: a signal is written once for all languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import chain, count

from ..decode import fold

WORD, BREAK, OPEN, CLOSE, COLON, URL, IMAGE = "o", "|", "(", ")", ":", "L", "I"
"""Signs of the code that are no concept, such as an unknown word or the end of a sentence."""

_FIRST_SIGN = 0x4E00  # one sign for each set of concepts that a word can have
_PUNCTUATION = (
    r"|://[^\s<>\"')\]?]+"  # not what follows its ?, which is looked at like other words
    r"|!\["
    r"|[.!?;…]+(?![^\s\"'”»])"
    r"|\n[ \t>*-]{0,8}\n"
    r"|:(?!\w)"
    r"|[\x02\"'“”»«’`](?!\w)|\x02"
    r"|[。！？；「『」』，、：《》【】]"
)
_TOKEN = re.compile(r"[\w\u0900-\u0dff\u0e31-\u0e4e]+" + _PUNCTUATION)
_ASCII_TOKEN = re.compile(r"\w+" + _PUNCTUATION, re.ASCII)  # the same, in two thirds of the time
_UNSPACED_RUN = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LONGEST = 200  # of a sentence without spaces; what is longer is no sentence
_MARKS = {
    "![": IMAGE, "\x02": OPEN, ":": COLON, "：": COLON, "「": OPEN, "『": OPEN, "」": CLOSE,
    "』": CLOSE, "，": "", "、": "", "《": "", "》": "", "【": BREAK, "】": BREAK,
}  # fmt: skip
_OPENING = re.compile(r"[\"'“”„«»‘‚`](?:(?=[\w<])(?<!\w.)|(?<=«)(?=\s\w))", re.DOTALL)
_CLOSING = frozenset("\"'“”»«’`")
_LATIN_WORD = re.compile(r"[a-z]{3,}\Z")
_MANY_PARTS = 3  # "ignore_errors" is a name in a program, four words are a sentence
_LONG_WORD = 15  # longer ones may be sentences without their spaces


_Meanings = dict[str, set[str]]
_Phrases = dict[str, dict[str, list[tuple[list[str], str]]]]


def tokens_of(folded: str) -> list[str]:
    """The words of a folded text, and the punctuation that matters."""
    # An opening quotation mark is told from a closing one by what stands around it.
    token = _ASCII_TOKEN if folded.isascii() else _TOKEN
    found: list[str] = token.findall(_OPENING.sub("\x02", folded))
    return found


def joined(*lists: Mapping[str, str]) -> dict[str, str]:
    """Lists of words by concept as one."""
    together: dict[str, str] = {}
    for each in lists:
        for concept, text in each.items():
            together[concept] = f"{together.get(concept, '')} {text}"
    return together


class Lexicon:
    """Words by concept, and the code that a text has by them."""

    def __init__(
        self, words: Mapping[str, str], unspaced: Mapping[str, str], misspelt: Iterable[str]
    ) -> None:
        single, stems, phrases = _sorted(words)
        for word in misspelt:
            for wrong in _misspellings(word):
                single.setdefault(wrong, set()).update(_meanings(word, single, stems))
        # A whole word has what its stem says, too: "instructions" is listed, and "instruction*".
        single = {word: concepts | _meanings(word, {}, stems) for word, concepts in single.items()}
        inside: dict[str, set[str]] = {}
        for concept, text in unspaced.items():
            for entry in text.split():
                inside.setdefault(fold(entry), set()).add(concept)
        self._sets: dict[frozenset[str], str] = {}
        self._single = self._signed(single)
        self._stems = self._signed(stems)
        self._inside = self._signed(inside)
        self._phrases: _Phrases = {}
        for parts, concepts in sorted(phrases.items(), key=lambda each: (-len(each[0]), each)):
            sign = self._sign(concepts)
            self._add(parts, sign)
        self._index()

    def _index(self) -> None:
        self._heads = {stem[:4] for stem in self._stems}
        self._find_inside = _any_of(self._inside)
        self._find_latin = _any_of(w for w in (*self._single, *self._stems) if _LATIN_WORD.match(w))

    def _add(self, parts: Sequence[str], sign: str) -> None:
        """Know a phrase by its first two words."""
        seconds = self._phrases.setdefault(parts[0], {})
        seconds.setdefault(parts[1], []).append((list(parts), sign))

    def _sign(self, concepts: Iterable[str]) -> str:
        return self._sets.setdefault(frozenset(concepts), chr(_FIRST_SIGN + len(self._sets)))

    def _signed(self, entries: Mapping[str, set[str]]) -> dict[str, str]:
        return {entry: self._sign(concepts) for entry, concepts in entries.items()}

    def respelled(self, table: Mapping[int, int]) -> Lexicon:
        """The same words with letters replaced, for a view in which they cannot be told apart."""
        other = copy(self)
        other._single = {word.translate(table): sign for word, sign in self._single.items()}
        other._stems = {stem.translate(table): sign for stem, sign in self._stems.items()}
        other._phrases = {}
        for phrases in chain.from_iterable(each.values() for each in self._phrases.values()):
            for parts, sign in phrases:
                other._add([part.translate(table) for part in parts], sign)
        other._index()
        return other

    def signs(self, *concepts: str) -> str:
        """The signs of all words that have one of these concepts."""
        return "".join(sign for known, sign in self._sets.items() if known.intersection(concepts))

    def words(self, *concepts: str) -> frozenset[str]:
        """The whole words of these concepts that are long enough to be told from others."""
        wanted = set(self.signs(*concepts))
        return frozenset(w for w, sign in self._single.items() if sign in wanted and len(w) > 4)

    def code(self, tokens: list[str]) -> str:
        """The code of a text's tokens."""
        known, sign_of = self._single.get, self._sign_of
        signs = {token: known(token) or sign_of(token) for token in set(tokens)}
        code = [signs[token] for token in tokens]
        phrases = self._phrases
        for place, first, second in zip(count(), tokens, tokens[1:], strict=False):
            if first in phrases and second in phrases[first]:
                self._join(tokens, code, place)
        return "".join(code)

    def _sign_of(self, token: str) -> str:
        """The sign of a token that is no listed word."""
        if token.isascii():
            if token[:4] in self._heads and (sign := self._stem(token)):
                return sign
            return WORD if token.isalpha() and len(token) < _LONG_WORD else self._other(token)
        return self._stem(token) or self._other(token)

    def _join(self, tokens: list[str], code: list[str], place: int) -> None:
        """Put one sign in the place of the words of a phrase that starts here."""
        for parts, sign in self._phrases[tokens[place]][tokens[place + 1]]:
            end = place + len(parts)
            if tokens[place:end] == parts and all(code[place:end]):
                code[place:end] = [sign, *[""] * (len(parts) - 1)]
                return

    def _stem(self, token: str) -> str:
        for length in range(min(len(token), 16), 1, -1):
            if sign := self._stems.get(token[:length]):
                return sign
        return ""

    def _other(self, token: str) -> str:
        """The sign of what is no listed word."""
        if token.startswith("://"):
            return URL
        if token[0].isalnum() or token[0] == "_":
            if not token.isascii() and _UNSPACED_RUN.search(token):
                return self._unspaced(token)
            if token.count("_") >= _MANY_PARTS:
                return "".join(self._single.get(part, WORD) for part in token.split("_") if part)
            if len(token) >= _LONG_WORD and "_" not in token:
                return self.split(token)
            return WORD
        if token in _MARKS:
            return _MARKS[token]
        return CLOSE if token in _CLOSING else BREAK

    def _unspaced(self, run: str) -> str:
        signs, end = [], 0
        for match in self._find_inside.finditer(run):
            # Two signs of Chinese are about a word.
            signs += [WORD] * ((match.start() - end) // 2) + [self._inside[match[0]]]
            end = match.end()
        return "".join(signs) + WORD * ((len(run) - end) // 2)

    def split(self, word: str) -> str:
        """The code of words written without spaces, if they are that."""
        found = self._find_latin.findall(word[:_LONGEST])
        if sum(map(len, found)) < 0.8 * min(len(word), _LONGEST):
            return WORD
        return "".join(self._single.get(part) or self._stem(part) for part in found)


def _sorted(
    words: Mapping[str, str],
) -> tuple[_Meanings, _Meanings, dict[tuple[str, ...], set[str]]]:
    """The entries of the lists by their kind: whole words, stems, phrases."""
    single: _Meanings = {}
    stems: _Meanings = {}
    phrases: dict[tuple[str, ...], set[str]] = {}
    for concept, text in words.items():
        for entry in text.split():
            parts = tuple(fold(part) for part in re.split(r"[_'-]", entry) if part)
            if len(parts) > 1:
                *first, last = parts
                for ending in {last.rstrip("*"), last.replace("*", "s")}:
                    phrases.setdefault((*first, ending), set()).add(concept)
            elif entry.endswith("*"):
                stems.setdefault(parts[0].rstrip("*"), set()).add(concept)
            else:
                single.setdefault(parts[0], set()).add(concept)
    return single, stems, phrases


def _meanings(word: str, single: _Meanings, stems: _Meanings) -> set[str]:
    found = set(single.get(word, ()))
    for length in range(2, len(word) + 1):
        found |= stems.get(word[:length], set())
    return found


def _any_of(entries: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(entries, key=lambda e: (-len(e), e)))))


def _misspellings(word: str) -> Iterator[str]:
    for n in range(1, len(word)):
        yield word[:n] + word[n + 1 :]
        yield word[:n] + word[n] + word[n:]
        yield word[: n - 1] + word[n] + word[n - 1] + word[n + 1 :]
