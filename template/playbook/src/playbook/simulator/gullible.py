"""Orders hidden in the input: a weak model obeys, unless its prompt says marked text is data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

ANY = re.IGNORECASE | re.DOTALL
INPUT = re.compile(r"<data-([\w-]+)(?:\s[^>]*)?>(.*?)</data-\1>", re.DOTALL)
NEGATED = (
    r"(?:\b(?:never|not|no|nor|ignor\w+|disregard|without|nunca|nie|niemals|nicht|keine|jamais|pas"
    r"|mai|non|nao|não)\b|n['’]t\b)"
)
INSTRUCTION = (
    r"(?:instruct|command|\borders?\b|directive|instruc|instruç|anweis|befehl|consigne|istruzion)"
)
MARKED = (
    r"(?:\b(?:data|datos|daten|donn[eé]es|dados|dati|marke[rd]|markers|tags?|delimit\w+|between"
    r"|inside|within|enclosed|untrusted)\b|<data)"
)
FORBIDS = re.compile(rf"{NEGATED}.{{0,80}}{INSTRUCTION}|{INSTRUCTION}.{{0,80}}{NEGATED}", ANY)
OVERRIDE = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|ignora|ignorez|ignoriere|olvida|oubliez|vergiss"
    r"|dimentica|esque[cç]a)\b[^.\n]{0,60}"
    rf"(?:{INSTRUCTION}|\b(?:rule|prompt|above|previous|prior|earlier|regel|r[eè]gle|regra|regol))",
    re.IGNORECASE,
)
REVEAL = re.compile(
    r"\b(?:reveal|print|show|repeat|output|display|tell|dump|include|quote|copy|what (?:is|are)"
    r"|muestra|affiche|zeige|mostra)\b[^.\n]{0,50}\b(?:(?:system|hidden|initial|original|your)\s+"
    r"(?:\w+\s+)?(?:prompt|instructions|rules|message)|system ?prompt|instrucciones)",
    re.IGNORECASE,
)
SORT = (
    r"(?:classif\w+|categori\w+|label|tag|mark|treat|file|route|rate|flag|clasif\w+|class\w+"
    r"|einstufen|markier\w+|consider\w*)"
)
SAY = (
    r"(?:answer|respond|reply|output|return|say|print|write|choose|pick|select|use|responde"
    r"|r[ée]ponds|antworte|rispondi)"
)
QUOTED = re.compile(rf"\b{SAY}\b[^.\n\"“”]{{0,40}}[\"“]([^\"“”\n]{{1,200}})[\"”]", re.IGNORECASE)


def inputs(user: str) -> str | None:
    """What stands between data markers, or None when there are none."""
    found = [match[2].strip() for match in INPUT.finditer(user)]
    return "\n".join(found) if found else None


def exposed(instructions: str, user: str) -> str:
    """The part of the user's message in which an order would be obeyed."""
    return INPUT.sub(" " if protects(instructions) else r" \2 ", user)


@lru_cache(maxsize=256)
def protects(instructions: str) -> bool:
    """Whether the prompt says that marked text is data and never an instruction."""
    sentences = re.split(r"(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*#])", instructions)
    pairs = zip(sentences, [*sentences[1:], ""], strict=True)
    said = [*sentences, *(f"{one} {following}" for one, following in pairs)]
    return any(_protects(text) for text in said)


# Prompts differ by a mark for each user; most of their sentences are the same.
@lru_cache(maxsize=4096)
def _protects(sentence: str) -> bool:
    return bool(FORBIDS.search(sentence) and re.search(MARKED, sentence, ANY))


def without_orders(text: str) -> str:
    """The text without sentences that try to take over: known for data, they tell nothing."""
    if not (OVERRIDE.search(text) or REVEAL.search(text)):
        return text
    sentences = re.split(r"(?<=[.!?\n])\s*", text)
    kept = [part for part in sentences if not (OVERRIDE.search(part) or REVEAL.search(part))]
    return "\n".join(kept).strip() or text


def ordered_label(text: str, name: str, labels: Sequence[str]) -> str | None:
    """The label that the text orders for a property, if it orders one."""
    for label, order in _orders(name, tuple(labels)):
        if order.search(text):
            return label
    override = OVERRIDE.search(text)
    if override is None:
        return None
    tail = text[override.end() : override.end() + 300]
    found = ((re.search(_word(label), tail, re.IGNORECASE), label) for label in labels)
    return min(((match.start(), label) for match, label in found if match), default=(0, None))[1]


@lru_cache(maxsize=256)
def _orders(name: str, labels: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    prop = re.escape(name).replace("_", "[_ ]")
    forms = (
        rf"\b{SORT}\s+(?:\S+\s+){{0,4}}?(?:as|como|comme|als|come)\s+(?:an?\s+)?LABEL",
        rf"\b{prop}\b\s*(?:\S+\s+){{0,2}}?(?:to|is|as|=|:|must be|should be|a|auf|en|su)\s*LABEL",
        rf"\b{SAY}\s+(?:\S+\s+){{0,3}}?(?:{prop}|category|label|answer|word|value)\s+LABEL",
        rf"\b{SAY}\s+(?:only|just|exactly|always)\s+(?:with\s+)?LABEL",
    )
    return tuple(
        (label, re.compile("|".join(forms).replace("LABEL", _word(label)), re.IGNORECASE))
        for label in labels
    )


def _word(label: str) -> str:
    return rf"[\"'`“*]*(?<!\w){re.escape(label).replace('_', '[_ -]')}(?!\w)"


def ordered_number(text: str, name: str) -> float | None:
    """The number that the text orders for a property."""
    prop = re.escape(name).replace("_", "[_ ]")
    order = rf"\b{prop}\b\s*(?:must be|should be|to|is|=|:)\s*(\d+(?:\.\d+)?)"
    match = re.search(order, text, re.IGNORECASE)
    return float(match[1]) if match else None


def ordered_text(text: str, instructions: str) -> str | None:
    """What the text orders to be said: parts of the prompt, or words of its own."""
    if REVEAL.search(text):
        return " ".join(instructions.split()) or None
    match = QUOTED.search(text)
    return match[1] if match else None
