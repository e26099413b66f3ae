"""The simulator's brain: a small stand-in for a language model that answers only from its prompt.

Frozen: it was finished before any eval case was written, and is not tuned on cases. A text is
compared with the definitions that the prompt gives for each label; without them there is little to
go by. Decision: docs/decisions/0005-simulator-brain.md in the template's repository.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from math import exp
from typing import Any, cast

from .comparison import Meaning, understand
from .gullible import (
    exposed,
    inputs,
    ordered_label,
    ordered_number,
    ordered_text,
    protects,
    without_orders,
)
from .language import Features, languages, lexicon, meanings, spellings, words
from .shape import (
    DEEP,
    Labels,
    Schema,
    apart,
    choices,
    cut,
    descriptions,
    fixed_text,
    labelled,
    number,
    resolved,
)

SUMMARY = 120  # characters
LEAKED = 400  # characters of a summary that was ordered by the text
MOST = 1.5  # to which mentions of one thing add up
AGAIN = 0.2  # what a second mention adds to the first
SHORT = 4  # words; a shorter sentence is read together with the next
NO_EVIDENCE = 0.3  # a fit below this does not outweigh "everything else"
LEAST_SURE, MOST_SURE = 0.25, 0.97
CLEAR = 0.35  # a lead over the second label that makes confidence rise two thirds of the way
CERTAIN = re.compile(r"confiden|certain|probab|score|likel|confianza|konfid", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What a provider's protocol asks of a model, in neutral form."""

    instructions: str  # all system and developer messages, joined
    user: str  # all user messages, joined, the last turn last
    schema: Schema | None = None  # JSON Schema of the wanted output; None asks for free text
    seed: int = 0
    skill: float = 1.0  # 0..1: the share of answers left undisturbed


@dataclass
class Decision:
    """One label chosen, how clearly, and all labels that fit, best first."""

    label: str | None
    confidence: float
    ranking: list[str] = field(default_factory=list)


def answer(request: Request) -> dict[str, Any] | str:
    """An instance of the request's schema, or one sentence when it has none."""
    turn = _Turn(request)
    if request.schema is None:
        return turn.sentence(LEAKED)
    return cast(dict[str, Any], turn.build(request.schema, "answer", 0))


