"""The output guards on an answer that goes out bit by bit: nothing gets through between chunks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import sample_config
from hypothesis import given
from hypothesis import strategies as st

from chassis.config import Config, load_config
from chassis.guards.personal.light import PERSONAL
from chassis.guards.policy import output_guards
from chassis.guards.runner import Found, Guard, Guards
from chassis.guards.stream import HOLD_BACK_CHARACTERS, MOST_HELD_CHARACTERS, StreamFilter
from chassis.problems import Problem
from chassis.record import GuardVerdict

CANARY = "ref-0123456789abcdef"
SECRETS = (
    "sk-live-abcdefghijklmnop1234",  # pragma: allowlist secret
    "ann.berg@example.com",
    "4111 1111 1111 1111",
    "DE89 3704 0044 0532 0130 00",
    "+41 44 668 18 00",
    "https://evil.example/" + "pictures/" * 30,
    CANARY,
)
WORDS = ("The", "ticket", "is", "about", "5", "boxes,", "não", "日本語", "\n", "a<b", "[1]", "3.50")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    modes = {
        name: {"mode": "redact", "budget_ms": 10_000}
        for name in ("canary", "secrets", "personal_data", "links", "markup")
    }
    modes["topics"] = {"mode": "block", "budget_ms": 10_000, "deny": {"rivals": ["acme cloud"]}}
    root: Path = sample_config.make(tmp_path_factory.mktemp("stream"), guardrails={"output": modes})
    return load_config(root)


@pytest.fixture(scope="module")
def guards(config: Config) -> Guards:
    return output_guards(config.guardrails, CANARY, PERSONAL)


def chunked(text: str, sizes: list[int]) -> Iterable[str]:
    at = 0
    for size in sizes:
        yield text[at : at + size]
        at += size
    yield text[at:]


def streamed(guards: Guards, chunks: Iterable[str]) -> tuple[str, list[GuardVerdict]]:
    verdicts: list[GuardVerdict] = []
    stream = StreamFilter(guards, verdicts)
    return "".join([stream.feed(chunk) for chunk in chunks]) + stream.finish(), verdicts


texts = st.lists(st.sampled_from((*WORDS, *SECRETS)), max_size=60).map(" ".join)
sizes = st.lists(st.integers(1, 40), max_size=200)


@given(text=texts, sizes=sizes)
def test_a_stream_says_what_the_whole_text_would(
    guards: Guards, text: str, sizes: list[int]
) -> None:
    """PLAYBOOK 2.10, point 10: whatever the chunks, nothing more and nothing less goes out."""
    out, _ = streamed(guards, chunked(text, sizes))
    assert out == guards.run_local("output", text, [])
    assert not any(secret in out for secret in SECRETS)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret[:8])
@pytest.mark.parametrize("cut", range(1, 12))
def test_what_is_cut_by_a_chunks_end_is_taken_out(guards: Guards, secret: str, cut: int) -> None:
    text = f"{'word ' * 60}{secret}{' word' * 60}"
    at = 300 + len(secret) * cut // 12
    out, verdicts = streamed(guards, [text[:at], text[at:]])
    assert secret not in out
    assert secret[: len(secret) // 2 + 4] not in out
    assert [v.verdict for v in verdicts].count("redact") >= 1


@given(text=st.text(max_size=400), sizes=sizes)
def test_any_text_comes_out_without_anything_a_guard_finds(
    guards: Guards, text: str, sizes: list[int]
) -> None:
    out, _ = streamed(guards, chunked(text, sizes))
    assert [v.verdict for v in _verdicts(guards, out)] == ["pass"] * len(guards.local)


def _verdicts(guards: Guards, text: str) -> list[GuardVerdict]:
    verdicts: list[GuardVerdict] = []
    guards.run_local("output", text, verdicts)
    return verdicts


def test_no_more_is_held_back_than_is_said(guards: Guards) -> None:
    stream = StreamFilter(guards, [])
    given_out = 0
    for number, chunk in enumerate(["some words "] * 100, start=1):
        given_out += len(stream.feed(chunk))
        assert number * len(chunk) - given_out <= HOLD_BACK_CHARACTERS + len("words")


def test_a_run_without_end_is_blocked(guards: Guards) -> None:
    stream, chunk = StreamFilter(guards, []), "abcdefgh" * 128
    with pytest.raises(Problem) as blocked:
        for _ in range(MOST_HELD_CHARACTERS // len(chunk) + 2):
            assert stream.feed(chunk) == ""
    assert blocked.value.status == 422


def test_a_phrase_over_two_chunks_ends_the_stream_before_any_of_it_is_out(guards: Guards) -> None:
    verdicts: list[GuardVerdict] = []
    stream = StreamFilter(guards, verdicts)
    out = stream.feed("You could try ac")
    with pytest.raises(Problem) as blocked:
        stream.feed("me cloud instead.")
    assert (blocked.value.status, out) == (422, "")
    assert [(v.guard, v.verdict, v.found) for v in verdicts][-1] == ("topics", "block", ["rivals"])


def test_a_part_of_a_text_is_not_held_against_the_scope(config: Config) -> None:
    """What a text is about shows in the whole of it."""
    output = config.guardrails.output
    topics = output.topics.model_copy(update={"scope": ["invoice"], "scope_least_words": 30})
    output = output.model_copy(update={"topics": topics})
    policy = config.guardrails.model_copy(update={"output": output})
    text = f"{'many words about it, ' * 40}and then the invoice."
    out, _ = streamed(output_guards(policy, CANARY, PERSONAL), chunked(text, [300, 200]))
    assert out == text


def test_a_guard_that_crashes_ends_the_stream(config: Config) -> None:
    """DESIGN principle 7."""

    def crash(text: str) -> Found | None:
        raise ValueError(f"planted {text}")

    policy = config.guardrails.output.canary
    verdicts: list[GuardVerdict] = []
    stream = StreamFilter(Guards((Guard("test", "test-kind", "v1", policy, crash),)), verdicts)
    with pytest.raises(Problem) as failed:
        stream.feed("an apple")
    assert (failed.value.status, failed.value.kind) == (503, "guard-failed")
    assert [v.verdict for v in verdicts] == ["error"]


async def test_chunks_that_arrive_go_out_filtered(guards: Guards) -> None:
    async def arriving() -> AsyncIterator[str]:
        for chunk in ("mail ann", "@exam", "ple.com now, ", json.dumps({"a": 1})):
            yield chunk

    out = [chunk async for chunk in StreamFilter(guards, []).over(arriving())]
    assert "".join(out) == 'mail [e-mail] now, {"a": 1}'
