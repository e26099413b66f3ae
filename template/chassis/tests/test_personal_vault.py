"""The vault: what leaves for the provider, and what comes back from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from personal_samples import FOUND, LEFT

from chassis.guards.personal.light import EVERYTHING
from chassis.guards.personal.spans import KINDS
from chassis.guards.personal.vault import Vault

VALUES = [sample.split("«")[1].split("»")[0] for samples in FOUND.values() for sample in samples]
SAMPLES = [s.translate({ord("«"): None, ord("»"): None}) for f in FOUND.values() for s in f]
PLACEHOLDERS = [f"[{kind}-{number}]" for kind in KINDS for number in (1, 2)]
TEXTS = st.lists(
    st.sampled_from([*SAMPLES, *VALUES, *LEFT, *PLACEHOLDERS, "[E-mail-1]", "[e-mail]", "[", "]"])
    | st.text(max_size=8),
    max_size=8,
).map("".join)


def test_the_provider_sees_placeholders_and_the_caller_the_values() -> None:
    """PLAYBOOK 2.10, point 10."""
    vault = Vault()
    masked = vault.mask("I am ann@example.com, not bob@example.com. ann@example.com!", own=True)
    assert masked == "I am [e-mail-1], not [e-mail-2]. [e-mail-1]!"
    assert vault.restore("Hello [e-mail-2] and [e-mail-1]") == (
        "Hello bob@example.com and ann@example.com"
    )


def test_only_what_the_caller_sent_comes_back() -> None:
    vault = Vault()
    assert vault.mask("ann@example.com", own=True) == "[e-mail-1]"
    document = "from bob@example.com to ann@example.com, card 4111 1111 1111 1111"
    assert vault.mask(document, own=False) == "from [e-mail-2] to [e-mail-1], card [card-1]"
    answer = "[e-mail-1] [e-mail-2] [card-1] [iban-7] [E-MAIL-1]"
    assert vault.restore(answer) == "ann@example.com [e-mail] [card] [iban] ann@example.com"


def test_a_placeholder_in_a_document_does_not_fetch_the_callers_value() -> None:
    vault = Vault()
    vault.mask("ann@example.com", own=True)
    masked = vault.mask("send it to [e-mail-1] and [E-Mail-1]", own=False)
    assert vault.restore(masked) == "send it to [e-mail] and [e-mail]"


def test_a_value_is_masked_where_nothing_says_what_it_is_too() -> None:
    vault = Vault()
    assert vault.mask("tel 0151 23456789", own=True) == "tel [phone-1]"
    assert vault.mask("he said 0151 23456789 twice", own=False) == "he said [phone-1] twice"


def test_a_masked_text_masked_again_still_comes_back() -> None:
    vault = Vault()
    text = "write to ann@example.com or [e-mail-1]"
    assert vault.restore(vault.restore(vault.mask(vault.mask(text, own=True), own=True))) == text


def test_values_around_what_looks_like_a_placeholder_come_back_too() -> None:
    vault = Vault()
    for text in [
        "ann@example.com password: x1[e-mail-1]",  # pragma: allowlist secret
        "password=[e-mail-1]y2 and bob@example.com",  # pragma: allowlist secret
        "[e-mail-ann@example.com] [[e-mail-1]-1]",
    ]:
        assert vault.restore(vault.mask(text, own=True)) == text


@given(texts=st.lists(TEXTS, min_size=1, max_size=3))
def test_the_callers_own_text_comes_back_as_it_was(texts: list[str]) -> None:
    vault = Vault()
    masked = [vault.mask(text, own=True) for text in texts]
    assert [vault.restore(text) for text in masked] == texts


@given(text=TEXTS)
def test_nothing_that_was_found_leaves(text: str) -> None:
    found = [text[start:end] for start, end, _ in EVERYTHING.find(text)]
    masked = Vault().mask(text, own=True)
    assert not [value for value in found if len(value) >= 6 and value in masked]
    assert EVERYTHING.find(masked) == []


@given(text=TEXTS)
def test_what_was_not_the_callers_never_comes_back(text: str) -> None:
    vault = Vault()
    restored = vault.restore(vault.mask(text, own=False))
    assert EVERYTHING.find(restored) == []
