"""How much personal data the guards see: measured on generated letters, in seven languages.

The letters are in `personal_sentences.yaml`, the values come from `personal_values`. A value counts
as seen when nothing of it is left; a number that is none counts as a false positive when any of it
was taken.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml
from rich.console import Console
from rich.table import Table

from chassis.config import load_config
from chassis.guards.personal.engine import personal_finder
from chassis.guards.personal.light import SECRETS
from chassis.guards.personal.spans import KINDS, Finder, Together
from playbook.project import Project

if TYPE_CHECKING:
    from faker import Faker

SEED = 20261123
"""Of the published figures. Use another while you change a rule: one must not be tuned to it."""

_WITHOUT_TERMINAL = 110


@dataclass(frozen=True)
class Letter:
    """One generated letter, and where in it the value stands."""

    language: str
    kind: str
    text: str
    start: int
    end: int
    negative: bool = False


@dataclass
class Measured:
    """What was seen of what was there."""

    seed: int
    rows: int
    there: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    negatives: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)

    def recall(self, kind: str, language: str | None = None) -> float:
        """The share of values of a kind that were taken out whole."""
        keys = [k for k in self.there if k[0] == kind and language in (None, k[1])]
        return sum(self.seen[k] for k in keys) / max(1, sum(self.there[k] for k in keys))

    def per_thousand(self, kind: str | None = None) -> float:
        """False positives in a thousand numbers that are none."""
        keys = [k for k in self.negatives if kind in (None, k)]
        return (
            1000 * sum(self.false[k] for k in keys) / max(1, sum(self.negatives[k] for k in keys))
        )


def command(project: Project, seed: int | None, rows: int) -> None:
    """Measure the service's own engine, and print what came of it."""
    config = load_config(project.root).guardrails.personal_data
    finder = Together(SECRETS, personal_finder(config))
    console = Console(width=None if sys.stdout.isatty() else _WITHOUT_TERMINAL)
    show(measure(SEED if seed is None else seed, rows, finder), console, config.engine)


def measure(seed: int, rows: int, finder: Finder) -> Measured:
    """Hold a finder against `rows` letters of each kind and language."""
    measured = Measured(seed, rows)
    for letter in letters(seed, rows):
        spans = finder.find(letter.text)
        if letter.negative:
            measured.negatives[letter.kind] += 1
            hit = any(span.start < letter.end and letter.start < span.end for span in spans)
            measured.false[letter.kind] += hit
        else:
            key = letter.kind, letter.language
            measured.there[key] += 1
            whole = any(s.start <= letter.start and letter.end <= s.end for s in spans)
            measured.seen[key] += whole
    return measured


def letters(seed: int, rows: int) -> Iterator[Letter]:
    """The letters of a seed, always the same ones with the same version of Faker."""
    from playbook.guards.personal_values import NEGATIVES, value_of

    choice = random.Random(seed)
    for language, sentences in _languages().items():
        fakers = {locale: _faker(locale) for locale in sentences["locales"]}
        for fake in fakers.values():
            fake.seed_instance(seed)
        for kind in KINDS:
            for _ in range(rows if kind in sentences else 0):
                locale = choice.choice(sentences["locales"])
                sentence = choice.choice(sentences[kind])
                value = value_of(kind, fakers[locale], locale, sentence)
                yield _letter(choice, language, kind, sentence, value)
        for kind, make in NEGATIVES.items():
            for _ in range(max(1, rows // 4)):
                fake = fakers[choice.choice(sentences["locales"])]
                sentence = choice.choice(sentences["negative"])
                yield _letter(choice, language, kind, sentence, make(fake), negative=True)


def _letter(
    choice: random.Random,
    language: str,
    kind: str,
    sentence: str,
    value: str,
    *,
    negative: bool = False,
) -> Letter:
    sentences = _languages()[language]
    before, after = sentence.split("{}")
    before = f"{choice.choice(sentences['open'])}\n{before}"
    text = f"{before}{value}{after}\n{choice.choice(sentences['close'])}"
    return Letter(language, kind, text, len(before), len(before) + len(value), negative)


@cache
def _faker(locale: str) -> "Faker":
    from faker import Faker

    return Faker(locale)


@cache
def _languages() -> Mapping[str, Mapping[str, Any]]:
    text = (files("playbook.guards") / "personal_sentences.yaml").read_text("utf-8")
    languages: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return languages


def show(measured: Measured, console: Console, engine: str) -> None:
    """Print what was seen, what was taken wrongly, and what that says."""
    languages = [*_languages()]
    console.print(
        f"{engine} · seed {measured.seed} · {measured.rows} letters a kind and language\n"
    )
    table = _table("found whole", [*languages, "all"])
    for kind in dict.fromkeys(kind for kind, _ in measured.there):
        shares = [measured.recall(kind, language) for language in languages]
        table.add_row(kind, *(f"{share:.0%}" for share in (*shares, measured.recall(kind))))
    console.print(table)
    table = _table("taken, but no personal data", ["of", "per 1,000"])
    for kind, count in measured.negatives.items():
        table.add_row(kind, str(count), f"{measured.per_thousand(kind):.1f}")
    table.add_row("all", str(measured.negatives.total()), f"{measured.per_thousand():.1f}")
    console.print(table)
    for line in _notes(measured):
        console.print(line, soft_wrap=True)


def _table(first: str, others: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for column in others:
        table.add_column(column, justify="right")
    return table


def _notes(measured: Measured) -> Iterator[str]:
    unseen = [kind for kind in ("name", "address") if measured.recall(kind) < 0.5]
    yield ""
    if unseen:
        yield (
            f"Not seen: {' and '.join(unseen)}. Where that matters, choose presidio "
            "(config/guardrails.yaml, personal_data.engine)."
        )
    yield (
        "The letters are generated: they show which forms are seen, not how people write. National "
        "numbers are made by the library that checks them."
    )
