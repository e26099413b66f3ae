"""The simulator's brain fills whatever schema it is given, validly."""

from __future__ import annotations

from typing import Any

from brain_samples import SUPPORT, TRIAGE, marked, prompt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from playbook.simulator.brain import Request, answer

# ── Schemas ──

LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"const": "fixed"}),
    st.lists(st.sampled_from(["red", "blue", "a b", "x_y", 3, None]), min_size=1, unique=True).map(
        lambda values: {"enum": values}
    ),
    st.builds(
        lambda low, extra: {"type": "string", "minLength": low, "maxLength": low + extra},
        st.integers(0, 30),
        st.integers(0, 200),
    ),
    st.sampled_from(["date", "date-time", "email", "uuid"]).map(
        lambda form: {"type": "string", "format": form}
    ),
    st.builds(
        lambda low, extra, kind: {"type": kind, "minimum": low, "maximum": low + extra},
        st.integers(-50, 50),
        st.integers(0, 50),
        st.sampled_from(["integer", "number"]),
    ),
    st.builds(
        lambda low, step: {"type": "integer", "exclusiveMinimum": low, "multipleOf": step},
        st.integers(-50, 50),
        st.integers(1, 7),
    ),
)
NAMES = st.sampled_from(["category", "confidence", "summary", "score", "tags", "note"])


def _nest(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.dictionaries(NAMES, inner, max_size=4).map(
        lambda properties: {"type": "object", "properties": properties, "required": [*properties]}
    )
    arrays = st.builds(
        lambda items, least: {
            "type": "array",
            "items": items,
            "minItems": least,
            "maxItems": least + 2,
        },
        inner,
        st.integers(0, 3),
    )
    nullable = inner.map(lambda schema: {"anyOf": [schema, {"type": "null"}]})
    shared = inner.map(lambda schema: {"allOf": [schema]})
    return st.one_of(objects, arrays, nullable, shared)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    properties=st.dictionaries(NAMES, st.recursive(LEAVES, _nest, max_leaves=5), max_size=5),
    text=st.text(max_size=200),
    skill=st.floats(0, 1),
)
def test_an_answer_always_fits_its_schema(
    properties: dict[str, Any], text: str, skill: float
) -> None:
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    request = Request("- `red`: warm\n- `blue`: cold", marked(text), schema, skill=skill)
    Draft202012Validator(schema).validate(answer(request))
    assert answer(request) == answer(request)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_gets_an_answer(instructions: str, user: str) -> None:
    Draft202012Validator(TRIAGE).validate(answer(Request(instructions, user, TRIAGE)))
    assert isinstance(answer(Request(instructions, user)), str)


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
                },
                "required": ["name", "next"],
            }
        },
    }
    Draft202012Validator(schema).validate(answer(Request("Go.", "A text of some words", schema)))


def test_several_labels_may_be_asked_for() -> None:
    items = {"enum": list(SUPPORT), "type": "string"}
    tags = {"type": "array", "items": items, "minItems": 2, "maxItems": 3, "uniqueItems": True}
    schema = {"type": "object", "properties": {"tags": tags}}
    text = marked("I cannot sign in to pay the invoice.")
    answered = answer(Request(prompt(SUPPORT), text, schema))
    assert isinstance(answered, dict) and set(answered["tags"]) == {"billing", "account"}


def test_no_answer_is_an_answer_where_null_is_allowed() -> None:
    labels = {"type": ["string", "null"], "enum": ["billing", "account", None]}
    schema = {"type": "object", "properties": {"label": labels}}
    told = "- `billing`: invoices\n- `account`: passwords"
    assert answer(Request(told, "Qwrtz plmokn.", schema)) == {"label": None}
    assert answer(Request(told, "The invoice is wrong", schema)) == {"label": "billing"}
