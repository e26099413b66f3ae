"""Held out stays held out, seen stays seen, and no line is ever lost or changed."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.data import files, split
from playbook.data.labels import Labels
from playbook.evals.cases import Case, Placed

if TYPE_CHECKING:
    from conftest import Greenhouse

LABELS = Labels(("category",), {})
CATEGORIES = ("watering", "pests", "harvest")


def _case(number: int, slice_: str = "common", **change: Any) -> Case:
    """A case that says something of its own."""
    words = random.Random(number)
    text = " ".join("".join(words.choices("abcdefghijklmnop", k=7)) for _ in range(12))
    content = {
        "id": f"{slice_}-{number}",
        "slice": slice_,
        "input": {"text": text},
        "expected": {"category": CATEGORIES[number % 3]},
        "provenance": "expert",
        "labeller": "Di",
        "critical": number % 11 == 0,
    }
    return Case.model_validate({**content, **change})


def _placed(cases: Sequence[Case], held_out: frozenset[str] = frozenset()) -> list[Placed]:
    return [
        Placed(case, Path(f"{case.slice}.jsonl"), n, "", case.id in held_out)
        for n, case in enumerate(cases, 1)
    ]


def _split(cases: Sequence[Case], before: split.Plan | None = None) -> split.Plan:
    """Split once, after an earlier split."""
    held = before and frozenset(p.case.id for p in (*before.held_out, *before.moves))
    seen = before and frozenset(files.key_of(p.case) for p in before.stays)
    placed = _placed(cases, held or frozenset())
    return split.planned(placed, LABELS, split.SHARE, seen or frozenset())


def _sides(plan: split.Plan) -> tuple[set[str], set[str]]:
    held = {p.case.id for p in (*plan.held_out, *plan.moves)}
    return held, {p.case.id for p in plan.stays}


_NUMBERS = st.lists(st.integers(0, 10_000), unique=True, max_size=60)


@settings(max_examples=40)
@given(first=_NUMBERS, second=_NUMBERS, shuffled=st.randoms())
def test_adding_cases_moves_no_case_that_was_assigned_and_meets_the_share(
    first: list[int], second: list[int], shuffled: random.Random
) -> None:
    cases = [_case(n, "edge" if n % 4 == 0 else "common") for n in first]
    held, visible = _sides(before := _split(cases))
    more = [*cases, *(_case(n, "edge" if n % 4 == 0 else "common") for n in {*second} - {*first})]
    shuffled.shuffle(more)
    held_now, visible_now = _sides(_split(more, before))
    assert held <= held_now and visible <= visible_now
    for name in ("common", "edge"):
        size = sum(case.slice == name for case in more)
        out = sum(case.slice == name and case.id in held_now for case in more)
        assert abs(out - split.SHARE * size) <= 0.5 + 1e-9


@settings(max_examples=25)
@given(numbers=_NUMBERS, shuffled=st.randoms())
def test_the_order_of_lines_does_not_matter(numbers: list[int], shuffled: random.Random) -> None:
    cases = [_case(n) for n in numbers]
    mixed = list(cases)
    shuffled.shuffle(mixed)
    assert _sides(_split(cases)) == _sides(_split(mixed))


def test_labels_and_critical_cases_are_spread() -> None:
    cases = [_case(n) for n in range(300)]
    held, _ = _sides(_split(cases))
    out = [case for case in cases if case.id in held]
    assert Counter(case.expected.values["category"] for case in out) == dict.fromkeys(
        CATEGORIES, 20
    )
    critical = sum(case.critical for case in cases)
    assert abs(sum(case.critical for case in out) - critical / 5) <= 1


def test_a_slice_of_labels_that_occur_once_is_split_all_the_same() -> None:
    cases = [_case(n, expected={"category": f"label {n}"}) for n in range(20)]
    held, _ = _sides(_split(cases))
    assert len(held) == 4


def test_two_cases_are_too_few_to_hold_one_out() -> None:
    assert _sides(_split([_case(1), _case(2)]))[0] == set()


def test_what_says_nearly_the_same_stays_on_one_side() -> None:
    cases = [_case(n) for n in range(50)]
    twins = [
        _case(n, id=f"twin-{n}", input={"text": case.input["text"] + " again"})
        for n, case in enumerate(cases)
    ]
    both = _split([*cases, *twins])
    held, _ = _sides(both)
    assert {f"twin-{id_.partition('-')[2]}" for id_ in held if id_[0] == "c"} == {
        id_ for id_ in held if id_[0] == "t"
    }
    later = _split([*cases, *twins], _split(cases))
    held, _ = _sides(later)
    assert {id_.partition("-")[2] for id_ in held if id_[0] == "c"} == {
        id_.partition("-")[2] for id_ in held if id_[0] == "t"
    }


def test_a_corrected_label_does_not_unsee_a_case() -> None:
    cases = [_case(n) for n in range(30)]
    before = _split(cases)
    relabelled = [
        _case(n, expected={"category": CATEGORIES[(n + 1) % 3]}) for n in range(len(cases))
    ]
    assert _sides(_split(relabelled, before))[1] >= _sides(before)[1]


@pytest.mark.slow
def test_ten_thousand_cases_are_split_in_seconds() -> None:
    plan = _split([_case(n, f"slice_{n % 6}") for n in range(10_000)])
    assert abs(len(plan.moves) - 2000) <= 3


def _lines(greenhouse: "Greenhouse") -> list[bytes]:
    found = []
    for folder in ("cases", "held_out"):
        for file in (greenhouse.root / "evals" / folder).glob("*.jsonl"):
            found += [line for line in file.read_bytes().split(b"\n") if line]
    return sorted(found)


def test_lines_move_as_they_were_written(greenhouse: "Greenhouse") -> None:
    common = greenhouse.root / "evals" / "cases" / "common.jsonl"
    odd = "".join(
        f'{{ "slice":"common","id":"odd-{n}", "input":{{"text":"{chr(65 + n) * 9} \\u00fc ü"}},'
        '"expected":{"category":"pests"},"labeller":"Di",  "provenance":"expert"}\r\n'
        for n in range(20)
    )
    common.write_bytes(odd.encode() + common.read_bytes())
    before = _lines(greenhouse)
    assert greenhouse.playbook("data", "split", "--dry-run").code == 0
    assert not greenhouse.project.held_out.exists()
    ran = greenhouse.playbook("data", "split")
    assert ran.code == 0, ran.err
    assert "moved to evals/held_out/" in ran.out
    assert _lines(greenhouse) == before
    held_out = (greenhouse.project.held_out / "common.jsonl").read_bytes()
    assert b'{ "slice":"common"' in held_out
    again = greenhouse.playbook("data", "split")
    assert "Nothing moved" in again.out
    assert _lines(greenhouse) == before


@pytest.mark.parametrize("survives", range(5))
def test_a_split_cut_off_at_any_file_loses_nothing_and_the_next_one_finishes(
    greenhouse: "Greenhouse", monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    before = _lines(greenhouse)
    write, done = files.write_whole, []

    def cut_off(path: Path, text: str) -> None:
        if len(done) == survives:
            raise KeyboardInterrupt
        done.append(path)
        write(path, text)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_whole", cut_off)
        assert greenhouse.playbook("data", "split").code == 130
    assert set(_lines(greenhouse)) == set(before)
    ran = greenhouse.playbook("data", "split")
    assert ran.code == 0, ran.err
    assert _lines(greenhouse) == before
    assert (greenhouse.project.held_out / "seen.json").exists()
    assert "20%" in ran.out or "21%" in ran.out


def test_a_damaged_list_of_what_was_seen_stops_the_split(greenhouse: "Greenhouse") -> None:
    greenhouse.playbook("data", "split")
    (greenhouse.project.held_out / "seen.json").write_text("{}", "utf-8")
    ran = greenhouse.playbook("data", "split")
    assert ran.code == 2
    assert "evals/held_out/seen.json\n  This is not what" in ran.err
    assert json.loads((greenhouse.project.held_out / "seen.json").read_text("utf-8")) == {}
