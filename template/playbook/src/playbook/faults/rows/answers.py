"""Rows of a provider that answers 200, with something that is no use."""

from __future__ import annotations

from functools import partial

from chassis.outcomes import Outcome
from playbook.faults.row import Cause, Expected, Row
from playbook.faults.rows.provider import DEGRADED, failing
from playbook.faults.staged import set_parameters

_UNFIT = "does not fit the schema"

ROWS: tuple[Row, ...] = (
    failing("malformed", "a body that is not JSON", "malformed", kind="malformed_body"),
    failing("empty", "`choices: []`, without an answer", "malformed", kind="empty_choices"),
    failing("foreign", "a body of another protocol", "malformed", kind="wrong_schema", part="body"),
    failing("truncated", "half of the body, then the end", "connection", kind="truncated_stream"),
    failing("wrong-schema", "an answer of another form, every time", _UNFIT, kind="wrong_schema"),
    Row(
        "wrong-label",
        "a label that does not exist, every time",
        Cause(plan=({"kind": "wrong_label"},)),
        Expected(Outcome.fallback, line={"model_error": _UNFIT, **DEGRADED}, asked=2),
        needs_labels=True,
    ),
    Row(
        "label-repaired",
        "a label that does not exist, once",
        Cause(plan=({"kind": "wrong_label", "count": 1},)),
        Expected(Outcome.answered, asked=2),
        needs_labels=True,
    ),
    Row(
        "over-long",
        "an answer longer than max_tokens",
        Cause(edit=partial(set_parameters, max_tokens=2), warm=False),
        Expected(Outcome.fallback, line={"model_error": "cut off", **DEGRADED}, asked=1),
    ),
)
