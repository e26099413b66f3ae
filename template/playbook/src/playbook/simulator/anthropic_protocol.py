"""Anthropic's Messages API on the wire: requests in, bodies and server-sent events out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .core import BadRequestError, Completion, ModelCall, Tool

CHARACTERS_PER_EVENT = 16
"""About four tokens an event, so that a short answer still streams in several pieces."""

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Part(BaseModel):
    type: str
    text: str | None = None


class _Block(_Part):
    content: str | list[_Part] | None = None
    name: str | None = None
    input: dict[str, Any] | None = None


class _Message(BaseModel):
    role: Literal["user", "assistant", "system"]
    content: str | list[_Block]


class _Tool(BaseModel):
    type: str | None = None
    name: str = Field(min_length=1)
    input_schema: dict[str, Any] = Field(default_factory=dict)


class _Choice(BaseModel):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None


class _Format(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class _OutputConfig(BaseModel):
    format: _Format | None = None


class _Metadata(BaseModel):
    user_id: str | None = None


class _Request(BaseModel):
    """The fields that change a simulated answer; the real API's other fields are let through."""

    model: str = Field(min_length=1)
    max_tokens: int = Field(ge=1)
    messages: list[_Message] = Field(min_length=1)
    system: str | list[_Block] | None = None
    tools: list[_Tool] | None = None
    tool_choice: _Choice | None = None
    output_config: _OutputConfig | None = None
    output_format: _Format | None = None  # its name while structured output was a beta feature
    metadata: _Metadata | None = None
    stream: bool = False


class AnthropicProtocol:
    """The Messages API, as the `anthropic` client speaks it."""

    path = "/v1/messages"
    request_id_header = "request-id"

    def read(self, body: bytes, headers: Mapping[str, str]) -> MessageExchange:
        """Parse one request; BadRequestError says which header or field is wrong and why."""
        _check_headers(headers)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadRequestError(f"The request body is not valid JSON: {error}") from None
        try:
            request = _Request.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or None
            raise BadRequestError(f"{field or 'The body'}: {first['msg']}", field) from None
        wanted = _form(request)
        told = filter(None, [_text(request.system), _said(request, "system")])
        named = request.metadata.user_id if request.metadata else None
        call = ModelCall(
            model=request.model,
            instructions="\n\n".join(told),
            user=_said(request, "user"),
            schema=wanted.schema_ if wanted else None,
            tool=_tool(request),
            max_tokens=request.max_tokens,
            prompt_characters=_characters(request),
            caller=headers.get("x-end-user") or named,
        )
        return MessageExchange(call, stream=request.stream)

    def error(self, status: int, message: str, field: str | None, request_id: str) -> bytes:
        """An error in Anthropic's form; its message names the field, as it has no place for one."""
        kind = _ERRORS.get(status, "api_error" if status >= 500 else "invalid_request_error")
        error = {"type": kind, "message": message}
        return _dump({"type": "error", "error": error, "request_id": request_id})


# "HTTP errors", https://docs.claude.com/en/api/errors
_ERRORS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class MessageExchange:
    """One request for a message, and how its answer is written."""

    call: ModelCall
    stream: bool

    def whole(self, completion: Completion) -> bytes:
        """The message object."""
        content = [] if completion.empty else [_block(completion)]
        ended = {"stop_reason": _stop_reason(completion), "stop_sequence": None}
        return _dump(_head(completion) | ended | {"content": content, "usage": _usage(completion)})

    def events(self, completion: Completion) -> list[bytes]:
        """From `message_start` to `message_stop`."""
        usage = _usage(completion) | {"output_tokens": 0}
        started: dict[str, Any] = {"content": [], "stop_reason": None, "stop_sequence": None}
        ended = {"stop_reason": _stop_reason(completion), "stop_sequence": None}
        return [
            _event("message_start", message=_head(completion) | started | {"usage": usage}),
            _event("ping"),
            *([] if completion.empty else _block_events(completion)),
            _event("message_delta", delta=ended, usage={"output_tokens": completion.tokens_out}),
            _event("message_stop"),
        ]

    def event(self, content: bytes) -> bytes:
        """One event; clients of this protocol pass over events without a name they know."""
        return b"event: message_start\ndata: " + content + b"\n\n"


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what the real API refuses before it looks at the body. Any key is taken."""
    bearer = headers.get("authorization", "").partition(" ")
    if not headers.get("x-api-key") and not (bearer[0].lower() == "bearer" and bearer[2].strip()):
        raise BadRequestError("x-api-key header is required", "x-api-key", 401)
    version = headers.get("anthropic-version")
    if not version:
        raise BadRequestError("anthropic-version: header is required", "anthropic-version")
    if not _VERSION.fullmatch(version):
        raise BadRequestError(
            f'anthropic-version: "{version}" is not a valid version', "anthropic-version"
        )


def _said(request: _Request, role: str) -> str:
    """What one role said, in order; a retry's feedback thus follows the text it is about."""
    return "\n\n".join(_text(m.content) for m in request.messages if m.role == role)


