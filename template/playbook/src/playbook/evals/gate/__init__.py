"""The gate: results, criteria and the baseline in, one decision with its reasons out.

What decides is pure: targets, measure, compare, loosening, judge. What reads and writes the
service's files is apart: baseline, base, history, accept, and of_service, which puts both together.
"""

from playbook.evals.gate.decision import BaselineInfo, Comparison, Decision, Flip
from playbook.evals.gate.judge import decide
from playbook.evals.gate.measure import (
    Measure,
    Measured,
    Row,
    percent,
    percentile,
    target_percent,
)
from playbook.evals.gate.of_service import check_first, judge_run
from playbook.evals.gate.targets import Regression, Target, Targets, targets_of
from playbook.evals.paired import PairedRow

__all__ = [
    "BaselineInfo",
    "Comparison",
    "Decision",
    "Flip",
    "Measure",
    "Measured",
    "PairedRow",
    "Regression",
    "Row",
    "Target",
    "Targets",
    "check_first",
    "decide",
    "judge_run",
    "percent",
    "percentile",
    "target_percent",
    "targets_of",
]
