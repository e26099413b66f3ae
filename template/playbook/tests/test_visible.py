"""What a hostile text can do to a terminal: nothing."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from playbook.visible import one_line, visible


def test_escapes_are_shown_and_do_nothing() -> None:
    assert visible("\x1b[2J\x1b]0;owned\x07") == "␛[2J␛]0;owned␇"
    assert visible("\x9b31m") == "‹U+009B›31m"
    assert visible("a\x7f\x00b") == "a␡␀b"


def test_what_turns_or_hides_text_is_written_out() -> None:
    assert visible("\u202egnp.exe") == "‹U+202E›gnp.exe"
    assert visible("pay\u200bload") == "pay‹U+200B›load"
    assert visible("\U000e0041" * 30) == "‹U+E0041›…"


def test_what_people_write_stays() -> None:
    for text in ("Grüße, 你好 👩‍👩‍👧 ❤️ می‌خواهم", "two\nlines\tand a tab", "plain"):
        assert visible(text) == text
    assert visible("one\r\ntwo\rthree\u2028four") == "one\ntwo\nthree\nfour"


@given(st.text(st.characters(), max_size=80))
def test_no_text_keeps_a_control_character(text: str) -> None:
    shown = visible(text)
    controls = {c for c in shown if unicodedata.category(c) in ("Cc", "Cs")} - {"\n", "\t"}
    assert not controls
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text(st.characters(), max_size=300), st.integers(min_value=2, max_value=80))
def test_a_part_of_a_sentence_is_one_short_line(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line) <= longest
    assert "\n" not in line
