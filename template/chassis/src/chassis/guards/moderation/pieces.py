"""Cutting texts to what a service takes, so that nothing is lost at a border."""

from __future__ import annotations

from collections.abc import Sequence


def pieces(texts: Sequence[str], size: int, overlap: int) -> list[str]:
    """Pieces of at most `size` characters of the texts, one below the other.

    Every passage of up to `overlap` characters is whole in one of them. The fields of one input are
    put together, as the model sees them together too: harm spread over two of them is seen.
    """
    return split("\n".join(texts), size, overlap)


def split(text: str, size: int, overlap: int) -> list[str]:
    """Pieces of one text, each beginning with the end of the one before; none is blank."""
    last = max(len(text) - overlap, 1)
    cut = (text[at : at + size] for at in range(0, last, size - overlap))
    return [piece for piece in cut if piece.strip()]


def batches(texts: Sequence[str], count: int, size: int) -> list[list[str]]:
    """The texts in their order, at most `count` with `size` characters together in a batch."""
    made: list[list[str]] = []
    for text in texts:
        if not made or len(made[-1]) == count or sum(map(len, made[-1])) + len(text) > size:
            made.append([])
        made[-1].append(text)
    return made
