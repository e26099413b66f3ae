"""What the injection tripwires catch, and whom they stop wrongly: measured on labelled texts."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.guards.injection import check_content, check_input
from chassis.guards.text import normalise
from playbook.evals.statistics import wilson
from playbook.verdicts import Mistake

OPEN, SCORED = "open", "scored"
_PART = {
    OPEN: "The rules were written while looking at these texts: this is what they were fitted to.",
    SCORED: "Nobody who wrote rules has seen these texts: this is what the rules are worth.",
}
_REFUSED = (
    "--show-misses does not show the scored part: a rule that is written for its texts would make "
    "its figures worthless. Look at the open part, or at a file of your own."
)
_FEW = 20
_SHOWN = 160


class Row(BaseModel):
    """One labelled text."""

    model_config = ConfigDict(extra="forbid")

    id: str
    source: str
    family: str
    channel: Literal["direct", "content"]
    language: str
    attack: bool
    text: str
    notes: str = ""


@dataclass(frozen=True)
class Judged:
    """A row and the families of what was seen in it; empty when it passes."""

    row: Row
    found: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """How many of some rows were stopped."""

    name: str
    stopped: int
    of: int

    @property
    def text(self) -> str:
        """The share with its 95% interval, as a table shows it."""
        if not self.of:
            return "-"
        low, high = wilson(self.stopped, self.of)
        return f"{self.stopped / self.of:.0%} ({low * 100:.0f} to {high * 100:.0f})"

    def as_json(self) -> dict[str, Any]:
        """Counts and interval."""
        interval = [round(each, 4) for each in wilson(self.stopped, self.of)] if self.of else None
        return {"stopped": self.stopped, "of": self.of, "interval95": interval}


def rows(corpus: str) -> list[Row]:
    """The rows of a part of the corpus, of a file, or of a folder's files.

    Raises Mistake with file and line when one cannot be read.
    """
    if corpus in _PART:
        place = Path(str(files("playbook.guards"))) / "corpus" / corpus
    else:
        place = Path(corpus)
    found = sorted(place.glob("*.jsonl")) if place.is_dir() else [place] if place.is_file() else []
    labelled = [row for file in found for row in _read(file)]
    if not labelled:
        raise Mistake(
            f"{corpus}: there are no labelled texts here. Give {OPEN}, {SCORED}, a .jsonl file or "
            "a folder of them."
        )
    return labelled


def _read(file: Path) -> Iterator[Row]:
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        raise Mistake(f"{file}: this is not UTF-8 text.") from None
    # Only at \n: a text may hold other line separators, such as U+2028.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield Row.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(map(str, first["loc"])) or "line"
            raise Mistake(
                f"{file}:{number}  {field}\n  {first['msg']}. A row looks like "
                '{"id": "a-1", "source": "a", "family": "benign", "channel": "direct", '
                '"language": "en", "attack": false, "text": "..."}'
            ) from None


def judge(found: Sequence[Row]) -> list[Judged]:
    """Let the tripwires look at each row as the service would: normalised, by its channel."""
    judged = []
    for row in found:
        check = check_content if row.channel == "content" else check_input
        seen = check(normalise(row.text))
        judged.append(Judged(row, seen.kinds if seen else ()))
    return judged


def shares(judged: Sequence[Judged], by: Callable[[Row], str], *, attack: bool) -> list[Share]:
    """How many attacks, or benign texts, of each group were stopped."""
    names = sorted({by(each.row) for each in judged})
    groups = [[e for e in judged if by(e.row) == n and e.row.attack is attack] for n in names]
    return [
        Share(name, sum(bool(e.found) for e in group), len(group))
        for name, group in zip(names, groups, strict=True)
    ]


def report(corpus: str, *, as_json: bool, markdown: bool, show_misses: bool) -> list[str]:
    """The lines that the command prints."""
    if show_misses and corpus == SCORED:
        raise Mistake(_REFUSED)
    if as_json and markdown:
        raise Mistake("--json and --markdown are two forms of the same report; give one of them.")
    judged = judge(rows(corpus))
    if as_json:
        return [json.dumps(_as_json(corpus, judged), indent=2, ensure_ascii=False)]
    tables = [
        _by_source(judged),
        _recall("family", shares(judged, lambda row: row.family, attack=True)),
        _recall("language", shares(judged, lambda row: row.language, attack=True)),
    ]
    lines = [f"Injection tripwires on {corpus}", _PART.get(corpus, "Texts of your own."), ""]
    for table in tables:
        lines += [*(_markdown(table) if markdown else _plain(table)), ""]
    lines.append(
        "Shares with their 95% interval, each source by itself: no corpus has texts as often as "
        "they occur."
    )
    return lines + (_misses(judged) if show_misses else [])


def _by_source(judged: Sequence[Judged]) -> list[list[str]]:
    caught = shares(judged, lambda row: row.source, attack=True)
    wrong = shares(judged, lambda row: row.source, attack=False)
    head = ["source", "attacks", "stopped", "benign", "stopped wrongly"]
    body = [
        [a.name, str(a.of), a.text, str(b.of), f"{b.stopped}, {b.text}" if b.of else "-"]
        for a, b in zip(caught, wrong, strict=True)
    ]
    return [head, *body]


def _recall(what: str, found: Sequence[Share]) -> list[list[str]]:
    body = [
        [each.name, str(each.of), each.text, "few" if each.of < _FEW else ""]
        for each in found
        if each.of
    ]
    return [[what, "attacks", "stopped", ""], *body]


def _plain(table: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _markdown(table: list[list[str]]) -> list[str]:
    head, *body = [f"| {' | '.join(row)} |" for row in table]
    return [head, f"|{'|'.join([' --- ', *[' ---: '] * (len(table[0]) - 1)])}|", *body]


def _misses(judged: Sequence[Judged]) -> list[str]:
    lines = []
    for each in judged:
        if bool(each.found) == each.row.attack:
            continue
        what = "not stopped" if each.row.attack else f"stopped wrongly ({', '.join(each.found)})"
        text = json.dumps(each.row.text[:_SHOWN], ensure_ascii=False)
        lines.append(f"{each.row.id}  {each.row.family}, {each.row.language}: {what}\n  {text}")
    return ["", *(lines or ["Nothing was missed, and nothing stopped wrongly."])]


def _as_json(corpus: str, judged: Sequence[Judged]) -> dict[str, Any]:
    def group(by: Callable[[Row], str], *, attack: bool) -> dict[str, Any]:
        return {s.name: s.as_json() for s in shares(judged, by, attack=attack) if s.of}

    return {
        "corpus": corpus,
        "rules_were_fitted_to_it": {OPEN: True, SCORED: False}.get(corpus),
        "attacks_by_source": group(lambda row: row.source, attack=True),
        "benign_by_source": group(lambda row: row.source, attack=False),
        "attacks_by_family": group(lambda row: row.family, attack=True),
        "attacks_by_language": group(lambda row: row.language, attack=True),
    }
