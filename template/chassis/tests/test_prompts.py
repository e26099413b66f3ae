"""Prompts and releases: what is loaded, what is refused, and how data is marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_config import Start

from chassis.config import ConfigError
from chassis.prompts import PromptVersion, prompt_hash, prompts_folder

LINE = st.text(st.characters(codec="utf-8"), max_size=200)


def version(template: str) -> PromptVersion:
    return PromptVersion("v1", "Do it.", template, prompt_hash("Do it.", template))


def folder(tmp_path: Path, template: bytes) -> Path:
    (tmp_path / "instructions.md").write_text("Do it.", "utf-8")
    (tmp_path / "input.md").write_bytes(template)
    return tmp_path


@given(subject=LINE, body=LINE)
def test_every_value_stands_between_markers_its_author_cannot_know(subject: str, body: str) -> None:
    """PLAYBOOK 2.9: untrusted content marked as data."""
    prompt = version("$subject\n--\n$body").render(
        {"subject": subject, "body": body}, secret=b"secret", canary="ref-1"
    )
    nonce = prompt.user.partition("<data-")[2][:12]
    assert nonce not in subject + body
    assert prompt.user == (
        f'<data-{nonce} name="subject">\n{subject}\n</data-{nonce}>\n--\n'
        f'<data-{nonce} name="body">\n{body}\n</data-{nonce}>'
    )
    assert prompt.instructions.count(f"<data-{nonce}>") == 1


def test_the_canary_stands_at_both_ends_of_the_instructions() -> None:
    """PLAYBOOK 2.10: a leak is seen by whichever end it begins with."""
    prompt = version("$a").render({"a": "x"}, secret=b"s", canary="ref-1")
    first, *middle, last = prompt.instructions.strip().split("\n")
    assert first == last
    assert first.endswith(": ref-1")
    assert not any("ref-1" in line for line in middle)


def test_a_value_cannot_ask_for_another_value() -> None:
    prompt = version("$body").render({"body": "$body ${body} $$"}, secret=b"s", canary="c")
    assert "\n$body ${body} $$\n" in prompt.user


def test_the_same_request_renders_the_same_prompt() -> None:
    """So that recordings can be replayed."""
    one, two = (version("$a").render({"a": "x"}, secret=b"s", canary="c") for _ in range(2))
    other = version("$a").render({"a": "x"}, secret=b"t", canary="c")
    assert one == two != other


@pytest.mark.parametrize("values", [{}, {"a": "1", "b": "2"}, {"b": "1"}])
def test_values_that_do_not_fit_the_template_are_named(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"input.md wants \['a'\], ctx.prompt\(\) was given"):
        version("$a costs $$5").render(values, secret=b"s", canary="c")


@pytest.mark.parametrize("template", [b"it costs $5", b"100 $", b"\xff"])
def test_a_template_that_cannot_be_filled_is_refused_at_the_start(
    tmp_path: Path, template: bytes
) -> None:
    with pytest.raises(ConfigError, match=r"input\.md\n  "):
        PromptVersion.load(folder(tmp_path, template))


def test_a_dollar_sign_can_be_written(tmp_path: Path) -> None:
    loaded = PromptVersion.load(folder(tmp_path, b"$body costs $$name"))
    assert loaded.placeholders() == {"body"}


def test_line_endings_do_not_change_a_released_prompt() -> None:
    assert prompt_hash("a\r\nb", "c") == prompt_hash("a\nb", "c") != prompt_hash("a\nbc", "")


async def test_an_edited_prompt_of_a_release_stops_the_start(start: Start) -> None:
    """DESIGN, releases: a released prompt is never edited in place."""
    releases = {"releases": {"label-v1": {"prompt_sha256": "0" * 64}}}
    with pytest.raises(ConfigError) as stopped:
        await start(releases=releases)
    assert "releases.label-v1.prompt_sha256" in stopped.value.render()
    assert "was edited after it was released" in stopped.value.render()


async def test_a_released_prompt_that_was_not_edited_starts(start: Start) -> None:
    sha256 = PromptVersion.load(prompts_folder("labels") / "v1").sha256
    service = await start(releases={"releases": {"label-v1": {"prompt_sha256": sha256}}})
    await service.post({"text": "an apple"})
    assert service.lines("ai_call")[0]["prompt_sha256"] == sha256


async def test_every_release_without_its_prompt_is_told_at_once(start: Start) -> None:
    releases = {"releases": {"label-v1": {"prompt": "v8"}, "label-v2": {"prompt": "v9"}}}
    with pytest.raises(ConfigError) as stopped:
        await start(releases=releases)
    told = stopped.value.render()
    assert "v8/instructions.md" in told
    assert "v9/instructions.md" in told
    assert "This file is missing. A prompt is a folder with instructions.md and input.md" in told


def test_a_service_that_is_not_installed_says_so() -> None:
    with pytest.raises(ConfigError, match=r"not installed. Run `make setup`"):
        prompts_folder("no_such_package")


def test_a_prompt_file_is_named_as_it_is_from_the_services_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as stopped:
        PromptVersion.load(tmp_path / "v9")
    assert stopped.value.render().startswith("v9/instructions.md\n  This file is missing.")
