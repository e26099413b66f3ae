"""The report as a comment on a pull request: safe whatever a case holds, and short enough."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from playbook.evals.gate import percent, target_percent
from playbook.evals.reports import wording
from playbook.evals.reports.document import LATEST_HTML
from playbook.evals.reports.terminal import (
    SHOW,
    compared,
    measures,
    remark,
    scores_line,
)
from playbook.verdicts import Code

MARKER = "<!-- playbook evals report -->"
"""The first line. A CI job finds its own comment by it, and replaces that one."""

MOST_BYTES = 60_000
"""GitHub takes 65,536 characters a comment."""

_MOST_FLIPS = 30
_MOST_WRONG = 15
_MOST_ROWS = 60
_SIGN = {Code.MET: "✅", Code.NOT_MET: "❌"}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def text(report: Mapping[str, Any], *, show_held_out: bool = False) -> str:
    """The comment: verdict, table, and behind a click what flipped and what is wrong."""
    code = report["verdict"]["code"]
    verdict = f"{_SIGN.get(code, '⚠️')} Evaluation: {report['verdict']['status']}"
    head = [MARKER, f"### {verdict}", "", f"**{plain(wording.title(report))}**", ""]
    if wording.simulated(report):
        head += ["> **Simulated answers.** They say nothing about a real model.", ""]
    head += [f"- {plain(reason)}" for reason in report["verdict"]["reasons"]]
    if wording.concluded(report):
        head += ["", *_table(report), "", plain(measures(report))]
        for line in (wording.smallest_drop(report), scores_line(report)):
            head += ["", plain(line)] if line else []
    head += ["", *(f"- {plain(note)}" for note in wording.other_notes(report)), ""]
    foot = [f"<sub>{plain(_bound_to(report))} The whole: `{LATEST_HTML}`.</sub>", ""]
    room = MOST_BYTES - _size([*head, *foot])
    parts = []
    for summary, blocks, rest in (_flips(report, show_held_out), _wrong(report, show_held_out)):
        part = _details(summary, blocks, rest, room)
        room -= _size(part)
        parts += part
    return "\n".join([*head, *parts, *foot])


def plain(said: str) -> str:
    """Text that stays text: no markup, no link, nobody mentioned, no issue referred to."""
    line = re.sub(r"\s+", " ", wording.visible(said)).strip()
    return re.sub(r"(@|#)(?=\w)", "\\1\u200b", _PUNCTUATION.sub(r"\\\1", line))


def _table(report: Mapping[str, Any]) -> Iterable[str]:
    measured, found = report["measured"], report["comparison"]
    before = {row["name"]: row for row in found["rows"]} if found else {}
    target = "floor" if report["mode"] == "simulated" else "target"
    yield f"| slice | n | right | {target} | vs baseline | |"
    yield "|:--|--:|--:|--:|:--|:--|"
    for row in measured["rows"][:_MOST_ROWS]:
        yield _row(row, before.get(row["name"]))
    left_out = len(measured["rows"]) - _MOST_ROWS
    if left_out > 0:
        yield f"| ... and {left_out} more | | | | | |"
    critical = measured["critical"]
    if critical["n"]:
        yield f"| critical | {critical['n']} | {critical['right']} of {critical['n']} | | | |"
    if measured["held_out"]["n"]:
        yield from (_row(measured[name], None) for name in ("visible", "held_out"))
    yield _row(measured["all"], found["all"] if found else None)


def _row(row: Mapping[str, Any], paired: Mapping[str, Any] | None) -> str:
    share = percent(row["share"]) if row["n"] else "–"
    target = target_percent(row["target"]) if row["target"] is not None else ""
    change = f"{wording.points(paired['change'])} {compared(paired)}" if paired else ""
    bold = "**" if row["below"] or (paired and paired["verdict"] == "worse") else ""
    name = f"{bold}{plain(row['name'])}{bold}"
    return f"| {name} | {row['n']} | {share} | {target} | {plain(change)} | {remark(row)} |"


Part = tuple[str, Sequence[str], str]


def _flips(report: Mapping[str, Any], show_held_out: bool) -> Part:
    flips = wording.flips_of(report)
    if not flips:
        return "", (), ""
    blocks = []
    for flip in flips[:_MOST_FLIPS]:
        way = "worse" if flip["got_worse"] else "better"
        if wording.hidden(flip, show_held_out):
            body = [f"  {way}, {wording.HIDDEN}"]
        else:
            body = [
                f"  {', '.join(filter(None, (way, wording.asked_again(flip))))}",
                f"- {wording.values(flip['before'])}",
                f"+ {wording.values(flip['after'])}",
            ]
        blocks.append(_block("diff", [f"  {_named(flip)}", *body]))
    summary = f"Cases that flipped: {wording.flips_said(flips)}"
    return summary, [*blocks, *[""] * (len(flips) - len(blocks))], f"{SHOW} --flips"


def _wrong(report: Mapping[str, Any], show_held_out: bool) -> Part:
    wrong = wording.worst_first(case for case in report["cases"] if wording.is_wrong(case))
    open_ = [case for case in wrong if not wording.hidden(case, show_held_out)]
    if not open_:
        return "", (), ""
    blocks = [
        _block(
            "text",
            [
                f"{_named(case)}  {wording.excerpt(case['input'])}",
                f"  expected {wording.values(case['expected'])}",
                f"  got      {wording.got(case)}",
            ],
        )
        for case in open_[:_MOST_WRONG]
    ]
    unseen = len(wrong) - len(open_)
    summary = f"Wrong cases: {len(wrong)}" + (f", {unseen} of them held out" if unseen else "")
    return summary, [*blocks, *[""] * (len(open_) - len(blocks))], SHOW


def _named(case: Mapping[str, Any]) -> str:
    critical = "  critical" if case["critical"] else ""
    return f"{wording.one_line(case['id'], 100)} ({case['slice']}){critical}"


def _block(language: str, said: Sequence[str]) -> str:
    """A block of code, in which nothing is markup; its fence is longer than any inside."""
    runs = [len(run) for line in said for run in re.findall("`+", line)]
    fence = "`" * max(3, *(run + 1 for run in runs), 3)
    return "\n".join([f"{fence}{language}", *said, fence])


def _details(summary: str, blocks: Sequence[str], rest: str, room: int) -> list[str]:
    """What is behind a click, as far as there is room; an empty block is one that was left out."""
    if not summary:
        return []
    said = ["<details>", f"<summary>{summary}</summary>", ""]
    shown = 0
    room -= _size(said) + 200
    for block in blocks:
        room -= _size([block])
        if not block or room < 0:
            break
        said.append(block)
        shown += 1
    left_out = len(blocks) - shown
    more = [f"... and {left_out} more: `{rest}`"] if left_out else []
    return [*said, *more, "", "</details>", ""]


def _size(said: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in said)


def _bound_to(report: Mapping[str, Any]) -> str:
    git = report["git"]
    commit = f"commit {git['sha'][:12]}" if git["sha"] else "no commit"
    changed = ", with changes that are not committed" if git["dirty"] else ""
    return f"{commit}{changed}; cases {report['dataset_sha256'][:8]}; made {report['made_at']}."
