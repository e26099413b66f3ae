"""The ready-made evaluators: what they call right, wrong, and nothing at all."""

from __future__ import annotations

import random
import sys
import time
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chassis import Draft, Evaluator, Pipeline
from chassis.evaluators import (
    NeedsLabel,
    close_to,
    declines_nothing,
    does_not_match,
    exact,
    fields_right,
    json_schema,
    matches,
    same_set,
    similar,
)


class Colour(StrEnum):
    red = "red"
    blue = "blue"


class Line(BaseModel):
    code: str = "A1"
    price: Decimal = Decimal("9.90")


class Answer(BaseModel):
    label: str | None = "fruit"
    colour: Colour = Colour.red
    tags: list[str] = ["a", "b"]
    count: int = 1
    sure: bool = True
    amount: float | None = 10.0
    due: date = date(2026, 11, 23)
    lines: list[Line] = [Line()]
    text: str = ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


def score(evaluator: Evaluator, answer: BaseModel | None = None, expected: Any = None) -> Any:
    return evaluator.check(None, answer or Answer(), expected)


@pytest.mark.parametrize(
    ("field", "label", "right"),
    [
        ("label", "fruit", True),
        ("label", "Fruit", False),
        ("label", ["vegetable", "fruit"], True),
        ("label", [], False),
        ("colour", "red", True),
        ("due", "2026-11-23", True),
        ("lines.0.code", "A1", True),
        ("tags", ["a", "b"], True),
        ("tags", [["b", "a"], ["a", "b"]], True),
        ("count", 1, True),
        ("count", True, False),
        ("sure", 1, False),
        ("label", None, False),
    ],
)
def test_a_field_is_right_when_it_is_the_label_or_among_the_acceptable(
    field: str, label: Any, right: bool
) -> None:
    assert score(exact(field), expected={field: label}) is right


def test_case_is_forgiven_where_that_is_said() -> None:
    assert score(exact("label", ignore_case=True), expected={"label": [" FRUIT"]}) is True


@given(value=ANYTHING)
def test_every_value_is_itself_and_one_of_those_that_hold_it(value: Any) -> None:
    class Anything(BaseModel):
        it: Any

    answer = Anything(it=value)
    assert score(exact("it"), answer, {"it": value}) is True
    assert score(exact("it"), answer, {"it": ["something else", value]}) is True


@pytest.mark.parametrize("evaluator", [exact("label"), same_set("tags"), close_to("amount")])
def test_where_a_label_does_not_name_the_field_nothing_is_said(evaluator: Evaluator) -> None:
    assert score(evaluator, expected={"colour": "red"}) is None


@pytest.mark.parametrize(
    "evaluator",
    [exact("label"), same_set("tags"), close_to("amount"), fields_right(), fields_right("label")],
)
def test_what_compares_with_a_label_says_that_there_is_none(evaluator: Evaluator) -> None:
    assert not evaluator.live
    with pytest.raises(NeedsLabel, match="compares with a label"):
        score(evaluator)


def test_a_set_is_right_in_any_order_and_one_of_several_sets_will_do() -> None:
    for order in permutations(["a", "b"]):
        assert score(same_set("tags", gate=True), expected={"tags": list(order)}) is True
    assert score(same_set("tags"), expected={"tags": ["a", "b", "a"]}) is True
    assert score(same_set("tags"), expected={"tags": ["a"]}) is False
    assert score(same_set("tags"), expected={"tags": [["c"], ["b", "a"]]}) is True
    assert score(same_set("tags"), Answer(tags=[]), {"tags": []}) is True


MEMBERS = st.lists(st.sampled_from("abcdef"), max_size=6)


@given(mine=MEMBERS, label=MEMBERS, seed=st.integers())
def test_precision_recall_and_f1_hang_together(
    mine: list[str], label: list[str], seed: int
) -> None:
    answer, expected = Answer(tags=mine), {"tags": label}
    shuffled = Answer(tags=random.Random(seed).sample(mine, len(mine)) + mine[:1])
    found = {
        name: score(same_set("tags", score=name), answer, expected)  # type: ignore[arg-type]
        for name in ("precision", "recall", "f1")
    }
    assert all(0 <= share <= 1 for share in found.values())
    assert min(found["precision"], found["recall"]) - 1e-9 <= found["f1"]
    assert found["f1"] <= max(found["precision"], found["recall"]) + 1e-9
    whole = score(same_set("tags"), answer, expected)
    assert whole is (set(mine) == set(label))
    assert (found["f1"] == 1.0) is whole
    again = score(same_set("tags", score="f1"), shuffled, expected)
    assert again == pytest.approx(found["f1"])


