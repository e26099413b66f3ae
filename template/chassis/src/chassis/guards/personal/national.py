"""National numbers of persons: social insurance, tax, identity; checked as each country checks.

Those without letters and with a weak check count only after a word that says what they are: one in
eleven order numbers would pass otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stdnum.at import vnr
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.ie import pps
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.pt import cc, nif
from stdnum.us import itin, ssn

from ..spans import Span

Valid = Callable[[str], bool]

_SHAPES = re.compile(
    r"(?<![\w+])(?<!\w[.,/-])(?:"
    r"(?P<ssn>[0-9]{3}-[0-9]{2}-[0-9]{4})"
    r"|(?P<nir>[12] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2})"
    r"|(?P<ahv>756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2})"
    r"|(?P<eleven>[0-9]{11}|[0-9]{2}(?: [0-9]{3}){3}"
    r"|[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}"
    r"|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})"
    r"|(?P<ten>[0-9]{10}|[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}|[0-9]{4} [0-9]{6})"
    r"|(?P<nine>[0-9]{9}|[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}|[0-9]{4}[. ][0-9]{2}[. ][0-9]{3})"
    r"|(?P<fiscale>[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z])"
    r"|(?P<curp>[A-Za-z]{4}[0-9]{6}[A-Za-z]{6}[A-Za-z0-9][0-9])"
    r"|(?P<cc>[0-9]{8} ?[0-9] ?[A-Za-z]{2}[0-9])"
    r"|(?P<dni>[0-9]{8}[ -]?[A-Za-z])"
    r"|(?P<nie>[XYZxyz][ -]?[0-9]{7}[ -]?[A-Za-z])"
    r"|(?P<pps>[0-9]{7}[A-Wa-w][A-Ia-i]?)"
    r"|(?P<nino>[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z]"
    r" ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d])"
    r")(?![\w]|[.,/-][0-9A-Za-z])"
)
_NEVER_NINO = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")  # HMRC, NIM39110

# Checks strong enough to stand alone: two digits or more, or one letter of twenty and over.
_STRONG: dict[str, tuple[Valid, ...]] = {
    "ssn": (ssn.is_valid, itin.is_valid),
    "nir": (nir.is_valid,),
    "ahv": (ahv.is_valid,),
    "eleven": (idnr.is_valid, nn.is_valid, cpf.is_valid),
    "fiscale": (codicefiscale.is_valid,),
    "curp": (curp.is_valid,),
    "cc": (cc.is_valid,),
    "dni": (dni.is_valid,),
    "nie": (nie.is_valid,),
    "pps": (pps.is_valid,),
}
_WITH_WORD: dict[str, tuple[tuple[re.Pattern[str], Valid], ...]] = {
    "nine": (
        (re.compile(r"\bssn\b|social security|\bitin\b"), ssn.is_valid),
        (re.compile(r"\bbsn\b|burgerservice|sofi"), bsn.is_valid),
        (re.compile(r"\bnif\b|contribuinte|fiscal"), nif.is_valid),
        (re.compile(r"\bsin\b|social insurance"), sin.is_valid),
    ),
    "ten": (
        (re.compile(r"\bnhs\b|health service"), nhs.is_valid),
        (re.compile(r"\bsv[ -]?n|svnr|sozialversicherung"), vnr.is_valid),
    ),
}
_WORD_WITHIN = 40  # characters before the number


def national_numbers(text: str, start: int, end: int) -> Iterator[Span]:
    """Numbers a state gave to a person, that begin within a part of the text."""
    for match in _SHAPES.finditer(text, start, end):
        shape = match.lastgroup or ""
        if _valid(shape, match[0], text[max(0, match.start() - _WORD_WITHIN) : match.start()]):
            yield Span(*match.span(), "national-number")


def _valid(shape: str, number: str, before: str) -> bool:
    if shape == "nino":
        return number[:2].upper() not in _NEVER_NINO
    if any(valid(number) for valid in _STRONG.get(shape, ())):
        return True
    checks = _WITH_WORD.get(shape)
    if not checks:
        return False
    lower = before.lower()
    return any(word.search(lower) and valid(number) for word, valid in checks)
