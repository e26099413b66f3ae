"""What a run says in the terminal: table, decision, flips, wrong cases."""

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from playbook.evals import confidence
from playbook.evals.gate import percent, target_percent
from playbook.evals.gate.decision import SIMULATED
from playbook.evals.reports import wording
from playbook.evals.reports.document import LATEST_HTML
from playbook.verdicts import Code

MOST_WRONG_SHOWN = 5
MOST_FLIPS_SHOWN = 10
MOST_REASONS_SHOWN = 5
SHOW = "uv run playbook evals show"
_SIDE = 44
_RED = ("NOT MET", "WORSE", "below target", "COULD NOT BE JUDGED", "worse:", "critical ")
_YELLOW = ("INCONCLUSIVE", "too few", "simulated", "Simulated", "INVALID")
_GREEN = ("better:", "better")


def lines(
    report: Mapping[str, Any], *, opening: Sequence[str] = (), show_held_out: bool = False
) -> list[str]:
    """All that a run shows but the next command; `opening` comes right below the title."""
    said = [wording.title(report), *opening, ""]
    if wording.concluded(report):
        said += [*table(report), "", *measured_lines(report), ""]
    said += decision_lines(report)
    flips = flip_lines(report, show_held_out=show_held_out)
    if flips:
        said += ["", *flips]
    wrong = wrong_lines(report["cases"], show_held_out=show_held_out)
    return [*said, *(["", "Wrong cases", *wrong] if wrong else [])]


def table(report: Mapping[str, Any]) -> list[str]:
    """One line a slice, then critical, visible and held-out cases, and the whole."""
    measured, found = report["measured"], report["comparison"]
    before = {row["name"]: row for row in found["rows"]} if found else {}
    rows = [(row, before.get(row["name"])) for row in measured["rows"]]
    if measured["held_out"]["n"]:
        rows += [(measured["visible"], None), (measured["held_out"], None)]
    if not (len(measured["rows"]) == 1 and measured["all"]["target"] is None):
        rows.append((measured["all"], found["all"] if found else None))
    width = max(12, *(len(row["name"]) for row, _ in rows))
    target = "floor" if report["mode"] == "simulated" else "target"
    versus = "  vs baseline" if found else ""
    said = [f"  {'slice':<{width}} {'n':>5} {'right':>9} {target:>8}{versus}"]
    said += [_line(row, paired, width) for row, paired in rows]
    critical = measured["critical"]
    if critical["n"]:
        count = f"{critical['right']} of {critical['n']}"
        wanted = "all" if report["mode"] in ("live", "replayed") else ""
        line = f"  {'critical':<{width}} {critical['n']:>5} {count:>9} {wanted:>8}"
        said.insert(1 + len(measured["rows"]), line)
    return [line.rstrip() for line in said]


def _line(row: Mapping[str, Any], paired: Mapping[str, Any] | None, width: int) -> str:
    share = percent(row["share"]) if row["n"] else "-"
    target = target_percent(row["target"]) if row["target"] is not None else ""
    change = f"{wording.points(paired['change']):>6}  " if paired else ""
    remarks = ", ".join(text for text in (compared(paired), remark(row)) if text)
    return f"  {row['name']:<{width}} {row['n']:>5} {share:>9} {target:>8}  {change}{remarks}"


def compared(paired: Mapping[str, Any] | None) -> str:
    """How a row fared against the baseline: `WORSE (p 0.03)`, `same (2 flips)`."""
    if paired is None:
        return ""
    verdict = paired["verdict"]
    if verdict == "worse":
        p = paired["adjusted_p"]
        return f"WORSE (p {p:.2g})" if p >= 0.001 else "WORSE (p < 0.001)"
    flips = paired["lost"] + paired["gained"]
    return f"{verdict} ({wording.counted(flips, 'flip')})" if flips else str(verdict)


def remark(row: Mapping[str, Any]) -> str:
    """How a row fared against its target, where that needs a word."""
    if row["target"] is None:
        return ""
    if row["n"] == 0:
        return "no cases yet"
    if not row["enough"]:
        return f"too few, it takes {row['least_sample']}"
    if not row["below"]:
        return ""
    return "below target, within chance" if row["within_chance"] else "below target"


