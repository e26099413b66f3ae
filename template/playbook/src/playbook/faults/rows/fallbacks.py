"""Rows of a release with two models, of which the first is dead: also over two protocols."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chassis.outcomes import Outcome
from playbook.faults.row import SMALL, Cause, Expected, NotBrought, Row

LARGE = "simulator:large"
OVER_ANTHROPIC = "simulator:anthropic/large"


def _needs_sdk(_: Path) -> None:
    if find_spec("anthropic") is None:
        raise NotBrought("the SDK anthropic is not installed: airworthy-chassis[anthropic]")


def _falls_over(name: str, fault: str, *models: str, **rule: Any) -> Row:
    """The first model fails as the rule says, the second answers in time."""
    first, second = (model.split(":")[1].removeprefix("anthropic/") for model in models)
    crosses = any("anthropic/" in model for model in models)
    cause = Cause(
        models=models,
        plan=({**rule, "match": {"model": first}},),
        edit=_needs_sdk if crosses else None,
    )
    line = {
        "fallback_used": "True",
        "model_asked": f"^{models[0]}$",
        "model_answered": f"^simulated/{second}$",
    }
    return Row(name, fault, cause, Expected(Outcome.answered, line=line))


_BOTH_DEAD = Row(
    "all-dead",
    "both models are overloaded, over two protocols",
    Cause(
        models=(SMALL, OVER_ANTHROPIC),
        plan=({"kind": "server_error", "status": 529},),
        edit=_needs_sdk,
    ),
    Expected(
        Outcome.fallback,
        line={"model_error": f"{SMALL}: .*529.*; {OVER_ANTHROPIC}: .*529"},
        asked=4,
    ),
)

ROWS: tuple[Row, ...] = (
    _falls_over("second-answers", "the first model gives 500", SMALL, LARGE, kind="server_error"),
    _falls_over("second-in-time", "the first model never answers", SMALL, LARGE, kind="timeout"),
    _falls_over(
        "openai-to-anthropic",
        "OpenAI's side gives 503, Anthropic's answers",
        SMALL,
        OVER_ANTHROPIC,
        kind="server_error",
        status=503,
    ),
    _falls_over(
        "anthropic-to-openai",
        "Anthropic's side is overloaded (529), OpenAI's answers",
        "simulator:anthropic/small",
        LARGE,
        kind="server_error",
        status=529,
    ),
    _BOTH_DEAD,
)
