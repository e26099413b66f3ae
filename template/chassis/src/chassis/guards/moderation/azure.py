"""Azure AI Content Safety: harm categories with severities, and Prompt Shields.

Wire format: API version 2024-09-01, the newest that is generally available, as in
https://learn.microsoft.com/rest/api/contentsafety/text-operations/analyze-text and
https://learn.microsoft.com/rest/api/contentsafety/text-operations/shield-prompt, limits in
https://learn.microsoft.com/azure/ai-services/content-safety/overview#input-requirements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from ..runner import HostedCheck
from .client import Answer, Body, Build
from .pieces import batches, pieces, split

API_VERSION = "2024-09-01"
LONGEST_TEXT = 10_000
"""Characters (code points) of a text, of a prompt, and of all documents of one call."""
MOST_DOCUMENTS = 5
OVERLAP = 1_000


# The fields below have the names they have on the wire.
class _Category(Answer):
    category: str
    severity: Annotated[int, Field(ge=0, le=7)]


class _Match(Answer):
    blocklistName: str


class _Analysis(Answer):
    categoriesAnalysis: list[_Category]
    blocklistsMatch: list[_Match] | None = None


class _Attack(Answer):
    attackDetected: bool


class _PromptShielded(Answer):
    userPromptAnalysis: _Attack


class _DocumentsShielded(Answer):
    documentsAnalysis: list[_Attack]


def analyze(
    build: Build,
    endpoint: str,
    key: str,
    thresholds: Mapping[str, tuple[str, float]],
    blocklists: Sequence[str],
) -> HostedCheck:
    """Ask for harm; `thresholds` gives for each of Azure's categories our name and the least."""

    def read(_: Body, raw: bytes) -> Sequence[str]:
        answer = _Analysis.model_validate_json(raw)
        severities = {each.category: each.severity for each in answer.categoriesAnalysis}
        if missing := thresholds.keys() - severities.keys():
            raise ValueError(f"nothing said of {missing}")
        found = [name for its, (name, least) in thresholds.items() if severities[its] >= least]
        return (*found, "blocklist") if answer.blocklistsMatch else found

    operation = build(_url(endpoint, "text:analyze"), _headers(key), read)

    async def ask(texts: Sequence[str]) -> Sequence[str]:
        always = {
            "categories": list(thresholds),
            "blocklistNames": list(blocklists),
            "haltOnBlocklistHit": False,
            "outputType": "FourSeverityLevels",
        }
        cut = pieces(texts, LONGEST_TEXT, OVERLAP)
        return await operation.ask([{"text": piece, **always} for piece in cut])

    return ask


def shield(build: Build, endpoint: str, key: str) -> tuple[HostedCheck, HostedCheck]:
    """Ask for attacks: first in what a caller sends, then in documents that were fetched."""

    def read(body: Body, raw: bytes) -> Sequence[str]:
        if "userPrompt" in body:
            prompt = _PromptShielded.model_validate_json(raw).userPromptAnalysis
            return ("prompt-attack",) if prompt.attackDetected else ()
        documents = _DocumentsShielded.model_validate_json(raw).documentsAnalysis
        if len(documents) != len(body["documents"]):
            raise ValueError("not one analysis for each document")
        return ("document-attack",) if any(each.attackDetected for each in documents) else ()

    operation = build(_url(endpoint, "text:shieldPrompt"), _headers(key), read)

    async def ask_input(texts: Sequence[str]) -> Sequence[str]:
        cut = pieces(texts, LONGEST_TEXT, OVERLAP)
        return await operation.ask([{"userPrompt": piece} for piece in cut])

    async def ask_content(texts: Sequence[str]) -> Sequence[str]:
        cut = [piece for text in texts for piece in split(text, LONGEST_TEXT, OVERLAP)]
        packed = batches(cut, MOST_DOCUMENTS, LONGEST_TEXT)
        return await operation.ask([{"documents": documents} for documents in packed])

    return ask_input, ask_content


def _url(endpoint: str, operation: str) -> str:
    return f"{endpoint}/contentsafety/{operation}?api-version={API_VERSION}"


def _headers(key: str) -> Mapping[str, str]:
    return {"Ocp-Apim-Subscription-Key": key}
