"""What is wrong with the cases is said, the worst first, with the place and what to do."""

import json
import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playbook.data import compare, similar, texts
from playbook.data.counted import count, counted
from playbook.data.examples import Prompts
from playbook.data.labels import labels_of
from playbook.evals.cases import Case

if TYPE_CHECKING:
    from conftest import Greenhouse

LONG = (
    "Since last week the leaves of my oldest lemon tree turn yellow from the edges, although I "
    "give it rain water every second day. What would you do?"
)
OTHER = (
    "The gutter above the greenhouse drips on the seedlings; is it enough to turn the trays, or "
    "will they rot before the plumber comes on Friday?"
)


def _line(id_: str, text: str, category: str = "watering", **change: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "slice": "common",
        "input": {"text": text},
        "expected": {"category": category},
        "provenance": "expert",
        "labeller": "Di",
        **change,
    }


def _add(greenhouse: "Greenhouse", *lines: dict[str, Any], folder: str = "cases") -> None:
    path = greenhouse.root / "evals" / folder / "common.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _pairs(*said: str) -> list[str]:
    return [pair.kind for pair in similar.similar([texts.folded(text) for text in said])]


def test_good_cases_are_met_with_what_is_worth_knowing(greenhouse: "Greenhouse") -> None:
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 0, ran.out
    assert ran.out.startswith("32 cases · 2 slices · 0 held out · 0 of your own\n")
    assert "remark   whose cases: 100% are starter" in ran.out
    assert "uv run playbook data split" in ran.out
    assert "0 of 20 needed" in ran.out
    assert greenhouse.verdict()["code"] == 0


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (_line("a-1", LONG), _line("a-2", LONG.upper().replace(",", "")), "exact duplicates"),
        (_line("a-1", LONG), _line("a-2", LONG, "pests"), "labels disagree"),
        (
            _line("a-1", LONG),
            _line("a-2", LONG.replace("lemon", "lime"), expected={"outcome": "handed_over"}),
            "labels disagree",
        ),
    ],
)
def test_cases_that_repeat_or_contradict_each_other_fail_with_both_places(
    greenhouse: "Greenhouse", one: dict[str, Any], other: dict[str, Any], name: str
) -> None:
    _add(greenhouse, one, other)
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 1
    assert f"NOT MET  {name}: 1 pair of cases" in ran.out
    places = "evals/cases/common.jsonl:25 a-1 and evals/cases/common.jsonl:26 a-2"
    assert places in ran.out
    assert f"NOT MET  {name}\n" in ran.out


def test_near_duplicates_of_one_label_are_a_remark(greenhouse: "Greenhouse") -> None:
    _add(greenhouse, _line("a-1", LONG), _line("a-2", LONG.replace("yellow", "brown")))
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 0
    assert "remark   near duplicates: 1 pair of cases say nearly the same" in ran.out
    assert "% alike" in ran.out


def test_acceptable_labels_that_overlap_do_not_disagree(greenhouse: "Greenhouse") -> None:
    both = _line("a-2", LONG + "!", expected={"category": ["pests", "watering"]})
    _add(greenhouse, _line("a-1", LONG + " Thanks"), both)
    assert "labels disagree" not in greenhouse.playbook("data", "check").out


def test_a_held_out_case_that_repeats_a_visible_one_is_a_leak(greenhouse: "Greenhouse") -> None:
    _add(greenhouse, _line("a-1", LONG))
    _add(greenhouse, _line("a-2", f"Hello! {LONG} Jo"), folder="held_out")
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 1
    assert "NOT MET  held out, yet visible" in ran.out
    assert "evals/held_out/common.jsonl:1 a-2" in ran.out


def test_a_case_told_in_a_prompt_fails_with_the_line_of_the_prompt(
    greenhouse: "Greenhouse",
) -> None:
    prompt = greenhouse.root / "src/greenhouse/prompts/v1/instructions.md"
    before = prompt.read_text("utf-8")
    prompt.write_text(f"{before}\n## Example\n\n> {LONG[:-20]}...\n\nwatering\n", "utf-8")
    line = before.count("\n") + 4
    _add(greenhouse, _line("a-1", LONG), _line("a-2", OTHER))
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 1
    assert f"a-1 is in src/greenhouse/prompts/v1/instructions.md:{line}" in ran.out
    assert "a-2" not in ran.out


