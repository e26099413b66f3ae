"""How an answer is scored: in the eval suite, and on production where no label is needed."""

from chassis.evaluators import exact, matches

EVALUATORS = (
    exact("category", gate=True),  # gate: it decides whether a case is right
    exact("priority"),  # a case that names no priority says nothing of it
    matches("summary", r"^.{1,200}$"),  # one short line, and not the whole ticket
)
