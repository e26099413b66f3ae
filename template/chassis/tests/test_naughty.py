"""Our own list of naughty inputs: each gets an answer or a problem, and leaves one clean log line.

The list is in naughty.py and naughty_http.py. Everything goes over a real connection.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import jsonschema
import naughty
import naughty_http
import pytest
from listening import Heard, listening, say
from sample_config import Start, patient
from scripted_provider import Provider, Reply, answers, says

from chassis.logs import ai_call_schema
from chassis.outcomes import TABLE
from chassis.problems import MEDIA_TYPE
from chassis.testing import ServiceUnderTest

GOOD = b'{"text": "an apple"}'
SCHEMA = jsonschema.Draft202012Validator(ai_call_schema())
STATUSES = {status for row in TABLE.values() for status in row.statuses}
GUARDRAILS = {
    **patient(),
    "request": {"receive_seconds": 0.3, "budget_seconds": 30.0},
    "model": {"attempts": 1, "timeout_seconds": 10.0},
    "breaker": {"failures": 100_000},
}

T = TypeVar("T")


@dataclass
class Attacked:
    """A service under attack: every answer is judged as it comes, every log line at the end."""

    service: ServiceUnderTest
    port: int
    statuses: Counter[int] = field(default_factory=Counter)
    answered: dict[str, int] = field(default_factory=dict)
    refused: int = 0

    def head(self) -> bytes:
        """The head of a good request, as far as its length."""
        key = f"Authorization: Bearer {self.service.key}"
        return f"POST /v1/label HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{key}\r\n".encode()

    async def post(self, body: bytes, head: bytes = b"") -> Heard:
        """Send one request and judge what comes."""
        head = head or self.head()
        return await self.say(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def say(self, request: bytes) -> Heard:
        """Send bytes, and judge: an answer or a problem, or no HTTP for the server itself."""
        heard = await say(self.port, request)
        self.statuses[heard.status] += 1
        kind = heard.headers.get("content-type", "")
        if kind not in (MEDIA_TYPE, "application/json"):
            assert heard.status in (0, 400, 408), heard
            self.refused += 1
            return heard
        assert heard.status in STATUSES - {503}, heard
        assert (kind == MEDIA_TYPE) == (heard.status >= 400)
        document = json.loads(heard.body)
        assert "Traceback" not in heard.body.decode()
        if document.get("type") != "/problems/no-route":
            self.answered[document["request_id"]] = heard.status
        return heard

    def judge_log(self) -> None:
        """One valid line for each request that came in, and nothing in the log but lines."""
        raw = self.service.log_text()
        assert raw.isascii()
        assert all(character.isprintable() for character in raw.replace("\n", ""))
        lines = [json.loads(line) for line in raw.splitlines()]
        assert not [line for line in lines if line["event"] == "unexpected_error"]
        calls = [line for line in lines if line["event"] == "ai_call"]
        for line in calls:
            SCHEMA.validate(line)
            assert line["status"] in TABLE[line["outcome"]].statuses
        seen = Counter(line["request_id"] for line in calls)
        assert set(seen.values()) == {1}
        statuses = {line["request_id"]: line["status"] for line in calls}
        assert {each: statuses.get(each) for each in self.answered} == self.answered
        unheard = [line for line in calls if line["request_id"] not in self.answered]
        assert len(unheard) <= self.refused  # a body that broke off: nobody was there to be told
        assert {line["problem"] for line in unheard} <= {"body-cut-off"}


@pytest.fixture
async def attacked(start: Start) -> AsyncIterator[Attacked]:
    """A service at work; after the attack it is as well as before, and its log is clean."""
    service = await start(guardrails=GUARDRAILS)
    async with listening(service, 0.3) as port:
        attacked = Attacked(service, port)
        assert (await attacked.post(GOOD)).status == 200
        yield attacked
        started = time.perf_counter()
        last = await attacked.post(GOOD)
        assert json.loads(last.body)["outcome"] == "answered"
        assert time.perf_counter() - started < 1.0
        assert service.metric("airworthy_requests_in_flight") == 0
    attacked.judge_log()


def distinct(named: Iterable[tuple[str, object]]) -> int:
    """How many inputs there are; each has a name of its own."""
    names = [name for name, _ in named]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice
    return len(names)


def every(step: int, items: Iterable[T]) -> Iterator[T]:
    """Every so many of them."""
    return islice(items, 0, None, step)


def test_the_list_is_long_and_says_what_is_in_it() -> None:
    assert distinct(naughty.texts()) >= 300
    assert distinct(naughty.bodies()) >= 250
    assert distinct(naughty_http.headers()) >= 100
    assert distinct(naughty_http.framings(b"", b"")) >= 20


async def test_some_naughty_texts_are_answered_or_refused(attacked: Attacked) -> None:
    """PLAYBOOK 2.3, point 9: one in ten of the list, in every check."""
    for _, text in every(10, naughty.texts()):
        await attacked.post(json.dumps({"text": text, "tags": [text]}).encode())
    assert set(attacked.statuses) <= {200, 400, 413, 422}


@pytest.mark.slow
async def test_every_naughty_text_is_answered_or_refused(attacked: Attacked) -> None:
    """PLAYBOOK 2.3, point 9; escaped, and as it is."""
    for _, text in naughty.texts():
        document = {"text": text, "tags": [text]}
        await attacked.post(json.dumps(document).encode())
        if not text.isascii():
            raw = json.dumps(document, ensure_ascii=False)
            await attacked.post(raw.encode("utf-8", "surrogatepass"))
    assert attacked.statuses[200] > 400
    assert set(attacked.statuses) <= {200, 400, 413, 422}


@pytest.mark.slow
async def test_every_naughty_body_is_answered_or_refused(attacked: Attacked) -> None:
    """PLAYBOOK 2.3, point 9."""
    for _, body in naughty.bodies():
        await attacked.post(body)
    assert {200, 400, 413, 422} == set(attacked.statuses)


@pytest.mark.slow
async def test_every_naughty_header_is_answered_or_refused(attacked: Attacked) -> None:
    """PLAYBOOK 2.3, point 9; nothing that a header says reaches another header."""
    for _, lines in naughty_http.headers():
        head = attacked.head()
        if lines[0][0] == b"Authorization":
            head = head[: head.index(b"Authorization")]
        head += b"".join(b"%s: %s\r\n" % line for line in lines)
        heard = await attacked.post(GOOD, head)
        assert "x-injected" not in heard.headers
    assert {200, 400, 401, 415} <= set(attacked.statuses) <= {0, 200, 400, 401, 413, 415}


@pytest.mark.slow
async def test_every_naughty_framing_ends(attacked: Attacked) -> None:
    """PLAYBOOK 2.3, 2.4: lengths that lie hold no connection and reach no other request."""
    for _, request in naughty_http.framings(attacked.head(), GOOD):
        await attacked.say(request)
    assert set(attacked.statuses) <= {0, 200, 400, 404, 405, 408, 413}


async def test_nothing_follows_a_request_that_says_its_length_in_two_ways(
    attacked: Attacked,
) -> None:
    """RFC 9112, 6.1: what a proxy takes for its body must not be a request to us."""
    head = attacked.head().replace(b"Connection: close\r\n", b"")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
    lengths = b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n" % len(chunked)
    next_one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    answered = await attacked.say(head + lengths + chunked + next_one)
    assert answered.status == 200
    assert len(attacked.service.lines("ai_call")) == 2


@pytest.mark.slow
async def test_a_model_that_says_every_naughty_text_breaks_nothing(
    attacked: Attacked, provider: Provider
) -> None:
    """PLAYBOOK 2.10, point 10: what a model says is as little trusted as what a caller sends."""
    said = [answers({"remark": text[:300]}) for _, text in naughty.texts()]
    said += [says(text) for _, text in every(4, naughty.texts())]
    for reply in said:
        provider.will(reply)
        await attacked.post(GOOD)
        provider.forget()
    assert attacked.statuses[200] > 400
    assert set(attacked.statuses) <= {200, 422}


@pytest.mark.slow
async def test_a_provider_that_sends_every_naughty_body_costs_an_answer_at_most(
    attacked: Attacked, provider: Provider
) -> None:
    """PLAYBOOK 2.2: a provider's garbage is a degraded answer."""
    said = [Reply(body) for _, body in naughty.bodies()]
    said += [Reply(body, 500) for _, body in every(4, naughty.bodies())]
    said += [says(body.decode("utf-8", "replace")) for _, body in every(4, naughty.bodies())]
    for reply in said:
        provider.will(reply)
        await attacked.post(GOOD)
        provider.forget()
    assert set(attacked.statuses) == {200}
