"""A run as a person reads it, and as the report that it leaves."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from playbook.evals.adversarial.asking import Attacked, End
from playbook.evals.adversarial.judging import NOT_MEASURED, Decision, LookAlikes, Row
from playbook.evals.gate import percent, target_percent
from playbook.verdicts import Code
from playbook.visible import visible

REPORT = Path("evals/reports/adversarial.json")
MOST_SHOWN = 8
_WIDTH = 96


def title(about: Mapping[str, Any]) -> str:
    """The first line: what was attacked, with what, and who answered."""
    prompt = str(about["prompt_sha256"])[:4]
    model = "simulated: a model that obeys every attack" if about["obeyed"] else about["mode"]
    counts = [
        _count(n, *names)
        for n, names in (
            (about["attacks"], ("attack", "attacks")),
            (about["look_alikes"], ("look-alike", "look-alikes")),
        )
        if n
    ]
    return f"{about['release']} · prompt {prompt} · {', '.join(counts)} · {model}"


def table(decision: Decision) -> Iterator[str]:
    """One line a family, then the look-alikes."""
    target = "floor" if decision.obeyed else "target"
    width = max([12, *(len(row.name) for row in decision.rows)])
    if decision.rows:
        yield (
            f"  {'family':<{width}} {'n':>4} {'resisted':>9} {target:>7} {'95% interval':>14}"
            f"  {'stopped':>8} {'cleaned':>8} {'handed over':>12} {'harmless':>9}"
        )
    for row in decision.rows:
        yield _line(row, width).rstrip()
    if decision.look_alikes:
        if decision.rows:
            yield ""
        yield _look_alike_line(decision.look_alikes, width)


def _line(row: Row, width: int) -> str:
    share = percent(row.share) if row.n else "-"
    low, high = row.interval
    target = target_percent(row.target) if row.target > 0 else "-"
    interval = f"{low * 100:.1f} to {high * 100:.1f}" if row.n else "-"
    remark = ""
    if row.n == 0:
        remark = "no cases yet"
    elif not row.enough:
        remark = f"too few, it takes {row.least_sample}"
    elif row.below:
        remark = "BELOW"
    return (
        f"  {row.name:<{width}} {row.n:>4} {share:>9} {target:>7} {interval:>14}"
        f"  {row.ends[End.stopped_before]:>8} {row.ends[End.stopped_after]:>8}"
        f" {row.ends[End.handed_over]:>12} {row.ends[End.harmless]:>9}  {remark}"
    )


def _look_alike_line(benign: LookAlikes, width: int) -> str:
    low, high = benign.interval
    remark = ""
    if not benign.enough:
        remark = f"  too few, it takes {benign.least_sample}"
    elif benign.over:
        remark = "  TOO MANY"
    return (
        f"  {'look-alikes':<{width}} {benign.n:>4}  {benign.stopped} stopped, "
        f"{percent(benign.share)}, at most {target_percent(benign.at_most)} "
        f"(95% interval {low * 100:.1f} to {high * 100:.1f}){remark}"
    )


def decision_lines(decision: Decision) -> Iterator[str]:
    """The verdict with its reasons, and what a reader must know."""
    reasons = "; ".join(decision.reasons).rstrip(".")
    yield f"{decision.code.status.upper()}  {reasons}."
    if decision.code is Code.NOT_JUDGED:
        return
    if not decision.breaches:
        yield (
            f"In {_count(decision.requests, 'response', 'responses')}: no canary, no link to a "
            "host that is not allowed, nothing outside the schema."
        )
    if decision.obeyed:
        yield NOT_MEASURED
    benign = decision.look_alikes
    if benign and benign.labelled and not decision.obeyed:
        yield f"Of {benign.labelled} labelled look-alikes {benign.right} were answered right."


def wrong_lines(decision: Decision, results: Sequence[Attacked]) -> Iterator[str]:
    """The attacks that succeeded, and the look-alikes that were stopped."""
    through = [result for result in results if result.end is End.succeeded or result.breaches]
    through.sort(key=lambda result: (not result.breaches, not _judged(decision, result)))
    told = [r for r in through if not decision.obeyed or r.breaches or _judged(decision, r)]
    if told:
        yield ""
        yield "Attacks that succeeded"
        yield from _listed(told, _how)
    elif through:
        yield ""
        yield f"What a model that obeys could do: {len(through)} attacks, all in {REPORT}."
    stopped = [result for result in results if not result.case.attack and result.stopped]
    if stopped:
        yield ""
        yield "Look-alikes that were stopped"
        yield from _listed(stopped, lambda result: f"by {_guards(result) or 'the provider'}")


def _how(result: Attacked) -> str:
    said = ", ".join(result.showed)
    more = (b for b in result.breaches if b.rpartition(": ")[2] not in said)
    return ", ".join(filter(None, (said, *more)))


def _judged(decision: Decision, result: Attacked) -> bool:
    return any(row.below and row.name == result.case.family for row in decision.rows)


def _listed(results: Sequence[Attacked], why: Any) -> Iterator[str]:
    for result in results[:MOST_SHOWN]:
        yield f"  {result.case.id}  {_short(result.case.goal)}"
        yield f"    {_short(why(result))}"
    if len(results) > MOST_SHOWN:
        yield f"  ... and {len(results) - MOST_SHOWN} more"


def next_command(decision: Decision, results: Sequence[Attacked]) -> str:
    """The command that most likely helps now."""
    command = "uv run playbook"
    if decision.code is Code.NOT_JUDGED:
        return f"check the provider's status and your key; then {command} evals adversarial"
    worst = [r for r in results if r.breaches]
    worst += [r for r in results if r.end is End.succeeded and _judged(decision, r)]
    worst += [r for r in results if not r.case.attack and r.stopped]
    worst += [r for r in results if r.end is End.succeeded]
    if decision.code is Code.INCONCLUSIVE:
        return "add attacks to evals/adversarial/, one line each"
    if worst:
        return f"{command} evals adversarial --show {worst[0].case.id}"
    if decision.obeyed:
        return f"{command} evals adversarial, with a real model"
    return f"{command} evals run"


def document(
    about: Mapping[str, Any], decision: Decision, results: Sequence[Attacked]
) -> dict[str, Any]:
    """The report as JSON."""
    return {
        **about,
        "verdict": {
            "code": int(decision.code),
            "status": decision.code.status,
            "reasons": list(decision.reasons),
        },
        "measured": measured(decision),
        "requests": decision.requests,
        "cases": [_entry(result) for result in results],
    }


def measured(decision: Decision) -> list[dict[str, Any]]:
    """Every number with the target it was held against."""
    field = "worst_case_at_least" if decision.obeyed else "resisted_at_least"
    found: list[dict[str, Any]] = [
        {
            "name": row.name,
            "criterion": f"safety.families.{row.name}.{field}",
            "n": row.n,
            "resisted": row.resisted,
            "share": round(row.share, 4),
            "interval95": [round(edge, 4) for edge in row.interval],
            "target": row.target,
            "ends": {end.value: row.ends[end] for end in End},
        }
        for row in decision.rows
    ]
    if benign := decision.look_alikes:
        found.append(
            {
                "name": "look-alikes",
                "criterion": "safety.benign_stopped_at_most",
                "n": benign.n,
                "stopped": benign.stopped,
                "share": round(benign.share, 4),
                "interval95": [round(edge, 4) for edge in benign.interval],
                "target": benign.at_most,
            }
        )
    found.append({"name": "never", "breaches": dict(decision.breaches), "target": 0})
    return found


def _entry(result: Attacked) -> dict[str, Any]:
    case = result.case
    return {
        "id": case.id,
        "family": case.family,
        "attack": case.attack,
        "goal": case.goal,
        "input": case.raw if case.raw is not None else case.input,
        "end": result.end.value,
        "stopped": result.stopped,
        "showed": list(result.showed),
        "breaches": list(result.breaches),
        "unjudged": result.why,
        "replies": [
            {
                "status": reply.status,
                "outcome": reply.outcome,
                "answer": dict(reply.answer),
                "guards": [v for v in reply.line.get("guards", ()) if v["verdict"] != "pass"],
                "showed": list(reply.showed),
            }
            for reply in result.replies
        ],
    }


def case_lines(entry: Mapping[str, Any]) -> Iterator[str]:
    """Everything the report knows about one case."""
    kind = "attack" if entry["attack"] else "look-alike"
    stopped = " · STOPPED" if entry["stopped"] and not entry["attack"] else ""
    yield f"{entry['id']} · {kind} · {entry['end']}{stopped}"
    yield f"goal: {entry['goal']}"
    yield ""
    text = entry["input"]
    values = text.values() if isinstance(text, dict) else [text]
    for value in values:
        whole = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield textwrap.indent(whole, "  ")
        yield ""
    for sign in (*entry["breaches"], *entry["showed"]):
        yield f"  showed   {sign}"
    if entry["unjudged"]:
        yield f"  unjudged {entry['unjudged']}"
    for reply in entry["replies"]:
        guards = ", ".join(_verdict(said) for said in reply["guards"])
        yield f"  reply    {reply['status']} {reply['outcome']}" + (
            f" · {guards}" if guards else ""
        )
        if reply["answer"]:
            yield f"           {_short(json.dumps(reply['answer'], ensure_ascii=False))}"


def _guards(result: Attacked) -> str:
    said = (v for reply in result.replies for v in reply.line.get("guards", ()))
    return ", ".join(dict.fromkeys(_verdict(v) for v in said if v["verdict"] == "block"))


def _verdict(said: Mapping[str, Any]) -> str:
    found = f" ({', '.join(said['found'])})" if said["found"] else ""
    return f"{said['direction']} guard {said['guard']}: {said['verdict']}{found}"


def _short(text: str) -> str:
    return textwrap.shorten(text, _WIDTH, placeholder=" ...")


def _count(n: int, one: str, several: str) -> str:
    return f"1 {one}" if n == 1 else f"{n} {several}"


def printed(lines: Iterable[str]) -> None:
    """Print what may hold lone surrogates and worse: it is what attackers wrote."""
    for line in lines:
        print(visible(line).encode("utf-8", "backslashreplace").decode())
