"""Patterns of signals, as regular expressions over a text's code.

A pattern is a row of concepts (see words.py), with what may stand between them:

    A B         next to each other, or with words between that change nothing ("all of the")
    A ~n B      up to n words between, in the same sentence
    A/B         either of them
    not A ...   at the start: the word before is not A ("we forget ...")
    order ...   at the start: nobody says that he does it, asks how, or forbids it
    A ~~n B     up to n words between, over the ends of sentences
    A ~n-C B    ... none of which is C; -C-D: or D
    start A     at the start of a sentence
    ... no-noun at the end: no unknown word follows ("prompt payment")
    ... no-owner    at the end: it does not go on with whose they are ("the rules of our club")
"""

from __future__ import annotations

import re

from .reading import BREAK, CLOSE, COLON, IMAGE, OPEN, URL, WORD, Lexicon

_PUNCTUATION = {"COLON": COLON, "URL": URL, "IMAGE": IMAGE, "QUOTED": OPEN}


# The rarer a concept in ordinary text, the sooner its absence saves the search for a signal.
_RARE = (
    *("HAIL", "HUSH", "BEGIN", "SAYTHAT", "SKILLS", "RECIPE", "SORRY", "SKIP", "BOT", "GRADE"),
    *("UNBOUND", "MODE", "NOREFUSE", "PUNISHED", "MAKER", "OUTRANK", "MACHINE", "ONLYSAY", "GUARD"),
    *("ABOVE", "HIDE", "ARENOW", "FROMNOW", "DECODE", "TOOL", "OTHERS", "URL", "IMAGE", "VOID"),
    *("RANK", "OBEY", "PROMPT", "AI", "RULES", "ORDERS", "DROP", "ROLE", "QUESTION", "SHOW"),
)


def needs(pattern: str, lexicon: Lexicon) -> tuple[frozenset[str], ...]:
    """The signs of each step, the rarest first: a code without one of them has no match."""
    steps = [step.split("/") for step in pattern.partition("not ")[2].split()[1:]] or [
        step.split("/") for step in pattern.split()
    ]
    steps = [s for s in steps if s[0][0].isupper()]
    steps.sort(key=lambda names: max(map(_rarity, names)))
    return tuple(frozenset(_signs(names, lexicon)) for names in steps)


def _rarity(name: str) -> int:
    return _RARE.index(name) if name in _RARE else len(_RARE)


def _signs(names: list[str], lexicon: Lexicon) -> str:
    return "".join(_PUNCTUATION.get(name, "") for name in names) + lexicon.signs(*names)


def compiled(pattern: str, lexicon: Lexicon) -> re.Pattern[str]:
    """The regular expression over a text's code. Every gap is bounded, so its time is linear."""

    def of(concepts: str) -> str:
        return f"[{_signs(concepts.split('/'), lexicon)}]"

    fillers = f"[{lexicon.signs('ANY', 'ALL', 'YOUR', 'EARLIER', 'SYSTEM', 'WHOLE')}{OPEN}{CLOSE}]"
    # Whose rules: an unknown word after "of the", or "our" - but not "in your prompt".
    owner = (
        f"(?!(?:{of('EARLIER')}{{0,1}}{of('OF')}{of('ANY/YOUR')}{{0,2}}{WORD})"
        f"|(?:{of('OF')}{{0,1}}{of('ANY')}{{0,1}}{of('MY')}))"
    )
    steps = pattern.split()
    parts: list[str] = []
    gap = ""
    if steps[0] == "order":
        steps[:1] = ["not", "SELF/HOW/NEVER"]
    if steps[0] == "not":
        parts.append(f"(?<!{of(steps[1])})")
        steps = steps[2:]
    for step in steps:
        if step == "no-owner":
            parts.append(owner)
        elif step == "no-noun":
            parts.append(f"(?!{WORD})")
        elif step == "start":
            parts += [gap, f"(?:^|[{BREAK}{COLON}])"]
            gap = ""
            continue
        elif step.startswith("~~"):
            gap = f".{{0,{step[2:]}}}?"
        elif step.startswith("~"):
            words, _, without = step[1:].partition("-")
            barred = _signs(without.split("-"), lexicon) if without else ""
            gap = f"[^{BREAK}{barred}]{{0,{words}}}?"
        else:
            parts += [gap, of(step)]
            gap = f"{fillers}{{0,5}}?"
    return re.compile("".join(parts))
