"""The gate: results, criteria and the baseline in, one decision with its reasons out.

What decides is pure (targets, measure, compare, judge, loosening); what reads and writes files of
the service is apart (baseline, base, accept, history).
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
    "decide",
    "percent",
    "percentile",
    "target_percent",
    "targets_of",
]
