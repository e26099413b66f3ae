"""The guards that run, as `config/guardrails.yaml` sets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from ..config.guardrails import Guardrails
from ..record import GuardVerdict
from .injection import check_content, check_input
from .links import ForeignLinks
from .markup import active_markup, inert
from .personal.check import check_with
from .personal.light import SECRETS
from .personal.masking import Masking
from .personal.spans import Finder, Together
from .runner import Guard, Guards, check_of
from .spans import Span, replaced
from .topics import Topics
from .version import rules_version


def input_guards(config: Guardrails, personal: Finder) -> Guards:
    """What is checked before the pipeline sees the input."""
    policy, version = config.input.injection, rules_version(config)
    kind = "instruction-in-input"
    injection = Guard("injection", kind, version, policy, check_input, content_check=check_content)
    if config.input.personal_data.mode == "redact":  # it masks prompts instead: see `masking`
        return Guards((injection,))
    return Guards((injection, _personal_data(config, Together(SECRETS, personal))))


def masking(config: Guardrails, personal: Finder) -> Callable[[list[GuardVerdict]], Masking] | None:
    """What makes the masks of a request, where prompts are masked."""
    if config.input.personal_data.mode != "redact":
        return None
    finder = Together(SECRETS, personal)
    return partial(Masking, _personal_data(config, finder), finder)


def _personal_data(config: Guardrails, finder: Finder) -> Guard:
    policy, check = config.input.personal_data, check_with(finder)
    return Guard("personal_data", "personal-data", rules_version(config), policy, check)


def output_guards(config: Guardrails, canary: str, personal: Finder) -> Guards:
    """What is checked before an answer goes out."""
    out, version = config.output, rules_version(config)
    links = ForeignLinks(out.links.allowed_hosts)
    least_words = out.topics.scope_least_words
    topics = Topics(out.topics.deny, out.topics.scope, least_words)
    denied = Topics(out.topics.deny, (), least_words)

    def leaks(text: str) -> list[Span]:
        return [Span(*match.span(), "canary") for match in re.finditer(re.escape(canary), text)]

    return Guards(
        (
            Guard("canary", "prompt-leak", version, out.canary, check_of(leaks), find=leaks),
            Guard(
                "secrets", "secrets", version, out.secrets, check_with(SECRETS), find=SECRETS.find
            ),
            Guard(
                "personal_data",
                "personal-data",
                version,
                out.personal_data,
                check_with(personal),
                find=personal.find,
            ),
            Guard("links", "link", version, out.links, check_of(links.find), find=links.find),
            Guard(
                "markup",
                "markup",
                version,
                out.markup,
                check_of(active_markup, partial(replaced, instead=inert)),
                frozenset(out.markup.fields),
                active_markup,
                inert,
            ),
            Guard("topics", "topic", version, out.topics, topics, stream_check=denied),
        )
    )
