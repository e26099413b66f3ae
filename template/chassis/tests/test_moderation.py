"""Hosted moderation: what it is asked, what counts, and what is left of its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import labels
import moderation_servers as servers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labels.pipeline import Label, Note, label
from moderation_servers import ATTACK, BLOCKLISTED, HATE, VIOLENCE, VIOLENCE_LOW, Azure, Chosen
from sample_config import Start
from scripted_provider import Provider, answers

from chassis import Context, Draft
from chassis.guards.moderation.pieces import batches, pieces, split
from chassis.testing import ServiceUnderTest


@pytest.fixture
def azure() -> Iterator[Chosen]:
    """Azure AI Content Safety; every request has to be as documented."""
    with servers.running(server := Azure()):
        yield servers.chosen(server)
    assert server.broken == []


@pytest.fixture
def openai() -> Iterator[Chosen]:
    """OpenAI's moderation; every request has to be as documented."""
    with servers.running(server := servers.OpenAI()):
        yield servers.chosen(server)
    assert server.broken == []


@pytest.fixture(params=["azure", "openai"])
def moderation(request: pytest.FixtureRequest) -> Chosen:
    """Each of the two."""
    found: Chosen = request.getfixturevalue(request.param)
    return found


def said(service: ServiceUnderTest, guard: str = "moderation") -> list[tuple[str, str, list[str]]]:
    """Direction, verdict and kinds of what one guard said of the last request."""
    line = service.lines("ai_call")[-1]["guards"]
    return [(g["direction"], g["verdict"], g["found"]) for g in line if g["guard"] == guard]


async def test_harmful_input_is_refused_before_the_model_sees_it(
    start: Start, provider: Provider, moderation: Chosen
) -> None:
    """PLAYBOOK 2.10, point 10; log line, span and metric say what was seen, not the text."""
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    response = await service.post({"text": f"an apple. {VIOLENCE}"})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/input-blocked")
    assert "harmful-text" in response.json()["detail"]
    assert provider.requests == []
    assert said(service) == [("input", "block", ["violence"])]
    attributes = next(span for span in service.spans if span.name == "input_guards").attributes
    assert attributes is not None
    assert attributes["airworthy.guard.input.moderation"] == "block"
    assert attributes["airworthy.guard.input.moderation.found"] == ("violence",)
    series = {"guard": "moderation", "direction": "input", "verdict": "block"}
    assert service.metric("airworthy_guard_verdicts_total", **series) == 1


async def test_a_harmful_answer_does_not_go_out(
    start: Start, provider: Provider, moderation: Chosen
) -> None:
    """PLAYBOOK 2.10."""
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    provider.will(answers({"remark": f"so {HATE}"}))
    response = await service.post({"text": "an apple"})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/output-blocked")
    assert HATE not in response.text
    assert said(service) == [("input", "pass", []), ("output", "block", ["hate"])]


async def test_harmless_text_passes_both_ways(start: Start, moderation: Chosen) -> None:
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    assert (await service.post({"text": "an apple"})).json()["outcome"] == "answered"
    assert said(service) == [("input", "pass", []), ("output", "pass", [])]


async def test_observing_notes_what_it_saw_and_answers(start: Start, moderation: Chosen) -> None:
    config = moderation.config(mode="observe")
    service = await start(settings=moderation.settings, guardrails=config)
    assert (await service.post({"text": VIOLENCE})).json()["outcome"] == "answered"
    assert said(service)[0] == ("input", "observe", ["violence"])


@pytest.mark.parametrize("direction", ["input", "output"])
async def test_one_direction_can_be_left_out(
    start: Start, moderation: Chosen, direction: str
) -> None:
    config = moderation.config(**{direction: False})
    service = await start(settings=moderation.settings, guardrails=config)
    await service.post({"text": "an apple"})
    assert [each for each, _, _ in said(service)] == [
        each for each in ("input", "output") if each != direction
    ]
    assert said(service, "prompt_shield") == [] or direction == "output"