class _Turn:
    """One request being answered."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.root: Schema = request.schema or {}
        self.told = "\n".join([request.instructions, *descriptions(request.schema)])
        marked = inputs(request.user)
        self.data = request.user if marked is None else marked
        digest = hashlib.sha256(f"{request.seed}\0{self.data}".encode(errors="replace")).digest()
        self.dice = int.from_bytes(digest[:8]) / 2**64
        self.spin = int.from_bytes(digest[8:12])
        self.exposed = exposed(request.instructions, request.user)
        if marked is not None and protects(request.instructions):
            self.data = without_orders(marked)
        self.sentences = _read(self.data)
        self.decisions: dict[tuple[str, Labels], Decision] = {}

    def decide(self, name: str, labels: Labels) -> Decision:
        """Choose among labels, once per property."""
        if (name, labels) not in self.decisions:
            order = ordered_label(self.exposed, name, labels)
            obeyed = Decision(order, MOST_SURE, [order]) if order else None
            self.decisions[name, labels] = obeyed or self._disturbed(self._choose(labels), labels)
        return self.decisions[name, labels]

    def _choose(self, labels: Labels) -> Decision:
        meaning = understand(self.told, labels)
        scores = meaning.score(self._features(meaning))
        ranking = sorted(range(len(labels)), key=lambda i: -scores[i])
        best, rest = ranking[0], meaning.default
        margin = scores[best] - scores[ranking[1]] if len(labels) > 1 else scores[best]
        label: str | None = labels[best]
        if rest not in (None, best) and meaning.claims_rest and scores[best] < NO_EVIDENCE:
            label, margin = labels[rest], 0.0
        elif scores[best] == 0.0:
            label = None if rest is None else labels[rest]
        confidence = LEAST_SURE + (MOST_SURE - LEAST_SURE) * (1 - exp(-margin / CLEAR))
        return Decision(label, confidence, [labels[i] for i in ranking if scores[i] > 0])

    def _features(self, meaning: Meaning) -> list[Features]:
        """The text's sentences, with the words nobody knows likened to those of the definitions."""
        found = []
        for sentence, unknown in self.sentences:
            for word in unknown:
                for feature, alike in meaning.similar(word):
                    known = sentence.get(feature, 0.0)
                    sentence = {**sentence, feature: max(alike, known)}
            found.append(sentence)
        return found

    def _disturbed(self, decision: Decision, labels: Labels) -> Decision:
        """A less skilful model confuses labels, on the same texts whatever the prompt."""
        if self.dice < self.request.skill or len(labels) < 2:
            return decision
        others = [label for label in labels if label != decision.label]
        wrong = others[self.spin % len(others)]
        confidence = LEAST_SURE + 0.6 * (decision.confidence - LEAST_SURE)
        return Decision(wrong, confidence, [wrong, *decision.ranking])

    def confidence(self) -> float:
        """How clearly the first property with labels was decided."""
        first = next(labelled(self.root, self.root, "answer"), None)
        return LEAST_SURE if first is None else self.decide(*first).confidence

    def sentence(self, limit: int) -> str:
        """The first sentence of the user's data that says something, on one line."""
        order = ordered_text(self.exposed, self.request.instructions)
        parts = [order] if order else re.split(r"(?<=[.!?])\s+|\n+", self.data)
        lines = [" ".join(part.split()) for part in parts if part.strip()]
        said = next((line for line in lines if len(line) >= 12 and " " in line), "")
        said = said or (lines[0] if lines else "Nothing was said.")
        return cut(said, min(limit, LEAKED if order else SUMMARY))

    def build(self, given: Schema, name: str, depth: int) -> Any:
        """An instance of a schema."""
        schema = resolved(given, self.root)
        if "const" in schema:
            return schema["const"]
        if allowed := choices(schema, self.root):
            return self._choice(allowed, name)
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self._option(options, schema, name, depth)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        match kind:
            case "object":
                inner = schema.get("properties", {})
                needed = schema.get("required", ()) if depth > DEEP else inner
                return {key: self.build(inner.get(key, {}), key, depth + 1) for key in needed}
            case "array":
                return self._items(schema, name, depth)
            case "number" | "integer":
                return number(schema, self._number(name, kind), whole=kind == "integer")
            case "boolean":
                return False
            case "null":
                return None
            case _:
                return self._string(schema)

    def _choice(self, allowed: list[Any], name: str) -> Any:
        by_text = {str(choice): choice for choice in allowed if choice is not None}
        label = self.decide(name, tuple(by_text)).label if by_text else None
        if label is None and (None in allowed or not by_text):
            return None
        if label is None:  # nothing to go by: a guess
            return list(by_text.values())[self.spin % len(by_text)]
        return by_text[label]

    def _option(self, options: list[Schema], schema: Schema, name: str, depth: int) -> Any:
        real = [option for option in options if option.get("type") != "null"]
        if not real or (depth > DEEP and len(real) < len(options)):
            return None
        shared = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        return self.build({**shared, **real[0]}, name, depth + 1)

    def _items(self, schema: Schema, name: str, depth: int) -> list[Any]:
        if fixed := schema.get("prefixItems"):
            return [self.build(item, name, depth + 1) for item in fixed]
        items, least = schema.get("items", {}), int(schema.get("minItems", 0))
        if allowed := choices(items, self.root):
            wanted = min(int(schema.get("maxItems", max(1, least))), max(1, least))
            by_text = {str(choice): choice for choice in allowed}
            first = str(self._choice(allowed, name))
            real = tuple(text for text, choice in by_text.items() if choice is not None)
            fitting = self.decide(name, real).ranking if real else []
            chosen = [by_text[text] for text in dict.fromkeys([first, *fitting, *by_text])][:wanted]
            return chosen + chosen[:1] * (least - len(chosen))
        values = [self.build(items, name, depth + 1) for _ in range(least)]
        return apart(values) if schema.get("uniqueItems") else values

    def _number(self, name: str, kind: str) -> float:
        ordered = ordered_number(self.exposed, name)
        if ordered is not None:
            return ordered
        sure = kind == "number" and CERTAIN.search(name)
        return round(self.confidence(), 3) if sure else 0.0

    def _string(self, schema: Schema) -> str:
        fixed = fixed_text(schema, self.data)
        if fixed is not None:
            return fixed
        said = self.sentence(int(schema.get("maxLength", LEAKED)))
        return said.ljust(int(schema.get("minLength", 0)), ".")


def _read(text: str) -> list[tuple[Features, list[str]]]:
    """What each sentence is about, and its words that nobody knows; closing courtesies left out."""
    sentences: list[list[str]] = [[]]
    for part in re.split(r"[.!?\n]+", text):
        tokens = words(part)
        if len(sentences[-1]) < SHORT:
            sentences[-1] = sentences[-1] + tokens
        elif tokens:
            sentences.append(tokens)
    langs = languages([token for tokens in sentences for token in tokens])
    read = [(tokens, [slot for slot, _ in meanings(tokens, langs)]) for tokens in sentences]
    while len(read) > 1 and len(read[-1][0]) <= 5 and _closes(read[-1][1]):
        read.pop()
    return [(_joined(slots), _unknown(tokens)) for tokens, slots in read]


def _closes(slots: list[Features]) -> bool:
    return all("courtesy" in slot or len(slot) == 1 for slot in slots)


def _joined(slots: list[Features]) -> Features:
    found: Features = {}
    for slot in slots:
        for feature, strength in slot.items():
            before = found.get(feature)
            if before is None:
                found[feature] = strength
            elif before < MOST:
                found[feature] = min(MOST, max(before, strength) + AGAIN * min(before, strength))
    return found


def _unknown(tokens: list[str]) -> list[str]:
    stop = lexicon().stopwords
    candidates = (token for token in tokens if len(token) > 3 and token not in stop)
    return [token for token in candidates if not spellings(token)[0] or spellings(token)[1] < 1.0]
