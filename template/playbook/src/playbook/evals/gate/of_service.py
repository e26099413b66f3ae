"""Judge a run of this service: by its criteria, its baseline, and its criteria at the base."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from playbook.evals.gate import baseline, history
from playbook.evals.gate.base import against_base
from playbook.evals.gate.decision import Decision
from playbook.evals.gate.judge import check_bound, decide
from playbook.evals.gate.targets import targets_of
from playbook.evals.results import CaseResult, Mode, mode_of
from playbook.project import Project

if TYPE_CHECKING:
    from chassis.config import Config


def check_first(project: Project, config: "Config", n: int, *, simulated: bool) -> None:
    """Find, before a case is run and paid for, what would leave the run unjudged after it.

    Args:
        project: The service.
        config: Its configuration.
        n: How many cases a whole run has; 0 for a part.
        simulated: Whether the simulator answers; nobody holds it against a lower bound.

    Raises:
        Mistake: For a file that is no baseline or no history, and for a target out of reach.
    """
    for mode in baseline.MODES:
        baseline.read(project, mode)
    history.read(project)
    check_bound(targets_of(config.criteria, Mode.simulated if simulated else Mode.live), n)


def judge_run(
    project: Project,
    config: "Config",
    results: Sequence[CaseResult],
    *,
    only: str | None = None,
    base: str | None = None,
    own_cases: bool = True,
) -> Decision:
    """Judge the results of a run.

    Args:
        project: The service.
        config: Its configuration.
        results: One for each case that was run.
        only: What the run was narrowed to: a slice, or a case.
        base: The branch whose criteria count, too; without it what CI says, or main.
        own_cases: Whether these are the service's cases; the baseline is of no others.

    Raises:
        Mistake: For a file that is no baseline, and for a target out of reach.
    """
    mode = mode_of(results)
    unjudged_at_most = config.evals.infrastructure_errors_at_most
    today = datetime.now(UTC).date()
    return decide(
        results,
        targets_of(config.criteria, mode, unjudged_at_most=unjudged_at_most),
        only=only,
        baseline=baseline.read(project, mode) if own_cases else None,
        own_cases=own_cases,
        against_base=None if only else against_base(project, config, base, today),
        today=today,
    )
