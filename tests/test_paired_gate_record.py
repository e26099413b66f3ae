"""docs/decisions/0018 states what the paired gate does; this simulates it again."""

from __future__ import annotations

import re

import pytest
from paired_simulation import CASES, DISCORDANCE, DROP, simulate

from support import ROOT

RUNS = 4000
ROW = re.compile(r"^\| (\d+) \| (\d+)% \| (.+) \|$", re.MULTILINE)


def stated() -> dict[tuple[int, float], list[str]]:
    text = (ROOT / "docs" / "decisions" / "0018-paired-gate.md").read_text(encoding="utf-8")
    assert f"{RUNS:,} seeded runs" in text
    return {
        (int(cases), int(discordance) / 100): figures.split(" | ")
        for cases, discordance, figures in ROW.findall(text)
    }


@pytest.mark.slow
@pytest.mark.parametrize("cases", CASES)
def test_the_figures_in_the_decision_record_are_what_the_simulation_gives(cases: int) -> None:
    for discordance in DISCORDANCE:
        unchanged = simulate(cases, discordance, 0, RUNS)
        dropped = simulate(cases, discordance, DROP, RUNS)
        assert unchanged.gate <= 0.05
        simulated = [
            f"{share:.1%}"
            for blocked in (unchanged, dropped)
            for share in (blocked.gate, blocked.two_families, blocked.naive)
        ]
        assert stated()[cases, discordance] == simulated


def test_the_record_states_every_size_and_discordance_once() -> None:
    assert sorted(stated()) == sorted((n, d) for n in CASES for d in DISCORDANCE)
