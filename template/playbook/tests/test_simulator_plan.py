"""Fault plans as people write them, and what a mistake in one says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playbook.simulator.faults import KINDS, RateLimit
from playbook.simulator.plan import PlanError, load_plan, parse_plan

GOOD = """\
faults:
  - kind: rate_limit          # the provider is busy
    match: {caller: ann, model: "gpt-*"}
    count: 2
    retry_after_seconds: 1
  - kind: slow_drip
    seconds: 30
    share: 0.1
"""


def test_a_yaml_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text(GOOD)
    first, second = load_plan(tmp_path / "faults.yaml").faults
    assert isinstance(first, RateLimit)
    assert (first.match.caller, first.count, first.retry_after_seconds) == ("ann", 2, 1)
    assert (second.kind, second.share) == ("slow_drip", 0.1)


def test_a_json_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('{"faults": [\n\t{"kind": "timeout", "seconds": 3}]}')
    assert load_plan(tmp_path / "faults.json").faults[0].kind == "timeout"


def test_every_kind_of_fault_is_known_by_its_name() -> None:
    assert set(KINDS) == {
        "latency",
        "timeout",
        "rate_limit",
        "server_error",
        "connection_reset",
        "malformed_body",
        "empty_choices",
        "wrong_schema",
        "truncated_stream",
        "slow_drip",
        "wrong_label",
        "skill",
    }


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("faults:\n  - kind: rate_limits\n", ":2  faults.0.kind", "Did you mean 'rate_limit'?"),
        ("faults:\n  - count: 3\n", ":2  faults.0.kind", "A rule needs a 'kind'"),
        (
            "faults:\n  - kind: timeout\n    secs: 3\n",
            ":3  faults.0.secs",
            "Did you mean 'seconds'?",
        ),
        ("faults:\n  - kind: slow_drip\n", ":2  faults.0.seconds", "seconds: 2.5"),
        (
            "faults:\n  - kind: timeout\n    match:\n      user: x\n",
            ":4  faults.0.match.user",
            "Use one of: caller, user_contains, model.",
        ),
        (
            "faults:\n  - kind: malformed_body\n    share: 30\n",
            ":3  faults.0.share",
            "30 cannot be used: input should be less than or equal to 1",
        ),
        (
            "faults:\n  - kind: server_error\n    status: 404\n",
            ":3  faults.0.status",
            "500, 502, 503 or 529",
        ),
        ("faults:\n  - kind: skill\n    skill: bad\n", ":3  faults.0.skill", "'bad'"),
        ("fault:\n  - kind: timeout\n", "faults", "Put the rules under 'faults:'"),
        ("- kind: timeout\n", "", "A plan looks like this"),
        ("", "", "A plan looks like this"),
        ("faults:\n  - kind: 'timeout\n", ":3", "Not valid YAML"),
        ('{"faults": [}', ":1", "Not valid JSON"),
    ],
)
def test_a_mistake_says_file_line_field_and_fix(
    tmp_path: Path, text: str, place: str, advice: str
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(text)
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    said = str(caught.value)
    assert said.startswith(f"{path}{place}" if place.startswith(":") else str(path))
    assert place in said
    assert advice in said


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan("faults:\n  - kind: timeout\n    seconds: -1\n  - kind: nonsense\n")
    assert "faults.0.seconds" in str(caught.value)
    assert "faults.1.kind" in str(caught.value)


def test_a_missing_file_shows_what_a_plan_looks_like(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"no such file(.|\n)*kind: rate_limit"):
        load_plan(tmp_path / "nowhere.yaml")


@example("._")
@example("-_")
@given(st.text(max_size=60) | st.text("faults:- \n{}[]kind\"'&*!|", max_size=40))
def test_no_text_whatever_raises_anything_but_a_plan_error(text: str) -> None:
    try:
        parse_plan(text)
    except PlanError as error:
        assert str(error)
