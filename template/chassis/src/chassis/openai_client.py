"""OpenAI's client without three detours that its SDK and pydantic-ai make on every call.

What is sent is the same, byte for byte, and so is what is understood of an answer. Addresses, keys,
headers, timeouts and errors are the SDK's own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from openai import AsyncAzureOpenAI, AsyncOpenAI, NotGiven, Omit
from openai.resources.chat import AsyncChat, AsyncCompletions
from openai.types.chat import ChatCompletion
from pydantic import ValidationError
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel

# The order in which the SDK writes parameters; all others follow by their names.
_FIRST = ("model", "stream", "service_tier", "messages")
# What goes along with the parameters, and what the SDK's requests call it.
_EXTRAS = {"extra_headers": "headers", "extra_query": "params", "extra_body": "extra_json"}
_REMEMBERED = 64  # a service has a handful of answers; who makes one for each call keeps no more


class ThinChatModel(OpenAIChatModel):
    """Fits the schema of an answer to OpenAI's rules once, not before every call."""

    @cached_property
    def _fitted(self) -> dict[tuple[int, int], tuple[ModelRequestParameters, ...]]:
        return {}

    def customize_request_parameters(self, given: ModelRequestParameters) -> ModelRequestParameters:
        """The parameters with the schemas as OpenAI wants them."""
        if given.function_tools:
            return super().customize_request_parameters(given)
        key = id(given.output_object), id(given.output_tools)
        if key not in self._fitted:
            if len(self._fitted) >= _REMEMBERED:
                self._fitted.clear()
            # What was given is kept too: as long as it lives, nothing else has its id.
            self._fitted[key] = given, super().customize_request_parameters(given)
        fitted = self._fitted[key][1]
        return replace(given, output_object=fitted.output_object, output_tools=fitted.output_tools)


class _Answer(ChatCompletion):
    """A completion read in one go; field by field and leniently, as the SDK does, when odd."""

    @classmethod
    def build(cls, *, response: Any, data: Any) -> Any:
        """What the SDK calls to make the object of an answer's JSON."""
        try:
            return ChatCompletion.model_validate(data)
        except ValidationError:
            return ChatCompletion.construct(**data) if isinstance(data, dict) else data


class _Completions(AsyncCompletions):
    async def create(self, **given: Any) -> Any:
        """One answer to `messages`, given as JSON: lists, dicts, strings, numbers.

        The SDK would hold every value against every type it could have, to find fields that are
        sent under another name or in another format. Chat completions have none. A stream is asked
        for in the SDK's own way: nobody here wants one.
        """
        if given.get("stream"):
            return await super().create(**given)
        given = {k: v for k, v in given.items() if not isinstance(v, Omit | NotGiven)}
        extras = {ours: given.pop(name, None) for name, ours in _EXTRAS.items()}
        options: Any = {name: value for name, value in extras.items() if value is not None}
        options["security"] = {"bearer_auth": True}  # as in the SDK; else an administrator's too
        if "timeout" in given:
            options["timeout"] = given.pop("timeout")  # None means none
        body = {name: given.pop(name) for name in _FIRST if name in given}
        body.update(sorted(given.items()))
        return await self._client.post(
            "/chat/completions", body=body, options=options, cast_to=_Answer
        )


class _Chat(AsyncChat):
    @cached_property
    def completions(self) -> AsyncCompletions:
        """The resource that asks."""
        return _Completions(self._client)


class ThinOpenAI(AsyncOpenAI):
    """OpenAI's client, its chat completions thin."""

    @cached_property
    def chat(self) -> AsyncChat:
        """The resource whose completions are thin."""
        return _Chat(self)


class ThinAzureOpenAI(AsyncAzureOpenAI):
    """Azure's client for a dated API version, its chat completions thin."""

    @cached_property
    def chat(self) -> AsyncChat:
        """The resource whose completions are thin."""
        return _Chat(self)