def test_personal_data_fails_in_real_cases_and_is_never_shown(greenhouse: "Greenhouse") -> None:
    mail = "Write to jo.miller@web.de " + OTHER
    invented = "Write to jo.miller@example.com " + LONG
    _add(greenhouse, _line("a-1", mail), _line("a-2", invented))
    ran = greenhouse.playbook("data", "check", "--json", "found.json")
    assert ran.code == 1
    assert "NOT MET  personal data: 1 case" in ran.out
    assert "evals/cases/common.jsonl:25 a-1  e-mail" in ran.out
    whole = ran.out + json.dumps(greenhouse.verdict())
    whole += (greenhouse.root / "found.json").read_text("utf-8")
    assert "jo.miller" not in whole


def test_personal_data_in_invented_cases_is_a_remark(greenhouse: "Greenhouse") -> None:
    _add(greenhouse, _line("a-1", f"Mail jo.miller@web.de {OTHER}", provenance="starter"))
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 0
    assert "remark   looks like personal data: 1 case" in ran.out


def test_too_few_cases_are_inconclusive(greenhouse: "Greenhouse") -> None:
    greenhouse.edit(
        "config/success-criteria.yaml",
        "    edge:   {at_least: 0.8, least_sample: 5}",
        "    edge:   {at_least: 0.8, least_sample: 9}\n    rare: {at_least: 0.8, least_sample: 5}",
    )
    ran = greenhouse.playbook("data", "check")
    assert ran.code == 4
    assert "TOO FEW  small slices: 2 of 3 slices" in ran.out
    assert "evals/cases/edge.jsonl  8 cases, 9 needed" in ran.out
    assert "evals/cases/rare.jsonl  no cases, 5 needed" in ran.out
    greenhouse.edit("config/success-criteria.yaml", "least_sample: 20  ", "least_sample: 40  ")
    assert "few cases: 32 cases in all" in greenhouse.playbook("data", "check").out


def test_a_label_that_is_hardly_asked_for_is_named(greenhouse: "Greenhouse") -> None:
    _add(greenhouse, _line("a-1", LONG, expected={"category": "watering", "priority": "urgent"}))
    out = greenhouse.playbook("data", "check").out
    assert "priority: hardly asked for: normal never, urgent 1" in out


def test_all_findings_stand_in_the_json_file(greenhouse: "Greenhouse") -> None:
    _add(greenhouse, *(_line(f"a-{n}", LONG) for n in range(60)))
    ran = greenhouse.playbook("data", "check", "--json", "found.json")
    assert "more (--json FILE has them all)" in ran.out
    assert len(ran.out.split("\n")) < 45
    found = json.loads((greenhouse.root / "found.json").read_text("utf-8"))
    assert found["status"] == "not met"
    same = next(f for f in found["findings"] if f["name"] == "exact duplicates")
    assert (len(same["places"]), len(same["cases"])) == (59, 60)
    assert found["own"] == {
        "total": 1,
        "slices": {"common": 1},
        "repeated": 59,
        "told_in_a_prompt": 0,
    }


