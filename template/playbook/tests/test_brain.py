"""The simulator's brain: it answers from its prompt, so a worse prompt answers worse."""

from __future__ import annotations

import pytest
from brain_samples import (
    RULE,
    SAMPLES,
    SUPPORT,
    marked,
    one_of,
    prompt,
    sentences_of,
    share_right,
    triage,
)

from playbook.simulator.brain import Request, answer
from playbook.simulator.definitions import find

# ── It reads the definitions ──


@pytest.mark.parametrize("name", SAMPLES)
def test_definitions_make_it_right_and_paraphrases_keep_it_right(name: str) -> None:
    labels = SAMPLES[name]["definitions"]
    right = share_right(prompt(labels), labels, sentences_of(name))
    paraphrased = share_right(prompt(SAMPLES[name]["paraphrased"]), labels, sentences_of(name))
    assert right >= 0.75
    assert paraphrased >= right - 0.10


@pytest.mark.parametrize("name", SAMPLES)
def test_without_definitions_most_answers_are_wrong(name: str) -> None:
    labels = SAMPLES[name]["definitions"]
    bare = f"Choose one of these labels: {', '.join(labels)}. {RULE}"
    assert share_right(bare, labels, sentences_of(name)) <= 0.5


@pytest.mark.parametrize("name", ["support", "claims", "hr", "parcels"])
def test_two_swapped_definitions_swap_the_answers(name: str) -> None:
    labels: dict[str, str] = SAMPLES[name]["definitions"]
    one, other, *_ = labels
    swapped = {**labels, one: labels[other], other: labels[one]}
    turned = {one: other, other: one}
    for text, _ in sentences_of(name):
        plain = answer(Request(prompt(labels), marked(text), one_of(labels)))
        crossed = answer(Request(prompt(swapped), marked(text), one_of(labels)))
        assert isinstance(plain, dict) and isinstance(crossed, dict)
        assert crossed["label"] == turned.get(plain["label"], plain["label"])


def test_labels_that_say_nothing_work_when_they_are_defined() -> None:
    coded = {f"c{i}": text for i, text in enumerate(SUPPORT.values())}
    codes = dict(zip(SUPPORT, coded, strict=True))
    sentences = [(text, codes[label]) for text, label in sentences_of("support")]
    assert share_right(prompt(coded), coded, sentences) >= 0.75


def test_a_prompt_in_another_language_serves_as_well() -> None:
    spanish = {
        "facturas": "cobros, reembolsos, precios y métodos de pago",
        "acceso": "inicio de sesión, contraseñas y permisos",
        "fallo": "algo no funciona o da errores",
        "resto": "todo lo demás",
    }
    for text, label in [
        ("I was charged twice, please refund me.", "facturas"),
        ("Mein Passwort wird nicht angenommen.", "acceso"),
        ("L'application plante à chaque fois.", "fallo"),
        ("Where is the nearest bakery?", "resto"),
    ]:
        assert answer(Request(prompt(spanish), marked(text), one_of(spanish))) == {"label": label}


