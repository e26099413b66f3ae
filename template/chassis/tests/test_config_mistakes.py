"""What a person reads after a mistake in `config/`: each message in full."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import configs
import pytest

from chassis.config import ConfigError, load_config

CRITERIA, RELEASES = "success-criteria.yaml", "releases.yaml"
GUARDRAILS, OWNERSHIP = "guardrails.yaml", "ownership.yaml"


class Mistake(NamedTuple):
    """One place made wrong, and what is said about it."""

    name: str
    file: str
    right: str
    wrong: str
    said: str


MISTAKES = [
    Mistake(
        "a percentage for a share",
        CRITERIA,
        "at_least: 0.85",
        "at_least: 92",
        "config/success-criteria.yaml:9  quality.slices.edge.at_least\n"
        "  92 is not a share between 0 and 1. Did you mean 0.92?",
    ),
    Mistake(
        "a share in quotes",
        CRITERIA,
        "at_least: 0.85",
        'at_least: "0.85"',
        "config/success-criteria.yaml:9  quality.slices.edge.at_least\n"
        '  "0.85" is not a share between 0 and 1. Write it without quotes: 0.85.',
    ),
    Mistake(
        "a misspelt key",
        CRITERIA,
        "      at_least: 0.85",
        "      at_leest: 0.85",
        "config/success-criteria.yaml:9  quality.slices.edge.at_leest\n"
        "  at_leest is not known here. Did you mean at_least? Known: at_least, least_sample.",
    ),
    Mistake(
        "a missing number",
        CRITERIA,
        "  p95_seconds: 3.0\n",
        "",
        "config/success-criteria.yaml:14  latency.p95_seconds\n"
        "  This is missing. End to end, as the caller sees it: 95 of 100 answers are faster. "
        "Latency alert, load test, canary. Add it, such as `p95_seconds: 3.0`.",
    ),
    Mistake(
        "a number left empty",
        CRITERIA,
        "p95_seconds: 3.0",
        "p95_seconds:",
        "config/success-criteria.yaml:16  latency.p95_seconds\n"
        "  There is no value here; expected a number (seconds), such as 3.0.",
    ),
    Mistake(
        "a word for a number",
        CRITERIA,
        "p95_seconds: 3.0",
        "p95_seconds: fast",
        "config/success-criteria.yaml:16  latency.p95_seconds\n"
        '  "fast" is text; expected a number (seconds), such as 3.0.',
    ),
    Mistake(
        "a negative number",
        CRITERIA,
        "per_interaction_usd: 0.15",
        "per_interaction_usd: -1",
        "config/success-criteria.yaml:25  cost.per_interaction_usd\n"
        "  -1 is out of range: expected above 0 (usd).",
    ),
    Mistake(
        "infinity",
        CRITERIA,
        "p95_seconds: 3.0",
        "p95_seconds: 1e999",
        "config/success-criteria.yaml:16  latency.p95_seconds\n"
        "  inf is not finite; expected a number (seconds), such as 3.0.",
    ),
    Mistake(
        "a missing section",
        CRITERIA,
        "traffic:\n  owner: platform_engineer\n  peak_requests_per_second: 5\n  replicas: 1\n",
        "",
        "config/success-criteria.yaml:1  traffic\n"
        "  This is missing. What the service has to carry. Add the block, with owner, "
        "peak_requests_per_second, replicas.",
    ),
    Mistake(
        "a key that is there twice",
        CRITERIA,
        "  window_days: 30\n",
        "  window_days: 30\n  window_days: 28\n",
        "config/success-criteria.yaml:22  availability.window_days\n"
        "  This key is here twice, first in line 21. Keep one of them.",
    ),
    Mistake(
        "an owner who is no role",
        CRITERIA,
        "owner: domain_expert",
        "owner: domain_experts",
        "config/success-criteria.yaml:2  quality.owner\n"
        "  domain_experts is not a role. Did you mean domain_expert? Roles in "
        "ownership.yaml: product_owner, ai_engineer, platform_engineer, domain_expert.",
    ),
    Mistake(
        "a lower bar for critical cases",
        CRITERIA,
        "critical_at_least: 1.0",
        "critical_at_least: 0.9",
        "config/success-criteria.yaml:4  quality.critical_at_least\n"
        "  0.9 is lower than quality.at_least (0.92): a critical case cannot matter less "
        "than any other. Raise it, usually to 1.0.",
    ),
    Mistake(
        "a day's budget below one interaction",
        CRITERIA,
        "daily_budget_usd: 50",
        "daily_budget_usd: 0.1",
        "config/success-criteria.yaml:26  cost.daily_budget_usd\n"
        "  0.1 USD a day does not pay for one interaction (per_interaction_usd is 0.15). "
        "Raise it, or lower that.",
    ),
    Mistake(
        "a text with a colon",
        CRITERIA,
        "owner: ai_engineer",
        "owner: ai: engineer",
        "config/success-criteria.yaml:15\n"
        "  Not valid YAML at column 12: mapping values are not allowed here. Put a text with "
        "a colon in quotes; start the keys of one block in the same column.",
    ),
    Mistake(
        "an indentation with a tab",
        CRITERIA,
        "  window_days: 30",
        "\twindow_days: 30",
        "config/success-criteria.yaml:21\n"
        "  Not valid YAML at column 1: found character '\\t' that cannot start any token. "
        "Indent with spaces, not tabs.",
    ),
    Mistake(
        "a bracket left open",
        RELEASES,
        "{temperature: 0.0, max_tokens: 400}",
        "{temperature: 0.0, max_tokens: 400",
        "config/releases.yaml:8\n"
        "  Not valid YAML at column 25: expected ',' or '}', but got ':'. A bracket is not "
        "closed, or a comma is missing.",
    ),
    Mistake(
        "a quote left open",
        OWNERSHIP,
        'channel: "#triage"',
        'channel: "#triage',
        "config/ownership.yaml:22\n"
        "  Not valid YAML at column 1: found unexpected end of stream. A quote is not closed.",
    ),
    Mistake(
        "a merge left undone",
        CRITERIA,
        "  window_days: 30\n",
        "<<<<<<< before updating\n"
        "  window_days: 30\n"
        "=======\n"
        "  window_days: 28\n"
        ">>>>>>> after updating\n",
        "config/success-criteria.yaml:21\n"
        "  A merge left a conflict here. Keep one of the two sides, delete the markers.",
    ),
    Mistake(
        "an alias",
        CRITERIA,
        "  window_days: 30",
        "  window_days: *days",
        "config/success-criteria.yaml:21\n"
        "  Not valid YAML at column 16: an alias (*name). Aliases are not used in these "
        "files: write the value out.",
    ),
    Mistake(
        "a provider nobody knows",
        RELEASES,
        "openai:gpt-5-mini",
        "opnai:gpt-5-mini",
        "config/releases.yaml:12  releases.triage-v2.model\n"
        '  No provider is called "opnai". Did you mean openai? Known providers: simulator, '
        "openai, azure, openai-compatible, anthropic, google, bedrock.",
    ),
    Mistake(
        "a model without a provider",
        RELEASES,
        "openai:gpt-5-mini",
        "gpt-5-mini",
        "config/releases.yaml:12  releases.triage-v2.model\n"
        '  "gpt-5-mini" does not say who serves it. Write provider:model, such as '
        "openai:gpt-5-mini. Known providers: simulator, openai, azure, openai-compatible, "
        "anthropic, google, bedrock.",
    ),
    Mistake(
        "a fallback that is the model itself",
        RELEASES,
        "anthropic:claude-haiku-4-5",
        "openai:gpt-5-mini",
        "config/releases.yaml:13  releases.triage-v2.fallbacks[0]\n"
        "  openai:gpt-5-mini is the model itself: when it fails, so does this. Remove it.",
    ),
    Mistake(
        "a release with a bad name",
        RELEASES,
        "  triage-v2:",
        "  Triage v2:",
        "config/releases.yaml:11  releases.Triage v2\n"
        '  "Triage v2" is not a name: use lower-case letters, digits, . _ -, such as '
        "triage-v2.",
    ),
    Mistake(
        "a release that says its name again",
        RELEASES,
        "    prompt: v2",
        "    name: other\n    prompt: v2",
        "config/releases.yaml:14  releases.triage-v2.name\n"
        "  The name is the key above, triage-v2. Remove this line.",
    ),
    Mistake(
        "a day there is not",
        RELEASES,
        "2027-06-30",
        "2027-06-31",
        "config/releases.yaml:17  releases.triage-v2.retires\n"
        "  2027-06-31 is not a date that exists.",
    ),
    Mistake(
        "a hash that is none",
        RELEASES,
        "prompt_sha256: null",
        "prompt_sha256: abc",
        "config/releases.yaml:6  releases.triage-v1.prompt_sha256\n"
        '  "abc" is not a SHA-256: it has 64 of the characters 0-9 and a-f.',
    ),
    Mistake(
        "a mode nobody knows",
        GUARDRAILS,
        "personal_data: {mode: redact",
        "personal_data: {mode: redacted",
        "config/guardrails.yaml:20  output.personal_data.mode\n"
        '  "redacted" is not one of block, redact, observe. Did you mean "redact"?',
    ),
    Mistake(
        "a budget below the latency target",
        GUARDRAILS,
        "budget_seconds: 8.0",
        "budget_seconds: 3",
        "config/guardrails.yaml:3  request.budget_seconds\n"
        "  3 s is not more than latency.p95_seconds in success-criteria.yaml (3 s): requests "
        "would be cut off before they are late. Raise it.\n"
        "config/guardrails.yaml:8  model.timeout_seconds\n"
        "  4.8 s leaves nothing of request.budget_seconds (3 s) for a second attempt or a "
        "fallback. Lower it, or raise the budget.",
    ),
    Mistake(
        "an attempt as long as the budget",
        GUARDRAILS,
        "timeout_seconds: 4.8",
        "timeout_seconds: 8",
        "config/guardrails.yaml:8  model.timeout_seconds\n"
        "  8 s leaves nothing of request.budget_seconds (8 s) for a second attempt or a "
        "fallback. Lower it, or raise the budget.",
    ),
    Mistake(
        "a limit below the expected peak",
        GUARDRAILS,
        "service_requests_per_minute: 900",
        "service_requests_per_minute: 120",
        "config/guardrails.yaml:26  limits.service_requests_per_minute\n"
        "  120 refuses the expected peak: traffic.peak_requests_per_second in "
        "success-criteria.yaml is 300 a minute. Raise it to 900 or more.",
    ),
    Mistake(
        "a user with more tokens than the service",
        GUARDRAILS,
        "  stop_at_daily_budget: 1.2\n",
        "  stop_at_daily_budget: 1.2\n  user_tokens_per_day: 900\n  service_tokens_per_day: 800\n",
        "config/guardrails.yaml:28  limits.user_tokens_per_day\n"
        "  900 is more than the whole service's limit (800): one user could use up everything. "
        "Lower it.",
    ),
    Mistake(
        "a user who may spend more than the service",
        GUARDRAILS,
        "  stop_at_daily_budget: 1.2\n",
        "  stop_at_daily_budget: 1.2\n  user_usd_per_day: 61\n",
        "config/guardrails.yaml:28  limits.user_usd_per_day\n"
        "  61 is more than the whole service may spend in a day (60: stop_at_daily_budget times "
        "cost.daily_budget_usd): one user could use up everything. Lower it.",
    ),
    Mistake(
        "a warning that comes after the stop",
        GUARDRAILS,
        "  stop_at_daily_budget: 1.2\n",
        "  stop_at_daily_budget: 1.2\n  warn_at_daily_budget: 1.5\n",
        "config/guardrails.yaml:28  limits.warn_at_daily_budget\n"
        "  1.5 is not before stop_at_daily_budget (1.2). Lower it.",
    ),
    Mistake(
        "a session with more than its user",
        GUARDRAILS,
        "session_requests_per_minute: 30",
        "session_requests_per_minute: 90",
        "config/guardrails.yaml:25  limits.session_requests_per_minute\n"
        "  90 is more than the user's own limit (60), which would stop it first: a session "
        "is part of a user. Lower it.",
    ),
    Mistake(
        "a role that is misspelt",
        OWNERSHIP,
        "  ai_engineer:",
        "  ai_enginer:",
        "config/ownership.yaml:1  roles\n"
        "  The role ai_engineer is missing. The four: product_owner, ai_engineer, "
        "platform_engineer, domain_expert. Is it ai_enginer?",
    ),
    Mistake(
        "an address where a host belongs",
        GUARDRAILS,
        "  secrets: {mode: block, budget_ms: 50}\n",
        "  secrets: {mode: block, budget_ms: 50}\n"
        "  links: {mode: redact, budget_ms: 50, allowed_hosts: [https://example.com]}\n",
        "config/guardrails.yaml:22  output.links.allowed_hosts[0]\n"
        '  "https://example.com" is not a host, such as docs.example.com, or *.example.com for all '
        "below it; without https://, port or path.",
    ),
    Mistake(
        "a country in small letters",
        GUARDRAILS,
        "version: v1\n",
        "version: v1\npersonal_data: {phone_regions: [DE, at]}\n",
        "config/guardrails.yaml:2  personal_data.phone_regions[1]\n"
        '  "at" is not a country: its two capital letters, such as DE.',
    ),
    Mistake(
        "a country that is none",
        GUARDRAILS,
        "version: v1\n",
        "version: v1\npersonal_data: {phone_regions: [DE, UK]}\n",
        "config/guardrails.yaml:2  personal_data.phone_regions[1]\n"
        "  UK is no country of ISO 3166 with telephone numbers, such as GB.",
    ),
    Mistake(
        "a person without a name",
        OWNERSHIP,
        "platform_engineer: {name: Cem Demir}",
        'platform_engineer: {name: ""}',
        "config/ownership.yaml:4  roles.platform_engineer.name\n"
        "  This is empty; expected text, such as Ann Berg.",
    ),
    Mistake(
        "an attestation that never counts",
        OWNERSHIP,
        "expires: 2027-04-30",
        "expires: 2027-01-01",
        "config/ownership.yaml:21  attestations[0].expires\n"
        "  2027-01-01 is not after 2027-01-31, the day it was said.",
    ),
    Mistake(
        "a person who is only a name",
        OWNERSHIP,
        "platform_engineer: {name: Cem Demir}",
        "platform_engineer: Cem Demir",
        "config/ownership.yaml:4  roles.platform_engineer\n"
        '  "Cem Demir" is text; expected a block of settings.',
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_shown_at_its_line_with_what_to_do(mistake: Mistake, tmp_path: Path) -> None:
    root = configs.make(tmp_path)
    configs.edit(root, mistake.file, mistake.right, mistake.wrong)
    with pytest.raises(ConfigError) as caught:
        load_config(root)
    assert str(caught.value) == mistake.said
