"""The edits of `begin`: labels change places, all else stays as it was."""

import ast
import json
import keyword
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.begin.edits import (
    leftovers,
    new_description,
    new_instructions,
    new_schemas,
    old_labels,
    with_floor,
)
from playbook.begin.first_run import floor_of
from playbook.begin.sample import SAMPLES
from playbook.begin.wishes import Label
from playbook.verdicts import Mistake

GREENHOUSE = Path(__file__).parent / "greenhouse"
SCHEMAS = (GREENHOUSE / "src/greenhouse/schemas.py").read_text("utf-8")
INSTRUCTIONS = (GREENHOUSE / "src/greenhouse/prompts/v1/instructions.md").read_text("utf-8")
CRITERIA = (GREENHOUSE / "config/success-criteria.yaml").read_text("utf-8")
SAMPLE = SAMPLES["triage"]
OLD = ["watering", "pests", "harvest"]
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="`"), min_size=1
).filter(lambda text: bool(text.strip()))
LABELS = st.lists(
    st.builds(
        Label,
        name=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
        meaning=TEXT,
        queue=st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True),
    ),
    min_size=2,
    max_size=8,
    unique_by=lambda label: label.name,
)


def test_the_labels_of_the_sample_are_found() -> None:
    assert old_labels(SCHEMAS, SAMPLE, "schemas.py") == OLD


@given(LABELS)
def test_schemas_hold_the_new_labels_and_all_else_as_before(labels: list[Label]) -> None:
    new = new_schemas(SCHEMAS, SAMPLE, labels, "schemas.py")
    assert old_labels(new, SAMPLE, "schemas.py") == [label.name for label in labels]
    space: dict[str, object] = {}
    exec(compile(new, "schemas.py", "exec"), space)  # noqa: S102 - what was just made
    assert space["QUEUES"] == {label.name: label.queue for label in labels}
    again = new_schemas(new, SAMPLE, _labels_of_the_sample(), "schemas.py")
    assert ast.dump(ast.parse(again)) == ast.dump(ast.parse(SCHEMAS))


def _labels_of_the_sample() -> list[Label]:
    queues = dict(zip(OLD, ["pump-house", "plant-doctor", "kitchen"], strict=True))
    return [Label(name=name, meaning="x", queue=queues[name]) for name in OLD]


@given(LABELS)
def test_the_prompt_lists_each_new_meaning_on_a_line_and_no_old_one(labels: list[Label]) -> None:
    new = new_instructions(INSTRUCTIONS, OLD, labels, "letters", "instructions.md")
    lines = new.split("\n")
    assert lines[0] == "You sort letters."
    defined = [line for line in lines if line.startswith("- `")]
    assert [line.split("`")[1] for line in defined] == [label.name for label in labels]
    assert lines[-2] == "When two fit, take what has to be done first."


def test_a_meaning_over_several_lines_goes_as_a_whole() -> None:
    long = INSTRUCTIONS.replace("what to do with the crop.", "what\n  to do with the crop.")
    new = new_instructions(long, OLD, _labels_of_the_sample(), "letters", "instructions.md")
    assert "crop" not in new


def test_a_prompt_without_the_list_is_not_touched() -> None:
    with pytest.raises(Mistake, match="list of labels and meanings is not here"):
        new_instructions("You sort.\n", OLD, _labels_of_the_sample(), "letters", "x.md")


@pytest.mark.parametrize("name", ["Category", "QUEUES"])
def test_schemas_of_another_form_are_not_touched(name: str) -> None:
    changed = SCHEMAS.replace(f"{name} =", "Other =").replace(f"{name}: dict", "Other: dict")
    with pytest.raises(Mistake, match=f"`{name} = ...`"):
        new_schemas(changed, SAMPLE, _labels_of_the_sample(), "schemas.py")


@given(st.floats(0, 1).map(lambda share: round(share, 2)))
def test_the_floor_changes_and_no_other_line(floor: float) -> None:
    new = with_floor(CRITERIA, floor, "criteria")
    differing = [
        (old, now)
        for old, now in zip(CRITERIA.splitlines(), new.splitlines(), strict=True)
        if old != now
    ]
    assert differing in ([], [("    at_least: 0.6", f"    at_least: {floor:g}")])


@pytest.mark.parametrize(
    ("criteria", "now"),
    [
        ("quality:\n  simulated: {at_least: 0.6, least_sample: 1}  # why\n", "{at_least: 0.9, "),
        ("quality:\n  simulated:\n    at_least: 0.6   # why\n", "at_least: 0.9   # why"),
    ],
)
def test_the_floor_is_found_in_either_style(criteria: str, now: str) -> None:
    assert now in with_floor(criteria, 0.9, "criteria")


def test_a_criteria_file_without_a_floor_is_told() -> None:
    with pytest.raises(Mistake, match=r"quality\.simulated\.at_least"):
        with_floor("quality: {}\n", 0.9, "criteria")


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_floor_is_never_above_what_was_measured(right: int, n: int) -> None:
    right = min(right, n)
    assert 0 <= floor_of(right, n) <= right / n
    assert right == 0 or floor_of(right, n) > (right - 1) / n - 0.01


def test_names_of_the_sample_that_are_left_in_code_are_found_by_line() -> None:
    code = 'A = "pests"\nB = "watering"\nC = {"x": "pests"}\n'
    assert leftovers(code, OLD, ["watering"]) == [1, 3]


def test_a_label_that_is_a_word_of_python_is_fine() -> None:
    labels = [Label(name=word, meaning="x", queue="x") for word in keyword.kwlist[5:8]]
    assert json.dumps(labels[0].name) in new_schemas(SCHEMAS, SAMPLE, labels, "schemas.py")


def test_what_the_service_does_is_said_anew_where_the_samples_sentence_stands() -> None:
    readme = f"# X\n\nWhat it does: {SAMPLE.description}.\n"
    new = new_description(readme, SAMPLE, "letters\n to a library.", toml=False)
    assert new == "# X\n\nWhat it does: Sorts letters to a library.\n"
    own = "What it does: Reads letters.\n"
    assert new_description(own, SAMPLE, "letters", toml=False) == own


@given(TEXT)
def test_the_description_of_the_package_stays_valid_whatever_is_sorted(about: str) -> None:
    toml = f'description = "{SAMPLE.description}"\n'
    new = tomllib.loads(new_description(toml, SAMPLE, about, toml=True))
    assert new["description"] == f"Sorts {' '.join(about.split()).rstrip('.')}"
