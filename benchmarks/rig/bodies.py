"""What is asked: tickets of a given size, as the service takes them and as a provider does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

_SUBJECT = "Charged twice for October"
_OPENING = (
    "Hello, when we looked through the statement of our company account we saw that the October "
    "subscription was charged twice, on the same morning and for the same amount. "
)
_PERSONAL = (
    "Please write to maria.keller@example.com or call +49 30 901820 about it. The second charge "
    "went to the card 4111 1111 1111 1111; the refund should go to DE89 3704 0044 0532 0130 00. "
)
# Sentences of different lengths, so that a long ticket does not repeat itself soon.
_SENTENCES = [
    "Our bookkeeper closes the books at the end of the week and needs one invoice that is right.",
    "The first of the two charges is correct and belongs to the plan that we use since spring.",
    "Nobody here has changed the plan, added seats or bought anything else from you this autumn.",
    "In the settings the history shows only one payment, while the bank shows both of them.",
    "A colleague tried to find the second one in the portal and met an empty page.",
    "We do not mind whether you refund it or count it towards the next month.",
    "Last year something similar happened to our partner in Lyon, and it was settled in two days.",
    "Could you also say whether the tax on the receipt changes when the charge is taken back?",
    "Thank you for looking into it; apart from this the product does what we hoped for.",
]


@dataclass(frozen=True)
class Ask:
    """One kind of request, in the two forms in which it is sent."""

    name: str
    ticket: Path  # for the service and the bare application
    chat: Path  # for a provider, and for a proxy in front of one


def asks(folder: Path) -> dict[str, Ask]:
    """All kinds of requests, written into a folder, by name."""
    kinds = {
        "1 KB, clean": _text(1024, ""),
        "1 KB, personal data": _text(1024, _PERSONAL),
        "8 KB, clean": _text(8192, ""),
    }
    return {
        name: _written(folder, number, name, text)
        for number, (name, text) in enumerate(kinds.items())
    }


def _text(size: int, middle: str) -> str:
    """A body of which the whole request has so many bytes."""
    text = _OPENING + middle
    left = size - len(json.dumps({"subject": _SUBJECT, "body": text}))
    more = "".join(
        f"Point {number + 1}. {_SENTENCES[number % len(_SENTENCES)]} "
        for number in range(left // 80 + 1)
    )
    return (text + more)[: len(text) + left]


def _written(folder: Path, number: int, name: str, text: str) -> Ask:
    ticket, chat = folder / f"ticket-{number}.json", folder / f"chat-{number}.json"
    ticket.write_text(json.dumps({"subject": _SUBJECT, "body": text}))
    message = {"role": "user", "content": f"{_SUBJECT}\n{text}"}
    chat.write_text(json.dumps({"model": "small", "messages": [message]}))
    return Ask(name, ticket, chat)
