"""The HTTP shell: routes, bodies and headers around `Service`. It decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute
from starlette.types import Lifespan

from .http_headers import Cors, SecurityHeaders, security_headers
from .pipeline import Pipeline
from .problems import MEDIA_TYPE, invalid, unavailable
from .routes import Door, routes
from .service import Result, Service, new_request_id

# How much of an unwanted body is read before the answer, and for how long.
_DISCARD_BYTES = 4 * 1024 * 1024
_DISCARD_SECONDS = 1.0


def create_app(pipeline: Pipeline[Any, Any], root: Path | None = None) -> Starlette:
    """The ASGI application of a service over `root/config` (default: the working directory).

    The service opens when the application starts; ConfigError is raised then.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with Service.open(pipeline, root or Path.cwd()) as service:
            app.state.service = service
            yield

    return _app(pipeline, lifespan)


def app_of(service: Service) -> Starlette:
    """The ASGI application of a service that is open already."""
    app = _app(service.pipeline)
    app.state.service = service
    return app


def _app(pipeline: Pipeline[Any, Any], lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    app = Starlette(
        routes=[
            HttpRoute(route.path, _HANDLERS[door], methods=[route.method])
            for door, route in routes(pipeline).items()
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: _no_route, Exception: _bug},
        middleware=[Middleware(SecurityHeaders), Middleware(Cors)],
    )
    app.router.redirect_slashes = False  # an address is right or not there
    return app


async def _run(request: Request) -> Response:
    body = _Body(request)
    result = await _service(request).handle(body.read, _headers(request), left=body.left())
    await body.discard()
    return _response(result)


async def _feedback(request: Request) -> Response:
    body = _Body(request)
    result = await _service(request).rate(body.read, _headers(request))
    await body.discard()
    return _response(result)


async def _openapi(request: Request) -> Response:
    return _response(await _service(request).describe(_headers(request)))


async def _healthz(_: Request) -> Response:
    return JSONResponse({"alive": True})


async def _readyz(request: Request) -> Response:
    ready, state = _service(request).readiness()
    return JSONResponse(state, 200 if ready else 503)


_HANDLERS = {
    Door.use_case: _run,
    Door.feedback: _feedback,
    Door.openapi: _openapi,
    Door.healthz: _healthz,
    Door.readyz: _readyz,
}


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


class _Body:
    """The body of a request, read as far as somebody wants it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._whole = False
        self._arrived = asyncio.Event()

    async def read(self, max_bytes: int) -> bytes:
        """The whole body; raises Problem when it is too large or breaks off."""
        too_large = invalid(
            "body-too-large",
            "The body is too large",
            f"This service takes up to {max_bytes:,} bytes.",
            status=413,
            headers={"Connection": "close"},
        )
        declared = self._request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > max_bytes:
            raise too_large
        body = bytearray()
        try:
            async for chunk in self._request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
        except ClientDisconnect:
            self._whole = True  # there will be no more of it
            raise invalid(
                "body-cut-off", "The body broke off", "Send it again, whole.", status=400
            ) from None
        except asyncio.CancelledError:
            self._whole = True  # its time is up: who sends slowly gets the answer now
            raise
        self._whole = True
        self._arrived.set()
        return bytes(body)

    async def left(self) -> None:
        """Return when the caller has closed the connection, having sent the whole body."""
        await self._arrived.wait()
        while (await self._request.receive())["type"] != "http.disconnect":
            pass

    async def discard(self) -> None:
        """Read on a little where nobody did, and forget it.

        A connection that is closed over unread bytes is reset, and a caller who is still sending
        loses the answer that says why.
        """
        if self._whole or "expect" in self._request.headers:  # who asks first has not sent it
            return
        left = _DISCARD_BYTES
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(_DISCARD_SECONDS):
                async for chunk in self._request.stream():
                    left -= len(chunk)
                    if left < 0:
                        return


def _response(result: Result) -> Response:
    media_type = "application/json" if result.status < 400 else MEDIA_TYPE
    return JSONResponse(result.body, result.status, result.headers, media_type=media_type)


async def _no_route(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = {404: "There is nothing at this address", 405: "This address takes another method"}
    problem = invalid(
        "no-route", title.get(status, "The request is wrong"), "See /openapi.json.", status=status
    )
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    request_id = new_request_id()
    headers["X-Request-Id"] = request_id
    return _response(Result(status, problem.body(request_id), headers))


async def _bug(request: Request, _: Exception) -> Response:
    """Whatever a handler let through; Starlette's own answer comes from outside all middleware."""
    request_id = new_request_id()
    problem = unavailable("internal-error", "Something went wrong on our side.")
    headers = {**security_headers(request.url.scheme), **problem.headers}
    headers["X-Request-Id"] = request_id
    return _response(Result(problem.status, problem.body(request_id), headers))
