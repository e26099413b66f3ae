"""Links, images, HTML and Markdown in an answer: what goes through, and what is made harmless."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_config import Start
from scripted_provider import Provider, answers

from chassis.guards.links import ForeignLinks
from chassis.guards.markup import active_markup, inert
from chassis.guards.runner import check_of
from chassis.guards.spans import replaced

LINKS = ForeignLinks(["docs.example.com", "*.help.example.com"])


@pytest.mark.parametrize(
    "text",
    [
        "see https://evil.example/x?d=secret",
        "![](https://evil.example/p.png?q=abc)",
        "[here](http://evil.example)",
        "<img src='//evil.example/a.gif'>",
        "HTTPS://EVIL.EXAMPLE/A",
        "www.evil.example",
        "https://docs.example.com@evil.example/",
        "https://docs.example.com.evil.example/",
        "https://evil.example/docs.example.com",
        "https:\\\\docs.example.com\\a",
        "//evil.example/a",
        "https:///evil.example/a",
        "https:/evil.example/a",
        "https:evil.example/a",
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "ftp://docs.example.com/a",
        "https://xhelp.example.com/",
        "https://[::1]/a",
        "https://docs.example.com%2eevil.example/",
    ],
)
def test_an_address_elsewhere_is_found_however_it_is_written(text: str) -> None:
    """PLAYBOOK 2.10, point 10, OWASP LLM02: data leaves by links."""
    found = check_of(LINKS.find)(text)
    assert found is not None
    assert found.kinds == ("link",)
    assert "evil.example" not in str(found.clean).replace("[link]", "")


@pytest.mark.parametrize(
    "text",
    [
        "see https://docs.example.com/setup#two.",
        "(https://eu.help.example.com:8443/a?b=c)",
        "https://DOCS.example.com.",
        "a // comment, 3/4 done: 10:30",
        "either/or, C:\\Users",
        "the data: 5 and 6",
        "over https: see the page; port http:80",
    ],
)
def test_allowed_hosts_and_ordinary_text_go_through(text: str) -> None:
    assert LINKS.find(text) == []


class Seen(HTMLParser):
    """What a browser's parser would act upon."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("instruction")


pieces = st.lists(
    st.sampled_from(
        [
            "<",
            ">",
            "/",
            "!",
            "?",
            "-",
            "a",
            "img",
            "script",
            " ",
            "\n",
            "[",
            "]",
            "(",
            ")",
            ":",
            "é",
        ]
    )
    | st.text(max_size=3),
    max_size=40,
).map("".join)


@given(text=pieces)
def test_inert_text_has_nothing_a_browser_acts_upon(text: str) -> None:
    clean = replaced(text, active_markup(text), inert)
    assert Seen(clean).found == []
    assert active_markup(clean) == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a <b>bold</b> word", "a \u2039b>bold\u2039/b> word"),
        ("<script>x()</script>", "\u2039script>x()\u2039/script>"),
        ("![a](https://e.example)", "! [a] (https://e.example)"),
        ("[a](b) and [a][b]", "[a] (b) and [a] [b]"),
        ("[a]: https://e.example", "[a] : https://e.example"),
        ("1 < 2, a <- b, [1], wow! (yes)", "1 < 2, a <- b, [1], wow! (yes)"),
    ],
)
def test_markup_stays_readable(text: str, clean: str) -> None:
    assert replaced(text, active_markup(text), inert) == clean


async def test_an_answer_with_a_picture_from_elsewhere_goes_out_without_it(
    start: Start, provider: Provider
) -> None:
    service = await start()
    provider.will(answers({"remark": "ok ![x](https://evil.example/?q=data) <b>now</b>"}))
    body = (await service.post({"text": "an apple"})).json()
    assert body["answer"]["remark"] == "ok ! [x] ([link]) \u2039b>now\u2039/b>"
    said = {each["guard"]: each for each in service.lines("ai_call")[-1]["guards"]}
    assert (said["links"]["verdict"], said["links"]["found"]) == ("redact", ["link"])
    assert said["markup"]["found"] == ["markdown", "html"]


async def test_a_field_that_carries_markup_is_left_alone(start: Start, provider: Provider) -> None:
    markup = {"mode": "redact", "budget_ms": 1000, "fields": ["remark"]}
    service = await start(guardrails={"output": {"markup": markup}})
    provider.will(answers({"remark": "<b>now</b>"}))
    body = (await service.post({"text": "an apple"})).json()
    assert body["answer"]["remark"] == "<b>now</b>"


@pytest.mark.parametrize(
    ("remark", "kind"),
    [
        ("Try Acme  CLOUD instead", "rivals"),
        ("try acmé-cloud", "rivals"),
        ("ＡＣＭＥ ＣＬＯＵＤ", "rivals"),
        ("word " * 12, "off_topic"),
    ],
)
async def test_an_answer_about_something_else_is_blocked(
    start: Start, provider: Provider, remark: str, kind: str
) -> None:
    """PLAYBOOK 2.10: harmful and off-topic."""
    topics = {
        "mode": "block",
        "budget_ms": 1000,
        "deny": {"rivals": ["acme cloud"]},
        "scope": ["fruit", "tool"],
        "scope_least_words": 10,
    }
    service = await start(guardrails={"output": {"topics": topics}})
    provider.will(answers({"remark": remark}))
    response = await service.post({"text": "an apple"})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/output-blocked")
    assert service.lines("ai_call")[-1]["guards"][-1]["found"] == [kind]
    provider.will(answers({"remark": "acmecloud is a toolbox " * 5}))
    assert (await service.post({"text": "an apple"})).status_code == 200
