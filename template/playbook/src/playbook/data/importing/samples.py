"""From a row to a sample the service would take, without personal data; or why not."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from chassis.config.guardrails import RequestLimits
from chassis.form import check_not_empty, parse_json, validate
from chassis.guards.text import map_strings, normalise
from chassis.problems import Problem
from playbook.data.importing.labels import Labels
from playbook.data.importing.mapping import CRITICAL, LABELLER, NOTES, SLICE, Columns
from playbook.data.importing.redaction import Redaction
from playbook.data.importing.rows import Row, text_of
from playbook.visible import one_line

if TYPE_CHECKING:
    from chassis import Pipeline

_SLICE = re.compile(r"[a-z][a-z0-9_]*")
NOT_TAKEN = "the service would not take it"
_YES = ("true", "yes", "y", "1", "x", "critical")
_NO = ("", "false", "no", "n", "0")


class LeftOut(Exception):
    """A row that does not come in; `bad` is one that somebody should look at."""

    def __init__(self, reason: str, detail: str = "", *, bad: bool = True) -> None:
        super().__init__(detail or reason)
        self.reason = reason
        self.detail = detail
        self.bad = bad


@dataclass(frozen=True)
class Sample:
    """What a row says, cleaned: ready to become a case or a candidate."""

    input: dict[str, Any]
    labels: dict[str, Any] = field(default_factory=dict)
    slice: str | None = None
    labeller: str | None = None
    notes: str = ""
    critical: bool = False


class Maker:
    """Makes samples of rows.

    Args:
        pipeline: What the service takes.
        limits: How much of it.
        columns: Which column is what.
        labels: What label columns say.
        redaction: What takes out personal data.
        lenient: A value that is no label is noted, and does not keep the row out.
    """

    def __init__(
        self,
        pipeline: "Pipeline[Any, Any]",
        limits: RequestLimits,
        columns: Columns,
        labels: Labels,
        redaction: Redaction,
        *,
        lenient: bool,
    ) -> None:
        self.answer_fields = pipeline.gives.model_fields
        self._takes = pipeline.takes
        self._limits = limits
        self._columns = columns
        self._inputs = columns.inputs()
        self._label_columns = columns.labels()
        self._labels = labels
        self._redaction = redaction
        self._lenient = lenient

    def make(self, row: Row) -> Sample:
        """Read one row.

        Raises:
            LeftOut: With the reason.
        """
        if row.problem:
            raise LeftOut("cannot be read", row.problem)
        written = self._input(row.values)
        if not any(text_of(value).strip() for value in written.values()):
            raise LeftOut("empty", "There is no text in it.", bad=False)
        clean = self.clean(written)
        labels, remarks = self._read_labels(row.values)
        notes = [self._redaction.text(self._cell(row, NOTES)), *remarks]
        return Sample(
            input=clean,
            labels=labels,
            slice=self._slice(self._cell(row, SLICE)),
            labeller=" ".join(self._cell(row, LABELLER).split()) or None,
            notes=" ".join(note for note in notes if note),
            critical=self._critical(self._cell(row, CRITICAL)),
        )

    def clean(self, written: dict[str, Any]) -> dict[str, Any]:
        """An input without personal data that the service takes.

        Raises:
            LeftOut: When it would not.
        """
        self._check(written)
        clean: dict[str, Any] = self._redaction.value(written)
        if clean != written:
            self._check_clean(clean)
        return clean

    def redacted(self, value: dict[str, Any]) -> dict[str, Any]:
        """Something else of the same row, without personal data."""
        found: dict[str, Any] = self._redaction.value(value)
        return found

    def _input(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The input as a caller would send it: what is not there is left out."""
        found = {}
        for name, column in self._inputs.items():
            value = values.get(column)
            model_field = self._takes.model_fields[name]
            if value is None or (value == "" and not model_field.is_required()):
                continue
            found[name] = _typed(value, model_field.annotation)
        return found

    def _check(self, written: dict[str, Any]) -> None:
        """Whether the service itself would take it: the same size, form and type."""
        try:
            body = json.dumps(written, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError:
            raise LeftOut("cannot be read", "It has half of a character.") from None
        try:
            payload = parse_json(body, self._limits)
            check_not_empty(map_strings(payload, normalise), self._limits)
            validate(self._takes, payload)
        except Problem as problem:
            reason = f"{NOT_TAKEN}: {problem.title.lower()}"
            raise LeftOut(reason, problem.detail, bad=False) from None
        if len(body) > self._limits.max_bytes:
            raise LeftOut(
                f"{NOT_TAKEN}: the input is too long",
                f"It has {len(body):,} bytes; this service takes up to {self._limits.max_bytes:,}.",
                bad=False,
            )

    def _check_clean(self, clean: dict[str, Any]) -> None:
        try:
            validate(self._takes, clean)
        except Problem:
            raise LeftOut(
                "nothing left without personal data",
                "Without its personal data the service would not take it.",
                bad=False,
            ) from None

    def _read_labels(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        labels: dict[str, Any] = {}
        remarks = []
        for name, column in self._label_columns.items():
            try:
                found = self._labels.read(name, values.get(column))
            except KeyError as error:
                cell = self._redaction.text(one_line(str(error.args[0]), 40))
                if not self._lenient:
                    raise LeftOut("no label of the service", f'{name}: "{cell}"') from None
                remarks.append(f'{name} was "{cell}".')
                continue
            if found is not None:
                labels[name] = found
        return ({}, remarks) if remarks else (labels, [])

    def _cell(self, row: Row, part: str) -> str:
        column = self._columns.of.get(part)
        return text_of(row.values.get(column)).strip() if column else ""

    def _slice(self, cell: str) -> str | None:
        if not cell:
            return None
        name = re.sub(r"[\W_]+", "_", cell.casefold()).strip("_")
        if not _SLICE.fullmatch(name):
            raise LeftOut("no name of a slice", f'"{one_line(self._redaction.text(cell), 40)}"')
        return name

    def _critical(self, cell: str) -> bool:
        if cell.casefold() not in (*_YES, *_NO):
            shown = one_line(self._redaction.text(cell), 40)
            raise LeftOut("neither yes nor no", f'critical: "{shown}"')
        return cell.casefold() in _YES


def _typed(value: Any, annotation: Any) -> Any:
    """A cell as a number or a truth value, where the service takes only that."""
    if not isinstance(value, str) or annotation is str:
        return value
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        adapter.validate_json(json.dumps(value))
    except (ValidationError, UnicodeEncodeError):
        pass
    else:
        return value
    try:
        return adapter.dump_python(adapter.validate_strings(value), mode="json")
    except (ValidationError, UnicodeEncodeError):
        return value
