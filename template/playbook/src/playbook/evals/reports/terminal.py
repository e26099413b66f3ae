"""What a run says to a person, and the report it leaves for other commands."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbook.evals.gate import (
    Decision,
    Measure,
    Row,
    percent,
    target_percent,
)
from playbook.evals.results import CaseResult, Mode
from playbook.verdicts import Code, Mistake

FORMAT = 1
FOLDER = Path("evals/reports")
LATEST = FOLDER / "latest.json"
MOST_WRONG_SHOWN = 5
_WIDTH = 96


def title(
    release: str, prompt_sha256: str | None, n: int, mode: Mode, only: str | None = None
) -> str:
    """The first line: what was judged, on what, and who answered."""
    prompt = f"prompt {prompt_sha256[:4]}" if prompt_sha256 else "prompt not read"
    cases = "1 case" if n == 1 else f"{n} cases"
    part = f" of {only}" if only else ""
    return f"{release} · {prompt} · {cases}{part} · {mode.value}"


def table(decision: Decision) -> list[str]:
    """One line a slice, then the critical cases and the whole."""
    measured = decision.measured
    simulated = measured.mode is Mode.simulated
    rows = [*measured.rows, measured.all]
    width = max(12, *(len(row.name) for row in rows))
    lines = [f"  {'slice':<{width}} {'n':>5} {'right':>9} {'floor' if simulated else 'target':>8}"]
    lines += [_line(row, width) for row in measured.rows]
    critical = measured.critical
    if critical.n:
        count = f"{critical.right} of {critical.n}"
        lines.append(f"  {'critical':<{width}} {critical.n:>5} {count:>9}")
    if not (len(measured.rows) == 1 and measured.all.target is None):
        lines.append(_line(measured.all, width))
    return [line.rstrip() for line in lines]


def _line(row: Row, width: int) -> str:
    share = percent(row.share) if row.n else "-"
    target = target_percent(row.target) if row.target is not None else ""
    if row.target is None:
        remark = ""
    elif row.n == 0:
        remark = "no cases yet"
    elif not row.enough:
        remark = f"too few, it takes {row.least_sample}"
    else:
        remark = "below target" if row.below else ""
    return f"  {row.name:<{width}} {row.n:>5} {share:>9} {target:>8}  {remark}"


def decision_lines(decision: Decision) -> list[str]:
    """The verdict, its reasons, what was measured beside it, and what a reader must know."""
    reasons = "; ".join(decision.reasons)
    if not reasons.endswith("."):
        reasons += "."
    lines = [f"{decision.code.status.upper()}  {reasons}"]
    if decision.code is not Code.NOT_JUDGED:
        lines.append(_measures(decision))
    lines += decision.notes
    return lines


def _measures(decision: Decision) -> str:
    measured = decision.measured
    latency, cost = measured.latency, measured.cost
    if latency.value is None:
        return "No case reached a model: there is no latency and no cost to show."
    parts = [f"p95 latency {latency.value:.2f} s, target {latency.target:g} s"]
    if cost.value is None:
        parts.append("cost unknown: the model has no price")
    else:
        parts.append(f"mean cost USD {cost.value:.5f} a call, target {cost.target:g}")
    if measured.mode is Mode.simulated:
        return "; ".join(parts) + " (simulated: shown, not judged)."
    few = [name for name, m in (("latency", latency), ("cost", cost)) if _too_few(m)]
    return "; ".join(parts) + (f" (too few calls to judge {' and '.join(few)})." if few else ".")


def scores_line(results: Iterable[CaseResult]) -> str | None:
    """What each of the service's evaluators says, on average, over the cases it scored."""
    scored: dict[str, list[float]] = {}
    for result in results:
        for name, value in result.scores.items():
            scored.setdefault(name, []).append(float(value))
    if not scored:
        return None
    means = (f"{name} {percent(sum(values) / len(values))}" for name, values in scored.items())
    return f"Evaluators of the service, over answered cases: {', '.join(means)}."


def _too_few(measure: Measure) -> bool:
    return measure.n < measure.least_sample


