"""The service as a run of the suite opens it: over a copy of its configuration, with its judges."""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chassis.config import load_config
from playbook import stand_in
from playbook.evals import judging
from playbook.evals.answering import Answering
from playbook.evals.journal import FOLDER
from playbook.evals.judging import Bench
from playbook.evals.results import Mode
from playbook.staging import (
    SIMULATED_MODEL,
    keys_file,
    leave_out_hosted_guards,
    lift_request_limits,
    lift_time_limits,
    route,
    simulate,
    simulate_judges,
    staged,
    switch,
)

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from chassis.providers import Models
    from chassis.service import Service
    from playbook.evals.suite import Suite
    from playbook.simulator.inside import Inside

LOG = FOLDER / "log.jsonl"
"""The service's log of the last run, and of no other, so that it does not grow from run to run."""

SECRET = hashlib.sha256(b"playbook evals run").hexdigest()
"""The service's secret while cases run. Prompts hold marks made with it: were it another one on
each machine, so would every prompt be, and no recording would fit. It guards nothing here."""


class Opened:
    """The service of one run.

    In the copy the kill switch is on, the release is the one asked for, and requests are not
    limited: what is judged is the release, not today's traffic.

    Attributes:
        remarks: What is to be known of the copy.
    """

    def __init__(self, suite: "Suite", answering: Answering, *, goes_on: bool) -> None:
        self._suite = suite
        self._answering = answering
        self._goes_on = goes_on
        self.remarks: list[str] = []

    @contextlib.asynccontextmanager
    async def service(self) -> "AsyncIterator[tuple[Service, Bench | None]]":
        """The service and its judges; closed, and the copy removed, at the end."""
        from chassis.service import Service

        suite = self._suite
        with contextlib.ExitStack() as stack:
            root = stack.enter_context(staged(suite.project))
            self._prepare(root)
            stack.enter_context(stand_in.variables(self._environment(root)))
            log = suite.project.root / LOG
            log.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(log.open("a" if self._goes_on else "w", encoding="utf-8"))
            through = self._stand_in(stack)
            models = through(self._answering.models(suite.release))
            async with (
                Service.open(suite.pipeline, root, log_stream=file, models=models) as service,
                self._bench(root, through) as bench,
            ):
                yield service, bench

    @contextlib.asynccontextmanager
    async def _bench(
        self, root: Path, through: "Callable[[Models], Models]"
    ) -> AsyncIterator[Bench | None]:
        """The judges, recorded and replayed like the service's models; None without any."""
        suite = self._suite
        if not suite.pipeline.judges or self._answering.made_up:
            yield None
            return
        models = self._answering.judges(load_config(root).evals.judges.values())
        async with judging.bench(
            suite.pipeline,
            root,
            concurrency=suite.concurrency,
            models=through(models),
            gating=self._answering.mode is not Mode.simulated,
        ) as bench:
            yield bench

    def _prepare(self, root: Path) -> None:
        switch(root, ai_enabled=True)
        route(root, self._suite.release.name)
        lift_request_limits(root)
        if self._answering.mode is not Mode.live:
            lift_time_limits(root)  # how long it takes here says nothing of a provider
        if self._answering.mode is Mode.simulated and self._answering.forced:
            simulate(root)
        elif self._answering.mode is Mode.simulated:
            simulate_judges(root)  # a real one would be paid for judging simulated answers
        if self._answering.made_up:
            leave_out_hosted_guards(root, given=())
        elif self._answering.mode is Mode.replayed:
            if leave_out_hosted_guards(root, given=()):
                self.remarks.append("Without the hosted moderation: a replay asks nobody.")
        elif self._answering.mode is not Mode.live and leave_out_hosted_guards(
            root, self._suite.project.environment()
        ):
            self.remarks.append("Without the hosted moderation, whose key is not here.")

    def _environment(self, root: Path) -> dict[str, str]:
        return {"API_KEYS_FILE": str(keys_file(root)), "SERVICE_SECRET": SECRET}

    def _stand_in(self, stack: contextlib.ExitStack) -> "Callable[[Models], Models]":
        """What the simulator's models are given by, where one is needed and none was chosen."""
        suite, answering = self._suite, self._answering
        if answering.made_up:
            return lambda models: models
        simulated = answering.mode is Mode.simulated and answering.forced
        chain = [SIMULATED_MODEL] if simulated else [str(m) for m in suite.release.chain]
        chain += [judge.model for judge in suite.config.evals.judges.values()]
        needed = any(model.startswith("simulator:") for model in chain)
        if answering.recordings is not None or not needed or stand_in.chosen_url(suite.project):
            return lambda models: models
        if any(model.startswith("simulator:anthropic/") for model in chain):
            from playbook.simulator.process import running_simulator

            url = stack.enter_context(running_simulator())
            stack.enter_context(stand_in.variables({stand_in.VARIABLE: url}))
            return lambda models: models
        from playbook.simulator.inside import running_inside

        inside = stack.enter_context(running_inside())
        return lambda models: partial(_without_network, inside, models)


def _without_network(
    inside: "Inside", models: "Models", asked: str, build: "Callable[[], Model]"
) -> "Model":
    is_simulator = asked.startswith("simulator:")
    return models(asked, partial(inside.model, asked) if is_simulator else build)
