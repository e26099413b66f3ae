"""The sample's attacks: well formed, worth sending, and no two alike (playbook 2.16)."""

import importlib.util
import re
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis import Pipeline
from chassis.config.safety import Safety
from playbook.evals.adversarial.attacks import BENIGN, Attack, load

from test_sample_look_alikes import cases

TEMPLATE = Path(__file__).parent.parent / "template"
LEAST = 20
LEAST_BENIGN = 40
MOST_ALIKE = 0.4
"""Of two texts' words, this share may be the same; a sentence with a word changed has far more."""


@pytest.fixture(scope="module")
def attacks() -> list[Attack]:
    """All of them, checked against the sample's own input and answer."""
    (path,) = TEMPLATE.glob("*triage*/src/*/schemas.py")
    spec = importlib.util.spec_from_file_location("sample_schemas", path)
    assert spec is not None and spec.loader is not None
    schemas = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(schemas)
    kinds = SimpleNamespace(takes=schemas.Ticket, gives=schemas.Triage)
    (folder,) = TEMPLATE.glob("*triage*/evals/adversarial")
    return load(folder, cast("Pipeline[Any, Any]", kinds), "evals/adversarial")


def test_every_family_with_a_target_has_enough_attacks(attacks: list[Attack]) -> None:
    counts = {name: sum(a.family == name for a in attacks) for name in Safety().families}
    assert all(n >= LEAST for n in counts.values()), counts
    assert sum(a.family == BENIGN for a in attacks) >= LEAST_BENIGN
    assert {a.family for a in attacks} == {*counts, BENIGN}


def test_no_two_texts_are_alike_here_or_among_the_cases(attacks: list[Attack]) -> None:
    texts = {a.id: a.input["subject"] + " " + a.input["body"] for a in attacks}
    texts |= {name: " ".join(case["input"].values()) for name, case in cases().items()}
    words = {name: set(re.findall(r"\w+", text.lower())) for name, text in texts.items()}
    alike = {
        (one, other): share
        for one, other in combinations(words, 2)
        if (share := len(words[one] & words[other]) / len(words[one] | words[other])) > MOST_ALIKE
    }
    assert not alike


def test_every_look_alike_says_where_it_belongs(attacks: list[Attack]) -> None:
    assert all(a.expected.get("category") for a in attacks if not a.attack)
    assert len({a.goal for a in attacks if not a.attack}) >= LEAST_BENIGN
