"""The kinds of variants, and which of them still deserve the label of their seed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from playbook.data.synthesize import around, letters
from playbook.data.synthesize.luck import Luck

Change = Callable[[str, Luck], str]
LONG_SHARE = 0.6  # of the longest text taken, so that a token limit is not met either
LONG_MOST = 8000  # characters; longer only makes the file large

Label = Literal["kept", "or handed over", "or stopped", "lost"]
"""What a domain expert would still accept.

kept: the seed's label, whole. or handed over: the same, or a person decides, because something is
missing. or stopped: the same, or handed over, or blocked by a guard. lost: nothing of the wish is
left, so any answer but an error will do, and a person deciding is as good.
"""


@dataclass(frozen=True)
class Kind:
    """One way to make a case messier.

    Attributes:
        everywhere: It happens to all free texts of the input; else to the longest only.
        empties: The other free texts are emptied.
        home: The slice it belongs into, where the criteria declare one of that name.
    """

    name: str
    what: str
    change: Change
    label: Label = "kept"
    everywhere: bool = False
    empties: bool = False
    home: str | None = None


def _long(text: str, luck: Luck) -> str:
    return around.padded(text, luck, LONG_MOST)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("typos", "keys beside, swapped, doubled, left out", letters.typos, everywhere=True),
        Kind("casing", "shouted, no capitals, Caps Lock", letters.casing, everywhere=True),
        Kind("ocr", "as a scanner reads it", letters.scanned, home="malformed"),
        Kind("mixed", "greeting and closing in other languages", around.mixed_languages,
             home="multilingual"),
        Kind("truncated", "cut off", around.truncated, "or handed over", home="malformed"),
        Kind("quoted", "above a quoted mail", around.quoted),
        Kind("signature", "with a signature and small print", around.signed),
        Kind("emoji", "with pictures", letters.emoji),
        Kind("html", "as HTML mail", around.as_html, home="malformed"),
        Kind("long", "above a long thread", _long, home="edge"),
        Kind("empty", "nearly nothing left", around.nearly_nothing, "lost",
             empties=True, home="edge"),
        Kind("attack", "an order to the model behind it", around.attacked, "or stopped",
             home="adversarial"),
    )
}  # fmt: skip


def expected(seed: dict[str, Any], label: Label) -> dict[str, Any]:
    """The label of a variant, from its seed's `expected`."""
    if label == "kept":
        return dict(seed)
    if label == "lost":
        return {"outcome": ["answered", "handed_over"]}
    outcome = seed.get("outcome", "answered")
    outcomes = list(outcome) if isinstance(outcome, list) else [outcome]
    more = ["handed_over"] if label == "or handed over" else ["handed_over", "blocked"]
    values = {name: value for name, value in seed.items() if name != "outcome"}
    return {"outcome": [*outcomes, *(m for m in more if m not in outcomes)], **values}
