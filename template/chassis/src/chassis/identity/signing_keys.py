"""The signing keys of the identity provider (JWKS): fetched, cached, rotated, bounded.

A token never decides what is fetched: the address comes from the settings, and an unknown key asks
the provider at most once per interval, however many tokens name one.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from ..config.guardrails import Oidc
from ..config.settings import is_secure
from ..problems import Problem, unavailable

if TYPE_CHECKING:
    from ..logs import Logger
    from ..metrics import Metrics

POLL_SECONDS = 0.5
_LARGEST_DOCUMENT = 256 * 1024
_LEAST_RSA_BITS = 2048
_DISCOVERY = "/.well-known/openid-configuration"
# What of a key is looked at; the private members of one published by mistake are not.
_PUBLIC = frozenset(("kty", "crv", "n", "e", "x", "y"))
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}

Found = dict[tuple[str | None, str], PyJWK]


class SigningKeys:
    """The provider's keys by id and algorithm, never older than the policy says."""

    def __init__(
        self,
        issuer: str,
        jwks_url: str | None,
        policy: Oidc,
        client: httpx2.AsyncClient,
        log: Logger,
        metrics: Metrics,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._policy = policy
        self._client = client
        self._log = log
        self._metrics = metrics
        self._now = now
        self._keys: Found = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None
        self._refused: str | None = None

    async def find(self, kid: str | None, algorithm: str) -> PyJWK | None:
        """The key a token names; a provider with one key may leave the name out.

        Raises Problem (503) when there are no keys that may still be used.
        """
        if self._age() > self._policy.keys_usable_seconds:
            await self.ask()
            if self._age() > self._policy.keys_usable_seconds:
                raise _unreachable()
        if kid is None:
            fitting = [key for (_, alg), key in self._keys.items() if alg == algorithm]
            return fitting[0] if len(fitting) == 1 else None
        if (kid, algorithm) not in self._keys:
            await self.ask()
        return self._keys.get((kid, algorithm))

    async def ask(self) -> None:
        """Fetch the keys, unless that was tried within the interval; whoever asks meanwhile waits.

        The fetch is a task of its own, so that a request that is given up does not end it.
        """
        if self._asking is None or self._asking.done():
            since = self._now() - self._asked_at if self._asked_at is not None else float("inf")
            if since < self._policy.refetch_seconds:
                return
            self._asked_at = self._now()
            self._asking = asyncio.create_task(self._refresh())
        await asyncio.shield(self._asking)

    async def watch(self) -> None:
        """Fetch for ever: when the keys are old, and while they cannot be had."""
        while True:
            if self._age() >= self._policy.keys_lifetime_seconds:
                await self.ask()
            await asyncio.sleep(POLL_SECONDS)

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._now() - self._fetched_at

    async def _refresh(self) -> None:
        try:
            async with asyncio.timeout(self._policy.timeout_seconds):
                url = self._jwks_url or await self._discover()
                document = await self._get(url)
            self._keys = usable_keys(document, self._policy.algorithms)
        except _NotUsable as error:
            self._refuse(str(error))
        except TimeoutError:
            self._refuse(f"No answer within {self._policy.timeout_seconds:g} s.")
        except Exception as error:  # noqa: BLE001 - the watch must not end; its text may hold anything
            self._refuse(f"{type(error).__name__} while asking for the keys.")
        else:
            self._accept()

    async def _discover(self) -> str:
        """Where the provider's own description says its keys are (OpenID Connect Discovery, 4)."""
        document = await self._get(self._issuer.rstrip("/") + _DISCOVERY)
        if document.get("issuer") != self._issuer:  # 4.3: must be identical
            raise _NotUsable("The provider's description names another issuer than OIDC_ISSUER.")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or not is_secure(url):
            raise _NotUsable("The provider's description has no jwks_uri over https.")
        if url.startswith("http:") and self._issuer.startswith("https:"):
            raise _NotUsable("The provider's description leaves https for its jwks_uri.")
        return url

    async def _get(self, url: str) -> dict[str, Any]:
        # Uncompressed, so that what is read is as large as what was sent.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        body = bytearray()
        async with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code != 200:
                raise _NotUsable(f"The provider answered {response.status_code}.")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > _LARGEST_DOCUMENT:
                    raise _NotUsable(f"The provider sent more than {_LARGEST_DOCUMENT:,} bytes.")
        try:
            document = json.loads(bytes(body))
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise _NotUsable("The provider sent something else than a JSON object.")
        return document

    def _accept(self) -> None:
        self._fetched_at, self._refused = self._now(), None
        self._metrics.token_keys_ok.set(1)
        self._metrics.token_keys_fetched.set_to_current_time()
        names = sorted({kid or "" for kid, _ in self._keys})
        self._log.info("token_keys_loaded", issuer=self._issuer, keys=names)

    def _refuse(self, reason: str) -> None:
        self._metrics.token_keys_ok.set(0)
        if reason == self._refused:
            return  # said before
        self._refused = reason
        age, usable = self._age(), self._policy.keys_usable_seconds
        consequence = (
            f"The keys of {age:.0f} s ago are used until they are {usable:g} s old."
            if age < usable
            else "There are no keys to check tokens with: they are refused (503)."
        )
        self._log.error(
            "token_keys_refused", issuer=self._issuer, reason=reason, consequence=consequence
        )


class _NotUsable(Exception):
    """What the provider sent cannot be used; the text holds nothing of it."""


def usable_keys(document: dict[str, Any], algorithms: Sequence[str]) -> Found:
    """The keys of a JWKS that may check signatures, for each algorithm they fit.

    Raises when there is none: an empty document would lock everyone out.
    """
    found: Found = {}
    listed = document.get("keys")
    for entry in listed if isinstance(listed, list) else []:
        if not isinstance(entry, dict) or not _for_signatures(entry):
            continue
        kid = entry.get("kid")
        for algorithm in algorithms:
            if _fits(entry, algorithm) and (key := _built(entry, algorithm)):
                found[kid if isinstance(kid, str) else None, algorithm] = key
    if not found:
        raise _NotUsable(f"The provider has no public key for {', '.join(algorithms)}.")
    return found


def _for_signatures(entry: dict[str, Any]) -> bool:
    operations = entry.get("key_ops")
    return entry.get("use", "sig") == "sig" and (
        operations is None or (isinstance(operations, list) and "verify" in operations)
    )


def _fits(entry: dict[str, Any], algorithm: str) -> bool:
    """Whether a key is one for this algorithm; many providers do not say for which it is."""
    if entry.get("alg", algorithm) != algorithm:
        return False
    if curve := _CURVES.get(algorithm):
        return entry.get("kty") == ("OKP" if algorithm == "EdDSA" else "EC") and (
            entry.get("crv") == curve
        )
    return entry.get("kty") == "RSA"


def _built(entry: dict[str, Any], algorithm: str) -> PyJWK | None:
    public = {name: value for name, value in entry.items() if name in _PUBLIC}
    try:
        key = PyJWK(public, algorithm)
    except (PyJWTError, ValueError, TypeError, KeyError, OverflowError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < _LEAST_RSA_BITS:
        return None
    return key


def _unreachable() -> Problem:
    return unavailable(
        "token-keys-unavailable",
        "Tokens cannot be checked, because the identity provider does not answer. Retry later.",
    )
