"""OpenAI's chat completions on the wire: requests in, bodies and server-sent events out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .core import BadRequestError, Completion, ModelCall, Tool

CHARACTERS_PER_CHUNK = 16
"""About four tokens a chunk, so that a short answer still streams in several pieces."""

DONE = b"data: [DONE]\n\n"


class _Part(BaseModel):
    type: str
    text: str | None = None


class _Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[_Part] | None = None
    tool_calls: list[dict[str, Any]] | None = None


class _Function(BaseModel):
    name: str = Field(min_length=1)
    parameters: dict[str, Any] = Field(default_factory=dict)


class _Tool(BaseModel):
    type: Literal["function"]
    function: _Function


class _JsonSchema(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    name: str
    schema_: dict[str, Any] = Field(alias="schema")


class _ResponseFormat(BaseModel):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _JsonSchema | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _Chat(BaseModel):
    """The fields that change a simulated answer; a real provider's other fields are let through."""

    model: str = Field(min_length=1)
    messages: list[_Message] = Field(min_length=1)
    response_format: _ResponseFormat | None = None
    tools: list[_Tool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    n: Literal[1] | None = None
    seed: int | None = None
    user: str | None = None


class OpenAIProtocol:
    """Chat completions, as the `openai` client and most other providers speak them."""

    path = "/v1/chat/completions"
    request_id_header = "x-request-id"

    def read(self, body: bytes, headers: Mapping[str, str]) -> ChatExchange:
        """Parse one request; BadRequestError says which field is wrong and why."""
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadRequestError(f"The body is not valid JSON: {error}.") from None
        try:
            chat = _Chat.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or None
            raise BadRequestError(f"{field or 'The body'}: {first['msg']}.", field) from None
        call = ModelCall(
            model=chat.model,
            instructions=_text(chat, ("system", "developer")),
            user=_text(chat, ("user", "tool", "function")),
            schema=_schema(chat),
            tool=_tool(chat),
            seed=chat.seed,
            max_tokens=chat.max_completion_tokens or chat.max_tokens,
            prompt_characters=_characters(chat),
            caller=headers.get("x-end-user") or chat.user,
        )
        usage = chat.stream_options is not None and chat.stream_options.include_usage
        return ChatExchange(call, stream=bool(chat.stream), include_usage=usage)

    def error(self, status: int, message: str, field: str | None, request_id: str) -> bytes:
        """An error in OpenAI's format: type and code by status, `param` names the field."""
        kind, code = _ERRORS.get(
            status,
            ("server_error", "server_error") if status >= 500 else ("invalid_request_error", None),
        )
        return _dump({"error": {"message": message, "type": kind, "param": field, "code": code}})


_ERRORS: dict[int, tuple[str, str | None]] = {
    429: ("requests", "rate_limit_exceeded"),
    503: ("server_error", "service_unavailable"),
    529: ("overloaded_error", "overloaded"),
}


@dataclass(frozen=True)
class ChatExchange:
    """One chat request, and how its answer is written."""

    call: ModelCall
    stream: bool
    include_usage: bool

    def whole(self, completion: Completion) -> bytes:
        """The `chat.completion` object."""
        message: dict[str, Any] = {"role": "assistant", "content": completion.text, "refusal": None}
        if completion.tool:
            message |= {"content": None, "tool_calls": [_tool_call(completion, completion.text)]}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _finish(completion),
        }
        return _dump(
            _head(completion, "chat.completion")
            | {"choices": [] if completion.empty else [choice], "usage": _usage(completion)}
        )

    def events(self, completion: Completion) -> list[bytes]:
        """The `chat.completion.chunk` events, ending with `[DONE]`."""
        head = _head(completion, "chat.completion.chunk")
        if self.include_usage:
            head["usage"] = None
        deltas = [] if completion.empty else _deltas(completion)
        chunks = [head | {"choices": [_choice(delta)]} for delta in deltas]
        last = [] if completion.empty else [_choice({}, _finish(completion))]
        chunks.append(head | {"choices": last})
        if self.include_usage:
            chunks.append(head | {"choices": [], "usage": _usage(completion)})
        return [self.event(_dump(chunk)) for chunk in chunks] + [DONE]

    def event(self, content: bytes) -> bytes:
        """One event; OpenAI's have no names."""
        return b"data: " + content + b"\n\n"


