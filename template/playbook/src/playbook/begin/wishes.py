"""What the team wants in the sample's place: its labels and first cases, checked line by line."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from chassis.config import ConfigError, Problem
from chassis.config.explain import parse
from chassis.config.fields import Key, Strict, Text
from chassis.config.files import Document, read_text, read_yaml
from chassis.config.load import CRITERIA_FILE
from chassis.config.problems import did_you_mean, listed
from playbook.begin.sample import Sample
from playbook.evals.cases import Case
from playbook.verdicts import Mistake

if TYPE_CHECKING:
    from chassis import Pipeline

LEAST_CASES = 10
LEAST_LABELS = 2
ABOUT = "messages that customers send to us"
_ABOUT_A_CASE = ("slice", "critical", "notes", "outcome")

Queue = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=63)]


class Label(Strict):
    """One label: its name, what it means, and where its messages go."""

    name: Key
    meaning: Text
    queue: Queue

    @property
    def line(self) -> str:
        """The meaning as one line of the prompt, with a full stop."""
        meaning = " ".join(self.meaning.split())
        return meaning if meaning[-1] in ".!?" else f"{meaning}."


class Wishes(Strict):
    """The whole file: what the messages are, the labels, the first cases."""

    about: Text = Field(default=ABOUT, description="What is sorted, after the words `You sort`.")
    labeller: Text = Field(default="the team", description="Who says what is right.")
    labels: list[Label] = Field(min_length=LEAST_LABELS)
    cases: list[dict[str, Any]] = Field(min_length=LEAST_CASES)


def read(
    path: Path, pipeline: "Pipeline[Any, Any]", sample: Sample, slices: Collection[str]
) -> tuple[Wishes, list[Case]]:
    """Read the team's file; `slices` are those that have a target.

    Raises:
        Mistake: When there is no such file.
        ConfigError: With every mistake, at its line.
    """
    if not path.is_file():
        raise Mistake(
            f"{path}\n  There is no such file. "
            "uv run playbook begin --example prints one to start from."
        )
    document = read_yaml(read_text(path, str(path)), str(path))
    wishes = parse(Wishes, document)
    return wishes, build_cases(wishes, pipeline, sample, slices, document)


def build_cases(
    wishes: Wishes,
    pipeline: "Pipeline[Any, Any]",
    sample: Sample,
    slices: Collection[str],
    document: Document | None = None,
) -> list[Case]:
    """Make cases out of what was written down.

    Raises:
        ConfigError: With every mistake, at its line where there is a document.
    """
    problems = list(_label_problems(wishes))
    cases = []
    counts: dict[str, int] = {}
    for index, written in enumerate(wishes.cases):
        found = list(_case_problems(index, written, wishes, pipeline, sample))
        found += _slice_problems(index, written.get("slice"), slices)
        problems += found
        if found:
            continue
        name = str(written.get("slice", "common"))
        counts[name] = counts.get(name, 0) + 1
        try:
            cases.append(_case(written, f"{name}-{counts[name]:03}", wishes, pipeline))
        except ValidationError as error:
            problems += [
                (("cases", index, str(detail["loc"][0])), f"{detail['msg']}.")
                for detail in error.errors(include_url=False)
            ]
    if problems:
        raise ConfigError(
            document.problem(path, text) if document else Problem("your answers", None, "", text)
            for path, text in problems
        )
    return cases


Finding = tuple[tuple[str | int, ...], str]


def _label_problems(wishes: Wishes) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, label in enumerate(wishes.labels):
        if label.name in seen:
            yield ("labels", index, "name"), f"{label.name} is in the list twice."
        seen.add(label.name)


def _case_problems(
    index: int,
    written: Mapping[str, Any],
    wishes: Wishes,
    pipeline: "Pipeline[Any, Any]",
    sample: Sample,
) -> Iterator[Finding]:
    inputs, answers = pipeline.takes.model_fields, pipeline.gives.model_fields
    labels = [label.name for label in wishes.labels]
    known = [*inputs, sample.label_field, *_further(pipeline, sample), *_ABOUT_A_CASE]
    for key in written:
        if key not in known:
            hint = did_you_mean(key, known)
            yield ("cases", index, key), f"A case has no {key}.{hint} It has: {listed(known)}."
    label = written.get(sample.label_field)
    if label is None and "outcome" not in written:
        message = f"{sample.label_field} is missing: the right label, one of {listed(labels)}."
        yield ("cases", index), message
    elif label is not None:
        for one in label if isinstance(label, list) else [label]:
            if one not in labels:
                hint = did_you_mean(str(one), labels)
                message = f"{one} is not one of your labels.{hint} They are {listed(labels)}."
                yield ("cases", index, sample.label_field), message
    for name in _further(pipeline, sample):
        if name in written and not _fits(answers[name].annotation, written[name]):
            message = f"{written[name]} is not a {name} this service knows."
            yield ("cases", index, name), message
    if "critical" in written and not isinstance(written["critical"], bool):
        yield ("cases", index, "critical"), "Write true or false."
    if "outcome" not in written:
        for name, message in input_problems(written, pipeline):
            yield ("cases", index, name), message


def _slice_problems(index: int, name: object, declared: Collection[str]) -> Iterator[Finding]:
    if name is None or name in declared:
        return
    where = ("cases", index, "slice")
    if not _fits(Key, name):
        yield where, "A slice is named in lower-case letters, digits and _, such as edge."
        return
    hint = did_you_mean(str(name), declared)
    message = (
        f"{CRITERIA_FILE} declares no slice {name}.{hint} Take one of {listed(declared)}, or add "
        f"to quality.slices there: {name}: {{at_least: 0.85, least_sample: 30}}"
    )
    yield where, message


def input_problems(
    written: Mapping[str, Any], pipeline: "Pipeline[Any, Any]"
) -> Iterator[tuple[str, str]]:
    """What the service would not take of a case's input: field and sentence."""
    taken = {key: written[key] for key in pipeline.takes.model_fields if key in written}
    try:
        pipeline.takes.model_validate(taken)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            yield name, f"{name}: {detail['msg'][0].lower()}{detail['msg'][1:]}."


def _further(pipeline: "Pipeline[Any, Any]", sample: Sample) -> list[str]:
    """The other fields of an answer that a label can speak about: those with fixed choices."""
    return [
        name
        for name, field in pipeline.gives.model_fields.items()
        if name != sample.label_field and "Literal" in str(field.annotation)
    ]


def _fits(annotation: Any, value: object) -> bool:
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        for one in value if isinstance(value, list) else [value]:
            adapter.validate_json(json.dumps(one, default=str))
    except ValidationError:
        return False
    return True


def _case(
    written: Mapping[str, Any], identity: str, wishes: Wishes, pipeline: "Pipeline[Any, Any]"
) -> Case:
    inputs = pipeline.takes.model_fields
    expected = {k: v for k, v in written.items() if k not in inputs and k not in _ABOUT_A_CASE}
    if "outcome" in written:
        expected["outcome"] = written["outcome"]
    return Case.model_validate(
        {
            "id": identity,
            "slice": written.get("slice", "common"),
            "input": {key: written[key] for key in inputs if key in written},
            "expected": expected,
            "provenance": "expert",
            "labeller": wishes.labeller,
            **{key: written[key] for key in ("critical", "notes") if key in written},
        }
    )
