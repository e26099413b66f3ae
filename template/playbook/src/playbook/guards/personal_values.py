"""Values of each kind as they stand in letters, and what is easily taken for them.

Faker makes them, where it makes real ones: its German, Spanish and Portuguese `ssn` are American,
its British one is reserved for documents, its Spanish `nif` obeys no seed. Those are made here,
with the check digits of stdnum.
"""

import string
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from itertools import pairwise

from faker import Faker
from stdnum.es import dni
from stdnum.iso7064 import mod_11_10
from stdnum.pt import nif

Make = Callable[[Faker], str]


def _nino(fake: Faker) -> str:
    first = fake.random_element("ABCEHJLMPRSTWX")
    number = fake.numerify(fake.random_element(("######", " ## ## ## ")))
    return first + fake.random_element("ABCEHJLMPRSTWX") + number + fake.random_element("ABCD")


def _tax_id(fake: Faker) -> str:
    """A German tax number: ten digits, one of them twice, none of the others."""
    digits = fake.random_elements("0123456789", length=9, unique=True)
    while digits[0] == "0":
        digits = fake.random_elements("0123456789", length=9, unique=True)
    body = [*digits]
    body.insert(fake.random_int(1, 9), fake.random_element(digits))
    if any(a == b for a, b in pairwise(body)):
        return _tax_id(fake)
    number = "".join(body)
    number += mod_11_10.calc_check_digit(number)
    spaced = f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"
    return str(fake.random_element((number, spaced)))


def _nif(fake: Faker) -> str:
    number = fake.numerify(fake.random_element(("1", "2")) + "#######")
    return number + nif.calc_check_digit(number)


def _ssn(fake: Faker) -> str:
    return str(fake.ssn())


def _dni(fake: Faker) -> str:
    """Spain's number of a citizen, or of a resident: X, Y or Z in its first digit's place."""
    digits = fake.numerify("########")
    first = fake.random_element(("", "X", "Y", "Z"))
    if first:
        digits = str("XYZ".index(first)) + digits[1:]
    letter = dni.calc_check_digit(digits)
    return (first + digits[1:] if first else digits) + fake.random_element(("", "-")) + letter


_NATIONAL: Mapping[str, Make] = {
    "en_GB": _nino,
    "en_US": _ssn,
    "de_DE": _tax_id,
    "es_ES": _dni,
    "pt_PT": _nif,
}


# Not Faker's jcb16: its numbers are outside of JCB's ranges. Its maestro has 12 digits.
_CARDS = ("visa16", "visa19", "mastercard", "amex", "discover", "diners", "jcb15", "maestro")


@cache
def _american() -> Faker:
    return Faker("en_US")


def _card(fake: Faker) -> str:
    american = _american()  # other countries' providers know fewer issuers
    american.seed_instance(fake.random_int(0, 10**9))
    digits = american.credit_card_number(fake.random_element(_CARDS))
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return str(fake.random_element((digits, " ".join(groups), "-".join(groups))))


def _iban(fake: Faker) -> str:
    number = fake.iban()
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return str(fake.random_element((number, spaced)))


def _secret(fake: Faker, named: bool) -> str:
    """A password where the sentence says so; else a key that is known by its form."""
    if named:
        return str(fake.password(length=fake.random_int(8, 16), special_chars=False))
    letters = "".join(fake.random_choices(string.ascii_letters + string.digits, length=60))
    return str(
        fake.random_element(
            (
                f"sk-proj-{letters}",
                f"ghp_{letters[:36]}",
                f"AKIA{letters[:16].upper()}",
                f"glpat-{letters[:20]}",
                f"xoxb-{fake.numerify('############')}-{letters[:24]}",
                f"AIza{letters[:35]}",
                f"eyJ{letters[:20]}.eyJ{letters[5:30]}.{letters}",
                letters,  # a key without a form of its own
            )
        )
    )


_INTERFACE = ("API", "interface", "Schnittstelle")


def value_of(kind: str, fake: Faker, locale: str, sentence: str) -> str:
    """One value of a kind, fit for this sentence."""
    if kind == "secret":
        return _secret(fake, named=not any(word in sentence for word in _INTERFACE))
    if kind == "national-number":
        return _NATIONAL.get(locale, _ssn)(fake)
    makers: Mapping[str, Make] = {
        "e-mail": lambda f: str(f.email(safe=False)),
        "card": _card,
        "iban": _iban,
        "phone": lambda f: str(f.phone_number()),
        "ip": lambda f: str(f.ipv4() if f.boolean(75) else f.ipv6()),
        "mac": lambda f: str(f.mac_address()),
        "name": lambda f: str(f.name()),
        "address": lambda f: str(f.address()).replace("\n", ", "),
    }
    return makers[kind](fake)


def _like(*patterns: str) -> Make:
    """Faker's patterns: # a digit, % one that is not 0, ? a capital letter."""
    return lambda fake: str(
        fake.bothify(fake.numerify(fake.random_element(patterns)), letters=string.ascii_uppercase)
    )


def _moment(fake: Faker) -> str:
    forms = ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%dT%H%M")
    moment = fake.date_time_between(datetime(2016, 1, 1), datetime(2026, 12, 31))
    return str(moment.strftime(fake.random_element(forms)))


NEGATIVES: Mapping[str, Make] = {
    "order number": _like(
        "########", "##########", "###-#######-#######", "A-######", "20261###-##"
    ),
    "invoice number": _like("2026-#######", "RE#########", "F/26/#####"),
    "version": _like("#.##.#", "v#.#.#.#", "1#.0.#####.####", "2.#.#-rc#"),
    "date and time": _moment,
    "amount": _like("%,###.##", "%.###,## €", "%## ###,##", "$%###.##"),
    "hash": lambda fake: str(fake.random_element((fake.sha1, fake.sha256, fake.md5))()),
    "uuid": lambda fake: str(fake.uuid4()),
    "isbn": lambda fake: str(fake.random_element((fake.isbn13, fake.isbn10))()),
    "ean": lambda fake: str(fake.ean13()),
    "tracking number": _like(
        "1Z############", "RR#########??", "JD01############", "00340434########"
    ),
    "number of 14 digits": _like("%#############"),
    "number of 16 digits": _like("%###############"),
    "serial number": _like("??######", "S/N ?##-####-##", "#########?"),
    "measurement": _like("%##.# kWh", "##.##### N, #.##### E", "%####x####"),
    "timestamp": _like("17########", "17###########"),
}
"""What a support mail has in it and nobody should miss, by what it is."""