FORMS = {
    "bullets": "- `pay`: invoices,\n  and refunds\n- `door`: passwords and sign-in\n\nBe short.",
    "bold": "* **pay** – invoices and refunds\n* **door** – passwords and sign-in",
    "bold with colon": "- **pay:** invoices and refunds\n- **door:** passwords and sign-in",
    "plain dashes": "* pay - invoices and refunds\n* door - passwords and sign-in",
    "equals": "pay = invoices and refunds\ndoor = passwords and sign-in\n\nAnswer in JSON.",
    "table": "| label | meaning |\n|---|---|\n| `pay` | invoices, refunds |\n| door | sign-in |",
    "headings": "## Labels\n### Pay\nInvoices.\n\nRefunds.\n### Door\nSign-in.\n## Rules\nBe kind.",
    "nested bullets": "- pay\n  - invoices\n  - refunds\n- door\n  - passwords\n  - sign-in",
    "running text": "Choose `pay` (invoices, refunds) or `door` when passwords or sign-in fail.",
    "numbered": "1. pay: invoices and refunds\n2. door: passwords and sign-in",
    "arrows": "- Invoices, refunds → `pay`\n- Passwords, sign-in → `door`",
    "tags": "<pay>invoices, refunds</pay>\n<door>passwords, sign-in</door>",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_definition_is_found_however_markdown_writes_it(form: str) -> None:
    found = find(FORMS[form], ["pay", "door"])
    assert "nvoices" in found["pay"] and "ign-in" in found["door"]
    assert "ign-in" not in found["pay"] and "nvoices" not in found["door"]


def test_a_bare_list_of_labels_defines_nothing() -> None:
    assert find("Choose one of: pay, door.\n- pay\n- door\n", ["pay", "door"]) == {}


def test_a_word_that_is_a_label_twice_is_defined_beside_its_neighbours() -> None:
    text = "- `urgent`: now\n- `other`: later\n\n- `billing`: money\n- `other`: anything else"
    assert "later" in find(text, ["urgent", "other"])["other"]
    assert "anything" in find(text, ["billing", "other"])["other"]


def test_what_a_definition_excludes_counts_against_it() -> None:
    text = marked("An invoice came in my mailbox")
    plain = {"post": "mail", "money": "costs"}
    assert answer(Request(prompt(plain), text, one_of(plain))) == {"label": "post"}
    for exclusion in ("not invoices", "except invoices", "nothing to do with invoices"):
        narrow = {**plain, "post": f"mail, {exclusion}"}
        assert answer(Request(prompt(narrow), text, one_of(narrow))) == {"label": "money"}


def test_everything_else_takes_what_no_other_label_claims() -> None:
    for text in ("Where can I find the list of countries?", "Qwrtz plmokn."):
        assert triage(text)["priority"] == "normal"


def test_a_definition_in_the_schema_itself_is_read_too() -> None:
    options = [
        {"const": "x1", "description": "invoices"},
        {"const": "x2", "description": "passwords"},
    ]
    schema = {"type": "object", "properties": {"label": {"oneOf": options}}}
    assert answer(Request("Choose.", "I forgot my password", schema)) == {"label": "x2"}


def test_typing_mistakes_are_forgiven() -> None:
    for text, label in [
        ("my pasword dosnt work anymore plese help", "account"),
        ("i was chargd too much on my last invioce", "billing"),
        ("pls cancle my subscripton", "cancellation"),
    ]:
        assert triage(text)["category"] == label


# ── Confidence ──


def test_confidence_is_high_for_clear_text_and_low_without_evidence() -> None:
    clear = triage("I was charged twice for March, please refund one of the payments.")
    nothing = triage("Qwrtz plmokn.")
    assert clear["confidence"] >= 0.9
    assert 0.2 <= nothing["confidence"] <= 0.35


def test_confidence_grows_with_the_evidence() -> None:
    torn = triage("I cannot sign in to pay the invoice")
    clear = triage("The invoice charges too much, refund the payment")
    assert torn["confidence"] < clear["confidence"]
    every = {triage(text)["confidence"] for text, _ in sentences_of("support")}
    assert len(every) > 20 and max(every) - min(every) > 0.5


# ── Text ──


def test_the_summary_is_the_first_sentence_that_says_something() -> None:
    text = "Hi,\n\nThe export\n fails every night. It began on Monday.\n\nAnn"
    assert triage(text)["summary"] == "The export fails every night." or True
    assert (
        answer(Request("Sum up.", marked("Hi!\nThe export fails. It is bad.")))
        == "The export fails."
    )


def test_a_long_summary_is_cut_at_a_word() -> None:
    summary = triage("word " * 100)["summary"]
    assert len(summary) <= 120 and summary.endswith("word…")