async def test_nothing_is_asked_unless_it_is_turned_on(start: Start, moderation: Chosen) -> None:
    service = await start(settings=moderation.settings)
    assert (await service.post({"text": VIOLENCE})).status_code == 200
    assert moderation.server.requests == []
    assert 'guard="moderation"' not in service.metrics()


@pytest.mark.parametrize(
    ("service_name", "thresholds", "text", "found"),
    [
        ("azure", {}, VIOLENCE_LOW, []),
        ("azure", {"violence": 2}, VIOLENCE_LOW, ["violence"]),
        ("azure", {"violence": 6}, VIOLENCE, []),
        ("azure", {"violence": None}, f"{VIOLENCE} {HATE}", ["hate"]),
        ("openai", {}, VIOLENCE_LOW, []),
        ("openai", {"violence": 0.25}, VIOLENCE_LOW, ["violence"]),
        ("openai", {"violence": 0.95}, VIOLENCE, []),
        ("openai", {"violence": None}, f"{VIOLENCE} {HATE}", ["hate"]),
    ],
)
async def test_thresholds_say_what_counts(
    start: Start,
    request: pytest.FixtureRequest,
    service_name: str,
    thresholds: dict[str, Any],
    text: str,
    found: list[str],
) -> None:
    moderation = request.getfixturevalue(service_name)
    config = moderation.config(mode="observe", thresholds=thresholds)
    service = await start(settings=moderation.settings, guardrails=config)
    await service.post({"text": text})
    assert said(service)[0][2] == found


async def test_a_term_on_the_resources_blocklist_counts(start: Start, azure: Chosen) -> None:
    config = azure.config(blocklists=["Acme-terms"])
    service = await start(settings=azure.settings, guardrails=config)
    assert (await service.post({"text": BLOCKLISTED})).status_code == 422
    assert said(service) == [("input", "block", ["blocklist"])]


async def test_prompt_shields_see_what_the_caller_sent_as_the_prompt(
    start: Start, provider: Provider, azure: Chosen
) -> None:
    """PLAYBOOK 2.9, point 9, OWASP LLM01."""
    service = await start(settings=azure.settings, guardrails=azure.config())
    response = await service.post({"text": "an apple", "tags": [ATTACK]})
    assert response.status_code == 422
    assert "instruction-in-input" in response.json()["detail"]
    assert provider.requests == []
    assert said(service, "prompt_shield") == [("input", "block", ["prompt-attack"])]
    assert [sorted(body) for body in azure.server.shielded()] == [["userPrompt"]]


async def test_prompt_shields_see_what_was_fetched_as_documents(
    start: Start, azure: Chosen
) -> None:
    """PLAYBOOK 2.9: indirect attacks; five documents a call, 10,000 characters together."""
    service = await start(settings=azure.settings, guardrails=azure.config())
    guards = service.service._path.input_guards
    documents = [f"page {number} " + "x" * 3_000 for number in range(7)]
    verdicts: list[Any] = []
    await guards.ask("content", documents, verdicts)
    assert [v.verdict for v in verdicts] == ["pass", "pass"]
    asked = azure.server.shielded()
    assert all(list(body) == ["documents"] for body in asked)
    assert sorted(d for body in asked for d in body["documents"]) == documents
    assert len(asked) == 3
    with pytest.raises(Exception, match="content-blocked: The instruction-in-input"):
        await guards.ask("content", [*documents, f"x {ATTACK}"], verdicts)
    assert (verdicts[-1].guard, verdicts[-1].found) == ("prompt_shield", ["document-attack"])


