"""One run of the suite, from who answers to the last result; stopped, it goes on where it was."""

import asyncio
import contextlib
import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from playbook.evals import recordings
from playbook.evals.answering import Answering, choose
from playbook.evals.asked import Asked
from playbook.evals.cases import Case
from playbook.evals.journal import FOLDER, Entry, Journal, name_of
from playbook.evals.judge.card import card_problems
from playbook.evals.judging import Bench
from playbook.evals.opened import Opened
from playbook.evals.repeats import flipped, together
from playbook.evals.results import CaseResult, Mode, mode_of
from playbook.evals.run import NEVER_RECORDED, run_cases
from playbook.evals.signals import signals_cancel, warnings_once
from playbook.evals.spending import Spending, usd
from playbook.hashes import hash_of
from playbook.progress import progress
from playbook.project import Project
from playbook.verdicts import Code, Inconclusive, Mistake, NotJudged, Stopped

if TYPE_CHECKING:
    from chassis import Pipeline
    from chassis.config import Config, Release
    from chassis.service import Service

Before = Callable[[Mode], Mapping[tuple[str, str], bool]]
"""The baseline of a mode: by id and hash of a case, whether it was right."""


class Interrupted(Stopped):
    """Stopped by Ctrl-C or SIGTERM; the next run goes on."""

    code = Code.INTERRUPTED


@dataclass(frozen=True)
class Suite:
    """What is run, and how.

    Attributes:
        binding: What answers hang on; a journal and recordings are held against it.
        only: What the run is narrowed to.
        own_cases: Whether these are the service's own cases; others' answers are not recorded.
        answering: Who answers; without it, it follows from the release and the keys.
    """

    project: Project
    pipeline: "Pipeline[Any, Any]"
    config: "Config"
    release: "Release"
    cases: Sequence[Case]
    binding: Mapping[str, Any]
    held_out: Collection[str] = frozenset()
    only: str | None = None
    own_cases: bool = True
    forced: Mode | None = None
    concurrency: int = 8
    cost_cap_usd: float = 5.0
    repeats: int = 1
    fresh: bool = False
    before: Before = lambda mode: {}
    answering: Answering | None = None


@dataclass
class Ran:
    """What a run gave, and what is to be said of it before and after its results.

    `finish` forgets the answers; until it is called, the next run goes on with them. So it is
    called once the report is written.
    """

    results: list[CaseResult]
    opening: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    finish: Callable[[], None] = lambda: None


def run_suite(suite: Suite) -> Ran:
    """Run the cases; where recordings are missing, do what the policy says.

    Raises:
        Mistake: When recordings, or the journal of an interrupted run, cannot be read, and when a
            judge that gates has no valid card.
        Inconclusive: When answers were to be replayed that were never recorded.
        NotJudged: At the cost cap.
        Interrupted: By Ctrl-C or SIGTERM.
    """
    answering = suite.answering or choose(suite.project, suite.release, suite.forced)
    simulated = answering.mode is Mode.simulated
    if refused := card_problems(suite.project, suite.config, simulated=simulated):
        raise Mistake("\n".join([*refused, "Nothing was run."]))
    missed = len(suite.cases)
    if answering.recordings is None or answering.recordings.rows:
        ran = _run(suite, answering)
        missed = sum(result.unjudged == NEVER_RECORDED for result in ran.results)
        if not missed:
            return ran
        ran.finish()
    why = _why_missed(suite, answering, missed)
    if answering.forced or suite.config.evals.recordings.on_miss == "inconclusive":
        raise Inconclusive("\n".join([*why, *_how_to_record(suite, answering)]))
    ran = _run(suite, Answering(Mode.simulated, forced=True))
    ran.opening.insert(0, f"Simulated instead of replayed: {why[0]}")
    return ran


