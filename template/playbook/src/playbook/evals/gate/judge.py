"""Conclude from what was measured: the code, and the reasons that led to it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

from playbook.evals.gate.baseline import Baseline
from playbook.evals.gate.compare import compare, lost_critical
from playbook.evals.gate.decision import SIMULATED, Comparison, Decision
from playbook.evals.gate.loosening import AgainstBase
from playbook.evals.gate.measure import (
    EPSILON,
    Measure,
    Measured,
    Row,
    measure,
    percent,
    target_percent,
)
from playbook.evals.gate.targets import Targets
from playbook.evals.paired import PairedRow
from playbook.evals.results import CaseResult, Mode
from playbook.evals.statistics import cases_for_wilson
from playbook.verdicts import Code, Mistake

MOST_NAMED = 3
"""How many cases a sentence names before it counts the rest."""


def decide(
    results: Sequence[CaseResult],
    targets: Targets,
    *,
    only: str | None = None,
    baseline: Baseline | None = None,
    against_base: AgainstBase | None = None,
    today: date | None = None,
    own_cases: bool = True,
) -> Decision:
    """Judge a run.

    What is shown wrong is wrong, even where something else could not be told for want of cases.

    Args:
        results: One for each case that was run.
        targets: The targets that go with the run's mode.
        only: What the run was narrowed to (a slice, or a case); a part cannot prove the whole.
        baseline: What was accepted before; one of another mode is compared with nothing.
        against_base: What the criteria ask for beside those of the base branch.
        today: For the lines to be added to a file.
        own_cases: Whether a baseline is missed where there is none.

    Raises:
        Mistake: When no result could meet the target with so many cases.
    """
    if not only:
        check_bound(targets, len(results))
    against_base = against_base or AgainstBase()
    measured = measure(results, targets, only)
    comparison = None
    if baseline is not None and baseline.mode == measured.mode:
        comparison = compare(results, baseline, targets.regression.margin, only)
    unusable = list(_unusable(results, measured.mode, targets))
    if against_base.unreadable and not only:
        unusable.append(against_base.unreadable)
    if unusable:
        return Decision(measured, Code.NOT_JUDGED, tuple(unusable), (), comparison)
    if only:
        code, reasons = _judge_part(results, measured, comparison, only)
        notes = list(_notes(results, measured, targets, only))
        return Decision(measured, code, tuple(reasons), tuple(notes), comparison)
    wrong = [*_missed(results, measured, targets), *_worse(comparison)]
    wrong += [str(one) for one in against_base.loosened]
    open_ = [*_too_few(measured), *_unheard(results, measured.mode)]
    open_ += _too_little_shared(comparison, targets)
    code, reasons = Code.MET, [_overall(measured), *_no_worse(comparison)]
    if wrong or open_:
        code, reasons = (Code.NOT_MET, wrong) if wrong else (Code.INCONCLUSIVE, open_)
    notes = [
        *_notes(results, measured, targets, only),
        *(_baseline_notes(results, measured.mode, baseline) if own_cases else ()),
        *_base_notes(against_base, today or datetime.now(UTC).date()),
    ]
    return Decision(measured, code, tuple(reasons), tuple(notes), comparison)


def check_bound(targets: Targets, n: int) -> None:
    """Refuse a lower bound that no result could reach with so many cases; before they are run.

    Raises:
        Mistake: With the number of cases it takes.
    """
    needed = cases_for_wilson(targets.all.at_least) if targets.by_lower_bound else None
    if needed is not None and 0 < n < needed:
        target = target_percent(targets.all.at_least)
        raise Mistake(
            "config/success-criteria.yaml  quality.judged_by\n"
            f"  lower_bound cannot be met: {n} of {n} right does not clear {target}; it takes "
            f"{needed}.\nAdd cases to evals/cases/, or judge by point_estimate. "
            "Nothing was judged."
        )


def _unusable(results: Sequence[CaseResult], mode: Mode, targets: Targets) -> Iterator[str]:
    """Why these results prove nothing, if so."""
    failed = [result.unjudged for result in results if result.unjudged is not None]
    if len(failed) > targets.unjudged_at_most * len(results):
        causes = sorted(set(failed), key=failed.count, reverse=True)
        counted = ", ".join(f"{failed.count(cause)} {cause}" for cause in causes)
        said = [r.detail for r in results if r.unjudged is not None and r.detail]
        # An open breaker only repeats that something failed before; the cause says more.
        detail = next((text for text in said if "breaker open" not in text), next(iter(said), None))
        yield (
            f"{len(failed)} of {len(results)} cases got no answer to judge ({counted}), "
            f"at most {target_percent(targets.unjudged_at_most)} may"
        )
        if detail:
            yield f"one said: {detail}"
    elif mode is Mode.mixed:
        yield "some answers came from a real model and some from the simulator"


def _judge_part(
    results: Sequence[CaseResult], measured: Measured, comparison: Comparison | None, only: str
) -> tuple[Code, list[str]]:
    row = next((row for row in measured.rows if row.name == only), None)
    if row is None or row.target is None:
        if measured.mode is Mode.simulated:
            why = f"simulated answers have one floor, for all cases together; {only} alone has none"
        else:
            why = f"{only} alone has no target to be held against"
        return Code.INCONCLUSIVE, [why]
    if not row.enough:
        few = f"{_count(row.n)} of {row.name} judge nothing; it takes {row.least_sample}"
        return Code.INCONCLUSIVE, [few]
    wrong = [*_slices_below(measured), *_worse(comparison)]
    return (Code.NOT_MET, wrong) if wrong else (Code.MET, [_against(row, row.name)])


def _missed(results: Sequence[CaseResult], measured: Measured, targets: Targets) -> Iterator[str]:
    """The targets that are missed, each on enough cases to say so."""
    if measured.all.enough and measured.all.below and not _bound_out_of_reach(measured.all):
        yield _overall(measured)
    if measured.mode is Mode.simulated:
        return
    yield from _slices_below(measured)
    critical, wanted = measured.critical, targets.critical_at_least
    if wanted is not None and critical.n and critical.share < wanted - EPSILON:
        failed = sorted(r.id for r in results if r.critical and r.unjudged is None and not r.right)
        target = "all" if wanted == 1 else target_percent(wanted)
        yield (
            f"{critical.right} of {critical.n} critical cases, target {target}, "
            f"wrong: {_named(failed)}"
        )
    latency, cost = measured.latency, measured.cost
    if latency.over:
        yield f"p95 latency {_seconds(latency)}, target {latency.target:g} s"
    if cost.over:
        yield f"mean cost USD {cost.value:.4f} a call, target {cost.target:g}"


def _slices_below(measured: Measured) -> Iterator[str]:
    shown = [row for row in measured.rows if row.below and row.enough and not row.within_chance]
    for row in sorted(shown, key=lambda row: row.p or 0.0)[:MOST_NAMED]:
        yield (
            f"{row.name} {percent(row.share)}, target {target_percent(row.target or 0)} "
            f"({row.right} of {row.n}, {_p(row.p or 0.0)})"
        )
    if len(shown) > MOST_NAMED:
        yield f"{len(shown) - MOST_NAMED} more slices below their targets"


def _worse(comparison: Comparison | None) -> Iterator[str]:
    if comparison is None:
        return
    if comparison.all.verdict == "worse":
        yield f"all slices {_than_before(comparison.all)}"
    worse = [row for row in comparison.rows if row.verdict == "worse"]
    if len(worse) == 1:
        yield f"{worse[0].name} {_than_before(worse[0])}"
    elif worse:
        worse.sort(key=lambda row: row.change)
        dropped = [f"{row.name} by {_points(row)}" for row in worse]
        yield f"worse than the baseline: {_named(dropped)}"


def _than_before(row: PairedRow) -> str:
    return (
        f"{_points(row)} points worse than the baseline ({row.now_right} of {row.shared} right, "
        f"{row.before_right} before, {_p(row.adjusted_p)})"
    )


def _points(row: PairedRow) -> str:
    return f"{abs(row.change) * 100:.1f}"


def _no_worse(comparison: Comparison | None) -> Iterator[str]:
    if comparison is not None:
        yield f"no worse than the baseline over {_count(comparison.all.shared)}"


def _too_few(measured: Measured) -> Iterator[str]:
    row = measured.all
    if not row.enough:
        yield f"{_count(row.n)} judge nothing; it takes {row.least_sample}"
    elif _bound_out_of_reach(row):
        target = target_percent(row.target or 0)
        yield (
            f"{_count(row.n)} got an answer to judge; for a lower bound of {target} it takes "
            f"{cases_for_wilson(row.target or 0)}"
        )


def _unheard(results: Sequence[CaseResult], mode: Mode) -> Iterator[str]:
    """Critical cases without an answer: that none of them failed was not shown."""
    unheard = sorted(r.id for r in results if r.critical and r.unjudged is not None)
    if unheard and mode is not Mode.simulated:
        what = "1 critical case" if len(unheard) == 1 else f"{len(unheard)} critical cases"
        yield (
            f"{what} got no answer to judge: {_named(unheard)}; uv run playbook evals run asks "
            "again"
        )


def _bound_out_of_reach(row: Row) -> bool:
    needed = cases_for_wilson(row.target or 0) if row.by_lower_bound else None
    return needed is not None and row.n < needed


def _too_little_shared(comparison: Comparison | None, targets: Targets) -> Iterator[str]:
    least = targets.regression.least_overlap
    if comparison is not None and comparison.overlap < least - EPSILON:
        yield (
            f"run and baseline share {percent(comparison.overlap)} of their cases, it takes "
            f"{target_percent(least)}; once the results are right: uv run playbook evals accept"
        )


def _overall(measured: Measured) -> str:
    simulated = measured.mode is Mode.simulated
    return _against(measured.all, "all slices", "floor" if simulated else "target")


def _against(row: Row, name: str, word: str = "target") -> str:
    low, high = row.interval
    target = target_percent(row.target or 0)
    if row.by_lower_bound:
        return (
            f"{name} {percent(row.share)}, lower end of its 95% interval {percent(low)}, "
            f"{word} {target}"
        )
    return (
        f"{name} {percent(row.share)}, {word} {target} "
        f"(95% interval {low * 100:.1f} to {high * 100:.1f})"
    )


def _notes(
    results: Sequence[CaseResult], measured: Measured, targets: Targets, only: str | None
) -> Iterator[str]:
    """What a reader must know beside the decision."""
    simulated = measured.mode is Mode.simulated
    if simulated:
        yield SIMULATED
    failed = sum(result.unjudged is not None for result in results)
    if failed:
        yield f"Left out, because they got no answer to judge: {_count(failed)}."
    crashed = sum(result.crashed is not None for result in results)
    if crashed:
        yield f"Crashed in the pipeline or an evaluator, counted as wrong: {_count(crashed)}."
    borne = [row for row in measured.rows if row.enough and row.within_chance]
    if borne:
        listed = ", ".join(
            f"{row.name} ({percent(row.share)}, target {target_percent(row.target or 0)})"
            for row in borne
        )
        yield f"Below target, within chance: {listed}."
    few = [row for row in measured.rows if row.target is not None and not row.enough]
    if few and not only and not simulated:
        listed = ", ".join(f"{row.name} ({row.n} of {row.least_sample})" for row in few)
        yield f"Slices with too few cases to be judged: {listed}."


def _baseline_notes(
    results: Sequence[CaseResult], mode: Mode, baseline: Baseline | None
) -> Iterator[str]:
    if mode is Mode.none:
        return
    if baseline is None or baseline.mode != mode:
        other = f" (that of {baseline.mode} answers is another matter)" if baseline else ""
        yield f"No baseline of {mode} answers to compare with{other}: uv run playbook evals accept"
        return
    gone = lost_critical(results, baseline)
    if gone:
        yield f"Critical in the baseline, and now gone or not critical: {_named(gone)}."


def _base_notes(against_base: AgainstBase, today: date) -> Iterator[str]:
    if against_base.note:
        yield against_base.note
    if against_base.attested:
        listed = ", ".join(str(one) for one in against_base.attested)
        yield f"Attested in config/ownership.yaml, against {against_base.base}: {listed}."
    if against_base.loosened:
        yield (
            f"Held against {against_base.base}. Put it back, or have somebody stand for it in "
            "config/ownership.yaml, under attestations:"
        )
        yield from (one.line(today) for one in against_base.loosened)


def _named(ids: Sequence[str]) -> str:
    rest = len(ids) - MOST_NAMED
    return ", ".join(ids[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}"


def _seconds(measure: Measure) -> str:
    return f"{measure.value:.2f} s"


def _count(n: int) -> str:
    return "1 case" if n == 1 else f"{n} cases"
