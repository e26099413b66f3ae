"""Configuration that is right, for tests to break: one text per file, and a folder made of them."""

from __future__ import annotations

from pathlib import Path

CRITERIA = """\
quality:
  owner: domain_expert
  at_least: 0.92
  critical_at_least: 1.0
  least_sample: 200
  slices:
    common: {at_least: 0.92, least_sample: 30}
    edge:
      at_least: 0.85
      least_sample: 30
  simulated:
    at_least: 0.6
    least_sample: 10
latency:
  owner: ai_engineer
  p95_seconds: 3.0
  least_sample: 200
availability:
  owner: platform_engineer
  at_least: 0.995
  window_days: 30
  least_sample: 1000
cost:
  owner: product_owner
  per_interaction_usd: 0.15
  daily_budget_usd: 50
  weekly_budget_usd: 250
  least_sample: 200
satisfaction:
  owner: product_owner
  at_least: 4.0
  least_sample: 30
traffic:
  owner: platform_engineer
  peak_requests_per_second: 5
  replicas: 1
safety:
  owner: platform_engineer
  benign_stopped_at_most: 0.05
  least_sample: 40
  families:
    direct: {resisted_at_least: 0.9, worst_case_at_least: 0.4, least_sample: 20}
    extraction: {resisted_at_least: 1.0, worst_case_at_least: 0.0, least_sample: 20}
"""

RELEASES = """\
releases:
  triage-v1:
    model: simulator:small
    fallbacks: []
    prompt: v1
    prompt_sha256: null
    parameters: {temperature: 0.0, max_tokens: 400}
    confidence_threshold: 0.5
    price: null
    retires: null
  triage-v2:
    model: openai:gpt-5-mini
    fallbacks: [anthropic:claude-haiku-4-5, "bedrock:acme.model-v1:0"]
    prompt: v2
    parameters: {max_tokens: 400}
    confidence_threshold: 0.5
    retires: 2027-06-30
"""

GUARDRAILS = """\
version: v1
request:
  budget_seconds: 8.0
  max_bytes: 65536
  max_characters: 20000
  max_depth: 10
model:
  timeout_seconds: 4.8
  attempts: 2
  backoff_initial_seconds: 0.2
  backoff_max_seconds: 2.0
  concurrency: 32
breaker:
  failures: 5
  window_seconds: 30
  reset_seconds: 15
input:
  injection: {mode: block, budget_ms: 50}
output:
  personal_data: {mode: redact, budget_ms: 50}
  secrets: {mode: block, budget_ms: 50}
  canary: {mode: block, budget_ms: 10}
limits:
  user_requests_per_minute: 60
  session_requests_per_minute: 30
  service_requests_per_minute: 900
  stop_at_daily_budget: 1.2
logs:
  payload: redacted
hand_over:
  message: A colleague will look at this.
"""

OWNERSHIP = """\
roles:
  product_owner: {name: Ann Berg, email: ann@example.com}
  ai_engineer: {name: Ben Cruz, email: null}
  platform_engineer: {name: Cem Demir}
  domain_expert: {name: Dora Egli, email: dora@example.com}
oncall:
  primary: Ann Berg
  secondary: Ben Cruz
  channel: "#triage"
  pager: none
escalation:
  - {after_minutes: 0, to: primary}
  - {after_minutes: 15, to: secondary}
cadence:
  models: {every_days: 90, owner: ai_engineer, last_done: null}
attestations:
  - point: 19
    statement: The rotation was tested.
    by: Ann Berg
    on: 2027-01-31
    expires: 2027-04-30
"""

FLAGS = """\
{
  "flags": {
    "ai_enabled": {
      "state": "ENABLED",
      "variants": {"on": true, "off": false},
      "defaultVariant": "on",
      "targeting": {"if": [{"==": [{"var": "organisation"}, "acme"]}, "off"]}
    },
    "release": {
      "state": "ENABLED",
      "variants": {"v1": "triage-v1", "v2": "triage-v2"},
      "defaultVariant": "v1",
      "targeting": {
        "fractional": [
          ["v1", 95],
          ["v2", 5]
        ]
      }
    }
  }
}
"""

GOOD = {
    "success-criteria.yaml": CRITERIA,
    "releases.yaml": RELEASES,
    "guardrails.yaml": GUARDRAILS,
    "ownership.yaml": OWNERSHIP,
    "flags.json": FLAGS,
}


def make(root: Path) -> Path:
    """Write a configuration that is right into `root/config/`."""
    (root / "config").mkdir()
    for name, text in GOOD.items():
        (root / "config" / name).write_text(text, encoding="utf-8")
    return root


def edit(root: Path, name: str, right: str, wrong: str) -> None:
    """Break one place of one file; the place has to be there, and only once."""
    path = root / "config" / name
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1, f"{right!r} is {text.count(right)} times in {name}"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
