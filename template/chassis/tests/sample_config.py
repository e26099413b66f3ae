"""A `config/` for the chassis's tests: right as it stands, with what a test needs changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from chassis.testing import ServiceUnderTest

Block = dict[str, Any]

# Opens a service over this configuration; the fixture `start` is one.
Start: TypeAlias = Callable[..., Awaitable[ServiceUnderTest]]


def _owned(owner: str, **numbers: Any) -> Block:
    return {"owner": owner, **numbers}


FILES: dict[str, Block] = {
    "success-criteria.yaml": {
        "quality": _owned(
            "domain_expert",
            at_least=0.9,
            critical_at_least=1.0,
            least_sample=200,
            slices={"common": {"at_least": 0.9, "least_sample": 30}},
            simulated={"at_least": 0.6, "least_sample": 10},
        ),
        "latency": _owned("ai_engineer", p95_seconds=0.5, least_sample=200),
        "availability": _owned(
            "platform_engineer", at_least=0.995, window_days=30, least_sample=1000
        ),
        "cost": _owned(
            "product_owner",
            per_interaction_usd=0.15,
            daily_budget_usd=50.0,
            weekly_budget_usd=250.0,
            least_sample=200,
        ),
        "satisfaction": _owned("product_owner", at_least=4.0, least_sample=30),
        "traffic": _owned("platform_engineer", peak_requests_per_second=5.0, replicas=1),
    },
    "releases.yaml": {
        "releases": {
            "label-v1": {
                "model": "simulator:small",
                "fallbacks": [],
                "prompt": "v1",
                "parameters": {"temperature": 0.0, "max_tokens": 100},
                "confidence_threshold": 0.5,
                "price": {"input_usd_per_million": 1.0, "output_usd_per_million": 10.0},
            },
            "label-v2": {
                "model": "simulator:large",
                "prompt": "v2",
                "parameters": {"max_tokens": 100},
                "confidence_threshold": 0.5,
                "price": {"input_usd_per_million": 1.0, "output_usd_per_million": 10.0},
            },
        }
    },
    "guardrails.yaml": {
        "version": "v1",
        "request": {
            "budget_seconds": 3.0,
            "receive_seconds": 3.0,
            "max_bytes": 4096,
            "max_characters": 1000,
            "max_depth": 6,
        },
        "model": {
            "timeout_seconds": 1.0,
            "attempts": 2,
            "backoff_initial_seconds": 0.01,
            "backoff_max_seconds": 0.05,
            "concurrency": 8,
            "queue": 64,
            "send_user": True,
        },
        "breaker": {"failures": 100, "window_seconds": 30, "reset_seconds": 15},
        "input": {"injection": {"mode": "block", "budget_ms": 1000}},
        "output": {
            "personal_data": {"mode": "redact", "budget_ms": 1000},
            "secrets": {"mode": "block", "budget_ms": 1000},
            "canary": {"mode": "block", "budget_ms": 1000},
        },
        "limits": {
            "user_requests_per_minute": 10000,
            "session_requests_per_minute": 10000,
            "service_requests_per_minute": 10000,
            "stop_at_daily_budget": 1.2,
        },
        "logs": {"payload": "redacted"},
        "hand_over": {"message": "A colleague will look at this."},
    },
    "ownership.yaml": {
        "roles": {
            role: {"name": "Ann Berg", "email": "ann@example.com"}
            for role in ("product_owner", "ai_engineer", "platform_engineer", "domain_expert")
        },
        "oncall": {"primary": "Ann", "secondary": "Ben", "channel": "#labels", "pager": "none"},
        "escalation": [{"after_minutes": 0, "to": "primary"}],
        "cadence": {"models": {"every_days": 90, "owner": "ai_engineer", "last_done": None}},
        "attestations": [],
    },
}


def patient(**modes: str) -> Block:
    """Guards that a busy machine does not make overrun, for tests about something else."""
    usual = {
        "input": {"injection": "block", "personal_data": "redact"},
        "output": {
            "personal_data": "redact",
            "secrets": "block",
            "canary": "block",
            "links": "redact",
            "markup": "redact",
            "topics": "block",
        },
    }
    return {
        direction: {
            guard: {"mode": modes.get(guard, mode), "budget_ms": 10_000}
            for guard, mode in guards.items()
        }
        for direction, guards in usual.items()
    }


def flags(
    ai: str = "on",
    release: str = "label-v1",
    *,
    ai_targeting: Block | None = None,
    release_targeting: Block | None = None,
) -> Block:
    """A flag document: the kill switch's variant and the release in force."""
    releases = FILES["releases.yaml"]["releases"]
    return {
        "flags": {
            "ai_enabled": {
                "state": "ENABLED",
                "variants": {"on": True, "off": False},
                "defaultVariant": ai,
                "targeting": ai_targeting or {},
            },
            "release": {
                "state": "ENABLED",
                "variants": {name: name for name in releases},
                "defaultVariant": release,
                "targeting": release_targeting or {},
            },
        }
    }


USUAL_FLAGS = flags()


def make(root: Path, flag_document: Block | str | None = USUAL_FLAGS, **changes: Block) -> Path:
    """Write `root/config/`; `guardrails={"request": {...}}` changes that much of one file."""
    (root / "config").mkdir(exist_ok=True)
    for name, content in FILES.items():
        key = name.removesuffix(".yaml").replace("-", "_")
        merged = _merge(copy.deepcopy(content), changes.pop(key, {}))
        (root / "config" / name).write_text(json.dumps(merged, indent=2), "utf-8")  # JSON is YAML
    assert not changes, f"no such file: {changes}"
    if flag_document is not None:
        write_flags(root, flag_document)
    return root


def write_flags(root: Path, document: Block | str) -> None:
    """Replace the flag document as an operator's editor or `playbook` does: whole, by renaming."""
    text = document if isinstance(document, str) else json.dumps(document)
    new = root / "config" / "flags.json.new"
    new.write_text(text, "utf-8")
    new.replace(root / "config" / "flags.json")


def _merge(into: Block, changes: Block) -> Block:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
    return into
