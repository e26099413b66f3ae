"""The simulator as an ASGI application: provider protocols in front, faults and counts behind."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import sys
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import openai_protocol
from .anthropic_protocol import AnthropicProtocol
from .brain import answer as default_brain
from .core import MARK_HEADERS, BadRequestError, Brain, Exchange, Spoiled, WireProtocol, complete
from .faults import (
    ConnectionReset,
    Decision,
    EmptyChoices,
    FaultBook,
    MalformedBody,
    NoAnswer,
    Plan,
    RateLimit,
    ServerError,
    SlowDrip,
    TruncatedStream,
    WrongLabel,
    WrongSchema,
)
from .latency import Latency
from .plan import PlanError, parse_plan
from .wire import Delivery, Ending

OPENAI = openai_protocol.OpenAIProtocol()
PROTOCOLS: tuple[WireProtocol, ...] = (OPENAI, AnthropicProtocol())
MODELS = ("small", "large")
MAX_BODY_BYTES = 8 * 1024 * 1024
REMEMBERED_REQUESTS = 100


@dataclass
class Stats:
    """How many requests came and what they got. Holds no text of any request."""

    requests: int = 0
    answered: int = 0
    rejected: int = 0
    in_flight: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))


class Simulator:
    """One simulated provider: its brain, its dials, its faults and its counts."""

    def __init__(
        self, brain: Brain, *, seed: int, skill: float, latency: Latency, plan: Plan | None
    ) -> None:
        self.brain = brain
        self.seed = seed
        self.skill = skill
        self.latency = latency
        self.book = FaultBook(plan, seed=seed)
        self.stats = Stats()
        self.stopping = asyncio.Event()
        self._dice = random.Random(f"{seed}:latency")

    async def answer(self, protocol: WireProtocol, request: Request) -> Response:
        """Answer one provider request, or let the fault that was planned for it happen."""
        self.stats.requests += 1
        record: dict[str, Any] = {"number": self.stats.requests, "faults": []}
        self.stats.last.append(record)
        request_id = _request_id(self.stats.requests)
        body = await _body(request)
        try:
            exchange = protocol.read(body, request.headers)
        except BadRequestError as error:
            self.stats.rejected += 1
            delivery = self._error(
                protocol, error.status, error.message, request_id, field=error.field
            )
        else:
            decision = self.book.decide(exchange.call)
            record |= {"model": exchange.call.model, "stream": exchange.stream}
            record["faults"] = decision.kinds
            delivery = self._deliver(protocol, exchange, decision, request_id)
            delivery.wait_seconds += self.latency.draw(self._dice) + decision.seconds
        delivery.headers[protocol.request_id_header] = request_id
        record["status"] = delivery.status_code if delivery.pieces is not None else None
        return delivery

    def _deliver(
        self, protocol: WireProtocol, exchange: Exchange, decision: Decision, request_id: str
    ) -> Delivery:
        match decision.fault:
            case NoAnswer(seconds=seconds):
                return Delivery(None, wait_seconds=seconds, ending="close", stopping=self.stopping)
            case ConnectionReset():
                return Delivery(None, ending="reset", stopping=self.stopping)
            case RateLimit(retry_after_seconds=seconds):
                message = "Simulated fault: too many requests."
                headers = _retry_after(seconds)
                return self._error(protocol, 429, message, request_id, headers=headers)
            case ServerError(status=status):
                message = f"Simulated fault: status {status}."
                return self._error(protocol, status, message, request_id)
        return self._answer(exchange, decision)

    def _answer(self, exchange: Exchange, decision: Decision) -> Delivery:
        """A 200, which may still be wrong inside or badly delivered."""
        fault, stream = decision.fault, exchange.stream
        completion = complete(
            exchange.call,
            self.brain,
            seed=self.seed,
            skill=min(self.skill, decision.skill),
            spoiled=_spoiled(decision),
        )
        if isinstance(fault, EmptyChoices):
            completion = replace(completion, text="", tokens_out=0, empty=True)
        pieces = exchange.events(completion) if stream else [exchange.whole(completion)]
        if isinstance(fault, MalformedBody):
            pieces[0] = pieces[0][: len(pieces[0]) // 2] + (b"\n\n" if stream else b"")
        elif isinstance(fault, WrongSchema) and fault.part == "body":
            odd = b'{"status": "ok", "model": "%s"}' % completion.model.encode()
            pieces = [exchange.event(odd), pieces[-1]] if stream else [odd]
        length = None if stream else sum(map(len, pieces))
        ending: Ending = "whole"
        if isinstance(fault, TruncatedStream):
            pieces = _first_half(pieces)
            ending = "whole" if fault.polite and stream else "close"
        self.stats.answered += fault is None
        return Delivery(
            pieces,
            length=length,
            headers={"content-type": "text/event-stream" if stream else "application/json"},
            drip_seconds=fault.seconds if isinstance(fault, SlowDrip) else 0.0,
            ending=ending,
            stopping=self.stopping,
        )

    def _error(
        self,
        protocol: WireProtocol,
        status: int,
        message: str,
        request_id: str,
        *,
        field: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Delivery:
        body = protocol.error(status, message, field, request_id)
        return Delivery(
            [body],
            status=status,
            length=len(body),
            headers={"content-type": "application/json", **(headers or {})},
            stopping=self.stopping,
        )

    def report(self) -> dict[str, Any]:
        """The body of `GET /_simulator/stats`."""
        stats = self.stats
        return {
            "requests": stats.requests,
            "answered": stats.answered,
            "rejected": stats.rejected,
            "in_flight": stats.in_flight,
            "faults": dict(sorted(self.book.counts.items())),
            "statuses": {str(status): n for status, n in sorted(stats.statuses.items())},
            "last": list(stats.last),
        }


def create_simulator(
    brain: Brain | None = None,
    *,
    seed: int = 0,
    skill: float = 1.0,
    latency: Latency | None = None,
    plan: Plan | None = None,
) -> Starlette:
    """Build the application; `app.state.simulator` is the Simulator inside.

    Most faults work under any ASGI server; those that break connections need `process.serve`.
    """
    simulator = Simulator(
        brain or default_brain, seed=seed, skill=skill, latency=latency or Latency(), plan=plan
    )
    app = Starlette(
        routes=[*_provider_routes(simulator), *_control_routes(simulator)],
        middleware=[Middleware(_Marked, simulator=simulator)],
        exception_handlers={HTTPException: _http_error},
    )
    app.state.simulator = simulator
    return app


def _provider_routes(simulator: Simulator) -> list[Route]:
    def endpoint(protocol: WireProtocol) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await simulator.answer(protocol, request)

        return answer

    async def models(request: Request) -> Response:
        return JSONResponse(openai_protocol.models(MODELS))

    async def model(request: Request) -> Response:
        return JSONResponse(openai_protocol.model(request.path_params["name"]))

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "simulated": True})

    return [
        *(Route(each.path, endpoint(each), methods=["POST"]) for each in PROTOCOLS),
        Route("/v1/models", models),
        Route("/v1/models/{name:path}", model),
        Route("/healthz", health),
    ]


def _control_routes(simulator: Simulator) -> list[Route]:
    async def faults(request: Request) -> Response:
        _loopback_only(request)
        if request.method == "PUT":
            try:
                text = (await _body(request)).decode()
                simulator.book.replace(parse_plan(text, source="the request's body"))
            except UnicodeDecodeError:
                return _error(400, "The request's body is not UTF-8 text.")
            except PlanError as error:
                return _error(400, str(error), error.field)
        elif request.method == "DELETE":
            simulator.book.replace(Plan(faults=[]))
        return JSONResponse({"faults": simulator.book.state()})

    async def stats(request: Request) -> Response:
        _loopback_only(request)
        return JSONResponse(simulator.report())

    return [
        Route("/_simulator/faults", faults, methods=["GET", "PUT", "DELETE"]),
        Route("/_simulator/stats", stats),
    ]


class _Marked:
    """Marks every response, counts it, and turns our own bugs into a plain 500. Pure ASGI."""

    def __init__(self, app: ASGIApp, simulator: Simulator) -> None:
        self.app = app
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stats, started = self.simulator.stats, False
        provider = any(scope["path"] == protocol.path for protocol in PROTOCOLS)

        async def marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(MARK_HEADERS)
                if provider:
                    stats.statuses[message["status"]] += 1
            await send(message)

        stats.in_flight += provider
        try:
            await self.app(scope, receive, marked)
        except ClientDisconnect:
            pass
        except Exception as error:  # noqa: BLE001 - a caller must never see a traceback
            print(f"simulator: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            if not started:
                words = f"The simulator itself failed: {type(error).__name__}."
                broken = _error(500, words, path=scope["path"])
                await broken(scope, receive, marked)
        finally:
            stats.in_flight -= provider


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail
    if error.status_code in (404, 405):
        paths = ", ".join(protocol.path for protocol in PROTOCOLS)
        message = (
            f"The simulator has no {request.method} {request.url.path}. "
            f"It has POST {paths}, GET /v1/models and GET /healthz."
        )
    headers = dict(error.headers or {})
    return _error(error.status_code, message, path=request.url.path, headers=headers)


def _error(
    status: int,
    message: str,
    field: str | None = None,
    *,
    path: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    """An error outside any exchange, in the form of the protocol of its path."""
    protocol = next((each for each in PROTOCOLS if path.startswith(each.path)), OPENAI)
    body = protocol.error(status, message, field, _request_id(0))
    return Response(body, status, media_type="application/json", headers=headers)


def _request_id(number: int) -> str:
    return f"req_sim_{number:08d}"


async def _body(request: Request) -> bytes:
    """The whole body. Starlette's own limit answers before our middleware could mark the answer."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"The body is longer than {MAX_BODY_BYTES:,} bytes.")
    return bytes(body)


def _loopback_only(request: Request) -> None:
    try:
        near = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        near = False
    if not near:
        raise HTTPException(403, "Faults and counts are for callers on this machine only.")


def _spoiled(decision: Decision) -> Spoiled | None:
    if isinstance(decision.fault, WrongLabel):
        return "wrong_label"
    if isinstance(decision.fault, WrongSchema) and decision.fault.part == "answer":
        return "wrong_schema"
    return None


def _first_half(pieces: list[bytes]) -> list[bytes]:
    """The first half of the bytes, never cutting so late that a stream looks complete."""
    if len(pieces) == 1:
        return [pieces[0][: len(pieces[0]) // 2]]
    return pieces[: max(1, len(pieces) // 2)]


def _retry_after(seconds: float | None) -> dict[str, str]:
    if seconds is None:
        return {}
    whole = -int(-seconds // 1)
    exact = {} if whole == seconds else {"retry-after-ms": str(round(seconds * 1000))}
    return {"retry-after": str(whole), **exact}
