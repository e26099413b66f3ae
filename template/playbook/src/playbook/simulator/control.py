"""Talking to a running simulator from the outside: plan faults, read counts."""

from __future__ import annotations

import contextlib
import http.client
import json
from typing import Any

from .faults import Rule

HOST = "127.0.0.1"


class SimulatorError(RuntimeError):
    """The simulator could not start or answer. Its text is meant for people."""


class Control:
    """The control side of a simulator on this machine; `port` is known once it runs."""

    port: int = 0

    @property
    def url(self) -> str:
        """The simulator's address."""
        return f"http://{HOST}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client of the provider is given."""
        return f"{self.url}/v1"

    def plan(self, *rules: Rule | dict[str, Any]) -> None:
        """Put these fault rules in force, in place of all others."""
        faults = [
            rule.model_dump(mode="json") if isinstance(rule, Rule) else rule for rule in rules
        ]
        self.ask("PUT", "/_simulator/faults", {"faults": faults})

    def clear(self) -> None:
        """Remove all fault rules."""
        self.ask("DELETE", "/_simulator/faults")

    def stats(self) -> dict[str, Any]:
        """How many requests reached the simulator, and what they got."""
        return self.ask("GET", "/_simulator/stats")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """One request to the simulator itself; an error comes back as SimulatorError."""
        # http.client, because it knows nothing of proxy settings: loopback stays loopback.
        with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=5)) as line:
            line.request(method, path, None if body is None else json.dumps(body))
            response = line.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            raise SimulatorError(answer["error"]["message"])
        return answer