def decision_lines(report: Mapping[str, Any]) -> list[str]:
    """The verdict, its reasons, what could have been seen at all, what a reader must know."""
    drop = wording.smallest_drop(report) if wording.concluded(report) else None
    simulated = SIMULATED if SIMULATED in report["notes"] else None
    limits = " ".join(said for said in (drop, simulated) if said)
    notes = [wording.visible(note) for note in wording.other_notes(report)]
    return [*_verdict(report), *([limits] if limits else []), *notes]


def measured_lines(report: Mapping[str, Any]) -> list[str]:
    """What was measured beside right and wrong: time and cost, evaluators, confidence."""
    about = report.get("confidence")
    scores = scores_line(report)
    confident = confidence.summary_line(about) if about else None
    return [measures(report), *(said for said in (scores, confident) if said)]


def _verdict(report: Mapping[str, Any]) -> list[str]:
    """What was decided, and a line for each reason, as far as they fit a screen."""
    status = report["verdict"]["status"].upper() + "  "
    reasons = [wording.visible(reason) for reason in report["verdict"]["reasons"]]
    rest = len(reasons) - MOST_REASONS_SHOWN
    if rest > 0:
        reasons[MOST_REASONS_SHOWN:] = [f"and {rest} more: {LATEST_HTML}"]
    last = reasons.pop() if reasons else ""
    end = "" if last.endswith(".") else "."
    said = [*(f"{reason};" for reason in reasons), f"{last}{end}"]
    return [
        (status if number == 0 else " " * len(status)) + line for number, line in enumerate(said)
    ]


def measures(report: Mapping[str, Any]) -> str:
    """Latency and cost beside their targets."""
    latency, cost = report["measured"]["latency"], report["measured"]["cost"]
    if latency["value"] is None:
        return "No case reached a model: there is no latency and no cost to show."
    parts = [f"p95 latency {latency['value']:.2f} s, target {latency['target']:g} s"]
    if cost["value"] is None:
        parts.append("cost unknown: the model has no price")
    else:
        parts.append(f"mean cost USD {cost['value']:.5f} a call, target {cost['target']:g}")
    if report["mode"] == "simulated":
        return "; ".join(parts) + " (simulated: shown, not judged)."
    measured = (("latency", latency), ("cost", cost))
    few = [name for name, m in measured if m["n"] < m["least_sample"]]
    return "; ".join(parts) + (f" (too few calls to judge {' and '.join(few)})." if few else ".")


def scores_line(report: Mapping[str, Any]) -> str | None:
    """What each of the service's evaluators says, on average, over the cases it scored."""
    scored: dict[str, list[float]] = {}
    for case in report["cases"]:
        for name, value in case["scores"].items():
            scored.setdefault(name, []).append(float(value))
    if not scored:
        return None
    means = (
        f"{name} {percent(sum(all_) / len(all_))}"
        + (" (decides what is right)" if name in report["decides"] else "")
        for name, all_ in scored.items()
    )
    return f"Evaluators of the service, over answered cases: {', '.join(means)}."


def flip_lines(
    report: Mapping[str, Any],
    only: str | None = None,
    show_held_out: bool = False,
    most: int | None = MOST_FLIPS_SHOWN,
) -> list[str]:
    """Cases that changed sides since the baseline, old and new answer side by side."""
    flips = [flip for flip in wording.flips_of(report) if only in (None, flip["slice"])]
    if not flips:
        return []
    said = [f"Cases that flipped: {wording.flips_said(flips)}  {LATEST_HTML}#flips"]
    shown = flips[:most]
    width = max(len(wording.one_line(flip["id"], 30)) for flip in shown)
    said.append(f"  {'':<8}{'case':<{width}}  {'baseline':<{_SIDE}}  now")
    said += [_flip(flip, width, show_held_out) for flip in shown]
    rest = len(flips) - len(shown)
    return said + ([f"  ... and {rest} more: {SHOW} --flips"] if rest else [])


def _flip(flip: Mapping[str, Any], width: int, show_held_out: bool) -> str:
    way = "worse:" if flip["got_worse"] else "better:"
    name = f"  {way:<8}{wording.one_line(flip['id'], 30):<{width}}"
    mark = "  critical" if flip["critical"] else ""
    if wording.hidden(flip, show_held_out):
        return f"{name}  {wording.HIDDEN}{mark}"
    before, after = (wording.values(flip[side], _SIDE) for side in ("before", "after"))
    again = wording.asked_again(flip)
    return f"{name}  {before:<{_SIDE}}  {after}{mark}{again and f'  ({again})'}"


