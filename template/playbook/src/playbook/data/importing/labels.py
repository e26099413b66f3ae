"""What a label column says, in the service's own labels."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.config.problems import did_you_mean, listed
from chassis.guards.personal.redaction import redact_all
from chassis.outcomes import Outcome
from playbook.data.answers import LabelField
from playbook.data.importing.rows import Survey, text_of
from playbook.verdicts import Mistake
from playbook.visible import one_line

OUTCOME_FIELD = LabelField("outcome", tuple(outcome.value for outcome in Outcome))
NOTHING = ""


class Labels:
    """From cells to labels.

    Args:
        fields: By name; `outcome` too, where a column tells it.
        said: What the person mapped: cell to label, or to "" for no label at all.

    Raises:
        Mistake: When something is mapped to a label that no field has.
    """

    def __init__(self, fields: Iterable[LabelField], said: Mapping[str, str]) -> None:
        self._choices = {field.name: field.choices for field in fields}
        self._plain = {
            name: {_plain(choice): choice for choice in choices}
            for name, choices in self._choices.items()
        }
        self._said = dict(said)
        every = [choice for choices in self._choices.values() for choice in choices]
        for cell, label in said.items():
            if label != NOTHING and label not in every:
                raise Mistake(
                    f'--label "{cell}={label}"\n  {label} is no label.{did_you_mean(label, every)} '
                    f"They are: {listed(every)}."
                )

    @property
    def flags(self) -> str:
        """What one types to map the same values again."""
        return " ".join(f'--label "{cell}={label}"' for cell, label in self._said.items())

    def choices(self, field: str) -> list[str]:
        """The labels of a field, as they are typed."""
        return list(self._choices[field])

    def map(self, cell: str, label: str) -> None:
        """Add what the person said of one value."""
        self._said[cell] = label

    def read(self, field: str, cell: Any) -> Any:
        """The label or the list of acceptable ones; None where the cell names none.

        Raises:
            KeyError: With the value that is no label.
        """
        cells = cell if isinstance(cell, list) else [cell]
        found = []
        for one in cells:
            written = self._choice(field, text_of(one).strip())
            if written is not None:
                found.append(self._choices[field][written])
        found = list(dict.fromkeys(found))
        return None if not found else found[0] if len(found) == 1 else found

    def _choice(self, field: str, cell: str) -> str | None:
        if not cell:
            return None
        said = self._said.get(cell)
        if said == NOTHING:
            return None
        if said is not None and said in self._choices[field]:
            return said
        if cell in self._choices[field]:
            return cell
        return self._plain[field][_plain(cell)] if _plain(cell) in self._plain[field] else _no(cell)

    def unknown(self, columns: Mapping[str, str], survey: Survey) -> dict[str, Counter[str]]:
        """Values that are no label, with how often they come, by field."""
        found: dict[str, Counter[str]] = {}
        for field, column in columns.items():
            for cell, count in survey.columns[column].counts.items():
                try:
                    self._choice(field, cell)
                except KeyError:
                    found.setdefault(field, Counter())[cell] += count
        return found

    def guess(self, field: str, cell: str) -> str | None:
        """The label that was probably meant."""
        hint = did_you_mean(_plain(cell), self._choices[field])
        return hint.removeprefix(" Did you mean ").removesuffix("?") or None


def from_flags(flags: Sequence[str]) -> dict[str, str]:
    """What `--label "Tech issue=bug"` says.

    Raises:
        Mistake: For a flag without an equals sign.
    """
    said: dict[str, str] = {}
    for flag in flags:
        cell, equals, label = flag.rpartition("=")
        if not equals or not cell.strip():
            raise Mistake(f'--label {flag}\n  Expected "value=label", such as "Tech issue=bug".')
        said[cell.strip()] = label.strip()
    return said


def lines_of(unknown: Mapping[str, Counter[str]], labels: Labels, most: int) -> list[str]:
    """The unknown values for a person, each with the flag that maps it."""
    lines = []
    for field, counts in unknown.items():
        several = len(counts) != 1
        lines.append(
            f"{len(counts)} value{'s' if several else ''} of the column of {field} "
            f"{'are' if several else 'is'} no label ({listed(labels.choices(field))}):"
        )
        for cell, count in counts.most_common(most):
            guess = labels.guess(field, cell)
            flag = f'--label "{one_line(redact_all(cell), 40)}={guess or "LABEL"}"'
            meant = f"  Did you mean {guess}?" if guess else ""
            lines.append(f"  {count:>6}x  {flag}{meant}")
        if (more := len(counts) - most) > 0:
            lines.append(f"  ... and {more} more")
    return lines


def _no(cell: str) -> str:
    raise KeyError(cell)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")
