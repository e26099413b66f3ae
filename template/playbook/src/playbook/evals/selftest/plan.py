"""Which answers have to be wrong for the gate to see it, and whether these cases allow it."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, cycle, islice
from typing import TYPE_CHECKING, Any

from chassis.outcomes import Outcome
from playbook.evals.cases import Case
from playbook.evals.gate import Targets
from playbook.evals.gate.measure import EPSILON, LEVEL
from playbook.evals.paired import WEIGHT_OF_ALL
from playbook.evals.results import CaseResult
from playbook.evals.selftest.oracle import Knowledge, Swap, acceptable
from playbook.evals.statistics import cases_for_wilson, p_below, wilson

if TYPE_CHECKING:
    from chassis import Pipeline

FEW = 20
SURE = LEVEL / 5
"""How unlikely by chance what is made wrong has to be: clear enough for any rule."""

_LONGEST_ID = 90


class CannotBeStaged(Exception):
    """With these cases and targets there is no such failure; its text says why."""


def answered(case: Case) -> bool:
    """Whether a case wants an answer with a label, and nothing else."""
    return set(case.expected.outcome) == {Outcome.answered} and bool(case.expected.values)


def enough(cases: Sequence[Case], targets: Targets) -> tuple[list[Case], list[str]]:
    """The cases, some of them again where there are too few to judge, and one that is critical.

    Returns:
        The cases, and what was done to them, to be said.
    """
    made, said = list(cases), []
    if not any(case.critical and answered(case) for case in made):
        first = next((i for i, case in enumerate(made) if answered(case)), None)
        if first is not None:
            made[first] = made[first].model_copy(update={"critical": True})
            said.append(f"no critical case has a label, so {made[first].id} was made critical")
    by_slice: dict[str, list[Case]] = {}
    for case in made:
        by_slice.setdefault(case.slice, []).append(case)
    again: list[Case] = []
    for name, target in targets.slices.items():
        mine = by_slice.get(name, [])
        again += _again(mine, target.least_sample - len(mine))
    again += _again([*made, *again], targets.all.least_sample - len(made) - len(again))
    again = [
        case.model_copy(update={"id": f"{case.id[:_LONGEST_ID]}~{number}", "critical": False})
        for number, case in enumerate(again, start=1)
    ]
    if again:
        said.append(
            f"{len(cases)} cases are too few to be judged, so some were asked again under other "
            f"names: {len(made) + len(again)} in all"
        )
    return [*made, *again], said


def _again(cases: Sequence[Case], missing: int) -> list[Case]:
    return list(islice(cycle(cases), max(0, missing))) if cases else []


def few(cases: Sequence[Case], targets: Targets) -> list[Case]:
    """So few cases that they judge nothing, from all slices.

    Raises:
        CannotBeStaged: When any number is enough.
    """
    n = min(FEW, targets.all.least_sample - 1, len(cases))
    if targets.by_lower_bound:  # fewer than it takes are refused before they are asked
        n = max(n, cases_for_wilson(targets.all.at_least) or n)
    if not 0 < n < targets.all.least_sample:
        raise CannotBeStaged("with quality.least_sample as it is, no number of cases is too few")
    return [cases[i * len(cases) // n] for i in range(n)]


def swap(
    results: Sequence[CaseResult],
    knowledge: Knowledge,
    pipeline: "Pipeline[Any, Any]",
    targets: Targets,
) -> Swap:
    """The two labels whose confusion makes the most cases wrong.

    Raises:
        CannotBeStaged: When it makes too few wrong to be told from chance.
    """
    right = [knowledge.cases[result.id] for result in results if result.right]
    right = [case for case in right if answered(case)]
    field = _judged_field(right, knowledge, pipeline)
    mine = [case for case in right if field in case.expected.values]
    seen = Counter(acceptable(case.expected.values[field])[0] for case in mine)
    pairs = [Swap(field, *pair) for pair in combinations(seen, 2)]
    if not pairs:
        raise CannotBeStaged(f"the cases have one label of {field} only")
    best = max(pairs, key=lambda pair: _lost(mine, pair))
    lost, n = _lost(mine, best), len(results)
    below = sum(result.right for result in results) - lost < targets.all.at_least * n - EPSILON
    worse = lost > targets.regression.margin * n and 0.5**lost < LEVEL * WEIGHT_OF_ALL
    if not (below or worse):
        raise CannotBeStaged(
            f"{best.one} and {best.other} are the labels of {lost} of {n} cases only: too few to "
            "be told from chance"
        )
    return best


def _lost(cases: Iterable[Case], pair: Swap) -> int:
    values = [acceptable(case.expected.values[pair.field]) for case in cases]
    return sum(pair.of(pair.field, value[0]) not in value for value in values)


def _judged_field(
    cases: Sequence[Case], knowledge: Knowledge, pipeline: "Pipeline[Any, Any]"
) -> str:
    """The field with labels that decides whether a case is right, as far as one can see."""
    gating = [evaluator for evaluator in pipeline.evaluators if evaluator.gate]
    judged = {name for one in gating for name in (one.name, *one.fields)}
    count = Counter(name for case in cases for name in case.expected.values)
    fields = [name for name, labels in knowledge.labels.items() if len(labels) > 1]
    return max(fields, key=lambda name: (name in judged, count[name]))


def critical(results: Sequence[CaseResult], knowledge: Knowledge, targets: Targets) -> list[str]:
    """As many critical cases as are one too many; of the usual target, one.

    Raises:
        CannotBeStaged: When none can be answered wrongly.
    """
    n = sum(result.critical for result in results)
    wanted = targets.critical_at_least or 0.0
    wrong = next((w for w in range(1, n + 1) if (n - w) / n < wanted - EPSILON), None)
    may = [r.id for r in results if r.critical and _may_be_wrong(r, knowledge)]
    if wrong is None or len(may) < wrong:
        raise CannotBeStaged("no critical case can be answered wrongly")
    return may[:wrong]


def bad_slice(
    results: Sequence[CaseResult], knowledge: Knowledge, targets: Targets
) -> tuple[str, list[str]]:
    """A slice that is clearly below its target while the total reaches its own: which cases.

    Raises:
        CannotBeStaged: When so many wrong answers would show in the total, too.
    """
    by_slice: Mapping[str, list[CaseResult]] = {
        name: [r for r in results if r.slice == name] for name in targets.slices
    }
    judged = {
        n: rs for n, rs in by_slice.items() if len(rs) >= max(1, targets.slices[n].least_sample)
    }
    hidden = _most_hidden(results, targets)
    found: list[tuple[int, str, list[str]]] = []
    for name, mine in judged.items():
        may = [r.id for r in mine if not r.critical and _may_be_wrong(r, knowledge)]
        right, target = sum(r.right for r in mine), targets.slices[name].at_least
        for k in range(1, min(hidden, len(may)) + 1):
            if p_below(right - k, len(mine), target) * len(judged) < SURE:
                found.append((k, name, may[:k]))
                break
    if not found:
        raise CannotBeStaged(
            f"at most {hidden} wrong answers leave the total at its target, and no slice is shown "
            "below its own by so few"
        )
    _, name, wrong = min(found)
    return name, wrong


def _most_hidden(results: Sequence[CaseResult], targets: Targets) -> int:
    """How many more may be wrong before the total misses its target."""
    n, right = len(results), sum(result.right for result in results)
    if not targets.by_lower_bound:
        return right - math.ceil(targets.all.at_least * n - EPSILON)
    reached = [k for k in range(right) if wilson(right - k, n)[0] >= targets.all.at_least]
    return max(reached, default=0)


def _may_be_wrong(result: CaseResult, knowledge: Knowledge) -> bool:
    case = knowledge.cases[result.id]
    return result.right and answered(case) and knowledge.can_be_wrong(case)
