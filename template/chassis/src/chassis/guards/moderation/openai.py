"""OpenAI's moderation, and servers that speak its protocol: flags and scores by category.

Wire format: https://developers.openai.com/api/docs/api-reference/moderations, and the guide
https://developers.openai.com/api/docs/guides/moderation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from ...config.guardrails.moderation import OPENAI_CATEGORIES
from ..runner import HostedCheck
from .client import Answer, Body, Build
from .pieces import batches, pieces

BASE_URL = "https://api.openai.com/v1"
MODEL = "omni-moderation-latest"
# The API names no limit for a text; OpenAI's advice was to stay below 2,000 characters, as its
# classifier sees less in longer ones. Nor does it name one for the texts of a call: ours is small.
LONGEST_TEXT = 1_900
OVERLAP = 400
MOST_TEXTS = 20

# A name goes to log lines and spans, also one that is newer than this list.
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z/_-]{0,40}$")]
_Score = Annotated[float, Field(ge=0, le=1)]
# The two that older models do not know; the API documents them as possibly null.
_MAY_BE_NULL = ("illicit", "illicit/violent")


class _Result(Answer):
    flagged: bool
    categories: dict[_Name, bool | None]
    category_scores: dict[_Name, _Score | None]


class _Moderation(Answer):
    results: list[_Result]


def moderate(
    build: Build, base_url: str, key: str, thresholds: Mapping[str, float | None]
) -> HostedCheck:
    """Ask for harm; a category counts by its threshold, or else by OpenAI's own verdict."""

    def read(body: Body, raw: bytes) -> Sequence[str]:
        results = _Moderation.model_validate_json(raw).results
        if len(results) != len(body["input"]):
            raise ValueError("not one result for each text")
        return [kind for result in results for kind in _found(result, thresholds)]

    headers = {"Authorization": f"Bearer {key}"}
    operation = build(f"{base_url}/moderations", headers, read)

    async def ask(texts: Sequence[str]) -> Sequence[str]:
        cut = pieces(texts, LONGEST_TEXT, OVERLAP)
        packed = batches(cut, MOST_TEXTS, MOST_TEXTS * LONGEST_TEXT)
        return await operation.ask([{"model": MODEL, "input": inputs} for inputs in packed])

    return ask


def _found(result: _Result, thresholds: Mapping[str, float | None]) -> list[str]:
    flags, scores = result.categories, result.category_scores
    for category in OPENAI_CATEGORIES:
        said = scores if thresholds.get(category) is not None else flags
        by_flag_alone = said is flags and category in _MAY_BE_NULL
        if said.get(category) is None and not by_flag_alone:
            raise ValueError(f"nothing said of {category}")
    if result.flagged and not any(flags.values()):
        raise ValueError("flagged, and for nothing")
    found = []
    for category in dict.fromkeys((*OPENAI_CATEGORIES, *flags)):  # new ones by their flag
        if category not in thresholds:
            counts = bool(flags.get(category))
        else:
            threshold, score = thresholds[category], scores.get(category)
            counts = threshold is not None and score is not None and score >= threshold
        if counts:
            found.append(category)
    return found
