"""An identity provider over real HTTP on loopback: it signs tokens and publishes its keys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

AUDIENCE = "label-service"
DISCOVERY = "/.well-known/openid-configuration"
ALL_SCOPES = "label feedback docs delegate"


def new_key(algorithm: str = "ES256") -> Any:
    """A private key for an algorithm."""
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm.startswith("ES"):
        curve = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}[algorithm]
        return ec.generate_private_key(curve())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(private: Any, kid: str | None, algorithm: str = "ES256", **more: Any) -> dict[str, Any]:
    """A key as a JWKS shows it."""
    shown: dict[str, Any] = get_default_algorithms()[algorithm].to_jwk(
        private.public_key(), as_dict=True
    )
    return {**shown, **({"kid": kid} if kid else {}), "use": "sig", **more}


@dataclass
class IdentityProvider:
    """The provider as a test sees it."""

    issuer: str
    private: Any = field(default_factory=new_key)
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    description: dict[str, Any] = field(default_factory=dict)
    answer: tuple[int, bytes] | None = None  # in the place of the JWKS
    hold: threading.Event | None = None  # answers only once it is set

    def __post_init__(self) -> None:
        self.keys = [public(self.private, "first")]
        self.description = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}

    @property
    def fetches(self) -> int:
        """How often the keys were asked for."""
        return self.asked.count("/keys")

    @property
    def settings(self) -> dict[str, Any]:
        """What a service needs to take this provider's tokens."""
        return {"oidc_issuer": self.issuer, "oidc_audience": AUDIENCE}

    def token(
        self,
        *,
        kid: str | None = "first",
        algorithm: str = "ES256",
        key: Any = None,
        headers: dict[str, Any] | None = None,
        seconds: float = 600,
        **claims: Any,
    ) -> str:
        """A good token with all scopes, but for what is said; a claim of None is left out."""
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "ann@example.com",
            "iat": now,
            "exp": now + seconds,
            "scope": ALL_SCOPES,
        }
        payload = {name: v for name, v in {**usual, **claims}.items() if v is not None}
        head = {"typ": "at+jwt", **({"kid": kid} if kid else {}), **(headers or {})}
        return jwt.encode(payload, key or self.private, algorithm, head)

    def respond(self, path: str) -> tuple[int, bytes]:
        """The status and body of one request."""
        self.asked.append(path)
        if self.hold:
            self.hold.wait(10)
        if path == DISCOVERY:
            return 200, json.dumps(self.description).encode()
        if path != "/keys":
            return 404, b""
        return self.answer or (200, json.dumps({"keys": self.keys}).encode())


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """A provider on a free port, in threads of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = provider.respond(self.path)
            self.send_response(status)
            if status // 100 == 3:
                self.send_header("Location", "/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                return

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        if provider.hold:
            provider.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
