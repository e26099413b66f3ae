"""`playbook guards personal`: figures that are true, repeatable, and say what they do not show."""

import io

import pytest
from rich.console import Console

from chassis.guards.personal.light import EVERYTHING
from chassis.guards.personal.spans import KINDS
from chassis.guards.spans import Span
from playbook.guards.personal import letters, measure, show

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl"}
SEED = 4  # not the one of the published figures


class Blind:
    """Sees nothing."""

    def find(self, text: str) -> list[Span]:
        return []


class Suspicious:
    """Takes everything."""

    def find(self, text: str) -> list[Span]:
        return [Span(0, len(text), "secret")]


class HalfSighted:
    """Leaves the last character of everything."""

    def find(self, text: str) -> list[Span]:
        return [Span(span.start, span.end - 1, span.kind) for span in EVERYTHING.find(text)]


def test_the_same_seed_gives_the_same_letters_in_every_language_and_kind() -> None:
    first, second = list(letters(SEED, 2)), list(letters(SEED, 2))
    assert first == second
    assert first != list(letters(SEED + 1, 2))
    assert {letter.language for letter in first} == LANGUAGES
    assert {letter.kind for letter in first if not letter.negative} == set(KINDS)
    for letter in first:
        assert 0 < letter.start < letter.end < len(letter.text)


@pytest.mark.parametrize(
    ("finder", "recall", "false"), [(Blind(), 0, 0), (Suspicious(), 1, 1000), (HalfSighted(), 0, 0)]
)
def test_a_finder_gets_what_it_deserves(finder: Blind, recall: float, false: float) -> None:
    """A value of which a character is left was not taken out."""
    measured = measure(SEED, 4, finder)
    assert {measured.recall(kind) for kind in KINDS} == {recall}
    assert measured.per_thousand() == pytest.approx(false, abs=25)


def test_the_light_engine_sees_forms_and_no_names() -> None:
    """PLAYBOOK 2.10, point 10: floors well below what was measured, so that only a break fails."""
    measured = measure(SEED, 12, EVERYTHING)
    floors = {"e-mail": 0.99, "iban": 0.98, "ip": 0.98, "mac": 0.98, "card": 0.75, "secret": 0.85}
    floors |= {"phone": 0.75, "national-number": 0.75}
    missed = {
        kind: measured.recall(kind) for kind in floors if measured.recall(kind) < floors[kind]
    }
    assert missed == {}
    assert measured.per_thousand() < 20
    assert measured.recall("name") == measured.recall("address") == 0


def test_the_report_says_what_is_not_seen() -> None:
    out = io.StringIO()
    show(measure(SEED, 2, EVERYTHING), Console(file=out, width=110), "light")
    said = out.getvalue()
    assert "Not seen: name and address." in said
    assert "how people write" in said
    assert all(kind in said for kind in KINDS)
