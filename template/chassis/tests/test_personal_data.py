"""Personal data and secrets: what is seen, what is left alone, and that looking is cheap."""

from __future__ import annotations

import gc
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from personal_samples import CLEAN, FOUND, LEFT
from pydantic import ValidationError

from chassis.config.guardrails import PersonalData
from chassis.guards.personal.check import check_with
from chassis.guards.personal.light import EVERYTHING, PERSONAL, SECRETS, Personal
from chassis.guards.personal.spans import KINDS, Together, redact, resolved
from chassis.guards.runner import Found
from chassis.guards.spans import Span

SAMPLES = [(kind, sample) for kind, samples in FOUND.items() for sample in samples]
VALUES = [sample.split("«")[1].split("»")[0] for _, sample in SAMPLES]


@pytest.mark.parametrize(("kind", "sample"), SAMPLES)
def test_each_kind_is_taken_out_and_nothing_around_it(kind: str, sample: str) -> None:
    """PLAYBOOK 2.10, point 10."""
    before, rest = sample.split("«")
    value, after = rest.split("»")
    text = before + value + after
    assert redact(text, EVERYTHING) == f"{before}[{kind}]{after}"
    assert check_with(EVERYTHING)(text) == Found((kind,), f"{before}[{kind}]{after}")


@pytest.mark.parametrize("text", [*LEFT, *CLEAN])
def test_what_only_looks_like_it_stays(text: str) -> None:
    """A checksum that fails, an order number, a version: blocking those would cost trust."""
    assert EVERYTHING.find(text) == []
    assert check_with(EVERYTHING)(text) is None


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            "4111 1111 1111 1111 20261123 DE89 3704 0044 0532 0130 00 +41 44 668 18 00",
            "[card] 20261123 [iban] [phone]",
        ),
        ("4111 1111 1111 1111 3.50", "[card] 3.50"),
        ("4111 1111 1111 1111 12/27", "[card] 12/27"),
        ("4111 1111 1111 1111 4111 1111 1111 1111", "[card] [card]"),
        ("ann@example.com,bob@example.com", "[e-mail],[e-mail]"),
        ("+41 44 668 18 00 / +41 44 668 18 01", "[phone] / [phone]"),
        ("+41 44 668 18 00 5 boxes", "[phone] 5 boxes"),
        ("0044 20 7946 0958 10 boxes", "[phone] 10 boxes"),
        ("my e-mail is ann@example.com, tel 0151 23456789", "my e-mail is [e-mail], tel [phone]"),
        ("İ password: hunter2", "İ password: [secret]"),  # pragma: allowlist secret
    ],
)
def test_one_beside_another_is_two(text: str, clean: str) -> None:
    assert redact(text, EVERYTHING) == clean


@pytest.mark.parametrize("apart", range(1, 60))
def test_an_address_is_whole_however_far_from_another(apart: int) -> None:
    """A text is looked at in parts, and no part ends within an address."""
    text = f"2001:db8::8a2e:370:7334 {'z' * apart} 2001:db8::8a2e:370:7334."
    assert redact(text, PERSONAL) == f"[ip] {'z' * apart} [ip]."


def test_phone_numbers_of_named_countries_need_no_word() -> None:
    text = "Bitte 030 901820 oder 0151 23456789, Bestellung 20261123."
    assert redact(text, PERSONAL) == text
    assert redact(text, Personal(["DE"])) == "Bitte [phone] oder [phone], Bestellung 20261123."


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"engine": "presidio"}, "presidio needs a spaCy model"),
        ({"language_models": {"en": "en_core_web_sm"}}, "light uses no language model"),
        ({"phone_regions": ["de"]}, "pattern"),
    ],
)
def test_an_engine_gets_what_it_needs_and_nothing_else(config: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PersonalData(**config)


def test_several_finders_are_one_and_no_part_of_a_find_is_left() -> None:
    spans = [Span(0, 4, "ip"), Span(3, 12, "phone"), Span(12, 14, "mac")]
    assert resolved(spans) == [Span(0, 12, "phone"), Span(12, 14, "mac")]
    assert resolved([Span(0, 9, "e-mail"), Span(2, 4, "secret")]) == [Span(0, 9, "secret")]
    assert Together(SECRETS, PERSONAL).find("ann@example.com sk-live-abcdefghijklmnop1234") == [
        Span(0, 15, "e-mail"),
        Span(16, 44, "secret"),
    ]


PIECES = st.sampled_from(
    [*VALUES, *LEFT, *(f"[{kind}-1]" for kind in KINDS), "tel ", "password: ", " ", "\n", "+", "0"]
)
MIXED = st.lists(PIECES | st.text(max_size=8), max_size=8).map("".join)


@settings(max_examples=150)
@given(text=MIXED)
def test_looking_again_at_what_was_redacted_finds_nothing(text: str) -> None:
    clean = redact(text, EVERYTHING)
    assert EVERYTHING.find(clean) == []
    assert redact(clean, EVERYTHING) == clean


@given(text=MIXED)
def test_spans_are_in_order_apart_and_within_the_text(text: str) -> None:
    spans = EVERYTHING.find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert {span.kind for span in spans} <= set(KINDS)


EVIL = [
    "a",
    "a@",
    "a@a.",
    "@",
    "1 ",
    "1",
    "1.1.",
    "1-",
    "+1",
    "+1 ",
    "(0)",
    "a.a-",
    "eyJ-",
    "eyJaaaaaaaa.",
    "-----BEGIN PRIVATE KEY-----",  # pragma: allowlist secret
    "sk-",
    "sk_a",
    "SG.aaaaaaaaaaaaaaaaaaaa",
    "password",
    "password: ",
    "password: a ",
    "password=",
    "key",
    "token=a,",
    "bearer aaaaaaaaaaaaaaaaaaa ",
    "://",
    "://a:",
    "://aaaaaaaaaaaaaaaaaaaaaaaa",
    "AB12",
    "AB12 ",
    "DE89 ",
    "4111 1111 1111 1111 ",
    "4111",
    ":",
    "::",
    "a:b:",
    ":a1:",
    "-aa-",
    "00:11:22:33:44:",
    "12345678Z ",
    "call me about 12345678 ",
    "call 0151 ",
    "tel 0151 23456789 ",
    "+41 44 668 18 00 ",
    "٣",
    "é4111 ",
    "ann@example.com ",
    "192.0.2.17 ",
    "call me on 0111111111 ",
    "111222333 bsn ",
    "36574261809 ",
    "pass is ",
    "\\",
]


def seconds(text: str) -> float:
    """Processor time of a look; without the garbage of all the other tests."""
    gc.disable()
    started = time.process_time()
    EVERYTHING.find(text)
    took = time.process_time() - started
    gc.enable()
    return took


@pytest.mark.slow
@pytest.mark.parametrize("piece", EVIL, ids=lambda piece: repr(piece)[:24])
def test_no_text_takes_more_than_its_length_deserves(piece: str) -> None:
    """DESIGN, principle 7: eight times the text, about eight times the time; squares take 64."""
    whole = 64 * 1024
    text = (piece * (whole // len(piece) + 1))[:whole]
    small, large = seconds(text[: whole // 8]), seconds(text)
    assert large < 24 * small + 0.05


def test_a_private_key_is_redacted_whole_however_long_or_cut_off() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 9_000  # pragma: allowlist secret
    assert redact(f"a {key}\n-----END RSA PRIVATE KEY----- b", SECRETS) == "a [secret] b"
    assert redact(f"a {key}", SECRETS) == "a [secret]"
