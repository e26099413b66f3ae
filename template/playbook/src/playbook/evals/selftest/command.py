"""`playbook evals selftest`: seven rows, what each must give, and what the gate said."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from playbook.console import WIDEST, console
from playbook.evals.gate import Decision
from playbook.evals.selftest.bench import Bench
from playbook.evals.selftest.copied import copied
from playbook.evals.selftest.plan import CannotBeStaged
from playbook.project import Project
from playbook.verdicts import Code, Stopped, Verdict

MADE_UP = (
    "The answers were made up, in a copy of the service: this says something about the gate, and "
    "nothing about a model."
)
_Shown = Decision | tuple[Decision, bool]


@dataclass(frozen=True)
class Row:
    """One thing that is wrong, and what the gate must make of it."""

    name: str
    expected: Code
    stage: Callable[[Bench], _Shown]


ROWS = (
    Row("unchanged", Code.MET, Bench.unchanged),
    Row("a prompt without its label definitions", Code.NOT_MET, Bench.without_definitions),
    Row("a model that swaps two labels", Code.NOT_MET, Bench.two_labels_swapped),
    Row("one failing critical case", Code.NOT_MET, Bench.critical_case),
    Row("one bad slice hidden by a good total", Code.NOT_MET, Bench.bad_slice),
    Row("a dead provider", Code.NOT_JUDGED, Bench.dead_provider),
    Row("twenty cases", Code.INCONCLUSIVE, Bench.few_cases),
)


@dataclass(frozen=True)
class Seen:
    """What became of a row.

    Attributes:
        got: The gate's code; None where the row could not be staged.
        reasons: The gate's, or why it could not be staged.
        telling: Whether the gate said it for the reason that was staged.
    """

    row: Row
    got: Code | None
    reasons: tuple[str, ...]
    seconds: float
    telling: bool = True

    @property
    def held(self) -> bool:
        """Whether the gate gave what it must, for the right reason."""
        return self.got == self.row.expected and self.telling


def run(project: Project, verdict: Verdict) -> Code:
    """Stage every row in a copy of the service, and print what the gate made of it.

    Raises:
        NotJudged: When answers cannot be made up for this service.
        Mistake: When its files cannot be used.
    """
    with copied(project) as copy:
        bench = Bench(copy)
        seen = [_see_again(bench, _see(bench, row)) for row in ROWS]
    code, summary = _conclude(seen)
    verdict.conclude(code, *(list(_broke(seen)) or [summary]))
    _show(seen, code, summary, bench.remarks)
    return code


def _see(bench: Bench, row: Row) -> Seen:
    started = time.perf_counter()
    try:
        shown = row.stage(bench)
    except CannotBeStaged as why:
        return Seen(row, None, (str(why),), time.perf_counter() - started)
    except Stopped as stop:
        if stop.code is Code.INTERRUPTED:
            raise
        return Seen(row, stop.code, (str(stop),), time.perf_counter() - started)
    decision, telling = shown if isinstance(shown, tuple) else (shown, True)
    took = time.perf_counter() - started
    return Seen(row, decision.code, decision.reasons, took, telling)


def _see_again(bench: Bench, seen: Seen) -> Seen:
    """Once more, where a busy machine was too slow for the simulator's answers."""
    return _see(bench, seen.row) if _not_judged(seen) else seen


def _not_judged(one: Seen) -> bool:
    return one.got is Code.NOT_JUDGED and one.row.expected is not Code.NOT_JUDGED


def _conclude(seen: Sequence[Seen]) -> tuple[Code, str]:
    staged = [one for one in seen if one.got is not None]
    held = sum(one.held for one in staged)
    summary = f"{held} of {len(staged)} rows gave what they must"
    if len(staged) < len(seen):
        summary += f"; {len(seen) - len(staged)} cannot be staged with these cases and targets"
    broke = [one for one in staged if not one.held]
    code = Code.NOT_MET if broke else Code.MET
    if broke and all(_not_judged(one) for one in broke):
        code = Code.NOT_JUDGED
    return code, f"{summary}."


def _broke(seen: Sequence[Seen]) -> Iterator[str]:
    for one in seen:
        if one.got is None or one.held:
            continue
        if one.got != one.row.expected:
            let = "let through: " if one.got is Code.MET else ""
            yield f"{let}{one.row.name}: expected {one.row.expected:d}, got {one.got:d}"
        else:
            yield f"{one.row.name}: {one.got:d}, but not for what was wrong"


def _show(seen: Sequence[Seen], code: Code, summary: str, remarks: Sequence[str]) -> None:
    to = console(WIDEST)
    table = Table(box=SIMPLE_HEAD)
    table.add_column("row", max_width=38)
    for name in ("expected", "got", "seconds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("the gate's reason")
    for one in seen:
        style = "yellow" if one.got is None else "green" if one.held else "bold red"
        table.add_row(
            Text(one.row.name, style),
            f"{one.row.expected:d}",
            Text("-" if one.got is None else f"{one.got:d}", style),
            f"{one.seconds:.1f}",
            Text(_reason(one)),
        )
    to.print(table)
    to.print(f"{code.status.upper()}  {summary}", style="bold", markup=False, highlight=False)
    for line in _broke(seen):
        to.print(f"  {line}", markup=False, highlight=False)
    for remark in remarks:
        to.print(f"In the copy: {remark}.", style="dim", markup=False, highlight=False)
    to.print(MADE_UP, style="dim", markup=False, highlight=False)


def _reason(one: Seen) -> str:
    first, more = one.reasons[0].partition("\n")[0], len(one.reasons) - 1
    if one.got is None:
        return f"not staged: {first}"
    return first + (f" (and {more} more)" if more else "")
