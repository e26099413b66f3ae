"""The story of `playbook demo`, and whether all went as told."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis.outcomes import Outcome
from playbook import staging, stand_in
from playbook.console import console
from playbook.demo import show
from playbook.demo.requests import MODEL_ASKED, Sent, choose
from playbook.demo.stage import Answered, Stage, on_stage
from playbook.evals import command as evals
from playbook.evals.cases import Case, load
from playbook.evals.reports import files
from playbook.evals.results import Mode
from playbook.project import Project
from playbook.verdicts import Code, Verdict

if TYPE_CHECKING:
    from rich.console import Console

SWITCH_SECONDS = 2.0
"""The promise of the kill switch: in force within two seconds, without a restart."""

_NO_MODEL = (
    "The cases read like real messages, and the simulator is no real model: it is often wrong.\n"
    "The floor it is held to only notices when a prompt gets worse.\n"
)
_SIMULATED = "Here a simulator answers in the model's place. It says nothing about a real model."


@dataclass
class Story:
    """What was told so far, and what did not go as told."""

    to: "Console"
    amiss: list[str]

    def expect(self, held: bool, otherwise: str) -> None:
        """Note what did not go as told."""
        if not held:
            self.amiss.append(otherwise)
            self.to.print(f"  Not as expected: {otherwise}", style="red", markup=False)


def run_demo(project: Project, verdict: Verdict) -> int:
    """Tell the story.

    Returns:
        0 when all went as told, 1 when something did not.
    """
    pipeline = project.pipeline()
    cases = load(project.cases, pipeline, project.relative(project.cases))
    story = Story(console(), [])
    story.to.print(f"{project.service}, the whole service on this machine. {_SIMULATED}")
    story.to.print("Starting the simulator and the service ...", style="dim")
    with on_stage(project, pipeline) as stage:
        show.heading(story.to, f"Requests to {stage.url}; every answer is simulated")
        requests = list(choose(cases, pipeline))
        for sent in requests:
            _send(story, stage, sent)
        _missing(story, cases)
        show.heading(story.to, "The kill switch, in a copy of config/flags.json")
        _kill_switch(story, stage, requests[0])
        show.heading(story.to, "The eval gate, on simulated answers")
        story.to.print(_NO_MODEL, style="dim")
        _gate(story, project, stage)
    show.heading(story.to, "In short")
    for line in _summary(story, cases):
        story.to.print(line, markup=False, highlight=False)
    code = Code.NOT_MET if story.amiss else Code.MET
    verdict.conclude(code, *(story.amiss or ["all went as told; answers were simulated"]))
    return code


def _send(story: Story, stage: Stage, sent: Sent) -> None:
    answered = stage.send(sent.body)
    show.exchange(story.to, sent, answered)
    allowed = " or ".join(sorted(sent.may_end))
    story.expect(
        answered.outcome in sent.may_end,
        f"{sent.title}: ended as {answered.outcome or 'nothing'}, not as {allowed}.",
    )
    story.expect(answered.line is not None, f"{sent.title}: left no log line.")
    if answered.outcome in MODEL_ASKED:
        _expect_simulated(story, sent.title, answered)


def _expect_simulated(story: Story, title: str, answered: Answered) -> None:
    marked = answered.body.get("simulated") is True and (answered.line or {}).get("simulated")
    story.expect(bool(marked), f"{title}: the answer does not say that it is simulated.")


def _missing(story: Story, cases: list[Case]) -> None:
    present = {case.slice for case in cases}
    for name in ("multilingual", "adversarial"):
        if name not in present:
            story.to.print(f"\nThere is no case in the slice {name} yet, so none is shown.")


def _kill_switch(story: Story, stage: Stage, ordinary: Sent) -> None:
    staging.switch(stage.root, ai_enabled=False)
    started = time.monotonic()
    answered = stage.send(ordinary.body)
    while answered.outcome != Outcome.switched_off:
        if time.monotonic() - started > SWITCH_SECONDS:
            story.expect(held=False, otherwise=f"the kill switch took over {SWITCH_SECONDS:g} s.")
            return
        time.sleep(0.05)
        answered = stage.send(ordinary.body)
    seconds = time.monotonic() - started
    story.to.print(
        f"\nSwitched off: in force after {seconds:.1f} s, without a restart. The same request now:"
    )
    show.pair(story.to, f"the answer, {answered.status}, degraded", answered.body, answered.line)
    staging.switch(stage.root, ai_enabled=True)


def _gate(story: Story, project: Project, stage: Stage) -> None:
    selection = evals.Selection(mode=Mode.simulated)
    with stand_in.variables({stand_in.VARIABLE: stage.simulator}):
        judged = evals.judge(project, selection)
    files.leave(project.root, judged.report)
    story.to.print()
    for line in evals.lines(judged, selection):
        story.to.print(line, markup=False, highlight=False, soft_wrap=True)
    decision = judged.decision
    story.expect(
        decision.code is Code.MET,
        f"the eval gate: {decision.code.status}, {'; '.join(decision.reasons)}",
    )


def _summary(story: Story, cases: list[Case]) -> Iterator[str]:
    if story.amiss:
        yield "Not all went as it should:"
        yield from (f"  {one}" for one in story.amiss)
    else:
        yield "All went as told: typed answers, problem documents for wrong requests, a log line"
        yield "for each call, a switch that needs no restart, and a gate that gives its reasons."
    yield "Simulator and service are stopped. Every answer was simulated."
    yield ""
    yield "Next:"
    yield "  uv run playbook run          the service, for your own requests"
    yield "  uv run pytest                its tests"
    if all(case.provenance == "starter" for case in cases):
        yield "  uv run playbook begin        your labels and cases in place of the sample's"
    else:
        yield "  uv run playbook evals run    the gate, after you changed prompt or cases"