def wrong_lines(
    results: Iterable[Mapping[str, Any]], most: int | None = MOST_WRONG_SHOWN
) -> list[str]:
    """Wrong cases with what was expected beside what came; critical ones first.

    With `most`, cases that went wrong in the same way count as one.
    """
    wrong = [r for r in results if not r["right"] and r["unjudged"] is None]
    wrong.sort(key=lambda r: (not r["critical"], r["slice"], r["id"]))
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for number, result in enumerate(wrong):
        kind = _kind(result) if most is not None else (str(number), "")
        kinds.setdefault(kind, []).append(result)
    shown = list(kinds.values())
    if most is not None:
        shown = sorted(shown, key=lambda alike: (not alike[0]["critical"], -len(alike)))[:most]
    lines = [line for alike in shown for line in _wrong(alike)]
    rest = len(wrong) - sum(len(alike) for alike in shown)
    return lines + ([f"  ... and {rest} more"] if rest else [])


def _kind(result: Mapping[str, Any]) -> tuple[str, str]:
    """Cases that went wrong in the same way are shown once."""
    return _values(result["expected"]), result["crashed"] or _values(result["got"])


def _wrong(alike: list[Mapping[str, Any]]) -> list[str]:
    result = alike[0]
    expected, got = _kind(result)
    mark = "  critical" if result["critical"] else ""
    more = f"  and {len(alike) - 1} like it" if len(alike) > 1 else ""
    return [
        f"  {result['id']}{mark}  {_excerpt(result['input'])}{more}",
        f"    expected {expected}",
        f"    got      {got}",
    ]


def case_lines(result: Mapping[str, Any]) -> list[str]:
    """Everything the report knows about one case."""
    state = result["unjudged"] or ("right" if result["right"] else "wrong")
    lines = [f"{result['id']} · {result['slice']} · {state}"]
    text = result["input"]
    whole = (
        text
        if isinstance(text, str)
        else json.dumps(text, indent=2, ensure_ascii=False, default=str)
    )
    lines += ["", textwrap.indent(whole, "  "), ""]
    lines.append(f"  expected {_values(result['expected'])}")
    lines.append(f"  got      {result['crashed'] or _values(result['got'])}")
    if result["scores"]:
        lines.append(f"  scores   {_values(result['scores'])}")
    if result["confidence"] is not None:
        lines.append(f"  model's confidence {result['confidence']:.2f}")
    return lines


def _values(values: Mapping[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        if isinstance(value, list):
            value = " or ".join(str(one) for one in value)
        elif isinstance(value, bool):
            value = "yes" if value else "no"
        parts.append(f"{name} {value}")
    return textwrap.shorten(" · ".join(parts) or "nothing", _WIDTH, placeholder=" ...")


def _excerpt(value: Any) -> str:
    if isinstance(value, dict):
        value = " | ".join(str(part) for part in value.values())
    text = str(value).encode("utf-8", "replace").decode()
    return '"' + textwrap.shorten(text, 70, placeholder=" ...") + '"'


def document(
    *,
    decision: Decision,
    results: Iterable[CaseResult],
    bound_to: Mapping[str, Any],
    sections: Mapping[str, Any],
) -> dict[str, Any]:
    """The report as JSON, bound to what was judged: release, prompt, cases, mode, commit.

    `sections` are what else was measured, by name, such as `confidence`.
    """
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **bound_to,
        "mode": decision.measured.mode.value,
        "verdict": {
            "code": int(decision.code),
            "status": decision.code.status,
            "reasons": list(decision.reasons),
        },
        "notes": list(decision.notes),
        "measured": asdict(decision.measured),
        **sections,
        "cases": [asdict(result) for result in results],
    }


def read(path: Path, shown: str) -> dict[str, Any]:
    """Read a report back.

    Raises:
        Mistake: When there is none, or another version of the playbook wrote it.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Mistake(
            f"{shown}\n  There is no report yet.\nNext: uv run playbook evals run"
        ) from None
    except ValueError:
        report = None
    if not isinstance(report, dict) or report.get("format") != FORMAT:
        raise Mistake(
            f"{shown}\n  This is not a report of this playbook version.\n"
            "Next: uv run playbook evals run"
        )
    return report
