"""The simulator without a network: the same requests and answers, worked out in other processes.

For runs of many cases, of which half the time would go into HTTP on loopback. What a provider is
sent is made, and what it answers is understood, by the same code as over HTTP; only the connection
is left out. Faults and latencies need one: they are `SimulatorProcess`'s.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openai.types.chat import ChatCompletion
from pydantic_ai.exceptions import ModelRequestRejectedError
from pydantic_ai.models import Model
from pydantic_ai.providers.openai import OpenAIProvider

from chassis.config import ModelId
from chassis.openai_client import ThinChatModel, ThinOpenAI

from .core import BadRequestError
from .worker import answered, begin

_MOST_PROCESSES = 2


class Inside:
    """Gives models whose answers the simulator's brain works out in processes of ours."""

    def __init__(self, processes: ProcessPoolExecutor, ready: Iterable[Future[int]] = ()) -> None:
        self._processes = processes
        self._ready = list(ready)

    def model(self, asked: str) -> Model:
        """The model of a `simulator:model`, as over OpenAI's protocol, once it can answer."""
        for process in self._ready:  # or the first requests would wait for it, on their own time
            process.result()
        client = _Unconnected(self._processes)
        return ThinChatModel(
            ModelId.parse(asked).name, provider=OpenAIProvider(openai_client=client)
        )


class _Unconnected(ThinOpenAI):
    def __init__(self, processes: ProcessPoolExecutor) -> None:
        super().__init__(api_key="none", base_url="http://simulator.invalid/v1", max_retries=0)
        self._processes = processes

    async def post(self, path: str, *, body: object = None, **_: Any) -> Any:
        """One answer, instead of one request."""
        loop = asyncio.get_running_loop()
        asked = json.dumps(body).encode()
        try:
            said = await loop.run_in_executor(self._processes, answered, asked)
        except BadRequestError as error:
            raise ModelRequestRejectedError("simulator", error.message) from None
        return ChatCompletion.model_validate_json(said)


@contextmanager
def running_inside() -> Iterator[Inside]:
    """Have the processes for the length of a `with` block."""
    workers = min(_MOST_PROCESSES, os.cpu_count() or 1)
    started = multiprocessing.get_context("fork" if _may_fork() else "spawn")
    with ProcessPoolExecutor(workers, mp_context=started, initializer=begin) as processes:
        # They make ready while the service opens.
        yield Inside(processes, [processes.submit(os.getpid) for _ in range(workers)])


def _may_fork() -> bool:
    """Whether a copy of this process is sound: only without threads, whose locks would stay shut.

    It spares each process its imports, which take longer than a hundred answers.
    """
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
    except OSError:  # not Linux; forks of macOS crash in its own libraries
        return False
