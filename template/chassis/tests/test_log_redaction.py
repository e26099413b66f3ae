"""What is logged: redacted in every part of a payload, and never a reason for a request to fail."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.guards.personal.redaction import UNREADABLE, redact_all


@pytest.mark.parametrize(
    ("value", "logged"),
    [
        ({"ann@example.com": ["+41 44 668 18 00"]}, {"[e-mail]": ["[phone]"]}),
        (4111111111111111, "[card]"),
        (4111111111111111.0, "[card]"),
        ({4111111111111111: True}, {"[card]": True}),
        (("ann@example.com",), ["[e-mail]"]),
        ({"password": "soleil", "user": "ann"}, {"password": "[secret]", "user": "ann"}),
        ({"X-API-Key": 12345678}, {"X-API-Key": "[secret]"}),
        ({"access_token": None, "tokens_in": 812}, {"access_token": None, "tokens_in": 812}),
        (b"ann@example.com", "[e-mail]"),
        (Decimal("1.5"), "1.5"),
        (datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23 00:00:00+00:00"),
        ([None, True, 0, -3, 2.5, 20261123], [None, True, 0, -3, 2.5, 20261123]),
    ],
)
def test_every_part_of_a_payload_is_looked_at(value: Any, logged: Any) -> None:
    """PLAYBOOK 2.5, point 5."""
    assert redact_all(value) == logged


class Unwilling:
    """Nothing can be learnt from it."""

    def __str__(self) -> str:
        raise RuntimeError("ann@example.com")

    __repr__ = __str__


def test_what_cannot_be_read_is_told_and_neither_shown_nor_raised() -> None:
    """DESIGN, principle 7: fail closed, value by value."""
    logged = redact_all({"a": Unwilling(), "b": 10**5000, "c": "ann@example.com", "d": 1})
    assert logged == {"a": UNREADABLE, "b": UNREADABLE, "c": "[e-mail]", "d": 1}


def test_a_finder_that_crashes_loses_the_value_not_the_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chassis.guards.personal import redaction

    class Broken:
        def find(self, text: str) -> Any:
            raise RecursionError(text)

    monkeypatch.setattr(redaction, "EVERYTHING", Broken())
    assert redact_all({1: "ann@example.com"}) == {1: UNREADABLE}


def test_a_payload_without_a_bottom_is_cut_off() -> None:
    deep: Any = "ann@example.com"
    for _ in range(50_000):
        deep = [deep]
    assert "ann" not in str(redact_all([deep])[:1])[:100]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(value=JSON)
def test_redacting_twice_is_redacting_once(value: Any) -> None:
    once = redact_all(value)
    assert json.dumps(redact_all(once)) == json.dumps(once)