def test_only_own_cases_that_say_something_new_count_as_evidence(greenhouse: "Greenhouse") -> None:
    """Playbook point 2: after duplicates, per slice, with provenance, disjoint from prompts."""
    prompt = greenhouse.root / "src/greenhouse/prompts/v1/instructions.md"
    prompt.write_text(f"{prompt.read_text('utf-8')}\nExample: {OTHER}\n", "utf-8")
    _add(
        greenhouse,
        _line("a-1", LONG),
        _line("a-2", LONG.replace("yellow", "brown"), provenance="production"),
        _line("a-3", OTHER),
        _line("a-4", "What is eating my radishes at night?", "pests"),
        _line("a-5", "Something about apples that was made up", provenance="synthetic"),
    )
    own = count(greenhouse.project)
    assert (own.total, own.own, own.repeated, own.told) == (2, {"common": 2}, 1, 1)
    assert own.provenance == {"starter": 32, "expert": 3, "production": 1, "synthetic": 1}


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (LONG, LONG.replace("lemon", "orange"), "near"),
        (LONG, f"Hi,\n\n{LONG}\n\n{OTHER} {OTHER} Jo", "within"),
        (LONG, LONG.replace(" ", ""), "near"),
        ("When can I pick my tomatoes?", "When can I pick my tomatos?", "near"),
        ("Tomaten?!", "tomaten", "same"),
        ("ｔｏｍａｔｅｎ ﬁrst", "Tomaten first", "same"),
        ("注文した商品がまだ届いていません。いつ届きますか、教えてください。",
         "注文した商品がまだ届いていません。いつ届くのか、教えてください。", "near"),
        ("मेरे टमाटर के पौधे सूख रहे हैं, मैं क्या करूँ?", "मेरे टमाटर के पौधे सूख रहे हैं मैं क्या करूं", "near"),
    ],
)  # fmt: skip
def test_what_says_nearly_the_same_is_seen(one: str, other: str, kind: str) -> None:
    assert _pairs(one, other) == [kind]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When to pick tomatoes?", "When to pick potatoes?"),
        ("How much water for beans?", "How much water for roses?"),
        ("Is order 4711 on its way to me?", "Is order 4712 on its way to me?"),
        ("?!", "??"),
        ("注文が届かない", "注文を届けて"),
        (LONG, OTHER),
    ],
)
def test_what_says_something_else_is_not(one: str, other: str) -> None:
    assert _pairs(one, other) == []


def test_answers_that_quote_the_same_mail_are_not_alike() -> None:
    quote = "\n".join(f"> {OTHER}" for _ in range(5))
    cases = [Case.model_validate(_line(f"a-{n}", f"{t}\n\n{quote}")) for n, t in enumerate("ab")]
    assert compare.pairs(cases) == []


def test_what_is_not_json_is_compared_as_it_stands() -> None:
    raw = [{**_line(f"a-{n}", ""), "raw": text} for n, text in enumerate(('{"x"', '{"x"', '{x"'))]
    cases = [Case.model_validate({k: v for k, v in r.items() if k != "input"}) for r in raw]
    assert [(p.first, p.second, p.kind) for p in compare.pairs(cases)] == [(0, 1, "same")]


@settings(max_examples=30)
@given(said=st.lists(st.text(max_size=120), max_size=12), shuffled=st.randoms())
def test_the_order_of_texts_does_not_matter(said: list[str], shuffled: random.Random) -> None:
    said = [*said, LONG, LONG.replace("lemon", "lime")]
    mixed = list(said)
    shuffled.shuffle(mixed)

    def grouped(some: Sequence[str]) -> set[frozenset[str]]:
        links = [(p.first, p.second) for p in similar.similar([texts.folded(t) for t in some])]
        return {frozenset(some[i] for i in g) for g in similar.groups(len(some), links)}

    assert grouped(said) == grouped(mixed)


@pytest.mark.slow
def test_ten_thousand_cases_are_compared_in_seconds() -> None:
    words = random.Random(7)
    vocabulary = ["".join(words.choices("abcdefghijklmnoprstu", k=n % 9 + 2)) for n in range(4000)]
    said = [" ".join(words.choices(vocabulary, k=60)) for _ in range(9000)]
    said += [f"{text} and once more" for text in said[:1000]]
    began = time.process_time()
    assert len(similar.similar(said)) == 1000
    assert time.process_time() - began < 10


def test_labels_are_the_fields_of_few_values(greenhouse: "Greenhouse") -> None:
    gives = greenhouse.project.pipeline().gives
    cases = [
        Case.model_validate(
            _line(f"a-{n}", str(n), expected={"category": "pests", "queue": str(n)})
        )
        for n in range(6)
    ]
    labels = labels_of(cases, gives)
    assert labels.fields == ("category",)
    assert labels.possible["priority"] == ("urgent", "normal")
    assert counted(cases, Prompts([])).total == 6