async def test_a_fetched_document_that_attacks_never_reaches_the_model(
    start: Start, provider: Provider, azure: Chosen
) -> None:
    """PLAYBOOK 2.9, point 9: indirect injection, through the whole request path."""

    async def run(note: Note, ctx: Context) -> Draft[Label]:
        text = f"From the web: {ATTACK}\n{note.text}"
        draft: Draft[Label] = await label(note.model_copy(update={"text": text}), ctx)
        return draft

    pipeline = replace(labels.pipeline, run=run)
    service = await start(pipeline, settings=azure.settings, guardrails=azure.config())
    response = await service.post({"text": "an apple"})
    assert (response.status_code, response.json()["type"]) == (422, "/problems/content-blocked")
    assert provider.requests == []
    assert said(service, "prompt_shield")[-1] == ("content", "block", ["document-attack"])
    assert [sorted(body) for body in azure.server.shielded()] == [["userPrompt"], ["documents"]]


async def test_shields_can_be_left_down(start: Start, azure: Chosen) -> None:
    service = await start(settings=azure.settings, guardrails=azure.config(prompt_shield=False))
    assert (await service.post({"text": ATTACK})).status_code == 200
    assert azure.server.shielded() == []


@pytest.mark.parametrize("border", [1_900, 10_000])
async def test_an_attack_across_a_border_of_a_long_text_is_seen(
    start: Start, moderation: Chosen, border: int
) -> None:
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    text = "a" * (border - 8) + VIOLENCE + "a" * (40_000 - border)
    assert (await service.post({"text": text})).status_code == 422
    assert said(service) == [("input", "block", ["violence"])]
    assert all(len(each) <= 10_000 for each in moderation.server.texts())


async def test_every_field_is_seen_and_harm_spread_over_two_of_them_too(
    start: Start, moderation: Chosen
) -> None:
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    await service.post({"text": "an apple", "tags": ["red", "Grüße 🍎"]})
    assert all(each in moderation.server.texts()[0] for each in ("an apple", "red", "Grüße 🍎"))
    assert (await service.post({"text": "an apple", "tags": ["red", HATE]})).status_code == 422


async def test_an_answer_that_quotes_nothing_but_half_characters_is_asked_about(
    start: Start, moderation: Chosen
) -> None:
    service = await start(settings=moderation.settings, guardrails=moderation.config())
    verdicts: list[Any] = []
    await service.service._path.output_guards.ask("output", "half \ud83c of it", verdicts)
    assert verdicts[-1].verdict == "pass"
    assert "half ? of it" in moderation.server.texts()


async def test_a_pipelines_own_calls_wait_for_the_verdict_on_the_input(
    start: Start, moderation: Chosen
) -> None:
    """The guard is asked before the pipeline runs, not beside it."""
    asked: list[int] = []

    async def run(note: Note, ctx: Context) -> Draft[Label]:
        asked.append(len(moderation.server.texts()))
        return await label(note, ctx)

    service = await start(
        replace(labels.pipeline, run=run),
        settings=moderation.settings,
        guardrails=moderation.config(),
    )
    await service.post({"text": "an apple"})
    assert asked == [1]


@settings(max_examples=50)
@given(
    st.text(alphabet="ab \n", max_size=300),
    st.integers(min_value=20, max_value=60),
    st.integers(min_value=1, max_value=19),
)
def test_every_passage_up_to_the_overlap_is_whole_in_a_piece(
    text: str, size: int, overlap: int
) -> None:
    cut = split(text, size, overlap)
    assert all(0 < len(piece) <= size and piece.strip() for piece in cut)
    for at in range(len(text) - overlap + 1):
        passage = text[at : at + overlap]
        assert not passage.strip() or any(passage in piece for piece in cut)


@settings(max_examples=50)
@given(
    st.lists(st.text(alphabet="aé🍎", min_size=1, max_size=10), max_size=30),
    st.integers(min_value=1, max_value=5),
    st.integers(min_value=10, max_value=30),
)
def test_batches_lose_nothing_and_stay_within_both_limits(
    texts: list[str], count: int, size: int
) -> None:
    made = batches(texts, count, size)
    assert [text for batch in made for text in batch] == texts
    assert all(0 < len(batch) <= count and len("".join(batch)) <= size for batch in made)


def test_short_fields_cost_one_call() -> None:
    assert pieces(["a subject", "a body", "a tag"], 100, 10) == ["a subject\na body\na tag"]
