"""Every form of a report: what it says, what it hides, and that no case can do anything in it."""

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from report_reading import Tags
from report_samples import hostile_results, report, results

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


def test_the_decision_of_a_simulated_run_is_a_few_lines_that_say_nothing_twice() -> None:
    before = results(60, 3, Mode.simulated)
    written = report(results(60, 2, Mode.simulated), before, code=Code.MET, reasons=("fine",))
    verdict, limits = terminal.decision_lines(written)
    assert verdict == "MET  fine."
    assert re.fullmatch(
        r"Smallest drop these 60 cases could have shown: [\d.]+ points\. "
        r"Simulated answers say nothing about a real model\.",
        limits,
    )
    for text in _forms(written, show_held_out=False).values():
        assert text.count("say nothing about a real model") <= 1


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


def test_a_narrow_terminal_breaks_sentences_between_words_below_where_they_began(
    compared: dict[str, Any],
) -> None:
    said = terminal.lines(compared)
    for width in (40, 60, 80):
        fitted = list(terminal.fitted(said, width))
        assert max(map(len, fitted)) <= width
        assert " ".join(fitted).split() == " ".join(said).split()
    (first, second) = terminal.fitted(["NOT MET  many words that do not fit"], 24)
    assert (first, second) == ("NOT MET  many words that", "         do not fit")


def test_no_case_reaches_the_terminal_with_control_characters(hostile: dict[str, Any]) -> None:
    said = terminal.lines(hostile) + terminal.flip_lines(hostile, most=None)
    said += terminal.wrong_lines(hostile["cases"], most=None)
    said += [line for case in hostile["cases"] for line in terminal.case_lines(case)]
    text = "\n".join(said)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    text.encode("utf-8")
    assert "␛[31mred" in text
    assert "⟨U+202E⟩txt.exe" in text


def test_a_judge_that_gave_no_verdict_failed_nothing_and_a_case_says_what_was_in_the_way() -> None:
    silent = {"tone": {"passed": None, "reason": "timed out"}}
    (case, *_) = report(results(5))["cases"]
    case |= {"judged": silent, "detail": "the guard topics gave none", "held_out": False}
    said = terminal.case_lines(case)
    assert "  judge tone: no verdict: timed out" in said
    assert "  why      the guard topics gave none" in said


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
        ElementTree.fromstring((tmp_path / "evals/reports/junit.xml").read_text("utf-8"))


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
