"""What the simulator answers, whatever wire protocol asked: a model call in, a completion out."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from .brain import Request

MARK = "simulated"
"""Clients recognise a simulated answer by the model's name: `simulated/<asked>`."""

MARK_HEADERS = {"X-Simulated": "true"}

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English text. Real tokenisers differ, so simulated token counts are
good enough to test metering and budgets with, and say nothing about a real bill."""

Brain = Callable[[Request], dict[str, Any] | str]
Spoiled = Literal["wrong_label", "wrong_schema"]


@dataclass(frozen=True)
class Tool:
    """A function the model was told to call; `parameters` is its JSON Schema."""

    name: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class ModelCall:
    """One request to a model, free of any provider's wire format."""

    model: str
    instructions: str
    user: str
    schema: dict[str, Any] | None = None
    tool: Tool | None = None
    seed: int | None = None
    max_tokens: int | None = None
    prompt_characters: int = 0
    caller: str | None = None


@dataclass(frozen=True)
class Completion:
    """One answer, free of any provider's wire format.

    Attributes:
        text: What the model wrote; the arguments as JSON when `tool` is set.
        tool: Name of the function called, or None for plain content.
        cut: True when `max_tokens` ended the answer early.
        empty: True when the response should hold no answer at all (a fault).
    """

    id: str
    model: str
    text: str
    tokens_in: int
    tokens_out: int
    tool: str | None = None
    cut: bool = False
    empty: bool = False


class BadRequestError(Exception):
    """The caller sent something a real provider would refuse too."""

    def __init__(self, message: str, field: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.status = status


class Exchange(Protocol):
    """One parsed request, and how its protocol writes the answer down."""

    @property
    def call(self) -> ModelCall:
        """What is asked of the model."""

    @property
    def stream(self) -> bool:
        """Whether the answer is to come as events."""

    def whole(self, completion: Completion) -> bytes:
        """The answer as one body."""

    def events(self, completion: Completion) -> list[bytes]:
        """The answer as server-sent events; the last one says that the stream is complete."""

    def event(self, content: bytes) -> bytes:
        """One server-sent event with this content, whatever it is."""


class WireProtocol(Protocol):
    """A provider's HTTP dialect. Adding one means adding a module with a class like this."""

    @property
    def path(self) -> str:
        """Where its requests are posted."""

    @property
    def request_id_header(self) -> str:
        """The response header that carries the id of the request."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> Exchange:
        """Parse a request, or raise BadRequestError with a message that says how to mend it."""

    def error(self, status: int, message: str, field: str | None, request_id: str) -> bytes:
        """An error body in the provider's format."""


def tokens(characters: int) -> int:
    """How many tokens so many characters count as: one for every four, rounded up."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def complete(
    call: ModelCall, brain: Brain, *, seed: int, skill: float, spoiled: Spoiled | None = None
) -> Completion:
    """Answer one call. The same call, seed and skill give the same completion, its id included."""
    schema = call.tool.parameters if call.tool else call.schema
    answered = brain(
        Request(
            instructions=call.instructions,
            user=call.user,
            schema=schema,
            seed=seed if call.seed is None else _stable(seed, call.seed),
            skill=skill,
        )
    )
    if schema is not None and isinstance(answered, str):
        answered = {"answer": answered}
    if spoiled is not None:
        answered = _spoil(answered, schema, spoiled)
    text = answered if isinstance(answered, str) else json.dumps(answered, ensure_ascii=False)
    completion = Completion(
        id=_digest(seed, json.dumps(call, default=vars, sort_keys=True)),
        model=f"{MARK}/{call.model}",
        text=text,
        tokens_in=tokens(call.prompt_characters),
        tokens_out=tokens(len(text)),
        tool=call.tool.name if call.tool else None,
    )
    if call.max_tokens is not None and completion.tokens_out > call.max_tokens:
        kept = text[: call.max_tokens * CHARACTERS_PER_TOKEN]
        return replace(completion, text=kept, tokens_out=call.max_tokens, cut=True)
    return completion


def _spoil(
    answered: dict[str, Any] | str, schema: dict[str, Any] | None, how: Spoiled
) -> dict[str, Any] | str:
    """Make an answer wrong in one chosen way; plain text has no labels and becomes another text."""
    if how == "wrong_schema" or isinstance(answered, str):
        return {"unexpected": ["this", "is", "valid JSON of the wrong shape"]}
    labels = fixed_values(schema or {})
    texts = [name for name, value in answered.items() if isinstance(value, str)]
    name = next((name for name in answered if name in labels), texts[0] if texts else "label")
    invented = "not-a-label"
    while invented in labels.get(name, ()):
        invented += "-either"
    return {**answered, name: invented}


def fixed_values(schema: dict[str, Any]) -> dict[str, list[Any]]:
    """The top-level fields that take one of a fixed list of values, and those values."""
    found: dict[str, list[Any]] = {}
    for name, part in schema.get("properties", {}).items():
        for option in [part, *part.get("anyOf", []), *part.get("allOf", [])]:
            values = _resolve(option, schema).get("enum")
            if values:
                found[name] = values
                break
    return found


def _resolve(part: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Follow one local `$ref`, as Pydantic writes them for enums."""
    steps = str(part.get("$ref", "")).removeprefix("#/").split("/")
    if steps == [""]:
        return part
    target: Any = root
    for step in steps:
        target = target.get(step, {}) if isinstance(target, dict) else {}
    return target if isinstance(target, dict) else {}


def _stable(*parts: object) -> int:
    return int(_digest(*parts)[:12], 16)


def _digest(*parts: object) -> str:
    joined = "\x1f".join(map(str, parts)).encode(errors="surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:24]
