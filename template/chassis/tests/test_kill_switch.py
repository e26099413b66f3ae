"""Flags: the kill switch works without a restart, and nothing can break it open."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sample_config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_config import Start, flags, write_flags
from scripted_provider import Provider
from waiting import until

from chassis.testing import ServiceUnderTest

GOOD = {"text": "an apple"}
FOR_ACME = {"if": [{"==": [{"var": "organisation"}, "acme"]}, "off"]}
FOR_ANN = {"if": [{"in": [{"var": "user"}, ["ann"]]}, "label-v2"]}


def root_of(service: ServiceUnderTest) -> Path:
    return service.service.config.root


async def outcome(service: ServiceUnderTest, **more: str) -> str:
    body = (await service.post(GOOD, **more)).json()
    return str(body["outcome"])


async def test_an_edit_takes_effect_within_two_seconds_without_a_restart(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 4.3; DESIGN, flags: globally, no redeploy."""
    assert await outcome(service) == "answered"
    write_flags(root_of(service), flags("off"))
    took = await until(lambda: service.metric("airworthy_ai_enabled") == 0)
    assert took < 2
    asked = len(provider.requests)
    body = (await service.post(GOOD)).json()
    assert (body["outcome"], body["degraded"]["reason"]) == ("switched_off", "kill_switch")
    assert body["answer"]["remark"] == "not labelled: kill_switch"
    assert body["simulated"] is None
    assert len(provider.requests) == asked
    write_flags(root_of(service), flags("on"))
    await until(lambda: service.metric("airworthy_ai_enabled") == 1)
    assert await outcome(service) == "answered"


async def test_one_organisation_can_be_switched_off(start: Start) -> None:
    """PLAYBOOK 4.3: per organisation."""
    service = await start(keys={"other": {"organisation": "umbrella"}})
    write_flags(root_of(service), flags(ai_targeting=FOR_ACME))
    service.service.flags.reload()
    assert await outcome(service) == "switched_off"
    assert await outcome(service, key="other") == "answered"
    assert service.metric("airworthy_ai_enabled") == 1
    loaded = [line["ai_enabled_for_everyone"] for line in service.lines("flags_loaded")]
    assert loaded == [True, False]


async def test_one_user_can_be_given_another_release(
    service: ServiceUnderTest, provider: Provider
) -> None:
    """PLAYBOOK 4.2, 4.3: per user; the whole release changes, model and prompt."""
    write_flags(root_of(service), flags(release_targeting=FOR_ANN))
    service.service.flags.reload()
    ann = (await service.post(GOOD, X_End_User="ann")).json()
    bob = (await service.post(GOOD, X_End_User="bob")).json()
    assert (ann["release"], bob["release"]) == ("label-v2", "label-v1")
    assert [request["model"] for request in provider.requests] == ["large", "small"]
    assert "(v2)" in provider.requests[0]["messages"][0]["content"]


async def test_a_share_of_users_stays_with_its_release(service: ServiceUnderTest) -> None:
    """DESIGN, identity: stickiness."""
    share = {"fractional": [["label-v1", 50], ["label-v2", 50]]}
    write_flags(root_of(service), flags(release_targeting=share))
    service.service.flags.reload()
    seen: dict[str, set[str]] = {}
    for user in [f"user-{number}" for number in range(12)] * 2:
        body = (await service.post(GOOD, X_End_User=user)).json()
        seen.setdefault(user, set()).add(body["release"])
    assert all(len(releases) == 1 for releases in seen.values())
    assert len(set.union(*seen.values())) == 2