def test_a_gate_on_a_share_says_how_much_will_do() -> None:
    with pytest.raises(ValueError, match="to gate it needs at_least="):
        same_set("tags", score="f1", gate=True)
    assert score(same_set("tags", score="recall", at_least=0.5), expected={"tags": ["a", "z"]})
    with pytest.raises(ValueError, match="between 0 and 1, not 80"):
        fields_right(at_least=80)


def test_the_share_of_labelled_fields_that_are_right() -> None:
    label = {"label": "fruit", "colour": ["blue", "green"], "count": 1, "amount": 3.0}
    assert score(fields_right(), expected=label) == 0.5
    assert score(fields_right("label", "count", "due"), expected=label) == 1.0
    assert score(fields_right("due"), expected=label) is None
    assert score(fields_right(at_least=0.6, gate=True), expected=label) is False


@given(
    label=st.floats(-1e9, 1e9),
    off=st.floats(-1e6, 1e6),
    absolute=st.floats(0, 1e6),
    relative=st.floats(0, 0.5),
)
def test_a_number_is_close_within_either_tolerance(
    label: float, off: float, absolute: float, relative: float
) -> None:
    close = close_to("amount", absolute=absolute, relative=relative)
    measured = abs(label + off - label)
    right = measured <= max(absolute, relative * abs(label))
    assert score(close, Answer(amount=label + off), {"amount": label}) is right


@pytest.mark.parametrize(
    ("value", "label", "right"),
    [
        (float("nan"), 10.0, False),
        (float("inf"), 10.0, False),
        (None, 10.0, False),
        (None, None, True),
        (10.004, [12.0, 10.0], True),
        (10.0, "ten", False),
        (1.0, True, False),
    ],
)
def test_what_is_no_number_is_close_to_nothing(value: Any, label: Any, right: bool) -> None:
    close = close_to("amount", absolute=0.01)
    assert score(close, Answer(amount=value), {"amount": label}) is right


def test_a_decimal_is_a_number_too() -> None:
    close = close_to("lines.0.price", relative=0.01)
    assert score(close, expected={"lines.0.price": 9.95}) is True
    assert score(close, expected={"lines.0.price": 11}) is False


def test_a_pattern_has_to_match_or_must_not() -> None:
    short_line = matches("text", r"^.{1,20}$", gate=True)
    assert short_line.live and short_line.gate
    assert score(short_line, Answer(text="a short line")) is True
    for wrong in ("", "x" * 21, "two\nlines", "one\n"):
        assert score(short_line, Answer(text=wrong)) is False
    without = does_not_match("text", r"\b\d{16}\b")
    assert score(without, Answer(text="card 4111111111111111")) is False
    assert score(without, Answer(text="half a character \ud83d, no card")) is True


def test_no_answer_can_keep_a_pattern_busy() -> None:
    """Python's own engine needs years for this text."""
    evil = matches("text", r"^(a+)+$")
    started = time.perf_counter()
    assert score(evil, Answer(text="a" * 90_000 + "!")) is False
    assert time.perf_counter() - started < 1


def test_a_text_too_long_to_be_looked_at_passes_neither_way() -> None:
    long = Answer(text="a" * 100_001)
    assert score(matches("text", "a"), long) is False
    assert score(does_not_match("text", "b"), long) is False


def test_a_pattern_that_is_none_is_named_where_it_is_written() -> None:
    for pattern in ("(", r"(?<=a)b"):
        with pytest.raises(ValueError, match=r"text: .*no regular expression of Rust's kind"):
            matches("text", pattern)


