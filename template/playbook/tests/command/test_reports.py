"""Every form of a report: what it says, what it hides, and that no case can do anything in it."""

import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from report_samples import HOSTILE, hostile_results, report, results

from playbook.evals.reports import document, files, junit, markdown, page, terminal, trend, wording
from playbook.evals.results import CaseResult, Mode
from playbook.verdicts import Code

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Greenhouse, Provider

NOW, BEFORE = results(240, 2), results(240, 3, right=0.04)
CONTENT_OF_HELD_OUT = "SECRET"


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    return report(NOW, BEFORE)


@pytest.fixture(scope="module")
def hostile() -> dict[str, Any]:
    return report(hostile_results(), results(60, 3))


class Tags(HTMLParser):
    """The elements of a page with their attributes, and its text by element."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.found}


# ── The terminal ──


def test_the_table_shows_each_slice_beside_its_target_and_the_baseline(
    compared: dict[str, Any],
) -> None:
    lines = terminal.table(compared)
    assert re.fullmatch(r"  slice +n +right +target  vs baseline", lines[0])
    assert re.fullmatch(r"  common +120 +\d+\.\d% +95% +-3\.3  same \(4 flips\)", lines[1])
    assert [line.split()[0] for line in lines[4:]] == ["critical", "visible", "held", "all"]
    assert re.search(r"critical +12 +11 of 12 +all", lines[4])


def test_a_slice_that_got_worse_says_so_with_its_p(compared: dict[str, Any]) -> None:
    row = {**compared["comparison"]["rows"][0], "verdict": "worse", "adjusted_p": 0.0304}
    assert terminal.compared(row) == "WORSE (p 0.03)"


def test_without_a_baseline_there_is_no_column_for_it() -> None:
    assert "baseline" not in terminal.table(report(NOW))[0]
    assert not terminal.flip_lines(report(NOW))


def test_the_decision_says_what_why_how_sure_and_how_small_a_drop_it_could_see(
    compared: dict[str, Any],
) -> None:
    said = terminal.decision_lines(compared)
    assert said[0].startswith("NOT MET  all slices 91.3%, target 92% (95% interval")
    assert said[1] == "         multilingual is worse than the baseline (-13.3 points, p 0.03)."
    assert any(re.match(r"Smallest drop these 240 cases could have shown: \d", s) for s in said)
    simulated = report(results(60, 2, Mode.simulated), code=Code.MET, reasons=("fine",))
    assert "Simulated answers say nothing about a real model." in terminal.decision_lines(simulated)


def test_flips_show_old_and_new_answer_side_by_side_and_then_only_count(
    compared: dict[str, Any],
) -> None:
    said = terminal.flip_lines(compared)
    flips = compared["comparison"]["flips"]
    assert said[0].startswith(f"Cases that flipped: {len(flips)} (")
    assert said[0].endswith("evals/reports/latest.html#flips")
    assert "critical" in said[2]
    assert re.search(r"category \w+ · priority \w+ +outcome handed_over", said[2])
    assert said[-1] == f"  ... and {len(flips) - 10} more: uv run playbook evals show --flips"
    assert len(terminal.flip_lines(compared, most=None)) == len(flips) + 2


def test_a_reader_that_is_no_terminal_gets_no_colours(
    compared: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.say(terminal.lines(compared))
    assert "\x1b" not in capsys.readouterr().out


def test_no_case_reaches_the_terminal_with_control_characters(hostile: dict[str, Any]) -> None:
    said = terminal.lines(hostile) + terminal.flip_lines(hostile, most=None)
    said += terminal.wrong_lines(hostile["cases"], most=None)
    said += [line for case in hostile["cases"] for line in terminal.case_lines(case)]
    text = "\n".join(said)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    text.encode("utf-8")
    assert "␛[31mred" in text
    assert "⟨U+202E⟩txt.exe" in text


# ── Held-out cases ──


def _forms(written: dict[str, Any], show_held_out: bool) -> dict[str, str]:
    lines = terminal.lines(written, show_held_out=show_held_out)
    lines += terminal.wrong_lines(written["cases"], None, show_held_out=show_held_out)
    return {
        "terminal": "\n".join(lines),
        "markdown": markdown.text(written, show_held_out=show_held_out),
        "junit": junit.text(written, show_held_out=show_held_out),
        "page": page.text(written, show_held_out=show_held_out),
    }


def test_held_out_cases_show_their_number_and_no_content_unless_asked(
    compared: dict[str, Any],
) -> None:
    of_held_out = [
        replace(case, got={"category": "LEAKED"}, critical=True) if case.held_out else case
        for case in NOW
    ]
    written = report(of_held_out, BEFORE)
    for form, text in _forms(written, show_held_out=False).items():
        assert CONTENT_OF_HELD_OUT not in text, form
        assert CONTENT_OF_HELD_OUT.capitalize() not in text, form
        assert "LEAKED" not in text, form
    for form, text in _forms(written, show_held_out=True).items():
        assert "LEAKED" in text, form
    wrong = next(c for c in written["cases"] if c["held_out"] and not c["right"])
    assert terminal.case_lines(wrong)[1:] == [f"  {wording.HIDDEN}; --show-held-out does"]


# ── JSON ──


@pytest.mark.parametrize(
    "written",
    [
        report(NOW, BEFORE),
        report(NOW),
        report(hostile_results(), results(60, 3)),
        report([], reasons=("none",), code=Code.INCONCLUSIVE),
    ],
    ids=["compared", "alone", "hostile", "empty"],
)
def test_the_document_has_the_form_of_its_schema_and_comes_back_as_it_was(
    written: dict[str, Any], tmp_path: "Path"
) -> None:
    path = tmp_path / "latest.json"
    document.write(path, written)
    schema = json.loads(document.SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(path.read_text("utf-8")))
    assert document.read(path, "x") == json.loads(json.dumps(written))
    cases = [line for line in path.read_text("utf-8").split("\n") if line.startswith("    {")]
    assert len(cases) == len(written["cases"])


def test_the_schema_names_every_field_of_a_case() -> None:
    schema = json.loads(document.SCHEMA.read_text("utf-8"))
    assert set(schema["$defs"]["case"]["properties"]) == set(CaseResult.__annotations__)


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


# ── The page ──


def test_the_page_loads_nothing_and_runs_nothing_but_its_own_script(
    hostile: dict[str, Any],
) -> None:
    text = page.text(hostile)
    tags = Tags(text)
    policy = next(
        attributes["content"]
        for tag, attributes in tags.found
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert not {"img", "link", "iframe", "object", "injected"} & tags.names
    assert not [a for _, attributes in tags.found for a in attributes if a.startswith("on")]
    assert not [a for _, attributes in tags.found for a in attributes if a in ("src", "style")]
    links = [attributes["href"] or "" for tag, attributes in tags.found if tag == "a"]
    assert links
    assert all(link.startswith("#") for link in links)
    assert [tag for tag, _ in tags.found].count("script") == 2


def test_simulated_answers_say_so_in_large_on_the_page() -> None:
    text = page.text(report(results(60, 2, Mode.simulated), code=Code.MET, reasons=("fine",)))
    assert "<strong>Simulated</strong>" in text
    assert "(simulated)</h3>" in text
    assert "<strong>Simulated</strong>" not in page.text(report(NOW))


def test_a_run_that_could_not_be_judged_still_makes_every_form(tmp_path: "Path") -> None:
    dead = [
        replace(case, right=False, unjudged="x", called=False, confidence=None, cost_usd=None)
        for case in results(5, 2)
    ]
    for cases in (dead, []):
        files.leave(tmp_path, report(cases, code=Code.NOT_JUDGED, reasons=("nothing came",)))
        assert "Could not be judged" in (tmp_path / "evals/reports/latest.html").read_text("utf-8")
        _checked((tmp_path / "evals/reports/junit.xml").read_text("utf-8"))


def test_the_trend_takes_the_runs_of_one_mode_and_passes_over_torn_lines(tmp_path: "Path") -> None:
    line = {"when": "2026-11-01T00:00:00+00:00", "mode": "live", "release": "v1", "n": 10}
    rows = [
        {**line, "right": 8},
        {**line, "right": 8, "accepted": True},
        {**line, "right": 9, "mode": "simulated"},
        {**line, "right": 11},
        {**line, "right": 10},
    ]
    history = tmp_path / "history.jsonl"
    history.write_text("\n".join([*map(json.dumps, rows), '{"when": "2026-1']), "utf-8")
    runs = trend.runs(history, "live")
    assert [(run.right, run.accepted) for run in runs] == [(8, True), (10, False)]
    text = page.text(report(NOW), trend.with_this(runs, report(NOW)))
    assert "Right from run to run" in text
    assert "accepted as the baseline" in text
    assert "Right from run to run" not in page.text(report(NOW), trend.with_this([], report(NOW)))


def test_every_form_of_500_cases_is_written_in_under_a_second(tmp_path: "Path") -> None:
    written = report(results(500, 2), results(500, 3))
    started = time.process_time()
    files.leave(tmp_path, written)
    assert time.process_time() - started < 1  # 0.1 s on a laptop; a loaded machine is slower


@pytest.mark.slow
def test_10_000_failing_cases_make_a_page_a_browser_can_open(tmp_path: "Path") -> None:
    cases = [replace(case, right=False, input={"body": "x" * 3_000}) for case in results(10_000, 2)]
    files.leave(tmp_path, report(cases), show_held_out=True)
    assert (tmp_path / "evals/reports/latest.html").stat().st_size < 20_000_000


# ── The commands ──


@pytest.mark.slow
def test_a_run_leaves_every_form_and_report_makes_them_again(
    greenhouse: "Greenhouse", provider: "Provider"
) -> None:
    provider.answers = lambda text: {"category": "watering", "confidence": 0.9}
    greenhouse.playbook("evals", "run")
    folder = greenhouse.root / "evals" / "reports"
    forms = ("latest.json", "latest.html", "latest.md", "junit.xml")
    before = {name: (folder / name).read_bytes() for name in forms}
    for name in forms[1:]:
        (folder / name).unlink()
    ran = greenhouse.playbook("evals", "report")
    assert ran.code == 0, ran
    assert ran.out.splitlines() == [f"evals/reports/{name}" for name in forms[1:]]
    assert {name: (folder / name).read_bytes() for name in forms} == before
    ran = greenhouse.playbook("evals", "report", "--markdown", "comment.md")
    assert ran.out == "comment.md\n"
    assert (greenhouse.root / "comment.md").read_bytes() == before["latest.md"]


def test_report_and_show_without_a_run_say_how_to_get_one(greenhouse: "Greenhouse") -> None:
    for command in (("report",), ("show", "--flips")):
        ran = greenhouse.playbook("evals", *command)
        assert ran.code == 2
        assert "Next: uv run playbook evals run" in ran.err


def test_show_lists_every_flip_or_those_of_a_slice(
    greenhouse: "Greenhouse", compared: dict[str, Any]
) -> None:
    document.write(greenhouse.root / document.LATEST, compared)
    ran = greenhouse.playbook("evals", "show", "--flips")
    assert ran.out.count("worse: ") + ran.out.count("better: ") == 35
    of_edge = greenhouse.playbook("evals", "show", "edge", "--flips")
    assert of_edge.out.count("edge-") == 11
    assert "common-" not in of_edge.out


def test_a_report_of_an_older_playbook_is_told_from_one_of_this(greenhouse: "Greenhouse") -> None:
    path = greenhouse.root / document.LATEST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"format": 1}', "utf-8")
    ran = greenhouse.playbook("evals", "report")
    assert ran.code == 2
    assert "not a report of this playbook version" in ran.err
