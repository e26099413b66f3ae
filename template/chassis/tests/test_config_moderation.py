"""What a person reads after a mistake in `moderation` of `config/guardrails.yaml`."""

from __future__ import annotations

from pathlib import Path

import configs
import pytest

from chassis.config import ConfigError, load_config

AZURE, OPENAI = "provider: azure-content-safety", "provider: openai"


@pytest.mark.parametrize(
    ("block", "field", "said"),
    [
        ("provider: azure", "provider", '"azure" is not one of none, azure-content-safety, openai'),
        (f"{OPENAI}, mode: redact", "mode", '"redact" is not one of block, observe'),
        (f"{OPENAI}, input: false, output: false", "provider", "neither input nor output"),
        (f"{OPENAI}, thresholds: {{violense: 0.5}}", "thresholds.violense", "Did you mean viol"),
        (f"{OPENAI}, thresholds: {{violence: 4}}", "thresholds.violence", "4 is not a score"),
        (f"{OPENAI}, prompt_shield: true", "prompt_shield", "openai has no Prompt Shields"),
        (f"{OPENAI}, blocklists: [terms]", "blocklists", "openai has no blocklists"),
        (f"{AZURE}, thresholds: {{violence: 0.5}}", "thresholds.violence", "not a severity: 2"),
        (f"{AZURE}, thresholds: {{harassment: 4}}", "thresholds.harassment", "It has hate, self"),
        (f"{AZURE}, blocklists: [a b]", "blocklists[0]", '"a b" is not'),
        (
            f"{AZURE}, thresholds: {{hate: null, self-harm: null, sexual: null, violence: null}}",
            "thresholds",
            "Every category is left out.",
        ),
        (f"{AZURE}, budget_ms: 8000", "budget_ms", "nothing would be left for the model"),
    ],
)
def test_a_mistake_is_told_at_its_line(tmp_path: Path, block: str, field: str, said: str) -> None:
    root = configs.make(tmp_path)
    configs.edit(root, "guardrails.yaml", "limits:\n", f"moderation: {{{block}}}\nlimits:\n")
    with pytest.raises(ConfigError) as error:
        load_config(root)
    place, message = str(error.value).split("\n", 1)
    line = configs.GUARDRAILS.splitlines().index("limits:") + 1
    assert place == f"config/guardrails.yaml:{line}  moderation.{field}"
    assert said in message


def test_a_configuration_from_before_asks_nobody(tmp_path: Path) -> None:
    assert load_config(configs.make(tmp_path)).guardrails.moderation.provider == "none"
