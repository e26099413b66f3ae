"""What a process beside `inside` does: one request in, one answer out. It imports little."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

from .brain import answer
from .core import complete
from .language import lexicon
from .openai_protocol import OpenAIProtocol

_PROTOCOL = OpenAIProtocol()


def begin() -> None:
    """Leave Ctrl-C to the parent, and end when it does, however that was."""
    # A fork has the handlers of its parent's event loop, and would wake that instead of ending.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    lexicon()  # the first answer does not wait for it


def answered(body: bytes) -> bytes:
    """The body of the answer to the body of a request.

    Raises BadRequestError for what a provider would refuse.
    """
    exchange = _PROTOCOL.read(body, {})
    return exchange.whole(complete(exchange.call, answer, seed=0, skill=1.0))
