"""Ready-made evaluators: each call gives one `chassis.Evaluator`, named and ready for a pipeline.

    EVALUATORS = (
        exact("category", gate=True),
        matches("summary", r"^.{1,200}$"),
    )

What compares with a label is in `labels`, what looks at an answer alone in `form`, what holds it
against sources in `grounding`, and meaning in `meaning`. Models that judge are in `chassis.judge`;
latency and cost are measured anyway. Decision: docs/decisions/0020-evaluators.md in the template's
repository.

Those of `labels` and `similar` need a label: they are silent where a case has none, and are not run
on production traffic. All others are `live`: they run there, too.
"""

from .fields import NeedsLabel, NoSuchField
from .form import declines_nothing, does_not_match, json_schema, matches
from .grounding import citations_known, quotes_found, supported
from .labels import close_to, exact, fields_right, same_set
from .meaning import NotInstalled, similar

__all__ = [
    "NeedsLabel",
    "NoSuchField",
    "NotInstalled",
    "citations_known",
    "close_to",
    "declines_nothing",
    "does_not_match",
    "exact",
    "fields_right",
    "json_schema",
    "matches",
    "quotes_found",
    "same_set",
    "similar",
    "supported",
]
