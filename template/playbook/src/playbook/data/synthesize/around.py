"""What happens to a message as a whole: quoted, signed, clipped, wrapped, padded, attacked."""

import html
import re

from chassis.language import observed
from playbook.data.synthesize import phrases
from playbook.data.synthesize.luck import Luck

LEAST_TO_CUT = 80  # characters; half of less says nothing
LEAST_WORDS = 12  # with fewer, the first three may say it all


def mixed_languages(text: str, luck: Luck) -> str:
    """Begun and ended in two languages that the text is not in."""
    foreign = [m for m in phrases.MANNERS if m.language != observed([text])]
    begin, end = luck.some(foreign, 2)
    return f"{luck.pick(begin.begin)}\n\n{text}\n\n{luck.pick(end.end)}\n{luck.pick(phrases.NAMES)}"


def truncated(text: str, luck: Luck) -> str:
    """Cut off after half to four fifths, in the middle of whatever stands there."""
    if len(text) < LEAST_TO_CUT:
        return text
    at = luck.between(len(text) // 2, len(text) * 4 // 5)
    return text[:at].rstrip() + luck.pick(phrases.CUT_BY)


def quoted(text: str, luck: Luck) -> str:
    """A reply above the mail that it answers."""
    lines = "\n".join(f"> {line}" for line in _wrapped(luck.pick(phrases.OLD_MAILS)))
    when, who = luck.pick(phrases.DATES), luck.pick(phrases.DESKS)
    headers = (
        f"On {when}, {who} <care@example.com> wrote:\n{lines}",
        f"-----Original Message-----\nFrom: {who} <care@example.com>\nSent: {when}\n\n"
        + lines.replace("> ", ""),
        f"Am {when} schrieb {who}:\n{lines}",
    )
    return f"{text}\n\n{luck.pick(headers)}"


def signed(text: str, luck: Luck) -> str:
    """With the signature and the small print that mail programs add."""
    footers = "\n".join(luck.some(phrases.FOOTERS, luck.between(1, 3)))
    who = f"{luck.pick(phrases.NAMES)}\n{luck.pick(phrases.JOBS)}\n{luck.pick(phrases.FIRMS)}"
    return f"{text}\n\n-- \n{who}\n\n{footers}"


def as_html(text: str, luck: Luck) -> str:
    """As a mail program sends it, tags and all."""
    style = luck.pick(
        (
            'style="font-family:Calibri,sans-serif;font-size:11pt"',
            'class="MsoNormal"',
            'dir="ltr"',
        )
    )
    paragraphs = [html.escape(part) for part in re.split(r"\n\s*\n", text)]
    inner = "".join(
        f"<p {style}>{part.replace(chr(10), '<br>')}</p>\n"
        for part in (p.replace("  ", "&nbsp; ") for p in paragraphs)
    )
    head = '<head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head>'
    pixel = '<img src="https://mail.example.com/open.gif" width="1" height="1" alt="">'
    return f"<html>{head}<body>\n{inner}{luck.pick(('', pixel))}</body></html>"


def padded(text: str, luck: Luck, most: int) -> str:
    """Above the whole history of a thread, quoted deeper with each mail."""
    parts, size, depth = [text, ""], len(text), 1
    wanted = luck.between(most // 2, most)
    while True:
        mark = ">" * min(depth, 12) + " "
        who = luck.pick((*phrases.NAMES, *phrases.DESKS))
        mail = "\n".join(
            [
                f"{mark}On {luck.pick(phrases.DATES)}, {who} wrote:",
                *(mark + line for line in _wrapped(luck.pick(phrases.OLD_MAILS))),
                mark + luck.pick(phrases.FOOTERS),
            ]
        )
        size += len(mail) + 1
        if size > wanted:
            return "\n".join(parts)
        parts.append(mail)
        depth += 1


def nearly_nothing(text: str, luck: Luck) -> str:
    """What people send by mistake, or take for enough."""
    words = text.split()
    if len(words) > LEAST_WORDS and luck.chance(0.6):
        return " ".join(words[: luck.between(1, 3)])
    return luck.pick(phrases.NEARLY_NOTHING)


def attacked(text: str, luck: Luck) -> str:
    """With an order to the model behind it."""
    return f"{text}{luck.pick((chr(10) * 2, chr(10), ' '))}{luck.pick(phrases.ATTACKS)}"


def _wrapped(text: str, width: int = 72) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]
