"""Personal data, keys and the canary, planted wherever something comes in: found nowhere.

Searched are every log line, span, metric and problem document. Markers stand in planted.py, places
in planted_places.py. What goes out in answers, whole or streamed, is in test_stopped_outputs.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import planted
import pytest
from planted import CALLER_KEY, EVERYTHING, MARKERS, OURS, Scene, found
from planted_places import PLACES, one_line
from pydantic import SecretStr
from sample_config import Start, patient
from scripted_provider import Provider, answers

from chassis.config import ConfigError, Settings
from chassis.config.guardrails import PayloadPolicy

SETTINGS = {
    "service_secret": SecretStr(planted.SERVICE_SECRET),
    "model_api_key": SecretStr(planted.PROVIDER_KEY),
    "openai_api_key": SecretStr(planted.PROVIDER_KEY),
}


async def scene_of(
    start: Start,
    provider: Provider,
    policy: PayloadPolicy,
    log_level: str = "DEBUG",
    **modes: str,
) -> Scene:
    """A service with our secrets; a caller has a key that is planted, too."""
    guardrails = {
        "logs": {"payload": policy},
        "request": {"max_bytes": 65536},
        "model": {"attempts": 1},
        "breaker": {"failures": 100_000},
        **patient(**modes),
    }
    service = await start(
        guardrails=guardrails,
        settings={**SETTINGS, "log_level": log_level},
        keys={CALLER_KEY: {}},
    )
    return Scene(service, provider)


async def test_what_is_planted_everywhere_comes_out_nowhere(
    start: Start, provider: Provider
) -> None:
    """PLAYBOOK 2.5, points 5 and 10: all of it in every place."""
    scene = await scene_of(start, provider, "redacted")
    for plant in PLACES.values():
        await plant(scene, EVERYTHING)
    assert found(scene, MARKERS) == []
    assert len(scene.service.lines("ai_call")) > 40


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["hash", "redacted"])
@pytest.mark.parametrize("place", PLACES)
async def test_what_is_planted_alone_comes_out_nowhere(
    start: Start, provider: Provider, place: str, policy: PayloadPolicy
) -> None:
    """PLAYBOOK 2.5, points 5 and 10: nothing beside it helps a guard to see it."""
    scene = await scene_of(start, provider, policy)
    for marker in MARKERS.values():
        await PLACES[place](scene, marker.text)
    assert found(scene, MARKERS) == []


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["hash", "redacted"])
@pytest.mark.parametrize("log_level", ["DEBUG", "INFO", "WARNING", "ERROR"])
async def test_no_log_level_says_more(
    start: Start, provider: Provider, log_level: str, policy: PayloadPolicy
) -> None:
    """PLAYBOOK 2.5: also with guards that only observe, which let all of it into the answer."""
    guards = ("personal_data", "secrets", "canary", "links", "markup", "topics")
    observed = dict.fromkeys(guards, "observe")
    scene = await scene_of(start, provider, policy, log_level, **observed)
    for plant in PLACES.values():
        await plant(scene, EVERYTHING)
    assert found(scene, MARKERS) == []
    assert scene.service.lines("ai_call")


async def test_the_policy_full_logs_input_and_output_and_never_our_own_secrets(
    start: Start, provider: Provider
) -> None:
    """DESIGN, log line: `full` is a choice, about the payloads alone."""
    scene = await scene_of(start, provider, "full", personal_data="observe")
    provider.will(answers({"remark": "ask ann.berg@example.com"}))
    await scene.post({"text": EVERYTHING})
    (line,) = scene.service.lines("ai_call")
    assert line["output"]["remark"] == "ask ann.berg@example.com"
    for what, marker in MARKERS.items() - OURS.items():
        assert marker.needle in line["input"]["text"], what
    for name, plant in PLACES.items():
        if not name.startswith("a provider's header"):
            await plant(scene, EVERYTHING)
    assert found(scene, OURS) == []
    payloads = ("input", "output", "model_error")
    rest = [
        {name: value for name, value in line.items() if name not in payloads}
        for line in scene.service.lines()
    ]
    scene.searched = lambda: {"log": json.dumps(rest)}  # type: ignore[method-assign]
    assert found(scene, MARKERS) == []


@pytest.mark.parametrize("where", ["file", "environment"])
@pytest.mark.parametrize("kind", ["an API key", "a token", "the caller's key", "a password"])
def test_a_secret_in_a_wrong_setting_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, where: str
) -> None:
    """A key pasted into the wrong line of .env stops the start without being shown."""
    line = one_line(MARKERS[kind].text)
    writings = planted.writings(MARKERS[kind].needle)
    refused: set[str] = set()
    for name in set(Settings.model_fields) - {"service_secret"}:  # which may be any of them
        values = {"SERVICE_SECRET": "too short", name.upper(): line}
        if where == "file":
            text = "".join(f"{key}='{value}'\n" for key, value in values.items())
            (tmp_path / ".env").write_text(text, "utf-8")
        else:
            for key, value in values.items():
                monkeypatch.setenv(key, value)
        with pytest.raises(ConfigError) as error:
            Settings.load(tmp_path)
        shown = f"{error.value} {error.value!r} {error.value.problems}"
        assert not any(writing in shown for writing in writings), name
        refused |= {problem.field for problem in error.value.problems}
        for key in values:
            monkeypatch.delenv(key, raising=False)
    assert {"PORT", "SIMULATOR_URL", "LOG_LEVEL", "SERVICE_SECRET"} <= refused
