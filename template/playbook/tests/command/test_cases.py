"""Labelled cases: what is wrong with one is said with file, line and field, all at once."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbook.evals.cases import Case, dataset_hash, load, load_all
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from conftest import Greenhouse

GOOD: dict[str, Any] = {
    "id": "common-901",
    "slice": "common",
    "input": {"text": "Is rain enough?"},
    "expected": {"category": "watering"},
    "provenance": "expert",
    "labeller": "Di",
}


@pytest.fixture
def common(greenhouse: "Greenhouse") -> Path:
    folder: Path = greenhouse.root / "evals" / "cases"
    (folder / "edge.jsonl").unlink()
    return folder / "common.jsonl"


def _load(greenhouse: "Greenhouse") -> list[Case]:
    return load(greenhouse.project.cases, greenhouse.project.pipeline(), "evals/cases")


def _complaint(greenhouse: "Greenhouse") -> str:
    with pytest.raises(Mistake) as told:
        _load(greenhouse)
    return str(told.value)


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        ({"id": ""}, "id", "at least 1 character"),
        ({"slice": "edge"}, "slice", "belongs into edge.jsonl"),
        ({"provenance": "made up"}, "provenance", "'starter', 'synthetic'"),
        ({"labeler": "Di"}, "labeler", "Did you mean labeller?"),
        ({"critical": "very"}, "critical", "boolean"),
        ({"raw": "also"}, "case", "either `input`"),
        ({"expected": {"category": "wattering"}}, "expected.category", "Did you mean watering?"),
        ({"expected": {"categories": "pests"}}, "expected.categories", "Did you mean category?"),
        ({"expected": {"outcome": "perfect"}}, "expected.outcome.0", "'answered'"),
        ({"expected": {"outcome": []}}, "expected.outcome", "at least 1 item"),
    ],
)
def test_a_mistake_is_named_with_its_file_line_and_field(
    greenhouse: "Greenhouse", common: Path, change: dict[str, Any], place: str, message: str
) -> None:
    lines = [json.dumps(GOOD), "", json.dumps({**GOOD, "id": "common-902", **change})]
    common.write_text("\n".join(lines), "utf-8")
    complaint = _complaint(greenhouse)
    assert f"evals/cases/common.jsonl:3  {place}" in complaint
    assert message in complaint
    assert "Nothing was run." in complaint


def test_a_missing_field_is_named(greenhouse: "Greenhouse", common: Path) -> None:
    common.write_text(json.dumps({k: v for k, v in GOOD.items() if k != "labeller"}), "utf-8")
    assert "common.jsonl:1  labeller\n  This is missing." in _complaint(greenhouse)


def test_a_line_that_is_not_json_is_named_with_its_column(
    greenhouse: "Greenhouse", common: Path
) -> None:
    common.write_text(json.dumps(GOOD) + "\n{'id': 1}\n", "utf-8")
    assert "common.jsonl:2  This is not JSON" in _complaint(greenhouse)
    assert "(column 2)" in _complaint(greenhouse)


def test_the_same_id_twice_is_named_with_both_places(
    greenhouse: "Greenhouse", common: Path
) -> None:
    common.write_text(json.dumps(GOOD) + "\n", "utf-8")
    other = {**GOOD, "slice": "edge"}
    (common.parent / "edge.jsonl").write_text(json.dumps(other), "utf-8")
    complaint = _complaint(greenhouse)
    assert "edge.jsonl:1  id" in complaint
    assert "common-901 is also at evals/cases/common.jsonl:1" in complaint


def test_all_mistakes_are_told_at_once_but_not_hundreds(
    greenhouse: "Greenhouse", common: Path
) -> None:
    common.write_text("\n".join(["{}"] * 60), "utf-8")
    complaint = _complaint(greenhouse)
    assert complaint.count("This is missing.") == 20
    assert "... and " in complaint


def test_a_file_in_latin_1_is_told_with_the_line_and_how_it_reads(
    greenhouse: "Greenhouse", common: Path
) -> None:
    line = json.dumps({**GOOD, "notes": "Gr\u00fc\u00dfe"}, ensure_ascii=False)
    common.write_bytes(json.dumps(GOOD).encode() + b"\n" + line.encode("latin-1"))
    complaint = _complaint(greenhouse)
    assert "evals/cases/common.jsonl:2\n  This is not UTF-8: byte 0xFC" in complaint
    assert "Gr\u00fc\u00dfe" in complaint
    assert "iconv -f WINDOWS-1252 -t UTF-8 common.jsonl" in complaint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_told(greenhouse: "Greenhouse", common: Path, encoding: str) -> None:
    common.write_bytes((json.dumps(GOOD) + "\n").encode(encoding))
    assert "common.jsonl\n  This looks like UTF-16" in _complaint(greenhouse)


@pytest.mark.parametrize("expected", [None, {}, {"category": None}])
def test_a_case_without_a_label_is_named(
    greenhouse: "Greenhouse", common: Path, expected: dict[str, Any] | None
) -> None:
    unlabelled = {k: v for k, v in GOOD.items() if k != "expected"}
    if expected is not None:
        unlabelled["expected"] = expected
    common.write_text(json.dumps(unlabelled), "utf-8")
    complaint = _complaint(greenhouse)
    assert "common.jsonl:1  expected\n  The label is missing" in complaint
    assert '{"category": ...}' in complaint


def test_a_label_may_be_an_outcome_alone(greenhouse: "Greenhouse", common: Path) -> None:
    common.write_text(json.dumps({**GOOD, "expected": {"outcome": "answered"}}), "utf-8")
    assert len(_load(greenhouse)) == 1


def test_a_slice_that_the_criteria_do_not_declare_is_named(
    greenhouse: "Greenhouse", common: Path
) -> None:
    (common.parent / "comon.jsonl").write_text(json.dumps({**GOOD, "slice": "comon"}), "utf-8")
    with pytest.raises(Mistake) as told:
        load_all(greenhouse.project, greenhouse.project.pipeline())
    assert "evals/cases/comon.jsonl  slice\n" in str(told.value)
    assert "declares no slice comon. Did you mean common?" in str(told.value)
    assert "comon: {at_least: 0.85, least_sample: 30}" in str(told.value)


def test_held_out_cases_are_read_with_the_others(greenhouse: "Greenhouse", common: Path) -> None:
    held_out = greenhouse.project.held_out
    held_out.mkdir()
    line = json.dumps({**GOOD, "id": "common-902"})
    (held_out / "common.jsonl").write_text(line, "utf-8")
    common.write_text(json.dumps(GOOD), "utf-8")
    cases, ids = load_all(greenhouse.project, greenhouse.project.pipeline())
    assert [case.id for case in cases] == ["common-901", "common-902"]
    assert ids == {"common-902"}


def test_an_id_that_is_also_held_out_is_named_with_both_places(
    greenhouse: "Greenhouse", common: Path
) -> None:
    greenhouse.project.held_out.mkdir()
    other = {**GOOD, "input": {"text": "Another"}}
    (greenhouse.project.held_out / "common.jsonl").write_text(json.dumps(other), "utf-8")
    common.write_text(json.dumps(GOOD), "utf-8")
    with pytest.raises(Mistake) as told:
        load_all(greenhouse.project, greenhouse.project.pipeline())
    assert "evals/held_out/common.jsonl:1  id" in str(told.value)
    assert "common-901 is also at evals/cases/common.jsonl:1" in str(told.value)


def test_only_a_line_feed_ends_a_line(greenhouse: "Greenhouse", common: Path) -> None:
    text = "One\u2028two\x85three\x0cfour"
    line = json.dumps({**GOOD, "input": {"text": text}}, ensure_ascii=False)
    common.write_text(line + "\n", "utf-8")
    assert _load(greenhouse)[0].input == {"text": text}


def test_the_hash_is_about_the_label_and_what_is_sent() -> None:
    case = Case.model_validate(GOOD)
    same = {**GOOD, "notes": "Ask Di.", "labeller": "Bo", "provenance": "production"}
    listed = {**GOOD, "expected": {"outcome": ["answered"], "category": ["watering"]}}
    assert {Case.model_validate(c).hash for c in (same, listed)} == {case.hash}
    relabelled = {**GOOD, "expected": {"category": "pests"}}
    raw = {k: v for k, v in GOOD.items() if k != "input"} | {"raw": json.dumps(GOOD["input"])}
    others = {Case.model_validate(c).hash for c in (relabelled, {**GOOD, "input": {}}, raw)}
    assert len(others) == 3 and case.hash not in others


def test_no_cases_at_all_shows_what_one_looks_like(greenhouse: "Greenhouse", common: Path) -> None:
    common.unlink()
    assert '"expected": {...}' in _complaint(greenhouse)
    common.write_text("\n", "utf-8")
    assert "there is not one case" in _complaint(greenhouse)


def test_what_is_not_json_is_sent_as_it_is(greenhouse: "Greenhouse", common: Path) -> None:
    raw = {k: v for k, v in GOOD.items() if k != "input"} | {"raw": "{half"}
    common.write_text(json.dumps(raw), "utf-8")
    assert _load(greenhouse)[0].body == b"{half"


def test_a_byte_order_mark_and_windows_lines_do_not_matter(
    greenhouse: "Greenhouse", common: Path
) -> None:
    text = json.dumps(GOOD) + "\r\n" + json.dumps({**GOOD, "id": "common-902"}) + "\r\n"
    common.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [case.id for case in _load(greenhouse)] == ["common-901", "common-902"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(content=_JSON)
def test_whatever_the_input_is_it_arrives_as_written(content: object) -> None:
    case = Case.model_validate({**GOOD, "input": content})
    assert json.loads(case.body) == content
    assert dataset_hash([case]) == dataset_hash([Case.model_validate({**GOOD, "input": content})])


def test_the_order_of_cases_does_not_change_the_hash() -> None:
    one = Case.model_validate(GOOD)
    two = Case.model_validate({**GOOD, "id": "common-902"})
    assert dataset_hash([one, two]) == dataset_hash([two, one])
    assert dataset_hash([one]) != dataset_hash([one, two])


def test_the_one_right_value_of_a_list_is_a_list(greenhouse: "Greenhouse", common: Path) -> None:
    greenhouse.edit(
        "src/greenhouse/schemas.py", "    queue: str", "    queue: str\n    tags: list[str]"
    )
    label = {"category": "pests", "tags": ["snails", "roses"]}
    common.write_text(json.dumps({**GOOD, "expected": label}), "utf-8")
    assert _load(greenhouse)[0].expected.values == label
    label["tags"] = [["snails"], ["roses"]]
    common.write_text(json.dumps({**GOOD, "expected": label}), "utf-8")
    assert _load(greenhouse)[0].expected.values == label
    label["tags"] = ["snails", 7]
    common.write_text(json.dumps({**GOOD, "expected": label}), "utf-8")
    assert "expected.tags" in _complaint(greenhouse)