def models(names: tuple[str, ...]) -> dict[str, Any]:
    """The body of `GET /v1/models`."""
    return {"object": "list", "data": [model(name) for name in names]}


def model(name: str) -> dict[str, Any]:
    """The body of `GET /v1/models/{name}`."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "simulated"}


def _text(chat: _Chat, roles: tuple[str, ...]) -> str:
    """What these roles said, in order; a retry's feedback thus follows the text it is about."""
    return "\n\n".join(_content(m) for m in chat.messages if m.role in roles)


def _content(message: _Message) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    for part in message.content:
        if part.type not in ("text", "refusal"):
            raise BadRequestError(
                f"The simulator reads text only, not {part.type!r} parts.", "messages"
            )
    return "\n".join(part.text or "" for part in message.content)


def _schema(chat: _Chat) -> dict[str, Any] | None:
    wanted = chat.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return {"type": "object"}
    if wanted.json_schema is None:
        raise BadRequestError(
            "response_format of type 'json_schema' needs a 'json_schema' with 'name' and 'schema'.",
            "response_format.json_schema",
        )
    return wanted.json_schema.schema_


def _tool(chat: _Chat) -> Tool | None:
    """The tool to call: the one named, else the first offered.

    With `auto` (the default) a model that has just been given a tool's result answers instead.
    """
    offered = {tool.function.name: tool.function for tool in chat.tools or []}
    mode: object = chat.tool_choice or "auto"
    if isinstance(mode, dict) and mode.get("type") == "allowed_tools":
        allowed = _mapping(mode.get("allowed_tools"))
        named = [_name(tool) for tool in allowed.get("tools") or []]
        offered = {name: tool for name, tool in offered.items() if name in named}
        mode = allowed.get("mode", "auto")
    if isinstance(mode, dict):
        if _name(mode) not in offered:
            raise _no_choice(f"names {_name(mode)!r}, which is not in tools")
        return Tool(_name(mode), offered[_name(mode)].parameters)
    if mode not in ("auto", "none", "required"):
        raise _no_choice(f"is {mode!r}; use auto, none, required or one function")
    if mode == "required" and not offered:
        raise _no_choice("is 'required', but no tools were given")
    answered = mode == "auto" and chat.messages[-1].role in ("tool", "function")
    if mode == "none" or answered or not offered:
        return None
    first = next(iter(offered.values()))
    return Tool(first.name, first.parameters)


def _no_choice(why: str) -> BadRequestError:
    return BadRequestError(f"tool_choice {why}.", "tool_choice")


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _name(tool: object) -> str:
    return str(_mapping(_mapping(tool).get("function")).get("name"))


def _characters(chat: _Chat) -> int:
    """What counts as prompt: every message, and every schema sent with it."""
    schemas = [tool.function.model_dump_json() for tool in chat.tools or []]
    if chat.response_format and chat.response_format.json_schema:
        schemas.append(chat.response_format.json_schema.model_dump_json())
    calls = [json.dumps(m.tool_calls) for m in chat.messages if m.tool_calls]
    return sum(map(len, [*map(_content, chat.messages), *schemas, *calls]))


def _head(completion: Completion, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-sim-{completion.id}",
        "object": kind,
        "created": int(time.time()),
        "model": completion.model,
        "system_fingerprint": "simulated",
    }


def _usage(completion: Completion) -> dict[str, Any]:
    return {
        "prompt_tokens": completion.tokens_in,
        "completion_tokens": completion.tokens_out,
        "total_tokens": completion.tokens_in + completion.tokens_out,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _finish(completion: Completion) -> str:
    if completion.cut:
        return "length"
    return "tool_calls" if completion.tool else "stop"


def _tool_call(completion: Completion, arguments: str) -> dict[str, Any]:
    function = {"name": completion.tool, "arguments": arguments}
    return {"id": f"call_{completion.id}", "type": "function", "function": function}


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _deltas(completion: Completion) -> list[dict[str, Any]]:
    text, size = completion.text, CHARACTERS_PER_CHUNK
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    if not completion.tool:
        return [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    opening = {"index": 0, **_tool_call(completion, "")}
    return [
        {"role": "assistant", "content": None, "tool_calls": [opening]},
        *({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces),
    ]


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
