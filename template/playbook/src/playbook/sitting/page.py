"""What is asked about, on one screen, drawn with rich; a stranger's text cannot drive it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from playbook.console import WIDEST
from playbook.visible import one_line, visible

_AROUND = 10  # lines that the screen needs besides the texts, their titles and the choices
_LEAST_TEXT = 6


@dataclass(frozen=True)
class Block:
    """Some texts that are read together, below a title where there are several blocks."""

    texts: Sequence[Text]
    title: str = ""


@dataclass(frozen=True)
class Page:
    """One screen, down to the question.

    Attributes:
        title: How far the session is.
        about: What is known of the one that is asked about.
        blocks: What is to be read; those that are too long for the screen are cut.
        counts: What was said so far.
        choices: How many lines the question takes.
        keys: What each letter does.
        more: The one of them that shows the texts to their end.
        message: What the last key did, where it does not show.
        full: Whether that was wished.
    """

    title: str
    about: Sequence[str]
    blocks: Sequence[Block]
    counts: str
    choices: int
    keys: Mapping[str, str]
    more: str
    message: str = ""
    full: bool = False


def draw(console: Console, page: Page) -> None:
    """Clear the screen and draw a page."""
    console.clear()
    console.print(Rule(Text(page.title), align="left", style="dim"), markup=False)
    about = Text(" · ".join(one_line(part, 100) for part in page.about))
    console.print(about, style="dim", markup=False, highlight=False)
    for block, lines in zip(page.blocks, _fitted(console, page), strict=True):
        if block.title:
            console.print(Rule(Text(block.title), align="left", style="dim"), markup=False)
        for line in lines:
            console.print(line, markup=False, highlight=False)
    console.print(Rule(style="dim"))
    console.print(Text(page.counts), style="dim")
    if page.message:
        console.print(Text(visible(page.message)), style="yellow", highlight=False)
    legend = "  ".join(f"{key} {does}" for key, does in page.keys.items())
    console.print(legend, markup=False, highlight=False)


def texts_of(value: object) -> Iterator[Text]:
    """A value as a person reads it, field by field where it has some."""
    if not isinstance(value, dict):
        yield Text(visible(_as_text(value)))
        return
    for name, one in value.items():
        shown = visible(_as_text(one))
        between = "\n" if "\n" in shown or len(shown) > 80 else "  "
        yield Text.assemble((visible(str(name)), "bold"), between, shown)


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _fitted(console: Console, page: Page) -> Iterator[Sequence[Text]]:
    width = min(console.width, WIDEST)
    blocks: list[list[Text]] = [
        [line for text in block.texts for line in text.wrap(console, width, tab_size=4)]
        for block in page.blocks
    ]
    if page.full:
        yield from blocks
        return
    titles = sum(bool(block.title) for block in page.blocks)
    room = max(console.height - _AROUND - page.choices - titles, _LEAST_TEXT)
    for lines, share in zip(blocks, _shares(map(len, blocks), room), strict=True):
        if len(lines) <= share:
            yield lines
            continue
        rest = f"... {len(lines) - share + 1} more lines: {page.more} shows all"
        yield [*lines[: share - 1], Text(rest, style="yellow")]


def _shares(lengths: Iterable[int], room: int) -> list[int]:
    """Lines for each block: short ones are whole, long ones share the rest."""
    wanted = list(lengths)
    shares = [0] * len(wanted)
    by_length = sorted(range(len(wanted)), key=wanted.__getitem__)
    for rank, place in enumerate(by_length):
        shares[place] = min(wanted[place], room // (len(wanted) - rank))
        room -= shares[place]
    return shares