def _run(suite: Suite, answering: Answering) -> Ran:
    project = suite.project
    hangs_on = {
        **suite.binding,
        "config": hash_of(
            project.root / "config",
            (project.root / "config" / f"{name}.yaml" for name in ("releases", "guardrails")),
        ),
        "intended": answering.mode.value,
        "forced": answering.forced,
        "only": suite.only,
    }
    path = FOLDER / name_of(answering.mode, suite.only, forced=answering.forced)
    journal = Journal(project.root / path, path.as_posix(), hangs_on)
    run = _Run(suite, answering, journal)
    try:
        ran = run.to_the_end()
        worth_it = answering.mode is not Mode.replayed and any(r.mode for r in ran.results)
        if worth_it and _heard_too_little(suite, ran.results):
            ran.closing.append("The answers are kept; the next run asks what got none.")
        else:
            ran.finish = journal.remove
        return ran
    finally:
        journal.close()


@contextlib.contextmanager
def modules_left_alone() -> Iterator[None]:
    """Have the garbage collector pass over what is there already, which is mostly code.

    There are some 200,000 such objects, and it would look at all of them many times in a run.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _heard_too_little(suite: Suite, results: Sequence[CaseResult]) -> bool:
    """Whether the gate will want to hear more: too many got no answer, or a critical one."""
    unjudged = [result for result in results if result.unjudged is not None]
    most = suite.config.evals.infrastructure_errors_at_most * len(results)
    return len(unjudged) > most or any(result.critical for result in unjudged)


class _Run:
    """One way through the cases, with one kind of answers."""

    def __init__(self, suite: Suite, answering: Answering, journal: Journal) -> None:
        self._suite = suite
        self._answering = answering
        self._journal = journal
        self._spending = Spending(suite.cost_cap_usd)
        self._results: dict[tuple[str, int], CaseResult] = {}
        self._resumed = 0
        self._opening: list[str] = []

    def to_the_end(self) -> Ran:
        """Every case asked, its answer kept as soon as it is there."""
        suite = self._suite
        for entry in self._journal.open(fresh=suite.fresh).values():
            if entry.result.unjudged is None:  # what got no answer then may get one now
                self._results[entry.result.id, entry.turn] = entry.result
        self._resumed = self._done
        self._say_what_was_left()
        try:
            with warnings_once() as warned, modules_left_alone():
                asyncio.run(self._serve_and_ask())
        except (asyncio.CancelledError, KeyboardInterrupt):
            raise Interrupted(
                f"Stopped after {self._done} of {len(suite.cases)} cases; the next run goes on."
            ) from None
        if self._spending.stopped:
            raise NotJudged(self._at_the_cap())
        results = [self._final(case) for case in suite.cases]
        self._opening += [*self._who_answered(results), *warned]
        return Ran(results, self._opening, self._record(results))

    @property
    def _done(self) -> int:
        return sum(turn == 0 for _, turn in self._results)

    def _final(self, case: Case) -> CaseResult:
        turns = sorted(
            turn for turn in range(self._suite.repeats) if (case.id, turn) in self._results
        )
        return together([self._results[case.id, turn] for turn in turns])

    async def _serve_and_ask(self) -> None:
        """Every case once, and those that flipped again."""
        opened = Opened(self._suite, self._answering, goes_on=bool(self._resumed))
        with signals_cancel():
            async with opened.service() as (service, bench):
                self._opening += opened.remarks
                await self._ask(service, bench, self._suite.cases, 0)
                for turn in range(1, self._suite.repeats):
                    if self._spending.stopped:
                        break
                    await self._ask(service, bench, self._flipped(), turn)

    async def _ask(
        self, service: "Service", bench: Bench | None, cases: Sequence[Case], turn: int
    ) -> None:
        suite = self._suite
        todo = [case for case in cases if (case.id, turn) not in self._results]
        done = len(cases) - len(todo)
        what = "cases" if not turn else f"asked again ({turn + 1} of {suite.repeats})"
        with progress(what, len(cases), done) as step:

            def keep(result: CaseResult, asked: Asked) -> None:
                self._results[result.id, turn] = result
                self._journal.add(Entry(turn, result, asked.kept()))
                step(self._spending.said)

            await run_cases(
                service,
                suite.pipeline,
                todo,
                organisation=suite.project.organisation,
                concurrency=suite.concurrency,
                on_result=keep,
                spending=self._spending,
                held_out=suite.held_out,
                turn=turn,
                bench=bench,
            )

    def _flipped(self) -> list[Case]:
        """The cases whose first answer came out otherwise than in the baseline of its mode."""
        first = [self._results[case.id, 0] for case in self._suite.cases]
        ids = {result.id for result in flipped(first, self._suite.before(mode_of(first)))}
        return [case for case in self._suite.cases if case.id in ids]

    def _say_what_was_left(self) -> None:
        journal = self._journal
        if journal.given_up:
            left = f"{journal.given_up} answers of an interrupted run"
            self._opening.append(f"{left} were left behind: what they hang on has changed.")
        if self._resumed:
            count = f"{self._resumed} of {len(self._suite.cases)} cases"
            self._opening.append(f"Goes on where the run of {journal.started} stopped: {count}.")

    def _at_the_cap(self) -> str:
        spending, total = self._spending, len(self._suite.cases)
        asked = f"{self._done} of {total} cases have their answer"
        return (
            f"Stopped at the cost cap: {usd(spending.spent_usd)} of {usd(spending.cap_usd)} spent, "
            f"{asked}.\nThe answers are kept in {self._journal.shown}; the next run goes on with "
            "the same cap again.\nNext: uv run playbook evals run, or with more at once: "
            f"--cost-cap {spending.cap_usd * 4:g}"
        )

    def _who_answered(self, results: Sequence[CaseResult]) -> Iterable[str]:
        recorded = self._answering.recordings
        if recorded is not None and recorded.rows:
            replayed = sum(result.mode is Mode.replayed for result in results)
            models = " and ".join(recorded.models)
            yield (
                f"{_answers(replayed)} replayed from {recorded.shown}, recorded {recorded.days} "
                f"live by {models}."
            )
        if fallen := sum(result.fallback for result in results):
            come = "comes" if fallen == 1 else "come"
            yield f"{_answers(fallen)} of {len(results)} {come} from a fallback; they count, too."
        if self._spending.unknown_price:
            yield (
                "A model has no price, so the cost cap did not see all: set `price` in "
                "config/releases.yaml, or of a judge in config/evals.yaml."
            )

    def _record(self, results: Sequence[CaseResult]) -> list[str]:
        """Keep what a live run heard, unless it heard too little to be replayed for it."""
        suite = self._suite
        if (
            mode_of(results) is not Mode.live
            or _heard_too_little(suite, results)
            or not suite.own_cases
            or self._answering.made_up
        ):
            return []
        order = {case.id: place for place, case in enumerate(suite.cases)}
        calls = recordings.write(
            suite.project,
            suite.release.name,
            self._journal.heard(order),
            recordings.Bound.of(suite.binding),
            today=datetime.now(UTC).date(),
            whole=suite.only is None,
        )
        shown = recordings.path_of(suite.release.name).as_posix()
        return [f"Recorded {_answers(calls)} in {shown}: commit it, and CI replays them."]


def _answers(n: int) -> str:
    return "1 answer" if n == 1 else f"{n} answers"


def _why_missed(suite: Suite, answering: Answering, missed: int) -> list[str]:
    assert answering.recordings is not None
    recorded = answering.recordings
    bound, chain = recordings.Bound.of(suite.binding), [str(m) for m in suite.release.chain]
    why = recorded.why_missing(bound, chain)
    return [f"{missed} of {len(suite.cases)} cases are not in {recorded.shown}: {why}."]


def _how_to_record(suite: Suite, answering: Answering) -> Iterable[str]:
    lacking = answering.lacking
    with_key = f", with {' and '.join(lacking)} in .env," if lacking else ""
    yield "A recording answers only what was asked then, word for word. So nothing was judged."
    yield f"Next: uv run playbook evals run --live{with_key} records the answers of now;"
    yield "      uv run playbook evals run --simulated asks the simulator, which says nothing about"
    yield "      the model. config/evals.yaml recordings.on_miss: simulate does so by itself."
