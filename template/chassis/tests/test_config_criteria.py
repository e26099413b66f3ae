"""Every number of the criteria file is a target, with all that others need to know about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import configs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from chassis.config import Criteria, Releases, Target
from chassis.config.releases import PROVIDERS, Parameters, Release
from chassis.config.schemas import MODELS, schema, write_schemas

PACKAGE = Path(__file__).parents[1] / "src" / "chassis"


@pytest.fixture
def criteria() -> Criteria:
    return Criteria.model_validate(yaml.safe_load(configs.CRITERIA))


def numbers_of(block: dict[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for key, value in block.items():
        if isinstance(value, dict):
            yield from numbers_of(value, f"{path}{key}.")
        elif isinstance(value, int | float):
            yield f"{path}{key}", float(value)


def test_no_number_of_the_file_is_left_out(criteria: Criteria) -> None:
    in_file = dict(numbers_of(yaml.safe_load(configs.CRITERIA)))
    assert {target.name: target.value for target in criteria.targets()} == in_file


def test_every_number_has_a_unit_a_direction_an_owner_and_a_meaning(criteria: Criteria) -> None:
    for target in criteria.targets():
        assert target.unit and target.owner and target.meaning.endswith("."), target
        assert target.direction in ("at_least", "at_most", "given")


def test_what_is_measured_in_the_service_names_its_metric(criteria: Criteria) -> None:
    measured = {t.name for t in criteria.targets() if t.metric}
    assert measured == {
        "latency.p95_seconds", "availability.at_least",
        "cost.per_interaction_usd", "cost.daily_budget_usd", "cost.weekly_budget_usd",
        "satisfaction.at_least", "traffic.peak_requests_per_second",
    }  # fmt: skip


def test_a_slice_has_its_own_least_sample_and_the_owner_of_its_section(criteria: Criteria) -> None:
    assert criteria.target("quality.slices.edge.at_least") == Target(
        name="quality.slices.edge.at_least",
        value=0.85,
        unit="share",
        direction="at_least",
        owner="domain_expert",
        least_sample=30,
        metric=None,
        meaning="Share of this slice's cases that have to be right. Eval gate.",
    )
    assert criteria.target("cost.daily_budget_usd").least_sample is None


def test_a_number_without_a_unit_cannot_be_added_to_the_file(criteria: Criteria) -> None:
    class Forgetful(Criteria):
        days: int = Field(default=3, description="A number that says nothing about itself.")

    with pytest.raises(TypeError, match="days has no unit: declare it with number"):
        Forgetful(**dict(criteria)).targets()


@given(st.dictionaries(st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"), st.floats(0, 1), min_size=1))
def test_a_slice_of_any_name_becomes_a_target(slices: dict[str, float]) -> None:
    data = yaml.safe_load(configs.CRITERIA)
    data["quality"]["slices"] = {
        name: {"at_least": share, "least_sample": 10} for name, share in slices.items()
    }
    criteria = Criteria.model_validate(data)
    for name, share in slices.items():
        assert criteria.target(f"quality.slices.{name}.at_least").value == share


def test_the_schemas_for_editors_are_those_of_the_models(tmp_path: Path) -> None:
    for made in write_schemas(tmp_path):
        committed = PACKAGE / "schemas" / made.name
        assert made.read_text() == committed.read_text(), (
            "Run python -m chassis.config --write-schemas chassis/src/chassis/schemas"
        )


@pytest.mark.parametrize("name", list(MODELS))
def test_editors_show_a_meaning_for_every_key(name: str) -> None:
    def check(node: Any, path: str) -> None:
        for key, inner in node.get("properties", {}).items():
            assert inner.get("description") or "$ref" in inner, f"{path}.{key}"
        for key, inner in node.get("$defs", {}).items():
            assert inner.get("description"), key
            check(inner, f"{path}.{key}")

    check(schema(name), name)


@given(st.sampled_from(PROVIDERS), st.from_regex(r"\A[a-z0-9.:/-]{1,40}\Z"))
def test_a_model_comes_apart_at_its_first_colon(provider: str, name: str) -> None:
    parameters = Parameters(max_tokens=1)
    release = Release(
        model=f"{provider}:{name}", prompt="v1", parameters=parameters, confidence_threshold=0.5
    )
    assert (release.provider, release.model_name) == (provider, name)
    assert [str(model) for model in release.chain] == [release.model]


def test_a_release_knows_its_name_and_the_order_of_its_models() -> None:
    releases = Releases.model_validate(yaml.safe_load(configs.RELEASES))
    release = releases["triage-v2"]
    assert release.name == "triage-v2"
    assert [model.provider for model in release.chain] == ["openai", "anthropic", "bedrock"]
    assert release.chain[2].name == "acme.model-v1:0"
    assert releases.names == ("triage-v1", "triage-v2") and "triage-v1" in releases


def test_only_parameters_that_are_set_are_sent() -> None:
    assert Parameters(max_tokens=400).settings() == {"max_tokens": 400}
    sent = Parameters(max_tokens=400, temperature=0.0, thinking="off").settings()
    assert sent == {"max_tokens": 400, "temperature": 0.0, "thinking": False}
