"""Running the matrix: each row on a service of its own, over a copy of the configuration."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playbook import staging, stand_in
from playbook.faults.bench import Bench
from playbook.faults.row import (
    TOLERANCE_SECONDS,
    Cause,
    Expected,
    Moves,
    NotBrought,
    Result,
    Row,
    Seen,
    Status,
    judge,
)
from playbook.faults.staged import fitted, with_models
from playbook.keys import entry, new_key
from playbook.project import Project
from playbook.simulator.core import fixed_values
from playbook.verdicts import Mistake, NotJudged, write_json

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.path import RequestPath
    from playbook.simulator.control import Control

BAD = Moves("airworthy_bad_requests_total")


@dataclass(frozen=True)
class Healthy:
    """The service without a fault: how long its example takes, and what it asks of the model."""

    seconds: float
    budget_seconds: float
    has_labels: bool


@dataclass
class Matrix:
    """The service whose faults are looked at, and the simulator in its model's place."""

    project: Project
    pipeline: Pipeline[Any, Any]
    body: bytes
    simulator: Control
    healthy: Healthy | None = None

    @classmethod
    @contextlib.contextmanager
    def of(cls, project: Project) -> Iterator[Matrix]:
        """Start the simulator, and see that the service works without a fault.

        Raises:
            NotJudged: When it does not, so that nothing can be said about faults.
        """
        from playbook.simulator.control import SimulatorError
        from playbook.simulator.process import SimulatorProcess

        example = project.source / "example.json"
        if not example.is_file():
            raise Mistake(
                f"{project.relative(example)}\n  There is no such file. It holds one input, which "
                "`playbook faults` sends; write one as your callers do."
            )
        try:
            process = SimulatorProcess().start()
        except SimulatorError as error:
            raise NotJudged(str(error)) from error
        with process as simulator:
            matrix = cls(project, project.pipeline(), example.read_bytes(), simulator)
            matrix.healthy = matrix._look()
            yield matrix

    def run(self, rows: Sequence[Row], on_done: Callable[[], None]) -> list[Result]:
        """Run these rows, one after the other."""
        results = []
        for row in rows:
            results.append(self.result(row))
            on_done()
        return results

    def result(self, row: Row) -> Result:
        """Bring one fault about, and hold what came of it against what is expected."""
        assert self.healthy is not None
        if row.needs_labels and not self.healthy.has_labels:
            reason = "the model's answer has no field with fixed values"
            return Result(row, Status.left_out, reasons=(reason,))
        try:
            with self._bench(row.cause) as bench:
                if row.cause.warm:
                    bench.send()
                return judge(row, self._observe(bench, row.cause, row.expected))
        except NotBrought as missing:
            return Result(row, Status.not_run, reasons=(str(missing),))
        finally:
            self.simulator.clear()

    def _look(self) -> Healthy:
        outputs: list[type] = []
        with self._bench(Cause(alter=_noting(outputs))) as bench:
            bench.send()  # the first one also imports what is imported late
            several = [bench.send() for _ in range(3)]
            answered = several[-1]
            line = bench.ear.line_of((answered.body or {}).get("request_id")) or {}
            if answered.status != 200 or line.get("outcome") != "answered":
                raise NotJudged(
                    f"src/{self.project.package}/example.json\n"
                    f"  Without any fault the service ends as {line.get('outcome') or 'nothing'} "
                    f"({answered.status}: {line.get('problem') or line.get('model_error') or '-'}),"
                    " so nothing can be said about faults.\n"
                    "Next: uv run playbook run, and send it this example."
                )
            labels = any(fixed_values(kind.model_json_schema()) for kind in outputs)  # type: ignore[attr-defined]
            return Healthy(max(each.seconds for each in several), bench.budget_seconds, labels)

    @contextlib.contextmanager
    def _bench(self, cause: Cause) -> Iterator[Bench]:
        """A service started as the cause wants it."""
        with contextlib.ExitStack() as stack:
            root = stack.enter_context(staging.staged(self.project))
            fitted(root)
            with_models(root, cause.models)
            if cause.edit:
                cause.edit(root)
            key = new_key()
            known = entry(self.project, "faults", key, [self.pipeline.name])
            write_json(staging.keys_file(root), {"keys": [known]})
            stack.enter_context(stand_in.variables(self._environment(root, cause)))
            yield stack.enter_context(
                Bench(
                    self.pipeline,
                    root,
                    self.body,
                    key,
                    self.simulator,
                    alter=cause.alter,
                    log_to=cause.log_to,
                )
            )

    def _environment(self, root: Path, cause: Cause) -> dict[str, str]:
        return {
            "API_KEYS_FILE": str(staging.keys_file(root)),
            "SERVICE_SECRET": secrets.token_urlsafe(32),
            "LOG_LEVEL": "INFO",
            "OTEL_TRACES_EXPORTER": "none",
            "NO_PROXY": "*",  # the faults are between us and loopback, not in a proxy
            stand_in.VARIABLE: self.simulator.base_url,
            **cause.environment(),
        }

    def _observe(self, bench: Bench, cause: Cause, expected: Expected) -> Seen:
        """Bring the fault about, send the request, and read everything that it left."""
        assert self.healthy is not None
        outcome = Moves("airworthy_requests_total", {"outcome": expected.outcome.value})
        watched = (outcome, *expected.metrics)
        with cause.during(bench):
            if cause.plan:
                self.simulator.plan(*(dict(rule) for rule in cause.plan))
            before = [bench.value(series) for series in (*watched, BAD)]
            asked = self.simulator.stats()["requests"]
            answered = (cause.send or Bench.send)(bench)
            asked = self.simulator.stats()["requests"] - asked
            said = bench.ear.hears(expected.says) if expected.says else None
            after = [bench.value(series) for series in (*watched, BAD)]
        body = answered.body or {}
        line = bench.ear.line_of(body.get("request_id"))
        moved = list(zip(watched, before, after, strict=False))
        bound = expected.within_seconds or bench.budget_seconds
        if expected.adds_seconds is not None:
            bound = self.healthy.seconds + expected.adds_seconds
        return Seen(
            status=answered.status,
            outcome=str((line or {}).get("outcome") or body.get("outcome") or ""),
            seconds=answered.seconds,
            bound_seconds=bound + TOLERANCE_SECONDS,
            line=line,
            metrics=tuple(_movement(*each) for each in moved),
            asked=asked,
            spends=after[-1] > before[-1],
            is_json=answered.body is not None,
            unmoved=tuple(str(s) for s, was, now in moved if not _has_moved(s, was, now)),
            said=said,
        )


def _has_moved(series: Moves, was: float, now: float) -> bool:
    return now > was if series.to is None else now == series.to


def _movement(series: Moves, was: float, now: float) -> str:
    return f"{series} = {now:g}" if series.to is not None else f"{series} {now - was:+g}"


def _noting(outputs: list[type]) -> Callable[[RequestPath], RequestPath]:
    """Let the pipeline work as ever, and note what it asks the model for."""

    class Noting:
        def __init__(self, model: Any) -> None:
            self._model = model

        async def run(self, prompt: Any, output: type) -> Any:
            outputs.append(output)
            return await self._model.run(prompt, output)

    def alter(path: RequestPath) -> RequestPath:
        async def run(item: Any, context: Any) -> Any:
            return await path.pipeline.run(item, replace(context, model=Noting(context.model)))

        return replace(path, pipeline=replace(path.pipeline, run=run))

    return alter
