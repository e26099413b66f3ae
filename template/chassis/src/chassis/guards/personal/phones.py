"""Telephone numbers: international ones always, national ones after a word or by country."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import NumberParseException

from ..spans import Span

_EXTENSION = re.compile(r"\s?(?:x|ext\.?|#)\s?[0-9]{1,6}")
_END = r"(?![\w]|[.,-][0-9])"
_INTERNATIONAL = re.compile(
    r"(?<![\w+])\(?(?:\+|(?<![0-9])(?<![0-9][ .,/-])00)[ ]?[(]?[1-9]"
    rf"(?:[ ()./-]{{0,3}}[0-9]){{6,14}}(?:{_EXTENSION.pattern})?{_END}"
)
_LEAST_DIGITS = 7  # of a number with its country's code
_NATIONAL = re.compile(
    rf"(?<![\w+.,/-])\(?[0-9](?:[ ()./-]{{0,3}}[0-9]){{6,13}}(?:{_EXTENSION.pattern})?{_END}"
)
# Written so, a number needs no word: an area code in brackets, and France's five pairs.
_OWN_FORM = re.compile(r"\(0\d{1,5}\)[ -]?\d{3}[\d -]*|0[1-9](?:[ .]\d\d){4}")
# So does one of North America, if there are such numbers: three, three, four.
_NORTH_AMERICAN = re.compile(
    r"(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{4}" + f"(?:{_EXTENSION.pattern})?"
)

# "Phone: 0151 ...", "Telefonnummer ist 0151 ...": what follows is one, if it is long enough.
_NOUN = re.compile(
    "tel|phones?|telephone|mobile|cell|cellphone|fax|sms|gsm|whatsapp"
    "|fon|handy|handynummer|telefon|telefonnummer|rufnummer|mobil|mobilnummer"
    "|téléphone|téléphonique|portable|teléfono|móvil|movil|fono|telefono|cellulare"
    "|telefone|telemóvel|telemovel|celular|telefoon|telefoonnummer|mobiel|mobiele"
)
_FILLER = re.compile(
    "number|no|nr|num|número|numero|numéro|nummer|is|ist|lautet|est|es|è|é|o|di|de|do|le|al|het"
)
# "Call me on 0151 ...": the number has to be one that somebody could have.
_VERB = re.compile(
    "call|ring|reach|text|contact|anrufen|rufen|anruf|erreichbar|erreichen|kontakt"
    "|appeler|appelez|joindre|joignable|llamar|llame|llámeme|llamarme|llamarle|contacto"
    "|chiamare|chiamatemi|chiami|chiamarmi|raggiungibile|ligar|ligue|contactar"
    "|bellen|bel|bereikbaar"
)
_WORDS = re.compile(r"[^\W\d_]+")
_SIGN = re.compile("[☎📞📱]")
_BREAK = re.compile(r"[0-9\[\]\n]")  # whatever was announced before it is not this number
_VERB_WITHIN, _VERB_AFTER = 6, 2  # words: "unter 0151 ... anrufen"
_MINE = re.compile("my|meine|mon|mi|mio|meu|mijn")  # "my number is", but not "my order number is"
_DATE = re.compile(r"(?:\d{4}([./-])\d\d?\1\d\d?|\d\d?([./-])\d\d?\2\d{4})(?!\d)")
_ITALY = 39  # the only country whose numbers keep their 0 abroad
_WORD_WITHIN, _WORD_AFTER = 48, 24  # characters
_MOST_ASKED = 128  # questions to the library a text, of 0.04 to 0.09 ms each
# Countries of the six languages, by how numbers begin within them.
_WITH_ZERO = ("DE", "GB", "FR", "IT", "NL", "AT", "CH", "BE", "IE")
_WITHOUT_ZERO = ("US", "ES", "IT", "PT", "BR")

for _region in {
    *_WITH_ZERO,
    *_WITHOUT_ZERO,
}:  # reads their numbering plans now, not within the first request
    phonenumbers.PhoneMetadata.metadata_for_region(_region)


class Phones:
    """Finds telephone numbers in one text.

    Args:
        text: The whole text.
        regions: Countries whose numbers count in national form without a word before them.
    """

    def __init__(self, text: str, regions: Sequence[str]) -> None:
        self._text = text
        self._regions = regions
        self._asked = 0

    def within(self, start: int, end: int, known: Sequence[Span]) -> Iterator[Span]:
        """Those that begin within a part of the text.

        Args:
            start: Where the part begins.
            end: Where it ends.
            known: What was found in it: a part of a card number is no telephone number.
        """
        found = [*self._international(start, end)]
        yield from found
        taken = {at for span in (*known, *found) for at in range(span.start, span.end)}
        for match in _NATIONAL.finditer(self._text, start, end):
            if match.start() not in taken and self._is_national(match):
                yield Span(*match.span(), "phone")

    def _international(self, start: int, end: int) -> Iterator[Span]:
        """Numbers with a country code; of "+41 44 668 18 00 5 boxes" the part that can be one."""
        match = _INTERNATIONAL.search(self._text, start, end)
        while match:
            number = match[0]
            while number and not self._is_possible(number):
                number = _without_last_group(number)
            stop = match.start() + len(number) if number else match.end()
            if number:
                yield Span(match.start(), stop, "phone")
            match = _INTERNATIONAL.search(self._text, stop, end)

    def _is_possible(self, number: str) -> bool:
        self._asked += 1
        return self._asked > _MOST_ASKED or _possible(number)

    def _is_national(self, match: re.Match[str]) -> bool:
        number, (start, end) = match[0], match.span()
        if _DATE.match(number):
            return False
        announced = _announced(
            self._text[max(0, start - _WORD_WITHIN) : start], self._text[end : end + _WORD_AFTER]
        )
        if announced == "noun":
            return True
        if announced == "verb":
            usual = _WITH_ZERO if number.lstrip("(").startswith("0") else _WITHOUT_ZERO
            return self._valid(number, (*usual, *self._regions))
        if _OWN_FORM.fullmatch(number):
            return True
        if _NORTH_AMERICAN.fullmatch(number) and self._valid(number, ("US",)):
            return True
        regions = [region for region in self._regions if _begins_as_in(number, region)]
        return self._valid(number, regions)

    def _valid(self, number: str, regions: Sequence[str]) -> bool:
        """Whether a country has such a number; after many questions, whatever looks like one.

        The library needs up to a millisecond for a number, and other requests wait meanwhile.
        """
        for region in regions:
            self._asked += 1
            if self._asked > _MOST_ASKED:
                return True
            try:
                if phonenumbers.is_valid_number(phonenumbers.parse(number, region)):
                    return True
            except NumberParseException:
                return False
        return False


def _without_last_group(number: str) -> str:
    """What is left of a number without its last group of digits; nothing when that is too short."""
    left = number.rstrip("0123456789").rstrip(" ()./-")
    return left if sum(map(str.isdigit, left)) >= _LEAST_DIGITS else ""


def _announced(before: str, after: str) -> str:
    """Whether the words around a number say that it is a telephone's: by a noun, or by a verb."""
    before = _BREAK.split(before)[-1]
    if _SIGN.search(before):
        return "noun"
    words = _WORDS.findall(before.lower())
    around = words[-_VERB_WITHIN:] + _WORDS.findall(_BREAK.split(after)[0].lower())[:_VERB_AFTER]
    verb = any(map(_VERB.fullmatch, around))
    filled = len(words)
    while words and _FILLER.fullmatch(words[-1]):
        words.pop()
    if words and _NOUN.fullmatch(words[-1]):
        return "noun"
    mine = filled - len(words) >= 2 and words and _MINE.fullmatch(words[-1])
    return "verb" if verb or mine else ""


def _possible(number: str) -> bool:
    """Whether such a country code exists, with numbers of this length; after 00, such a number."""
    plain = _EXTENSION.sub("", number).replace("(0)", "")
    digits = "".join(filter(str.isdigit, plain))
    plus = "+" in plain
    if not plus:
        digits = digits[2:]
    for length in (1, 2, 3):
        code = int(digits[:length])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            national = digits[length:]
            zero = code == _ITALY and national.startswith("0")
            parsed = phonenumbers.PhoneNumber(
                code, int(national), italian_leading_zero=zero or None
            )
            check = phonenumbers.is_possible_number if plus else phonenumbers.is_valid_number
            return check(parsed)
    return False


def _begins_as_in(number: str, region: str) -> bool:
    """Whether a number begins with the 0 that this country's national numbers begin with, if so."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    zero = metadata is not None and metadata.national_prefix == "0"
    return not zero or number.lstrip("(").startswith("0")
