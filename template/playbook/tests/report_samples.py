"""Reports as runs leave them, made up from a seed; and the worst that a case can hold."""

import random
from dataclasses import replace
from typing import Any

from playbook.evals import confidence, paired
from playbook.evals.gate import BaselineInfo, Comparison, Decision, Flip, Target, Targets
from playbook.evals.gate.measure import measure
from playbook.evals.reports.document import document
from playbook.evals.results import CaseResult, Mode
from playbook.verdicts import Code

LABELS = ("account", "billing", "bug", "how_to", "other", "security")
PRIORITIES = ("low", "normal", "high", "urgent")
TARGETS = Targets(
    all=Target(0.92, 50),
    slices={"common": Target(0.95, 30), "edge": Target(0.85, 20), "multilingual": Target(0.85, 20)},
    critical_at_least=1.0,
    p95_seconds=3.0,
    latency_sample=30,
    cost_usd=0.01,
    cost_sample=30,
)
FLOOR = replace(TARGETS, all=Target(0.42, 10), slices={}, critical_at_least=None)
HOSTILE = (
    "</script><script>document.title='ran'</script>",
    "<img src=http://127.0.0.1:9/x onerror=\"document.title='ran'\">",
    "]]></failure><injected/> & <!-- --> <![CDATA[",
    "\u202etxt.exe \u2066hidden\u2069 \u200b\ufeff zero width",
    "NUL \x00 bell \x07 escape \x1b[31mred\x1b[0m \x9b31m next line \x85",
    "half a character \ud83d and \udc00, \ufffe \uffff",
    "``` \n</details> </summary> @everyone #1 [link](http://x.example) | cell | `code`\n```",
    "javascript:alert(1) " + "{" * 2 + " 7*7 " + "}" * 2 + " ${7*7} $policy %s {0}",
    "A" * 20_000,
    "",
    "مرحبا بالعالم, 漢字かな, 👩‍👩‍👧‍👦 e\u0301",
    "--> <svg onload=document.title='ran'> &lt;b&gt; &#x3c;",
)
_SLICES = {"common": 0.97, "edge": 0.9, "multilingual": 0.78}
_TEXT = (
    "Hello, since {n} days I cannot {verb} the {thing}. Please help, we open on Monday.\nRegards"
)
_VERBS = ("open", "export", "pay", "share", "delete")
_THINGS = ("invoice", "plan", "workspace", "report", "comment box")


def results(n: int, seed: int = 1, mode: Mode = Mode.live, right: float = 0.0) -> list[CaseResult]:
    """A run over `n` cases; `right` moves the share that is right."""
    draw = random.Random(seed)
    found = []
    for number in range(n):
        slice_ = ("common", "common", "edge", "multilingual")[number % 4]
        truth = random.Random(number)  # labels do not change from run to run
        label, priority = truth.choice(LABELS), truth.choice(PRIORITIES)
        verb, thing = truth.choice(_VERBS), truth.choice(_THINGS)
        good = draw.random() < _SLICES[slice_] + right
        sure = round(min(0.99, max(0.3, draw.gauss(0.9 if good else 0.75, 0.08))), 3)
        answered = good or draw.random() < 0.7
        came = label if good else draw.choice(LABELS)
        got = {"category": came, "priority": priority}
        if not answered:
            got = {"outcome": "handed_over", "because": "low_confidence"}
        held_out = number % 5 == 0
        found.append(
            CaseResult(
                id=f"{slice_}-{number:03}",
                slice=slice_,
                critical=number % 20 == 1,
                right=good,
                outcome="answered" if answered else "handed_over",
                expected={"category": label, "priority": [priority, "urgent"]},
                got=got,
                input={
                    "subject": f"{'SECRET ' if held_out else ''}{thing}".capitalize(),
                    "body": _TEXT.format(n=number, verb=verb, thing=thing),
                },
                hash=f"{number:064x}",
                held_out=held_out,
                provenance="expert",
                mode=mode,
                confidence=sure,
                seconds=draw.lognormvariate(0, 0.4),
                cost_usd=draw.uniform(0.001, 0.004),
                called=True,
                scores={"category": came == label, "priority": True} if answered else {},
                right_if_answered=came == label,
            )
        )
    return found


def hostile_results() -> list[CaseResult]:
    """A run in which every text that can be hostile is."""
    first = results(60)
    for number, text in enumerate(HOSTILE):
        first[number + 1] = replace(
            first[number + 1],
            id=f"{text[:60]} {number}",
            right=False,
            critical=number % 2 == 0,
            held_out=False,
            input={"subject": text, text[:40]: text},
            expected={"category": "bug", "note": text},
            got={"category": text, text[:30]: text},
            crashed=text if number == 3 else None,
            unjudged=text[:50] if number == 4 else None,
            detail=text,
        )
    return first


def report(
    now: list[CaseResult] | None = None,
    before: list[CaseResult] | None = None,
    *,
    code: Code = Code.NOT_MET,
    reasons: tuple[str, ...] = (
        "all slices 91.3%, target 92% (95% interval 87.0 to 94.2)",
        "multilingual is worse than the baseline (-13.3 points, p 0.03)",
    ),
) -> dict[str, Any]:
    """The document of a run, held against another one where it is given."""
    now = results(240) if now is None else now
    simulated = bool(now) and now[0].mode is Mode.simulated
    measured = measure(now, FLOOR if simulated else TARGETS, None)
    comparison = None if before is None else _comparison(now, before)
    notes: tuple[str, ...] = ()
    if simulated:
        notes = ("Simulated answers say nothing about a real model.",)
    return document(
        decision=Decision(measured, code, reasons, notes, comparison),
        results=now,
        bound_to={
            "release": "triage-v2",
            "model": "openai:gpt-5-mini",
            "parameters": {"temperature": 0.0},
            "prompt": "v2",
            "prompt_sha256": "a41f" * 16,
            "source_sha256": "1" * 64,
            "dataset_sha256": "2" * 64,
            "only": None,
            "git": {"sha": "c0ffee" * 6 + "c0ff", "dirty": True},
        },
        sections={"decides": ["category"], "confidence": confidence.summary(now)},
    )


def _comparison(now: list[CaseResult], before: list[CaseResult]) -> Comparison:
    pairs = list(zip(before, now, strict=True))
    outcome = paired.compare(((new.slice, old.right, new.right) for old, new in pairs), 0.02)
    flips = [
        Flip(new.id, new.slice, new.critical, new.held_out, old.got, new.got, old.right)
        for old, new in pairs
        if old.right != new.right
    ]
    flips.sort(key=lambda flip: (not flip.got_worse, not flip.critical, flip.slice, flip.id))
    baseline = BaselineInfo(
        mode=str(now[0].mode),
        release="triage-v1",
        accepted_by="Zoë O'Brien",
        why="The first <b>release</b> that met all targets.",
        accepted_on="2026-11-20",
        git_sha="c0ffee",
        n=len(before),
    )
    drop = outcome.smallest_drop
    return Comparison(baseline, 1.0, outcome.rows, outcome.all, tuple(flips), drop)
