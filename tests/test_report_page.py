"""The page of a report in a real browser: what a person who opens it notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from report_samples import HOSTILE, hostile_results, report, results

from playbook.evals.reports import page
from playbook.evals.reports.trend import Run
from playbook.evals.reports.wording import visible
from playbook.evals.results import Mode
from playbook.verdicts import Code

from support import need, need_module

pytestmark = pytest.mark.slow

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
RUNS = [Run(f"2026-11-{day:02}", "triage-v1", 240, 200 + day) for day in range(1, 15)]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# The contrast of every text with what is behind it, by the formula of WCAG 2.2; large text may
# have less. Only elements with text of their own count.
CONTRAST = """() => {
  const parse = (said) => (said.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = (top, below) => {
    const alpha = top[3] === undefined ? 1 : top[3];
    return [0, 1, 2].map((i) => top[i] * alpha + below[i] * (1 - alpha));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const chain = [];
    for (let at = element; at; at = at.parentElement) {
      chain.unshift(parse(getComputedStyle(at).backgroundColor));
    }
    return chain.reduce((below, top) => over(top, below), parse(
      getComputedStyle(document.body).backgroundColor).slice(0, 3));
  };
  const found = [];
  for (const element of document.querySelectorAll("body *:not(script):not(option)")) {
    if (element.closest("svg") && element.tagName !== "text") continue;
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    const front = over(parse(element.tagName === "text" ? style.fill : style.color), back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${ratio.toFixed(2)} ${element.tagName} ${element.className} ${
        element.textContent.slice(0, 30)}`);
    }
  }
  return found;
}"""


@dataclass
class Opened:
    """A page in the browser, and what it did that nobody asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def cases(self) -> list[str]:
        """The ids of the cases that are shown."""
        texts: list[str] = self.page.locator("details.case strong").all_inner_texts()
        return texts

    def counted(self) -> str:
        text: str = self.page.locator("#count").inner_text()
        return text

    def expect(self, what: str) -> Any:
        """What is to be true of an element soon."""
        return need_module("playwright.sync_api").expect(self.page.locator(what))

    def sideways(self) -> int:
        """By how much the page is wider than the window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    executable = need(*BROWSERS)
    playwright = need_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=executable)
        yield started
        started.close()


@dataclass
class Opener:
    """Opens reports, and sees to it that each was quiet."""

    browser: Any
    folder: Path
    opened: list[Opened] = field(default_factory=list)

    def __call__(
        self,
        written: dict[str, Any],
        size: dict[str, int] = DESK,
        link: str = "",
        **how: Any,
    ) -> Opened:
        file = self.folder / f"latest{len(self.opened)}.html"
        file.write_text(page.text(written, RUNS), "utf-8")
        context = self.browser.new_context(viewport=size, **how)
        one = Opened(context.new_page())
        one.page.on("console", lambda message: one.complaints.append(message.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("dialog", lambda dialog: one.complaints.append(dialog.message))
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.goto(f"{file.as_uri()}{link}")
        self.opened.append(one)
        return one


@pytest.fixture
def open_(browser: Any, tmp_path: Path) -> Iterator[Opener]:
    opener = Opener(browser, tmp_path)
    yield opener
    for one in opener.opened:
        url = one.page.url.partition("#")[0]
        one.page.context.close()
        assert one.complaints == []
        assert [request.partition("#")[0] for request in one.requests] == [url]


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    return report(results(240, 2), results(240, 3, right=0.04))


def test_a_search_narrows_the_list_and_says_to_how_many(
    open_: Opener, compared: dict[str, Any]
) -> None:
    shown = open_(compared)
    before = shown.cases
    assert shown.counted() == f"{len(before)} of {len(before)} cases"
    shown.page.get_by_label("Search").fill("Edge-058")
    shown.expect("details.case").to_have_count(1)
    assert shown.cases == ["edge-058"]
    assert shown.counted() == f"1 of {len(before)} cases"
    shown.page.get_by_label("Search").fill("no such words anywhere")
    shown.expect("details.case").to_have_count(0)
    assert shown.counted() == f"0 of {len(before)} cases"


def test_filters_work_alone_and_together(open_: Opener, compared: dict[str, Any]) -> None:
    shown = open_(compared)
    known = {case["id"]: case for case in compared["cases"]}
    flips = {flip["id"] for flip in compared["comparison"]["flips"]}
    every = set(shown.cases)
    shown.page.get_by_label("Slice").select_option("edge")
    of_edge = set(shown.cases)
    assert of_edge == {case for case in every if case.startswith("edge-")}
    shown.page.get_by_label("flipped").check()
    assert set(shown.cases) == of_edge & flips
    shown.page.get_by_label("Slice").select_option("all")
    shown.page.get_by_label("flipped").uncheck()
    shown.page.get_by_label("critical").check()
    assert set(shown.cases) == {case for case in every if known[case]["critical"]}
    shown.page.get_by_label("critical").uncheck()
    shown.page.get_by_label("How it went").select_option("ended as handed over")
    assert {known[case]["outcome"] for case in shown.cases} == {"handed_over"}


def test_an_opened_case_shows_what_was_sent_expected_said_before_and_now(
    open_: Opener, compared: dict[str, Any]
) -> None:
    shown = open_(compared)
    case = shown.page.locator("details.case", has_text="edge-058")
    case.locator("summary").click()
    case.get_by_text("we open on Monday", exact=False).last.wait_for()
    heads = case.locator("thead th").all_inner_texts()
    assert heads == ["expected", "baseline", "now"]
    row = case.locator("tbody tr").first.locator("td").all_inner_texts()
    assert row == ["other", "other", "≠ security"]


def test_links_lead_to_the_flips_and_to_a_case_behind_the_filters(
    open_: Opener, compared: dict[str, Any]
) -> None:
    shown = open_(compared, link="#case-edge-058")
    case = shown.page.locator("details.case[open]")
    assert case.locator("strong").inner_text() == "edge-058"
    shown.expect("details.case[open]").to_be_in_viewport()
    shown.page.get_by_label("Slice").select_option("common")
    shown.page.locator("#flips a", has_text="edge-058").click()
    shown.expect("[id='case-edge-058'] summary").to_be_focused()
    open_(compared, link="#flips").expect("#flips h2").to_be_in_viewport()
    right = open_(compared, link="#case-common-000")
    assert "neither failed nor flipped" in right.counted()


def test_search_among_flips_shows_flips_only(open_: Opener, compared: dict[str, Any]) -> None:
    shown = open_(compared)
    shown.page.get_by_text("search among them").click()
    assert set(shown.cases) == {flip["id"] for flip in compared["comparison"]["flips"]}


def test_everything_can_be_reached_and_opened_with_the_keyboard(
    open_: Opener, compared: dict[str, Any]
) -> None:
    shown = open_(compared)
    shown.page.keyboard.press("Tab")
    assert shown.page.evaluate("document.activeElement.textContent") == "Skip to the cases"
    shown.page.keyboard.press("Enter")
    reached = []
    for _ in range(6):
        shown.page.keyboard.press("Tab")
        reached.append(
            shown.page.evaluate("document.activeElement.id || document.activeElement.tagName")
        )
    assert reached == ["search", "slice", "kind", "critical", "flipped", "SUMMARY"]
    shown.page.keyboard.press("Enter")
    assert shown.page.locator("details.case[open]").count() == 1


def test_tables_stay_tables_to_a_screen_reader_on_a_phone(
    open_: Opener, compared: dict[str, Any]
) -> None:
    shown = open_(compared, PHONE)
    cell = shown.page.locator("#slices").get_by_role("row", name="common").get_by_role("cell")
    assert cell.count() == 5
    assert shown.page.get_by_role("rowheader", name="multilingual", exact=True).count() == 1


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_has_to_be_scrolled_sideways(
    open_: Opener, compared: dict[str, Any], size: dict[str, int]
) -> None:
    for written in (compared, report(hostile_results(), results(60, 3))):
        shown = open_(written, size)
        for case in shown.page.locator("details.case").all():
            case.locator("summary").click()
        assert shown.sideways() == 0


def test_dark_mode_has_another_background_and_no_label_is_hard_to_read(
    open_: Opener, compared: dict[str, Any]
) -> None:
    backgrounds = set()
    for scheme in ("light", "dark"):
        for mode in (Mode.live, Mode.simulated):
            now = [replace(case, mode=mode) for case in results(240, 2)]
            shown = open_(report(now, results(240, 3)), color_scheme=scheme)
            shown.page.locator("details.case summary").first.click()
            background = "getComputedStyle(document.body).backgroundColor"
            backgrounds.add(shown.page.evaluate(background))
            assert shown.page.evaluate(CONTRAST) == [], scheme
    assert len(backgrounds) == 2


def test_hostile_texts_are_shown_as_text_and_do_nothing(open_: Opener) -> None:
    written = report(hostile_results(), results(60, 3))
    shown = open_(written)
    for case in shown.page.locator("details.case").all():
        case.locator("summary").click()
    for link in shown.page.locator("#flips th a").all():
        link.click()
    assert shown.page.title().startswith("Evaluation: ")
    elements = "document.querySelectorAll('img, iframe, injected, svg[onload], b > *').length"
    assert shown.page.evaluate(elements) == 0
    sent = shown.page.locator("details.case pre").all_text_contents()
    for text in HOSTILE:
        assert visible(text) in sent


def test_the_page_reads_without_javascript(open_: Opener, compared: dict[str, Any]) -> None:
    shown = open_(compared, java_script_enabled=False)
    assert shown.page.get_by_text("Searching the cases needs JavaScript").is_visible()
    assert not shown.page.get_by_label("Search").is_visible()
    assert shown.page.locator("#flips tbody tr").count() == 25


def test_simulated_is_said_in_large(open_: Opener) -> None:
    shown = open_(report(results(60, 2, Mode.simulated), code=Code.MET, reasons=("fine",)), PHONE)
    banner = shown.page.locator(".simulated strong")
    assert banner.inner_text() == "SIMULATED"
    assert banner.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 24


def test_ten_thousand_failing_cases_open_and_are_searched_at_once(open_: Opener) -> None:
    failing = [replace(case, right=False, held_out=False) for case in results(10_000, 2)]
    shown = open_(report(failing))
    assert shown.counted() == "10,000 of 10,000 cases"
    assert shown.page.locator("details.case").count() == 50
    shown.page.get_by_role("button", name="Show more").click()
    assert shown.page.locator("details.case").count() == 100
    searched = shown.page.evaluate(
        """async () => {
          const started = performance.now();
          const search = document.getElementById("search");
          search.value = "since 9999 days";
          search.dispatchEvent(new Event("input"));
          while (document.querySelectorAll("details.case").length !== 1) {
            await new Promise((done) => requestAnimationFrame(done));
          }
          return performance.now() - started;
        }"""
    )
    assert searched < 3000  # 0.2 s on a laptop
    assert shown.cases == ["multilingual-9999"]


def test_on_paper_there_are_no_filters(open_: Opener, compared: dict[str, Any]) -> None:
    shown = open_(compared)
    shown.page.emulate_media(media="print")
    assert not shown.page.get_by_label("Search").is_visible()
    assert shown.page.locator("#slices table").is_visible()
