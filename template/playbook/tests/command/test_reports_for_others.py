"""The comment on a pull request and JUnit XML: read by other programs, safe in them."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from report_reading import Tags
from report_samples import HOSTILE, hostile_results, report, results

from playbook.evals.reports import junit, markdown
from playbook.evals.results import Mode
from playbook.verdicts import Code

NOW, BEFORE = results(240, 2), results(240, 3, right=0.04)


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    return report(NOW, BEFORE)


@pytest.fixture(scope="module")
def hostile() -> dict[str, Any]:
    return report(hostile_results(), results(60, 3))


# ── Markdown ──


def _rendered(text: str) -> Tags:
    return Tags(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))


def test_the_comment_can_be_found_again_and_says_the_verdict_first(
    compared: dict[str, Any],
) -> None:
    lines = markdown.text(compared).split("\n")
    assert lines[0] == markdown.MARKER
    assert lines[1] == "### ❌ Evaluation: not met"
    tags = _rendered(markdown.text(compared))
    assert {"table", "details", "summary", "code"} <= tags.names
    assert tags.names <= {
        *("h3", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
        *("details", "summary", "pre", "code", "sub", "blockquote"),
    }


def test_simulated_answers_say_so_at_the_top_of_the_comment() -> None:
    text = markdown.text(report(results(60, 2, Mode.simulated), code=Code.MET, reasons=("fine",)))
    assert "**Simulated answers.** They say nothing about a real model." in text[:400]


def test_no_case_makes_markup_a_link_or_a_mention_in_the_comment(hostile: dict[str, Any]) -> None:
    hostile = {
        **hostile,
        "notes": list(HOSTILE),
        "verdict": {**hostile["verdict"], "reasons": list(HOSTILE)},
    }
    text = markdown.text(hostile)
    tags = _rendered(text)
    assert not tags.names & {"script", "a", "img", "svg", "injected", "b", "em", "h1"}
    assert [tag for tag, _ in tags.found].count("details") == 2
    outside_code = re.sub(r"^(`{3,})\w*\n.*?\n\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"(?<!\\)@\w|\\@\w|#\d", outside_code)
    assert "</details> </summary> @everyone" in "".join(tags.texts)


def test_the_comment_stays_below_the_limit_of_github_however_much_went_wrong() -> None:
    wide = [
        replace(
            c,
            right=False,
            id=f"{'🙂' * 90}{n}",
            expected={"note": "🙂" * 400},
            got={"x": "é" * 400},
        )
        for n, c in enumerate(results(600, 2))
    ]
    text = markdown.text(report(wide, results(600, 3)), show_held_out=True)
    assert len(text.encode()) < 65_536
    assert re.search(r"\.\.\. and \d+ more: `uv run playbook evals show --flips`", text)
    assert text.count("<details>") == text.count("</details>") == 2


# ── JUnit ──

_SUITE = ("name", "tests", "failures", "errors", "time", "timestamp", "hostname", "id", "package")


def _checked(text: str) -> ElementTree.Element:
    """Read JUnit XML as its common schema (JUnit.xsd of Apache Ant) wants it."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert set(suite.attrib) == set(_SUITE)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
        tags = [child.tag for child in suite]
        tests = suite.findall("testcase")
        assert tags == ["properties", *["testcase"] * len(tests), "system-out", "system-err"]
        for test in tests:
            assert set(test.attrib) == {"name", "classname", "time"}
            assert re.fullmatch(r"\d+\.\d{3}", test.attrib["time"])
            assert [child.tag for child in test] in ([], ["failure"], ["error"])
            assert all({"message", "type"} == set(child.attrib) for child in test)
        for count, tag in (
            ("tests", "testcase"),
            ("failures", ".//failure"),
            ("errors", ".//error"),
        ):
            assert int(suite.attrib[count]) == len(suite.findall(tag))
    for count in ("tests", "failures", "errors"):
        assert int(root.attrib[count]) == sum(int(suite.attrib[count]) for suite in root)
    return root


def test_junit_has_a_test_a_case_and_the_decision_as_one(compared: dict[str, Any]) -> None:
    root = _checked(junit.text(compared))
    assert [suite.attrib["name"] for suite in root] == ["gate", "common", "edge", "multilingual"]
    assert len(root.findall(".//testcase")) == 241
    wrong = sum(not case.right for case in NOW)
    assert len(root.findall(".//failure")) == wrong + 1
    properties = {p.attrib["name"]: p.attrib["value"] for p in root[2][0]}
    assert properties["release"] == "triage-v2"
    assert properties["mode"] == "live"
    assert properties["target"] == "0.85"


def test_a_case_without_an_answer_is_an_error_and_no_failure() -> None:
    cases = results(20, 2)
    cases[0] = replace(cases[0], right=False, unjudged="provider_unavailable", detail="no route")
    written = report(cases, code=Code.NOT_JUDGED, reasons=("the provider was down",))
    root = _checked(junit.text(written))
    assert [e.attrib["type"] for e in root.iter("error")] == [
        "could not be judged",
        "infrastructure",
    ]


def test_junit_stays_well_formed_whatever_a_case_holds(hostile: dict[str, Any]) -> None:
    root = _checked(junit.text(hostile))
    assert root.find(".//injected") is None
    assert "␛[31mred" in "".join(root.itertext())
