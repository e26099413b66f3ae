"""Whether two texts mean nearly the same, by embeddings of a model that was put there on purpose.

Nothing is downloaded here: the model is a folder, and who has none gets the command that makes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..pipeline import Evaluator
from .fields import Score, judged, with_label

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
FILES = ("config.json", "model.safetensors", "tokenizer.json")


class NotInstalled(ImportError):
    """An evaluator needs a package that is an extra of the chassis."""

    def __init__(self, name: str, extra: str) -> None:
        super().__init__(
            f"{name} needs the extra {extra}. In pyproject.toml depend on "
            f"`airworthy-chassis[{extra}]`, then run `uv sync`."
        )


def similar(
    field: str,
    *,
    model: Path | Embed,
    at_least: float | None = None,
    gate: bool = False,
    name: str | None = None,
) -> Evaluator:
    """How near the field's text is to the label's in meaning: the cosine of their embeddings.

    A number of 0 to 1, or with `at_least` right or wrong; of several acceptable texts the nearest
    counts. Nearness is not agreement: "it works" and "it does not work" are near. Choose `at_least`
    on your own cases, and prefer a judge with a card for what must be right.

    Args:
        field: The field of text.
        model: The folder of a Model2Vec model (`airworthy-chassis[semantic]`), or a function of
            your own that embeds texts.
        at_least: The least cosine that will do.
        gate: Whether it decides if a case is right; then it needs `at_least`.
        name: What reports call it; the field and "meaning" without it.
    """
    named = name or f"{field} meaning"
    if gate and at_least is None:
        raise ValueError(f"{named} gives a number; to gate it needs at_least=, such as 0.8.")
    embed = _model2vec(named, model) if isinstance(model, Path) else model

    def compare(value: Any, label: Any) -> Score:
        texts = [str(one) for one in (label if isinstance(label, list) else [label])]
        if not isinstance(value, str) or not value.strip():
            return judged(0.0, at_least)
        mine, *others = embed([value, *texts])
        return judged(max(cosine(mine, other) for other in others), at_least)

    return with_label(named, field, compare, gate=gate)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors, 0 where one of them is nothing or they point apart."""
    dot = math.fsum(float(a) * float(b) for a, b in zip(one, other, strict=True))
    length = math.hypot(*map(float, one)) * math.hypot(*map(float, other))
    return min(1.0, max(0.0, dot / length)) if length else 0.0


def _model2vec(name: str, folder: Path) -> Embed:
    """Embed by a model in a folder; read when it is first used, not when a service starts."""
    if find_spec("model2vec") is None:
        raise NotInstalled(name, "semantic")
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{name}: {folder} holds no model ({', '.join(missing)} missing). Nothing is "
            "downloaded by itself; fetch one once, such as\n"
            f"  uv run hf download minishlab/potion-multilingual-128M --local-dir {folder}\n"
            "and keep it with the service or in its image."
        )

    def embed(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        encoded: Sequence[Sequence[float]] = _loaded(folder).encode(list(texts))
        return encoded

    return embed


@cache
def _loaded(folder: Path) -> Any:
    return import_module("model2vec").StaticModel.from_pretrained(folder)