@pytest.mark.parametrize(
    ("text", "declines"),
    [
        ("I'm sorry, but I can't share that.", True),
        ("I cannot help with this request.", True),
        ("As an AI language model I have no opinions.", True),
        ("Ich kann Ihnen dabei leider nicht helfen.", True),
        ("No puedo ayudarte con eso.", True),
        ("Sorry for the delay: your invoice is attached.", False),
        ("The customer cannot sign in and asks for help with the code.", False),
        ("", False),
    ],
)
def test_a_text_that_declines_is_told_from_one_that_helps(text: str, declines: bool) -> None:
    assert score(declines_nothing("text"), Answer(text=text)) is not declines


def test_json_in_a_text_is_held_against_a_schema() -> None:
    pytest.importorskip("jsonschema")
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    fits = json_schema(schema, field="text")
    assert score(fits, Answer(text='{"id": 1}')) is True
    for wrong in ('{"id": "1"}', "{}", "not JSON", "[" * 5000, ""):
        assert score(fits, Answer(text=wrong)) is False
    assert score(json_schema({"required": ["label"]})) is True
    with pytest.raises(ValueError, match="this is no JSON Schema"):
        json_schema({"type": "objekt"})


def test_a_missing_extra_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(ImportError, match=r"airworthy-chassis\[json-schema\].*uv sync"):
        json_schema({})
    monkeypatch.setattr("chassis.evaluators.meaning.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"airworthy-chassis\[semantic\].*uv sync"):
        similar("text", model=Path("models/potion"))


def test_no_model_is_ever_downloaded_by_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("chassis.evaluators.meaning.find_spec", lambda name: object())
    with pytest.raises(FileNotFoundError, match="Nothing is downloaded by itself"):
        similar("text", model=tmp_path / "potion")


def test_meaning_is_the_cosine_of_embeddings_and_the_nearest_label_counts() -> None:
    def embed(texts: Any) -> list[list[float]]:
        return [[float(text.count("a")), float(text.count("b"))] for text in texts]

    near = similar("text", model=embed)
    assert not near.live
    assert score(near, Answer(text="aa"), {"text": "a"}) == pytest.approx(1.0)
    assert score(near, Answer(text="a"), {"text": ["b", "ab"]}) == pytest.approx(0.7071, abs=1e-4)
    assert score(near, Answer(text=" "), {"text": "a"}) == 0.0
    assert score(near, Answer(text="zz"), {"text": "a"}) == 0.0
    gate = similar("text", model=embed, at_least=0.9, gate=True)
    assert score(gate, Answer(text="ab"), {"text": "a"}) is False
    with pytest.raises(ValueError, match="to gate it needs at_least="):
        similar("text", model=embed, gate=True)


def test_a_model_in_a_folder_is_read_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the extra installed: a made-up model of three words."""
    model2vec = pytest.importorskip("model2vec")
    numpy, tokenizers = pytest.importorskip("numpy"), pytest.importorskip("tokenizers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    words = {"[UNK]": 0, "refund": 1, "money": 2, "ship": 3}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    vectors = numpy.array([[0, 0], [1, 0], [0.9, 0.1], [0, 1]], dtype="float32")
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path)
    near = similar("text", model=tmp_path)
    assert score(near, Answer(text="refund"), {"text": ["ship", "money"]}) > 0.99
    assert score(near, Answer(text="refund"), {"text": "ship"}) == 0.0


async def _run(item: Any, ctx: Any) -> Draft[Answer]:
    return Draft(Answer(), 1.0)


def pipeline_with(*evaluators: Evaluator) -> Pipeline[Line, Answer]:
    return Pipeline(
        name="sort",
        takes=Line,
        gives=Answer,
        run=_run,
        degraded=lambda item, reason: Answer(),
        package="labels",
        evaluators=evaluators,
    )


def test_an_evaluator_of_a_field_that_is_not_there_is_refused_with_the_one_meant() -> None:
    with pytest.raises(ValueError, match=r"'lable' reads lable, but Answer .*Did you mean label\?"):
        pipeline_with(exact("lable"))
    assert pipeline_with(exact("lines.0.code"), exact("label")).evaluators


def test_two_evaluators_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="Two evaluators or judges are called 'label'"):
        pipeline_with(exact("label"), matches("label", "fruit"))
