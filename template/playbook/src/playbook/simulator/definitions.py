"""Where a prompt says what a label means, however its Markdown puts it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from .language import words

MARK = r"[`*_\"'“”‘’«»\[\]<>]"
BULLET = r"(?:[-*+•–]\s+|\d+[.)]\s+|#{1,6}\s+|\|\s*|>\s*)"
SEPARATOR = (
    r"(?:\s*(?::|=>?|->|→|[–—]|\|)|\s+-(?=\s)|\s*(?=\()"
    r"|\s+(?:means|is for|is|for|when|if)\b|(?<=>))"
)


def find(instructions: str, labels: Sequence[str]) -> dict[str, str]:
    """Each label's definition as the prompt words it; a label without one is left out."""
    texts = _listed(instructions, labels)
    for label in labels:
        if label not in texts:
            text = _inline(instructions, label, labels) or _reversed(instructions, label)
            if text:
                texts[label] = text
    return {label: re.sub(r"</\S+>", "", text) for label, text in texts.items()}


def _listed(instructions: str, labels: Sequence[str]) -> dict[str, str]:
    """Definitions that begin a line: bullets, table rows, headings, `label = text`."""
    lines = instructions.splitlines()
    starts = {label: _start(label) for label in labels}
    hits: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for at, line in enumerate(lines):
        for label, start in starts.items():
            if match := start.match(line):
                text = _block(lines, at, match, list(starts.values()))
                if words(text):
                    hits[label].append((at, text))
    sure = [found[0][0] for found in hits.values() if len(found) == 1]
    texts: dict[str, str] = {}
    for label, found in hits.items():
        if len(found) > 1 and sure:  # a label of two properties: take the one beside its siblings
            found = [min(found, key=lambda hit: min(abs(hit[0] - line) for line in sure))]
        texts[label] = "\n".join(text for _, text in found)
    return texts


def _name(label: str) -> str:
    return r"[_\-\s]".join(re.escape(part) for part in re.split(r"[_\-\s]+", label))


def _start(label: str) -> re.Pattern[str]:
    marked = rf"(?P<mark>{MARK}*){_name(label)}:?{MARK}*"
    line = rf"^(?P<indent>\s*)(?P<bullet>{BULLET}*){marked}(?:{SEPARATOR}|\s*$)"
    return re.compile(line, re.IGNORECASE)


def _block(lines: list[str], at: int, match: re.Match[str], starts: list[re.Pattern[str]]) -> str:
    """The rest of the line, and the lines that continue it."""
    bullet, indent = match["bullet"].strip(), len(match["indent"])
    heading = bullet.startswith("#")
    text = [lines[at][match.end() :]]
    if not words(text[0]) and not (bullet or match["mark"]):
        return ""
    for line in lines[at + 1 :]:
        deeper = len(line) - len(line.lstrip()) > indent
        nested = deeper and bullet and not heading
        if re.match(r"\s*#{1,6}\s", line) or (not nested and any(s.match(line) for s in starts)):
            break
        if not line.strip():
            if words(" ".join(text)) and not heading:
                break
        elif not heading and not deeper and (re.match(rf"\s*{BULLET}", line) or bullet == "|"):
            break
        text.append(line)
    return "\n".join(text)


def _inline(instructions: str, label: str, labels: Sequence[str]) -> str:
    """A definition inside running text: "`urgent` (people cannot work), `high` when ..."."""
    others = "|".join(_name(other) for other in labels)
    said = (
        rf"(?<![\w-]){MARK}*{_name(label)}{MARK}*\s*"
        rf"(?:\((?P<round>[^)]*)\)"
        rf"|(?:[:=–—]|->|(?<=[`*\"'])\s*(?:means|is for|for|when|if|is))\s*(?P<open>.*?)"
        rf"(?=[;\n]|\.\s|\.?$|,?\s*(?:(?:or|and)\s+)?{MARK}+(?:{others}){MARK}))"
    )
    matches = re.finditer(said, instructions, re.IGNORECASE | re.MULTILINE)
    found = [match["round"] or match["open"] or "" for match in matches]
    return "\n".join(text for text in found if words(text))


def _reversed(instructions: str, label: str) -> str:
    """A definition that ends in its label: "invoices -> billing", "everything else is `other`"."""
    leads = rf"(?:\s*(?:→|->|=>)\s*{MARK}*|\s(?:is|goes to|answer|choose|use)\s+{MARK}+)"
    said = rf"([^.;:\n]{{3,200}}?){leads}{_name(label)}\b"
    return "\n".join(re.findall(said, instructions, re.IGNORECASE))