DISABLED = flags()
DISABLED["flags"]["ai_enabled"]["state"] = "DISABLED"
NO_SWITCH = flags()
del NO_SWITCH["flags"]["ai_enabled"]
UNKNOWN = flags()
UNKNOWN["flags"]["release"]["variants"]["label-v9"] = "label-v9"
TEXT_SWITCH = flags()
TEXT_SWITCH["flags"]["ai_enabled"]["variants"] = {"on": "true", "off": "false"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("", id="empty"),
        pytest.param("{}", id="an empty object"),
        pytest.param('{"flags": {}}', id="no flags"),
        pytest.param('{"flags": {"ai_enabled": {"sta', id="half-written"),
        pytest.param("[" * 100_000, id="a bomb"),
        pytest.param("null", id="null"),
        pytest.param(DISABLED, id="disabled"),
        pytest.param(NO_SWITCH, id="no kill switch"),
        pytest.param(UNKNOWN, id="unknown release"),
        pytest.param(TEXT_SWITCH, id="text for true and false"),
        pytest.param(flags("offf"), id="misspelt variant"),
    ],
)
async def test_a_bad_document_keeps_the_last_good_one_and_says_so(
    service: ServiceUnderTest, document: sample_config.Block | str
) -> None:
    """DESIGN, flags: validated whole; an invalid kill switch keeps its last good value."""
    write_flags(root_of(service), flags("off"))
    service.service.flags.reload()
    write_flags(root_of(service), document)
    for _ in range(3):
        service.service.flags.reload()
    (refused,) = service.lines("flags_refused")
    assert refused["level"] == "error"
    assert refused["problems"].startswith("config/flags.json")
    assert refused["consequence"] == "The last good flags stay in force."
    assert service.metric("airworthy_flags_valid") == 0
    assert (await service.http.get("/readyz")).json()["flags"] == "last good"
    assert await outcome(service) == "switched_off"
    write_flags(root_of(service), flags("on"))
    service.service.flags.reload()
    assert service.metric("airworthy_flags_valid") == 1
    assert await outcome(service) == "answered"


async def test_a_document_that_goes_and_comes_back_is_good_again(
    service: ServiceUnderTest,
) -> None:
    """A volume that is remounted brings back the same file, with the same time and size."""
    path = root_of(service) / "config" / "flags.json"
    path.rename(path.with_suffix(".away"))
    for _ in range(3):
        service.service.flags.reload()
    (refused,) = service.lines("flags_refused")
    assert "No such file" in refused["problems"]
    path.with_suffix(".away").rename(path)
    service.service.flags.reload()
    assert service.metric("airworthy_flags_valid") == 1
    assert (await service.http.get("/readyz")).json()["flags"] == "valid"


async def test_a_document_that_is_not_text_is_refused_once(service: ServiceUnderTest) -> None:
    path = root_of(service) / "config" / "flags.json"
    path.write_bytes(b"\xff\xfe\x00")
    for _ in range(3):
        service.service.flags.reload()
    assert len(service.lines("flags_refused")) == 1
    assert await outcome(service) == "answered"


async def test_a_document_older_than_the_last_one_counts_too(service: ServiceUnderTest) -> None:
    """A file restored from a backup has an old time; flagd's own watcher would ignore it."""
    path = root_of(service) / "config" / "flags.json"
    write_flags(root_of(service), flags("off"))
    os.utime(path, (1, 1))
    service.service.flags.reload()
    assert await outcome(service) == "switched_off"


@pytest.mark.parametrize("document", [None, "", "{"])
async def test_where_no_document_was_ever_good_the_model_stays_off(
    start: Start, provider: Provider, tmp_path: Path, document: str | None
) -> None:
    """DESIGN, flags: where none was ever read, the AI path stays off and answers are degraded."""
    service = await start(flag_document=document)
    assert await outcome(service) == "switched_off"
    assert provider.requests == []
    (refused,) = service.lines("flags_refused")
    assert refused["consequence"].startswith("No good flags were ever read")
    assert service.metric("airworthy_flags_valid") == service.metric("airworthy_ai_enabled") == 0
    state = await service.http.get("/readyz")
    assert (state.status_code, state.json()["flags"]) == (200, "never read: model off")
    write_flags(tmp_path, flags())
    service.service.flags.reload()
    assert await outcome(service) == "answered"


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(end=st.integers(0, 10_000), garbage=st.binary(max_size=30))
async def test_no_half_written_document_ever_switches_the_model_on(
    service: ServiceUnderTest, end: int, garbage: bytes
) -> None:
    """DESIGN, principle 7: fail closed on safety."""
    root = root_of(service)
    write_flags(root, flags("off"))
    service.service.flags.reload()
    whole = json.dumps(flags("on")).encode()
    (root / "config" / "flags.json").write_bytes(whole[: end % len(whole)] + garbage)
    service.service.flags.reload()
    try:
        accepted = json.loads((root / "config" / "flags.json").read_bytes()) == flags("on")
    except ValueError:
        accepted = False
    assert (await outcome(service) == "answered") == accepted
