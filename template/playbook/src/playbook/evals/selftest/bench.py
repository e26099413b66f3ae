"""The service in its copy, and what the gate says of it when something is wrong."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from chassis.config import load_config
from chassis.prompts import INSTRUCTIONS, prompts_folder
from playbook.evals import command
from playbook.evals.cases import load_all
from playbook.evals.command import Judged, Selection
from playbook.evals.gate import Decision, baseline, targets_of
from playbook.evals.paired import LEVEL
from playbook.evals.results import CaseResult, Mode
from playbook.evals.selftest import plan
from playbook.evals.selftest.copied import write_cases
from playbook.evals.selftest.oracle import Knowledge, MadeUp
from playbook.evals.selftest.plan import CannotBeStaged
from playbook.evals.statistics import binomial_cdf
from playbook.project import Project
from playbook.verdicts import Code, NotJudged, write_whole

_DEFINITION = re.compile(r"^([-*] `[^`\n]+`):[^\n]*(?:\n[ \t]+\S[^\n]*)*$", re.MULTILINE)
_MOST_NAMED = 3
_ACCEPTED = "of the run without a fault"


class Bench:
    """One service, with made-up answers that were all right once and accepted as its baseline.

    Attributes:
        remarks: What had to be done to the cases.
    """

    def __init__(self, copy: Project) -> None:
        self._copy = copy
        self._pipeline = copy.pipeline()
        self._config = load_config(copy.root)
        self._targets = targets_of(self._config.criteria, Mode.live)
        cases, _ = load_all(copy, self._pipeline)
        self._cases, self.remarks = plan.enough(cases, self._targets)
        write_cases(copy, self._cases)
        self._knowledge = Knowledge.of(self._cases)
        self._first = self._ask()
        self._refuse_unfit(self._first)
        self._accept(self._first)

    def unchanged(self) -> Decision:
        """The same answers again."""
        return self._ask().decision

    def without_definitions(self) -> Decision:
        """The simulator, which knows only what the prompt says, and a prompt that says nothing."""
        before = self._simulated()
        if before.decision.code not in (Code.MET, Code.INCONCLUSIVE):
            why = "; ".join(before.decision.reasons)
            raise CannotBeStaged(f"unchanged, the simulator gave no result to start from: {why}")
        self._accept(before)
        with self._prompt_edited(_without_definitions):
            after = self._simulated()
        if after.decision.code is Code.MET and not self._dropped(before.results, after.results):
            right = [sum(r.right for r in one.results) for one in (before, after)]
            raise CannotBeStaged(
                f"the simulator has {right[0]} right with the prompt's definitions and {right[1]} "
                "without: too little for anybody to see"
            )
        return after.decision

    def two_labels_swapped(self) -> Decision:
        """A model that takes two labels for each other."""
        swap = plan.swap(self._first.results, self._knowledge, self._pipeline, self._targets)
        return self._ask(swap=swap).decision

    def critical_case(self) -> tuple[Decision, bool]:
        """One wrong answer, to a critical case; whether the gate names that."""
        wrong = plan.critical(self._first.results, self._knowledge, self._targets)
        decision = self._ask(wrong=frozenset(wrong)).decision
        return decision, any("critical cases" in reason for reason in decision.reasons)

    def bad_slice(self) -> tuple[Decision, bool]:
        """A bad slice in a total that reaches its target; whether the gate names just that."""
        name, wrong = plan.bad_slice(self._first.results, self._knowledge, self._targets)
        decision = self._ask(wrong=frozenset(wrong)).decision
        named = any(reason.startswith(f"{name} ") for reason in decision.reasons)
        return decision, named and not decision.measured.all.below

    def dead_provider(self) -> Decision:
        """No answer at all."""
        return self._ask(dead=True).decision

    def few_cases(self) -> Decision:
        """Right answers, and too few of them."""
        write_cases(self._copy, plan.few(self._cases, self._targets))
        try:
            return self._ask().decision
        finally:
            write_cases(self._copy, self._cases)

    def _ask(self, **failing: object) -> Judged:
        answering = MadeUp.by(self._knowledge, **failing)
        return command.judge(self._copy, Selection(repeats=1, fresh=True), answering)

    def _simulated(self) -> Judged:
        return command.judge(self._copy, Selection(repeats=1, fresh=True, mode=Mode.simulated))

    def _accept(self, judged: Judged) -> None:
        today = datetime.now(UTC).date().isoformat()
        accepted = baseline.Accepted(by="playbook evals selftest", why=_ACCEPTED, on=today)
        baseline.write(self._copy, baseline.made_of(judged.report, accepted))

    def _refuse_unfit(self, first: Judged) -> None:
        """Raises NotJudged where answers cannot be made up: that is no failure of the gate's."""
        if first.decision.code is Code.NOT_JUDGED:
            raise NotJudged(
                "The made-up answers got no result to judge: "
                f"{'; '.join(first.decision.reasons)}.\nNothing was shown about the gate."
            )
        wrong = [result for result in first.results if not result.right]
        if wrong and first.decision.code is not Code.MET:
            raise NotJudged(_not_right(wrong, len(first.results)))
        if not any(len(labels) > 1 for labels in self._knowledge.labels.values()):
            raise NotJudged(
                "No label of the cases is a field of the model's output with labels to choose "
                "from,\nso no wrong answer can be made up. Nothing was shown about the gate.\n"
                f"{_WHAT_TO_DO}"
            )

    def _dropped(self, before: list[CaseResult], after: list[CaseResult]) -> bool:
        """Whether so much was lost that the gate has to see it."""
        pairs = list(zip(before, after, strict=True))
        lost = sum(b.right and not a.right for b, a in pairs)
        gained = sum(a.right and not b.right for b, a in pairs)
        drop = (lost - gained) / len(pairs)
        unlikely = binomial_cdf(gained, lost + gained, 0.5) < LEVEL / 2
        return drop > self._targets.regression.margin and unlikely

    @contextmanager
    def _prompt_edited(self, edit: Callable[[str], str]) -> Iterator[None]:
        release = command.release_of(self._copy, self._config, None)
        path = prompts_folder(self._pipeline.package) / release.prompt / INSTRUCTIONS
        before = path.read_text("utf-8")
        write_whole(path, edit(before))
        try:
            yield
        finally:
            write_whole(path, before)


def _without_definitions(instructions: str) -> str:
    """The prompt with its labels but not what they mean; with nothing, where it lists none."""
    stripped = _DEFINITION.sub(r"\1", instructions)
    return stripped if stripped != instructions else ""


_WHAT_TO_DO = """\
Answers are made from the labels in `expected`, put into the fields of the model's output that have
the same names. Where your pipeline works its answer out in another way, try the gate by hand:
break the prompt, and see `uv run playbook evals run` give 1."""


def _not_right(wrong: list[CaseResult], n: int) -> str:
    lines = [
        f"{len(wrong)} of {n} cases are wrong with answers made up to be right, and a target is",
        "missed. So nothing was shown about the gate.",
    ]
    for one in wrong[:_MOST_NAMED]:
        lines.append(f"  {one.id}  expected {dict(one.expected)}, got {dict(one.got)}")
    if len(wrong) > _MOST_NAMED:
        lines.append(f"  ... and {len(wrong) - _MOST_NAMED} more")
    return "\n".join([*lines, _WHAT_TO_DO])
