"""What browsers are told with every answer, and which web pages may ask: pure ASGI, outermost."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing here is a page: nothing may be loaded, framed, guessed at, kept or passed on.
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# Only over TLS, where RFC 6797 (7.2) allows it. Mostly TLS ends before this process, and who ends
# it says so for the whole host; uvicorn believes `X-Forwarded-Proto` of this machine only.
_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}

_MAY_SEND = ("Authorization", "Content-Type", "X-API-Key", "X-End-User", "X-Session-Id")
_MAY_TRACE = ("traceparent", "tracestate")
_MAY_READ = ("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Request-Id")


class SecurityHeaders:
    """Adds the headers to every answer, errors and preflights too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(scope.get("scheme", "http")).items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


def security_headers(scheme: str) -> dict[str, str]:
    """The headers for an answer over http or https."""
    return {**SECURITY_HEADERS, **(_OVER_TLS if scheme == "https" else {})}


class Cors:
    """Answers browsers that ask for a page of another origin; silent where none is allowed.

    The configuration is read when the application starts, after this is put together, so it is
    looked up with the first request. Credentials are never allowed: this service sets no cookie,
    and keys and tokens are sent by the page itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._made: tuple[Sequence[str], ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        app = self._app if scope["type"] != "http" else self._for(scope["app"])
        await app(scope, receive, send)

    def _for(self, starlette: Starlette) -> ASGIApp:
        origins: Sequence[str] = starlette.state.service.config.guardrails.access.cors_origins
        if not origins:
            return self._app
        if self._made is None or self._made[0] is not origins:
            made = CORSMiddleware(
                self._app,
                allow_origins=origins,
                allow_methods=("GET", "POST"),
                allow_headers=(*_MAY_SEND, *_MAY_TRACE),
                expose_headers=_MAY_READ,
            )
            self._made = (origins, made)
        return self._made[1]
