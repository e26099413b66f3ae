"""The parts of the page that need no script: verdict, slices, flips, pictures."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from playbook.evals.gate import percent, target_percent
from playbook.evals.reports import charts as pictures
from playbook.evals.reports import wording
from playbook.evals.reports.confusion import NO_ANSWER, Matrix, matrices
from playbook.evals.reports.terminal import SHOW, compared, remark, scores_line
from playbook.evals.reports.trend import Run
from playbook.verdicts import Code

MOST_FLIPS = 25
MOST_MATRICES = 4
_SHADES = 5
_TONE = {Code.MET: "good", Code.NOT_MET: "bad"}
_SIMULATED = (
    '<p class="simulated"><strong>Simulated</strong> A simulator answered in the model’s place. '
    "These numbers say nothing about a real model.</p>"
)


def safe(said: object) -> str:
    """Text for the page: what could hide is written out, what could be markup is none."""
    return escape(wording.visible(str(said)))


def header(report: Mapping[str, Any]) -> str:
    """The verdict and its reasons, what was judged, and what a reader must know."""
    verdict = report["verdict"]
    tone = _TONE.get(verdict["code"], "unsure")
    reasons = "".join(f"<li>{safe(reason)}</li>" for reason in verdict["reasons"])
    notes = "".join(f"<li>{safe(note)}</li>" for note in wording.other_notes(report))
    return "".join(
        [
            f'<p class="verdict {tone}">{safe(verdict["status"].capitalize())}</p>',
            f"<h1>{safe(wording.title(report))}</h1>",
            _SIMULATED if wording.simulated(report) else "",
            f'<ul class="reasons">{reasons}</ul>',
            f'<ul class="notes">{notes}</ul>' if notes else "",
        ]
    )


def tiles(report: Mapping[str, Any]) -> str:
    """The numbers for who reads nothing else."""
    if not wording.concluded(report):
        return ""
    measured = report["measured"]
    all_, critical = measured["all"], measured["critical"]
    latency, cost = measured["latency"], measured["cost"]
    found, about = report["comparison"], report.get("confidence")
    interval = f"95% interval {all_['low'] * 100:.1f} to {all_['high'] * 100:.1f}"
    shown = [_tile("right", percent(all_["share"]), f"{_target(all_)}{interval}", all_["below"])]
    if critical["n"]:
        missed = critical["right"] < critical["n"] and report["mode"] != "simulated"
        shown.append(_tile("critical cases", f"{critical['right']} of {critical['n']}", "", missed))
    if measured["held_out"]["n"]:
        held = measured["held_out"]
        beside = f"visible cases {percent(measured['visible']['share'])}"
        shown.append(_tile("held-out cases", percent(held["share"]), beside))
    if found:
        row = found["all"]
        worse = row["verdict"] == "worse"
        change = f"{wording.points(row['change'])} pts"
        shown.append(_tile("vs baseline", change, compared(row), worse))
    if latency["value"] is not None:
        value, target = f"{latency['value']:.2f} s", f"target {latency['target']:g} s"
        shown.append(_tile("p95 latency", value, target, latency["over"]))
    if cost["value"] is not None:
        value, target = f"${cost['value']:.5f}", f"target ${cost['target']:g} a call"
        shown.append(_tile("mean cost", value, target, cost["over"]))
    if about:
        among = about["right_among_answered"]
        answered = "" if among is None else f"{percent(among)} right among the answered"
        shown.append(_tile("handed over", percent(about["handed_over"]), answered))
    return f'<dl class="tiles">{"".join(shown)}</dl>'


def _target(row: Mapping[str, Any]) -> str:
    return "" if row["target"] is None else f"target {target_percent(row['target'])}; "


def _tile(name: str, value: str, beside: str, bad: bool = False) -> str:
    tone = ' class="missed"' if bad else ""
    return (
        f"<div{tone}><dt>{safe(name)}</dt><dd><b>{safe(value)}</b>"
        f"<span>{safe(beside)}</span></dd></div>"
    )


def slices(report: Mapping[str, Any]) -> str:
    """One row a slice: a bar with its interval and target, and the numbers."""
    if not wording.concluded(report):
        return "<p>There is nothing to show by slice: too few answers could be judged.</p>"
    measured, found = report["measured"], report["comparison"]
    before = {row["name"]: row for row in found["rows"]} if found else {}
    rows = [_slice(row, before.get(row["name"]), "slice") for row in measured["rows"]]
    if measured["critical"]["n"]:
        rows.append(_slice(measured["critical"], None, "part"))
    if measured["held_out"]["n"]:
        rows += [_slice(measured[name], None, "part") for name in ("visible", "held_out")]
    rows.append(_slice(measured["all"], found["all"] if found else None, "whole"))
    target = "Floor" if report["mode"] == "simulated" else "Target"
    names = ["Slice", "Cases", "Right", "0 to 100%", target, "Against the baseline"]
    heads = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in names)
    legend = "Bar: share right. Line through its end: 95% interval. Mark across: the target."
    return (
        f'<p class="legend">{legend}</p><table class="slices" role="table">'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(rows)}</tbody></table>{_baseline(report)}'
    )


def _slice(row: Mapping[str, Any], paired: Mapping[str, Any] | None, name: str) -> str:
    target = "" if row["target"] is None else target_percent(row["target"])
    change = f"{wording.points(paired['change'])} {compared(paired)}" if paired else ""
    worse = paired is not None and paired["verdict"] == "worse"
    said = ", ".join(part for part in (change, remark(row)) if part)
    bad = worse or (row["below"] and not row["within_chance"])
    cells = [
        ("n", "cases", str(row["n"])),
        ("share", "right", percent(row["share"]) if row["n"] else "–"),
        ("picture", "", pictures.slice_bar(row)),
        ("target", "target", target),
        ("said missed" if bad else "said", "", safe(said)),
    ]
    tds = "".join(
        f'<td role="cell" class="{kind}" data-name="{label}">{content}</td>'
        for kind, label, content in cells
    )
    head = f'<th role="rowheader" scope="row">{safe(row["name"])}</th>'
    return f'<tr role="row" class="{name}">{head}{tds}</tr>'


def _baseline(report: Mapping[str, Any]) -> str:
    found = report["comparison"]
    if found is None:
        return '<p class="legend">There is no comparison with a baseline in this report.</p>'
    base = found["baseline"]
    return (
        f'<p class="legend">Baseline: {safe(base["release"])}, accepted {safe(base["accepted_on"])}'
        f" by {safe(base['accepted_by'])}: “{safe(base['why'])}”. "
        f"Shared cases: {percent(found['overlap'])}. {wording.smallest_drop(report)}</p>"
    )


def flips(report: Mapping[str, Any], show_held_out: bool) -> str:
    """Old and new answer side by side, the gravest first."""
    every = wording.flips_of(report)
    if not every:
        none = "No case flipped." if report["comparison"] else "There is no baseline to flip from."
        return f"<p>{none}</p>"
    expected = {case["id"]: case["expected"] for case in report["cases"]}
    rows = "".join(
        _flip(flip, expected.get(flip["id"], {}), show_held_out) for flip in every[:MOST_FLIPS]
    )
    names = ("Case", "Expected", "Baseline", "Now")
    heads = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in names)
    rest = len(every) - MOST_FLIPS
    more = f"... and {rest:,} more: " if rest > 0 else ""
    return (
        f"<p>{wording.flips_said(every)}.</p>"
        f'<table class="flips" role="table"><thead role="rowgroup"><tr role="row">{heads}</tr>'
        f'</thead><tbody role="rowgroup">{rows}</tbody></table>'
        f'<p>{more}<a href="#cases" id="only-flips">search among them</a>, or '
        f"<code>{SHOW} --flips</code></p>"
    )


def _flip(flip: Mapping[str, Any], expected: Mapping[str, Any], show_held_out: bool) -> str:
    way = "worse" if flip["got_worse"] else "better"
    marks = f'<span class="tag {way}">{way}</span>'
    marks += '<span class="tag critical">critical</span>' if flip["critical"] else ""
    if again := wording.asked_again(flip):
        marks += f'<span class="tag">{again}</span>'
    link = f'<a href="#case-{safe(_in_link(flip["id"]))}">{safe(flip["id"])}</a>'
    head = f'<th role="rowheader" scope="row">{link} {marks}</th>'
    if wording.hidden(flip, show_held_out):
        cells = f'<td role="cell" colspan="3">{wording.HIDDEN}</td>'
    else:
        sides = (expected, flip["before"], flip["after"])
        cells = "".join(
            f'<td role="cell" data-name="{name}" dir="auto">{safe(wording.values(side, 400))}</td>'
            for name, side in zip(("expected", "baseline", "now"), sides, strict=True)
        )
    return f'<tr role="row">{head}{cells}</tr>'


def _in_link(case: str) -> str:
    from urllib.parse import quote

    return quote(wording.visible(case), safe="")


def charts(report: Mapping[str, Any], history: Sequence[Run], show_held_out: bool) -> str:
    """What says more as a picture."""
    shown: list[str] = []
    calls = [case for case in report["cases"] if case["called"] and case["unjudged"] is None]
    marked = " (simulated)" if wording.simulated(report) else ""
    if report.get("confidence"):
        about = report["confidence"]
        said = (
            "A dot on the diagonal is a confidence that holds. Calibration error "
            f"{about['calibration_error'] * 100:.1f} points ({about['calibration_error_is']}), "
            f"Brier {about['brier']:.3f}."
        )
        picture = pictures.calibration(about["bins"])
        shown.append(_card(f"Confidence against right{marked}", picture, said))
    if len(history) > 1:
        target = report["measured"]["all"]["target"]
        said = f"Whole runs, {safe(report['mode'])}. Shaded: the 95% interval."
        shown.append(_card(f"Right from run to run{marked}", pictures.trend(history, target), said))
    latency, cost = report["measured"]["latency"], report["measured"]["cost"]
    seconds = [case["seconds"] for case in calls]
    if seconds and latency["value"] is not None:
        picture = pictures.histogram(
            seconds, latency["target"], ("p95", latency["value"]), lambda s: f"{s:.3g} s"
        )
        shown.append(_card(f"Latency of a call{marked}", picture))
    spent = [case["cost_usd"] for case in calls if case["cost_usd"] is not None]
    if spent and cost["value"] is not None:
        picture = pictures.histogram(
            spent, cost["target"], ("mean", cost["value"]), lambda usd: f"${usd:.2g}"
        )
        shown.append(_card(f"Cost of a call{marked}", picture))
    open_ = [case for case in report["cases"] if not wording.hidden(case, show_held_out)]
    found = matrices(open_)[:MOST_MATRICES]
    shown += [
        _card(f"Expected and got: {safe(m.field)}{marked}", _matrix(m), broad=len(m.columns) > 7)
        for m in found
    ]
    scores = scores_line(report)
    said = f"<p>{safe(scores)}</p>" if scores else ""
    return (
        f'<div class="cards">{"".join(shown)}</div>{said}' if shown else "<p>Nothing to draw.</p>"
    )


def _card(title: str, picture: str, said: str = "", *, broad: bool = False) -> str:
    under = f"<figcaption>{safe(said)}</figcaption>" if said else ""
    name = "card broad" if broad else "card"
    return f'<figure class="{name}"><h3>{title}</h3>{picture}{under}</figure>'


def _matrix(matrix: Matrix) -> str:
    heads = "".join(
        f'<th scope="col"><span>{safe(column)}</span></th>' for column in matrix.columns
    )
    rows = "".join(
        f'<tr><th scope="row">{safe(row)}</th>{"".join(_cells(matrix, row))}</tr>'
        for row in matrix.rows
    )
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="Expected labels by row, labels '
        'that came by column"><table class="matrix"><caption>Rows: expected. Columns: came.'
        f"</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cells(matrix: Matrix, row: str) -> Iterable[str]:
    total = matrix.total(row)
    for column in matrix.columns:
        n = matrix.counts.get((row, column), 0)
        shade = -(-n * _SHADES // total) if n else 0
        kind = "fits" if row == column else "none" if column == NO_ANSWER else "differs"
        name = f' class="{kind}{shade}"' if n else ""
        yield f"<td{name}>{n or '<i>·</i>'}</td>"


def footer(report: Mapping[str, Any]) -> str:
    """What this report is bound to."""
    git = report["git"]
    changed = ", with changes that are not committed" if git["dirty"] else ""
    rows = {
        "Release": report["release"],
        "Model": report["model"],
        "Prompt": f"{report['prompt']} ({(report['prompt_sha256'] or 'not read')[:12]})",
        "Cases": f"{wording.counted(len(report['cases']))} ({report['dataset_sha256'][:12]})",
        "Answered by": report["mode"],
        "Commit": f"{git['sha'][:12]}{changed}" if git["sha"] else "none",
        "Made at": report["made_at"],
    }
    said = "".join(
        f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in rows.items()
    )
    return f'<dl class="bound">{said}</dl>'
