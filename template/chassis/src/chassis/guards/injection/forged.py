"""Forged structure: what looks like the frame of a conversation instead of what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A sign of forged structure in a text in lower case."""

    name: str
    family: str
    weight: int
    pattern: re.Pattern[str]
    why: str


_TURNS = re.compile(r"\n[ \t>#*\[<|]{0,6}(user|human|assistant|ai|bot|system)\]?\*{0,2}[ \t]?:")

MARKS: tuple[Mark, ...] = (
    Mark(
        "chat template with a role", "forged", 4,
        re.compile(
            r"<\|(?:im_start|start_header_id|start|role)\|>\s{0,3}(?:system|assistant|developer|user)"
            r"|<\|(?:system|assistant|developer)\|>|<start_of_turn>\s{0,3}(?:model|user)"
            r"|\[inst\][^\[]{0,2000}\[/inst\]|<<sys>>[^<]{0,2000}<</sys>>"
        ),
        "ChatML, Llama, Gemma: how turns are told apart inside the model",
    ),
    Mark(
        "chat template", "forged", 2,
        re.compile(
            r"<\|(?:im_start|im_end|endoftext|eot_id|end)\|>|\[/?inst\]|<</?sys>>|</?start_of_turn>"
        ),
        "a single token is also what developers report bugs about",
    ),
    Mark(
        "tags of the frame", "forged", 2,
        re.compile(
            r"</(?:system|instructions?|untrusted|user_?input|user|prompt|context|data(?:-\w{1,40})?"
            r"|document|ticket|input|log)>\s{0,3}\S"
        ),
        "closes the marks between which data stands, and goes on",
    ),
    Mark(
        "tags of orders", "forged", 2,
        re.compile(
            r"<(?:system|instructions?|sys|admin|developer|system[-_ ]?prompt)"
            r"(?:\s[^<>]{0,80})?>\s{0,3}[a-z]"
        ),
        "opens orders inside of data",
    ),
    Mark(
        "heading of a role", "forged", 2,
        re.compile(
            r"\n[ \t>]{0,4}(?:#{1,4}|\[|\*\*|={2,}|-{3,})[ \t]{0,2}(?:new )?"
            r"(?:system|developer|admin|assistant|operator|root)(?: (?:message|prompt|override|"
            r"instructions?|notice|update|note))?[ \t]{0,2}[\]:*=\-]"
        ),
        "'### System:', '[system]': a turn that is not the sender's",
    ),
    Mark(
        "line of a role", "forged", 2,
        re.compile(
            r"\n[ \t>]{0,4}(?:system|developer|operator|assistant output)"
            r"(?: (?:message|prompt|override|notice|note))?[ \t]{0,2}:[ \t]{0,3}\S"
        ),
        "'System: the text of the customer ended above'",
    ),
    Mark(
        "end of the data", "forged", 2,
        re.compile(
            r"end(?:ed above|(?:ed)?(?: of)? (?:the )?(?:user|customer|document|untrusted|ticket"
            r"|e-?mail|input|data|text|context|conversation)(?:['’]s)? ?(?:input|data|text|content"
            r"|message)?[ \t]{0,3}(?:above|[\]\-=*#:.]{2,}))"
        ),
        "claims that what follows is not data any more",
    ),
    Mark(
        "switch of a model", "forged", 2,
        re.compile(
            r"(?:\bassistant_?policy\b|\bpolicy_update\b|\b(?:refusals?|safety|guardrails?|moderation"
            r"|(?:safety|content)[-_]?(?:filters?|policy|layer)|restrictions|disclaimers?|warnings)"
            r"[\"']?\s?[:=]\s?[\"']?(?:off|none|false|disabled|0\b|allow|suspended)"
            r"|\b(?:staff|dev(?:eloper)?|debug|god|admin|unrestricted)[-_]?mode[\"']?\s?[:=]\s?[\"']?"
            r"(?:on|true|enabled|1\b))"
        ),
        "as if the model read its settings from what it is sent; people ask about them, too",
    ),
    Mark(
        "replaces the settings", "forged", 2,
        re.compile(
            r"\b(?:supersedes|overrides|replaces|overwrites)[\"']?\s?[:=]\s?[\"'\[]{0,2}"
            r"(?:\*|all\b|default|previous|system|every)"
        ),
        "a configuration that claims to stand above the one that holds",
    ),
    Mark(
        "address to be filled", "exfiltration", 2,
        re.compile(r"://[^\s<>\"')]{1,200}[?&]\w{1,20}=(?:[<{]\w|[\s\"')]|$)"),
        "an address that ends where data is to be put; manuals have them, too",
    ),
    Mark(
        "forged call of a tool", "tool", 4,
        re.compile(
            r"<(?:antml:)?(?:function_calls?|invoke name=|tool_call|tool_use|function_results?)"
            r"|<\|(?:tool_call|python_tag)\|>"
        ),
        "the form in which models call tools",
    ),
    Mark(
        "policy document", "forged", 3,
        re.compile(
            r"<(?:interaction-?config|blocked-?modes|allowed-?modes|blocked-?string)\b"
            r"|\b(?:allowed|blocked)-(?:modes|responses)\s{0,2}[:=>]"
        ),
        "a made-up configuration of the model ('policy puppetry')",
    ),
    Mark(
        "picture with an address to be filled", "exfiltration", 2,
        re.compile(
            r"!?\[[^\]\n]{0,120}\]\(https?://[^\s)]{1,300}?(?:\.\.\.|…|=\)|=[a-z_]{0,30}[{<]|[?&]\w{1,20}=)"
        ),
        "Markdown whose address ends where data is to be put",
    ),
)  # fmt: skip


TRANSCRIPT = Mark(
    "made-up conversation", "forged", 2, _TURNS,
    "turns of two sides, the assistant's too: it has agreed already",
)  # fmt: skip
_TWO_SIDES = 2
_FIELD = re.compile(r"\n(?!system|developer|operator|assistant|user)([a-z][\w ()/-]{1,30}):[ \t]")
_FORM = 3
PLAIN_MARKS = tuple(mark for mark in MARKS if mark.name in ("line of a role", "end of the data"))
_SIGNS = frozenset("<[=*#{")


def marks(folded: str) -> Iterator[tuple[Mark, int]]:
    """The forged structure in a text in lower case, and where each begins."""
    lines = "\n" + folded
    for mark in PLAIN_MARKS if _SIGNS.isdisjoint(folded) else MARKS:
        if match := mark.pattern.search(lines):
            # A form has a field for the system that it is about, among its other fields.
            if mark.name == "line of a role" and len(set(_FIELD.findall(lines))) >= _FORM:
                continue
            yield mark, match.start()
    turns = list(_TURNS.finditer(lines)) if folded.count(":") >= _TWO_SIDES else []
    if len({match[1] for match in turns}) >= _TWO_SIDES:
        yield TRANSCRIPT, turns[0].start()