def _text(content: str | Sequence[_Part] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(filter(None, map(_text_of, content)))


def _text_of(part: _Part) -> str:
    if part.type not in _READ:
        raise BadRequestError(
            f"messages: the simulator reads text only, not {part.type!r} blocks", "messages"
        )
    result = part.content if isinstance(part, _Block) and part.type == "tool_result" else None
    return _text(result) if result else part.text or ""


_READ = ("text", "tool_use", "tool_result", "thinking", "redacted_thinking")


def _form(request: _Request) -> _Format | None:
    """The form that the answer is to have, under either name."""
    config = request.output_config
    return (config.format if config else None) or request.output_format


def _tool(request: _Request) -> Tool | None:
    """The tool to call: the one named, else the first offered.

    With `auto` (the default) a model that has just been given a tool's result answers instead.
    """
    offered = {tool.name: Tool(tool.name, tool.input_schema) for tool in request.tools or []}
    choice = request.tool_choice or _Choice(type="auto")
    if request.tool_choice and not offered:
        raise BadRequestError(
            "tool_choice: may only be specified while providing tools", "tool_choice"
        )
    if choice.type == "tool":
        if choice.name not in offered:
            raise BadRequestError(f"tool_choice: {choice.name!r} is not in tools", "tool_choice")
        return offered[choice.name]
    answered = choice.type == "auto" and _brings_result(request.messages[-1])
    if choice.type == "none" or answered or not offered:
        return None
    return next(iter(offered.values()))


def _brings_result(message: _Message) -> bool:
    return any(isinstance(b, _Block) and b.type == "tool_result" for b in message.content)


def _characters(request: _Request) -> int:
    """What counts as prompt: every message, and every schema sent with it."""
    schemas = [tool.model_dump_json() for tool in request.tools or []]
    if form := _form(request):
        schemas.append(form.model_dump_json())
    calls = [
        json.dumps(block.input)
        for message in request.messages
        for block in message.content
        if isinstance(block, _Block) and block.input
    ]
    texts = [_text(request.system), *(_text(message.content) for message in request.messages)]
    return sum(map(len, [*texts, *schemas, *calls]))


def _head(completion: Completion) -> dict[str, Any]:
    head = {"type": "message", "role": "assistant", "model": completion.model}
    return {"id": f"msg_sim_{completion.id}", **head}


def _usage(completion: Completion) -> dict[str, Any]:
    return {
        "input_tokens": completion.tokens_in,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": completion.tokens_out,
        "service_tier": "standard",
    }


def _stop_reason(completion: Completion) -> str:
    if completion.cut:
        return "max_tokens"
    return "tool_use" if completion.tool else "end_turn"


def _block(completion: Completion) -> dict[str, Any]:
    if not completion.tool:
        return {"type": "text", "text": completion.text}
    # Arguments that the token limit cut off are no object any more.
    arguments = {} if completion.cut else json.loads(completion.text)
    return _call(completion) | {"input": arguments}


def _call(completion: Completion) -> dict[str, Any]:
    name = f"toolu_sim_{completion.id}"
    return {"type": "tool_use", "id": name, "name": completion.tool, "input": {}}


def _block_events(completion: Completion) -> list[bytes]:
    text, size = completion.text, CHARACTERS_PER_EVENT
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    kind, key = ("input_json_delta", "partial_json") if completion.tool else ("text_delta", "text")
    opening = _call(completion) if completion.tool else {"type": "text", "text": ""}
    return [
        _event("content_block_start", index=0, content_block=opening),
        *(
            _event("content_block_delta", index=0, delta={"type": kind, key: piece})
            for piece in pieces
        ),
        _event("content_block_stop", index=0),
    ]


def _event(kind: str, **content: Any) -> bytes:
    return f"event: {kind}\n".encode() + b"data: " + _dump({"type": kind, **content}) + b"\n\n"


def _dump(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
