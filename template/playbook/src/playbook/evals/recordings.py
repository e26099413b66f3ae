"""The last live answers of a release, one line a call, for runs without a key."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_ai.messages import (
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
    ToolCallPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.settings import ModelSettings

from chassis.config import ModelId
from chassis.model import FailureKind
from chassis.providers import user_settings
from chassis.record import SIMULATED_PREFIX
from playbook.evals.asked import Heard
from playbook.project import Project
from playbook.verdicts import Mistake, write_whole

FOLDER = Path("evals/recordings")
_SHORT = 12  # characters of a hash that only tells whether something changed
_RESPONSE: TypeAdapter[ModelResponse] = TypeAdapter(ModelResponse)
# What a model's answer consists of for the service; the rest names hosts, ids and times.
_KEPT = ("model_name", "provider_name", "finish_reason", "usage", "parts")
_PARTS = (TextPart, ToolCallPart)
_OF_A_PART = ("part_kind", "content", "tool_name", "args")


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(_Form):
    """One answer: what the model said, or the kind of failure there was in its place."""

    seconds: float = Field(ge=0)
    response: dict[str, Any] | None = None
    failed: FailureKind | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Answer":
        if (self.response is None) == (self.failed is None):
            raise ValueError("an answer has either `response` or `failed`")
        if self.response is not None:
            name = _RESPONSE.validate_python(self.response).model_name or ""
            if name.startswith(SIMULATED_PREFIX):
                raise ValueError(f"{name} is the simulator: only real models are recorded")
        return self

    @cached_property
    def as_given(self) -> ModelResponse:
        """The response as the model gave it."""
        return _RESPONSE.validate_python(self.response)


class Row(_Form):
    """All answers to one call, in the order in which they were given."""

    key: str = Field(pattern=r"^[0-9a-f]{64}$")
    model: str
    prompt: str
    parameters: str
    on: date
    answers: tuple[Answer, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Bound:
    """What recorded answers hang on, to say later why one is missing."""

    prompt: str
    parameters: str

    @classmethod
    def of(cls, binding: Mapping[str, Any]) -> "Bound":
        """Of what a report is bound to."""
        parameters = json.dumps(binding["parameters"], sort_keys=True)
        return cls(
            str(binding["prompt_sha256"])[:_SHORT],
            hashlib.sha256(parameters.encode()).hexdigest()[:_SHORT],
        )


@dataclass(frozen=True)
class Recordings:
    """What was recorded of one release."""

    shown: str
    rows: Mapping[str, Row]

    @property
    def models(self) -> list[str]:
        """Who answered."""
        return sorted({row.model for row in self.rows.values()})

    @property
    def days(self) -> str:
        """When it was recorded: a day, or the first and the last."""
        days = sorted({row.on.isoformat() for row in self.rows.values()})
        return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"

    def why_missing(self, bound: Bound, chain: Iterable[str]) -> str:
        """Why answers that are asked for now were not recorded."""
        rows = self.rows.values()
        if not rows:
            return "nothing was recorded yet"
        changed = []
        if bound.prompt not in {row.prompt for row in rows}:
            changed.append("the prompt")
        if bound.parameters not in {row.parameters for row in rows}:
            changed.append("the parameters")
        if not set(chain) <= {row.model for row in rows}:
            changed.append("the model or a fallback")
        if changed:
            return f"{' and '.join(changed)} changed since {self.days}"
        return f"cases are new or changed since {self.days}, or what the pipeline makes of them did"


def path_of(release: str) -> Path:
    """Where a release's recordings are, from the service's folder."""
    return FOLDER / f"{release}.jsonl"


def key_of(
    model: str,
    settings: ModelSettings | None,
    messages: Iterable[ModelMessage],
    parameters: ModelRequestParameters,
) -> str:
    """The hash of everything a model's answer may hang on.

    Left out is who asks (a pseudonym, another one for every secret), when, and in which of a
    provider's ways the form of the answer is asked for.
    """
    told = user_settings(ModelId.parse(model).provider, "")
    asked = {
        "model": model,
        "parameters": {k: v for k, v in (settings or {}).items() if k not in told},
        "messages": [_said(m) for m in ModelMessagesTypeAdapter.dump_python([*messages])],
        "output": _schemas(parameters),
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def ready() -> None:
    """Make now what the first key would be made with, inside the time that its model has."""
    ModelMessagesTypeAdapter.dump_python([])


def _said(message: dict[str, Any]) -> dict[str, Any]:
    parts = [{k: part.get(k) for k in _OF_A_PART if k in part} for part in message["parts"]]
    return {
        "kind": message["kind"],
        "instructions": message.get("instructions"),
        "parts": parts,
    }


def _schemas(parameters: ModelRequestParameters) -> list[Any]:
    tools = [tool.parameters_json_schema for tool in parameters.output_tools]
    native = parameters.output_object
    return [native.json_schema] if native is not None else tools


def heard(
    key: str,
    model: str,
    seconds: float,
    *,
    response: ModelResponse | None = None,
    failed: FailureKind | None = None,
) -> Heard:
    """One answer, as it is recorded."""
    said: Heard = {"key": key, "model": model, "seconds": round(seconds, 3)}
    if failed is not None:
        return said | {"failed": failed.value}
    assert response is not None
    written = _RESPONSE.dump_python(response, mode="json", exclude_defaults=True)
    kept = {name: written[name] for name in _KEPT if name in written}
    kept["parts"] = [
        {k: v for k in _OF_A_PART if (v := getattr(part, k, None)) is not None}
        for part in response.parts
        if isinstance(part, _PARTS)
    ]
    return said | {"response": kept}


def read(project: Project, release: str) -> Recordings:
    """What was recorded of a release; nothing, where there is no file.

    Raises:
        Mistake: With the line that cannot be used.
    """
    shown = path_of(release).as_posix()
    try:
        text = (project.root / shown).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Recordings(shown, {})
    except UnicodeDecodeError as error:
        raise Mistake(f"{shown}\n  This is not UTF-8 (byte {error.start}).{_HELP}") from None
    rows: dict[str, Row] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = Row.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            message = first["msg"].removeprefix("Value error, ")
            raise Mistake(f"{shown}:{number}  {field}\n  {message}.{_HELP}") from None
        if row.key in rows:
            raise Mistake(f"{shown}:{number}  key\n  It is in the file twice.{_HELP}")
        rows[row.key] = row
    return Recordings(shown, rows)


_HELP = (
    "\n  Recordings are written by a live run, never by hand. Take the file back from git, or "
    "remove it\n  and record again: uv run playbook evals run --live"
)


def write(
    project: Project,
    release: str,
    said: Iterable[Heard],
    bound: Bound,
    *,
    today: date,
    whole: bool,
) -> int:
    """Keep answers for replay; gives how many calls they answer.

    Args:
        project: The service.
        release: Whose answers they are.
        said: The answers, those to one call in their order.
        bound: What they hang on.
        today: The day they were given.
        whole: Whether every case was asked; then what was not asked for any more is dropped.
    """
    answers: dict[str, list[dict[str, Any]]] = {}
    models: dict[str, str] = {}
    for one in said:
        rest = dict(one)
        key, models[one["key"]] = rest.pop("key"), rest.pop("model")
        answers.setdefault(key, []).append(rest)
    if not answers:
        return 0
    lines = {} if whole else {k: _line(row) for k, row in read(project, release).rows.items()}
    for key, given in answers.items():
        row = {
            "key": key,
            "model": models[key],
            "prompt": bound.prompt,
            "parameters": bound.parameters,
            "on": today.isoformat(),
            "answers": given,
        }
        lines[key] = json.dumps(row, ensure_ascii=True)
    write_whole(
        project.root / path_of(release), "".join(f"{lines[key]}\n" for key in sorted(lines))
    )
    return len(answers)


def _line(row: Row) -> str:
    return json.dumps(row.model_dump(mode="json", exclude_none=True), ensure_ascii=True)