def wrong_lines(
    cases: Iterable[Mapping[str, Any]],
    most: int | None = MOST_WRONG_SHOWN,
    *,
    show_held_out: bool = False,
) -> list[str]:
    """Wrong cases with what was expected beside what came; critical ones first.

    With `most`, cases that went wrong in the same way count as one, and held-out ones are left
    to the table: there is nothing of them to show but their number.
    """
    every = wording.worst_first(case for case in cases if wording.is_wrong(case))
    open_ = [case for case in every if not wording.hidden(case, show_held_out)]
    wrong = open_ if most is not None else every
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for number, case in enumerate(wrong):
        same = (wording.values(case["expected"]), wording.got(case))
        kinds.setdefault(same if most is not None else (str(number), ""), []).append(case)
    shown = list(kinds.values())
    if most is not None:
        shown = sorted(shown, key=lambda alike: (not alike[0]["critical"], -len(alike)))[:most]
    said = [line for alike in shown for line in _wrong(alike, show_held_out)]
    rest = len(wrong) - sum(len(alike) for alike in shown)
    said += [f"  ... and {rest} more"] if rest else []
    unseen = len(every) - len(wrong)
    return said + ([f"  ... and {unseen} held out"] if unseen else [])


def _wrong(alike: Sequence[Mapping[str, Any]], show_held_out: bool) -> list[str]:
    case = alike[0]
    mark = "  critical" if case["critical"] else ""
    name = f"  {wording.one_line(case['id'], 100)}{mark}"
    if wording.hidden(case, show_held_out):
        return [f"{name}  {wording.HIDDEN}"]
    more = f"  and {len(alike) - 1} like it" if len(alike) > 1 else ""
    return [
        f"{name}  {wording.excerpt(case['input'])}{more}",
        f"    expected {wording.values(case['expected'])}",
        f"    got      {wording.got(case)}",
    ]


def case_lines(case: Mapping[str, Any], *, show_held_out: bool = False) -> list[str]:
    """Everything the report knows about one case."""
    state = wording.one_line(case["unjudged"] or "", 60) or ("right" if case["right"] else "wrong")
    said = [f"{wording.one_line(case['id'], 100)} · {case['slice']} · {state}"]
    if wording.hidden(case, show_held_out):
        return [*said, f"  {wording.HIDDEN}; --show-held-out does"]
    text = case["input"]
    if not isinstance(text, str):
        text = json.dumps(text, indent=2, ensure_ascii=False, default=str)
    said += ["", textwrap.indent(wording.visible(text), "  "), ""]
    said.append(f"  expected {wording.values(case['expected'])}")
    said.append(f"  got      {wording.got(case)}")
    if case["detail"]:
        said.append(f"  why      {wording.visible(case['detail'])}")
    if case["scores"]:
        said.append(f"  scores   {wording.values(case['scores'])}")
    for name, opinion in wording.opinions(case).items():
        said.append(f"  judge {name}: {wording.visible(opinion)}")
    if case["confidence"] is not None:
        said.append(f"  model's confidence {case['confidence']:.2f}")
    return said


def fitted(said: Iterable[str], width: int) -> Iterator[str]:
    """Sentences broken between words; what follows stands below the text it belongs to."""
    for line in said:
        inside = len(line) - len(line.lstrip())
        verdict = re.match(r"(?:[A-Z]+ )+ |Next: ", line)
        hang = len(verdict[0]) if verdict else inside + (2 if line[:1] == " " else 0)
        if len(line) <= width or hang > width // 2:
            yield line
        else:
            yield from textwrap.wrap(
                line,
                width,
                subsequent_indent=" " * hang,
                break_long_words=False,
                break_on_hyphens=False,
            )


def say(said: Iterable[str]) -> None:
    """Print lines; in colour where a person looks at them."""
    if not sys.stdout.isatty():
        for line in said:
            print(line)
        return
    from rich.text import Text

    from playbook.console import console

    terminal = console()
    for line in fitted(said, terminal.width):
        text = Text(line)
        for words, style in ((_RED, "red"), (_YELLOW, "yellow"), (_GREEN, "green")):
            text.highlight_words(words, style=style)
        if line.startswith(Code.MET.status.upper() + "  "):
            text.stylize("bold green", 0, len("MET"))
        elif line.startswith("NOT MET"):
            text.stylize("bold red", 0, len("NOT MET"))
        terminal.print(text, soft_wrap=True)
