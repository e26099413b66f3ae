"""How an answer is scored: in the eval suite, and on production where no label is needed."""

from typing import Any

from chassis import Evaluator

from .schemas import Ticket, Triage

Expected = dict[str, Any]


def category_is_right(ticket: Ticket, answer: Triage, expected: Expected) -> bool:
    """The category is the expected one, or one of those that are acceptable."""
    return _among(answer.category, expected.get("category"))


def priority_is_right(ticket: Ticket, answer: Triage, expected: Expected) -> bool:
    """The priority is the expected one; a case that names none takes any."""
    return "priority" not in expected or _among(answer.priority, expected["priority"])


def summary_is_one_short_line(ticket: Ticket, answer: Triage, expected: Expected | None) -> bool:
    """The summary fits a queue's list, and is not the whole ticket."""
    return 0 < len(answer.summary) <= 200 and "\n" not in answer.summary


def _among(value: str | None, expected: Any) -> bool:
    return value in expected if isinstance(expected, list) else value == expected


EVALUATORS = (
    Evaluator("category", category_is_right, gate=True),
    Evaluator("priority", priority_is_right),
    Evaluator("summary", summary_is_one_short_line, live=True),
)
