"""The HTTP shell: routes, bodies and headers around `Service`. It decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from opentelemetry.sdk.trace import SpanProcessor
from starlette.exceptions import HTTPException

from .form import ReadBody
from .openapi import describe
from .pipeline import Pipeline
from .problems import MEDIA_TYPE, Problem, invalid
from .service import Result, Service, new_request_id

_NO_PUBLIC_DOCUMENTS: dict[str, Any] = {"openapi_url": None, "docs_url": None, "redoc_url": None}
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def create_app(
    pipeline: Pipeline[Any, Any],
    root: Path | None = None,
    *,
    log_stream: TextIO | None = None,
    span_processor: SpanProcessor | None = None,
) -> FastAPI:
    """The ASGI application of a service over `root/config` (default: the working directory).

    The service opens when the application starts; ConfigError is raised then.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = Service.open(
            pipeline, root or Path.cwd(), log_stream=log_stream, span_processor=span_processor
        )
        async with opened as service:
            app.state.service = service
            yield

    return _routes(FastAPI(lifespan=lifespan, **_NO_PUBLIC_DOCUMENTS), pipeline)


def app_of(service: Service) -> FastAPI:
    """The ASGI application of a service that is open already."""
    app = FastAPI(**_NO_PUBLIC_DOCUMENTS)
    app.state.service = service
    return _routes(app, service.pipeline)


def _routes(app: FastAPI, pipeline: Pipeline[Any, Any]) -> FastAPI:

    async def run(request: Request) -> Response:
        return _response(await _service(app).handle(_body(request), _headers(request)))

    async def feedback(request: Request) -> Response:
        return _response(await _service(app).rate(_body(request), _headers(request)))

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True}, headers=_HEADERS)

    async def readyz(_: Request) -> Response:
        ready, state = _service(app).readiness()
        return JSONResponse(state, 200 if ready else 503, headers=_HEADERS)

    async def openapi(request: Request) -> Response:
        try:
            _service(app).authorise(_headers(request), "docs")
        except Problem as problem:
            return _response(
                Result(problem.status, problem.body(new_request_id()), problem.headers)
            )
        return JSONResponse(describe(pipeline), headers=_HEADERS)

    app.add_route(f"/v1/{pipeline.name}", run, methods=["POST"])
    app.add_route("/v1/feedback", feedback, methods=["POST"])
    app.add_route("/healthz", healthz)
    app.add_route("/readyz", readyz)
    app.add_route("/openapi.json", openapi)
    app.add_exception_handler(HTTPException, _no_route)
    return app


def _service(app: FastAPI) -> Service:
    service: Service = app.state.service
    return service


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _body(request: Request) -> ReadBody:
    async def read(max_bytes: int) -> bytes:
        too_long = invalid(
            "body-too-large",
            "The body is too large",
            f"This service takes up to {max_bytes:,} bytes.",
            status=413,
            headers={"Connection": "close"},
        )
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > max_bytes:
            raise too_long
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > max_bytes:
                raise too_long
        return bytes(body)

    return read


def _response(result: Result) -> Response:
    media_type = "application/json" if result.status < 400 else MEDIA_TYPE
    return JSONResponse(
        result.body, result.status, {**_HEADERS, **result.headers}, media_type=media_type
    )


async def _no_route(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = {404: "There is nothing at this address", 405: "This address takes another method"}
    problem = invalid(
        "no-route", title.get(status, "The request is wrong"), "See /openapi.json.", status=status
    )
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _response(Result(status, problem.body(new_request_id()), headers))
