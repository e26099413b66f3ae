"""What happens to single letters and words: typing in a hurry, Caps Lock, scanners, emoji."""

import re
from collections.abc import Callable

from playbook.data.synthesize.luck import Luck

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Numbers, addresses and links are copied more often than typed, and change what is asked.
_COPIED = re.compile(r"[0-9@/\\_<>{}=]")
_WORD = re.compile(r"\S+")
_SMILES = (
    "🙂",
    "😅",
    "🙏",
    "😡",
    "😭",
    "👍",
    "🤔",
    "😬",
    "🥲",
    "💀",
    "✨",
    "‼️",
    "👀",
    "🤷‍♀️",
    "😤",
    "🚨",
)
_READ_AS = (
    *(("rn", "m"), ("m", "rn"), ("cl", "d"), ("vv", "w"), ("li", "h"), ("ri", "n")),
    *(("l", "1"), ("I", "l"), ("O", "0"), ("o", "0"), ("S", "5"), ("e", "c"), ("B", "8")),
    *(("ä", "a"), ("é", "e"), ("ü", "ii"), ("ß", "B"), (",", "."), (".", ",")),
)


def _neighbours() -> dict[str, str]:
    """The keys beside each key: left, right, and the two above or below."""
    found: dict[str, str] = {}
    for y, row in enumerate(_ROWS):
        for x, key in enumerate(row):
            near = [row[i] for i in (x - 1, x + 1) if 0 <= i < len(row)]
            near += [
                other[i]
                for dy, shifts in ((-1, (0, 1)), (1, (-1, 0)))
                if 0 <= y + dy < len(_ROWS)
                for other in (_ROWS[y + dy],)
                for i in (x + shift for shift in shifts)
                if 0 <= i < len(other)
            ]
            found[key] = "".join(near)
    return found


_BESIDE = _neighbours()


def typos(text: str, luck: Luck) -> str:
    """Roughly one word in seven mistyped: the key beside, swapped, doubled, left out."""
    words = [m for m in _WORD.finditer(text) if len(m[0]) > 3 and not _COPIED.search(m[0])]
    chosen = {m.start() for m in luck.some(words, max(2, len(words) // 7))}
    return _WORD.sub(lambda m: _mistyped(m[0], luck) if m.start() in chosen else m[0], text)


def _mistyped(word: str, luck: Luck) -> str:
    at = luck.between(1, len(word) - 2)
    key = word[at]
    ways = [
        word[:at] + word[at + 1] + key + word[at + 2 :],
        word[:at] + key + word[at:],
        word[:at] + word[at + 1 :],
    ]
    beside = _BESIDE.get(key.lower())
    if beside:
        other = luck.pick(beside)
        ways += [word[:at] + other + word[at + 1 :], word[:at] + key + other + word[at + 1 :]]
    return luck.pick(ways)


def casing(text: str, luck: Luck) -> str:
    """Shouted, without capitals and full stops, or typed with Caps Lock on."""
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        lambda t: re.sub(r"[.,!](?=\s|$)", "", t.lower()),
        str.swapcase,
    )
    return luck.pick(ways)(text)


def scanned(text: str, luck: Luck) -> str:
    """As a scanner reads a print: look-alike letters, narrow lines, lost and odd spaces."""
    line, lines = "", []
    width = luck.between(38, 62)
    for word in text.split():
        seen = _misread(word, luck) if luck.chance(0.22) else word
        gap = "" if line and luck.chance(0.04) else " "
        if len(line) + len(seen) >= width:
            lines.append(line)
            line = ""
        line += (gap if line else "") + seen
    return "\n".join([*lines, line])


def _misread(word: str, luck: Luck) -> str:
    ways = [(seen, read) for seen, read in _READ_AS if seen in word]
    if not ways:
        return word
    seen, read = luck.pick(ways)
    at = word.find(seen)
    return word[:at] + read + word[at + len(seen) :]


def emoji(text: str, luck: Luck) -> str:
    """Pictures after some of the sentences, more of them at the end."""
    parts = re.split(r"(?<=[.!?])(?=\s)|(?=\n)", text)
    marked = [
        part + (f" {luck.pick(_SMILES)}" if part.strip() and luck.chance(0.4) else "")
        for part in parts
    ]
    return "".join(marked) + " " + luck.pick(_SMILES) * luck.between(1, 4)
