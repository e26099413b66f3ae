"""What the configuration says to the eval gate: how it judges, and who stands for a looser one."""

from __future__ import annotations

from pathlib import Path

import configs
import pytest

from chassis.config import ConfigError, load_config

CRITERIA, OWNERSHIP = "success-criteria.yaml", "ownership.yaml"
EXPIRES = "expires: 2027-04-30"


def refused(root: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(root)
    return str(caught.value)


def test_criteria_from_before_the_gate_had_settings_have_their_defaults(tmp_path: Path) -> None:
    quality = load_config(configs.make(tmp_path)).criteria.quality
    assert quality.judged_by == "point_estimate"
    assert (quality.regression.margin, quality.regression.least_overlap) == (0.02, 0.8)


def test_how_the_gate_compares_is_no_target_of_the_running_service(tmp_path: Path) -> None:
    root = configs.make(tmp_path)
    before = load_config(root).criteria.targets()
    regression = "  regression: {margin: 0.05, least_overlap: 0.9}\n  slices:"
    configs.edit(root, CRITERIA, "  slices:", regression)
    criteria = load_config(root).criteria
    assert criteria.quality.regression.margin == 0.05
    assert criteria.targets() == before


@pytest.mark.parametrize(
    ("criterion", "to"),
    [
        ("quality.at_least", "0.9"),
        ("quality.slices.edge.at_least", "0.8"),
        ("quality.slices.gone", "removed"),
        ("quality.judged_by", "point_estimate"),
        ("quality.regression.margin", "0.05"),
        ("latency.p95_seconds", "5"),
        ("evals.infrastructure_errors_at_most", "0.05"),
        ("evals.judges.tone.gate", "False"),
        ("evals.judges.tone", "removed"),
        ("evals.recordings.on_miss", "simulate"),
    ],
)
def test_an_attestation_may_stand_for_a_number(tmp_path: Path, criterion: str, to: str) -> None:
    root = configs.make(tmp_path)
    lines = f"{EXPIRES}\n    criterion: {criterion}\n    to: {to}"
    configs.edit(root, OWNERSHIP, EXPIRES, lines)
    (attestation,) = load_config(root).ownership.attestations
    assert attestation.criterion == criterion
    assert str(attestation.to).removesuffix(".0") == to


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "criterion: quality.slices.edge.at_lest\n    to: 0.8",
            "attestations[0].criterion\n"
            + "  success-criteria.yaml has no quality.slices.edge.at_lest. Did you mean at_least?",
        ),
        (
            "criterion: speed\n    to: 0.8",
            "attestations[0].criterion\n  success-criteria.yaml has no speed. "
            + "It is a path, such as quality.slices.edge.at_least.",
        ),
        (
            "criterion: evals\n    to: 0.8",
            "attestations[0].criterion\n  evals.yaml has no evals. It is a path, such as "
            + "quality.slices.edge.at_least.",
        ),
        (
            "criterion: quality.at_least",
            "attestations[0].criterion\n  Say how far it may go: add `to`, such as `to: 0.8`.",
        ),
        ("to: 0.8", "attestations[0].to\n  Say of which number: add `criterion`."),
    ],
)
def test_an_attestation_that_stands_for_nothing_is_refused(
    tmp_path: Path, lines: str, said: str
) -> None:
    root = configs.make(tmp_path)
    configs.edit(root, OWNERSHIP, EXPIRES, f"{EXPIRES}\n    {lines}")
    assert refused(root) == f"config/ownership.yaml:22  {said}"


def test_a_bound_that_no_number_of_cases_reaches_is_refused(tmp_path: Path) -> None:
    root = configs.make(tmp_path)
    lines = "at_least: 1.0\n  judged_by: lower_bound\n  critical_at_least: 1.0"
    configs.edit(root, CRITERIA, "at_least: 0.92\n  critical_at_least: 1.0", lines)
    assert refused(root) == (
        "config/success-criteria.yaml:4  quality.judged_by\n"
        "  No number of right answers has an interval that begins at 100%. Lower "
        "quality.at_least, or judge by point_estimate."
    )
