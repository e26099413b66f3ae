"""Citations, quotes and support: an answer is held against the sources it was given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chassis.evaluators import NoSuchField, citations_known, quotes_found, supported


class Passage(BaseModel):
    id: str
    text: str


class Question(BaseModel):
    documents: dict[str, str] = {}


class Reply(BaseModel):
    text: str = ""
    citations: list[Any] = []
    quotes: list[Any] = []
    sources: list[Passage] | list[str] | dict[str, str] | None = None


REFUNDS = Passage(
    id="refunds", text="Refunds are paid within 14 days. Gift cards are not refunded."
)
SHIPPING = Passage(id="shipping", text="We ship to 31 countries; express takes 2 days.")
BOTH = [REFUNDS, SHIPPING]
QUESTION = Question(documents={"refunds": REFUNDS.text, "7": SHIPPING.text})


def test_a_citation_of_a_source_that_nobody_gave_is_wrong() -> None:
    known = citations_known("citations", "sources", at_least=1)
    assert known.live
    assert known.check(None, Reply(citations=["refunds"], sources=BOTH), None) is True
    assert known.check(None, Reply(citations=["refunds", "faq"], sources=BOTH), None) is False
    assert known.check(None, Reply(citations=[{"source": "shipping"}], sources=BOTH), None) is True
    assert known.check(None, Reply(sources=BOTH), None) is False
    assert known.check(None, Reply(citations=["refunds"]), None) is False


def test_marks_in_a_text_are_citations() -> None:
    known = citations_known("text", "input.documents")
    assert known.check(QUESTION, Reply(text="In 14 days [refunds], express in 2 [7]."), None)
    assert known.check(QUESTION, Reply(text="Both say so [refunds, 7]."), None) is True
    assert known.check(QUESTION, Reply(text="In 14 days [8]."), None) is False
    assert known.check(QUESTION, Reply(text="No marks at all."), None) is True


def test_sources_without_ids_are_numbered_from_one() -> None:
    known = citations_known("text", "sources")
    texts = [REFUNDS.text, SHIPPING.text]
    assert known.check(None, Reply(text="So it is [2].", sources=texts), None) is True
    assert known.check(None, Reply(text="So it is [0].", sources=texts), None) is False


def test_sources_may_be_what_a_function_finds() -> None:
    known = citations_known("citations", lambda question, reply: question.documents)
    assert known.check(QUESTION, Reply(citations=[7]), None) is True


def test_sources_of_no_known_form_are_named() -> None:
    known = citations_known("citations", "text")
    with pytest.raises(NoSuchField, match="sources are a list, or texts by id"):
        known.check(None, Reply(text="not a list"), None)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("Refunds are paid within 14 days.", True),
        ("refunds  are\npaid within 14 days", True),
        ("Refunds are paid ... not refunded", True),
        ("Gift cards ... within 14 days", False),
        ("Refunds are paid within 30 days", False),
        ({"quote": "31 countries", "source": "shipping"}, True),
        ({"quote": "31 countries", "source": "refunds"}, False),
        ({"quote": "31 countries", "source": "nowhere"}, False),
    ],
)
def test_a_quote_stands_in_a_source_word_for_word(quote: Any, found: bool) -> None:
    check = quotes_found("quotes", "sources").check
    assert check(None, Reply(quotes=[quote], sources=BOTH), None) is found


def test_what_stands_between_quotation_marks_is_a_quote() -> None:
    check = quotes_found("text", "sources").check
    right = "It says “Gift cards are not refunded” and that is all."
    assert check(None, Reply(text=right, sources=BOTH), None) is True
    wrong = 'It says "Gift cards are always refunded", so do ask.'
    assert check(None, Reply(text=wrong, sources=BOTH), None) is False
    assert check(None, Reply(text='The so-called "fast track" it is.', sources=BOTH), None) is True


def test_the_share_of_sentences_that_a_source_supports() -> None:
    check = supported("text", "sources").check
    half = "Refunds are paid within 14 days [refunds]. Elephants never forget their keepers."
    assert check(None, Reply(text=half, sources=BOTH), None) == 0.5
    gate = supported("text", "sources", at_least=1.0, gate=True).check
    assert gate(None, Reply(text=half, sources=BOTH), None) is False
    assert gate(None, Reply(text=SHIPPING.text, sources=BOTH), None) is True


def test_a_number_that_no_source_has_is_not_supported() -> None:
    check = supported("text", "sources").check
    assert check(None, Reply(text="Refunds are paid within 30 days.", sources=BOTH), None) == 0.0


def test_words_of_two_sources_do_not_add_up_to_one() -> None:
    check = supported("text", "sources", overlap=0.8).check
    text = "Gift cards ship express to many countries."
    assert check(None, Reply(text=text, sources=BOTH), None) == 0.0


def test_other_languages_are_read_as_well() -> None:
    check = supported("text", "sources").check
    german = ["Die Rückerstattung erfolgt innerhalb von 14 Tagen nach dem Eingang der Ware."]
    right = "Eine Rückerstattung erfolgt innerhalb von 14 Tagen."
    assert check(None, Reply(text=right, sources=german), None) == 1.0
    japanese = ["返金は14日以内に行われます。"]
    assert check(None, Reply(text="返金は14日以内です。", sources=japanese), None) == 1.0
    assert check(None, Reply(text="象は決して忘れません。", sources=japanese), None) == 0.0


def test_a_text_that_tells_nothing_needs_no_support() -> None:
    check = supported("text", "sources").check
    assert check(None, Reply(text="Yes, of course.", sources=BOTH), None) is None
    assert check(None, Reply(text="", sources=None), None) is None


WORDS = st.lists(st.sampled_from(["refund", "paid", "days", "card", "ship", "express"]))


@given(sentences=st.lists(WORDS.map(" ".join), min_size=1, max_size=5))
def test_what_is_copied_is_supported_and_quoted(sentences: list[str]) -> None:
    text = ". ".join(one for one in sentences if one) or "Nothing."
    reply = Reply(text=text, quotes=[one for one in sentences if one], sources=[text])
    assert supported("text", "sources").check(None, reply, None) in (None, 1.0)
    assert quotes_found("quotes", "sources").check(None, reply, None) is True


@given(text=st.text(max_size=200), source=st.text(max_size=200))
def test_any_text_gives_a_share(text: str, source: str) -> None:
    reply = Reply(text=text, sources=[source])
    share = supported("text", "sources").check(None, reply, None)
    assert share is None or 0.0 <= share <= 1.0
    assert citations_known("text", "sources").check(None, reply, None) in (True, False)
    assert quotes_found("text", "sources").check(None, reply, None) in (True, False)
