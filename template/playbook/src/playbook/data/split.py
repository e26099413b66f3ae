"""`playbook data split`: hold a part of the cases out, and keep it held out."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playbook.data import compare, files
from playbook.data.alone import changing
from playbook.data.apportion import Unit, chosen
from playbook.data.labels import Labels, labels_of
from playbook.evals.cases import Case, Placed, read_all
from playbook.project import Project

SHARE = 0.2


@dataclass(frozen=True)
class Plan:
    """Which cases move, and how many of each slice there are."""

    moves: list[Placed]
    stays: list[Placed]
    held_out: list[Placed]

    @property
    def everything(self) -> list[Placed]:
        """All cases, wherever they are."""
        return [*self.moves, *self.stays, *self.held_out]


def run(project: Project, share: float, *, dry_run: bool) -> None:
    """Move the cases, and say how many of each slice are held out now."""
    with changing(project):
        _run(project, share, dry_run=dry_run)


def _run(project: Project, share: float, *, dry_run: bool) -> None:
    twice = files.in_both(project)
    if twice and dry_run:
        print(
            f"A split was interrupted: {sum(map(len, twice.values()))} lines are in evals/cases/ "
            "and in evals/held_out/. The next split finishes that first.\n"
            "Next: uv run playbook data split"
        )
        return
    for file, numbers in twice.items():
        files.remove(file, numbers)
        print(f"Finished an interrupted split: {len(numbers)} lines of {project.relative(file)}.")
    pipeline = project.pipeline()
    placed = read_all(project, pipeline)
    labels = labels_of([p.case for p in placed], pipeline.gives)
    plan = planned(placed, labels, share, files.seen_in(project))
    if not dry_run:
        move(project, plan)
    for line in lines(plan, share, dry_run=dry_run):
        print(line)


def planned(placed: Sequence[Placed], labels: Labels, share: float, seen: frozenset[str]) -> Plan:
    """Decide for every case that nothing decided for yet.

    What is held out stays so, and what was seen stays visible. A case that says nearly the same as
    another goes where that one is. The others fill the shares of slices and labels. All of it
    depends on what cases say, never on their order.
    """
    cases = [p.case for p in placed]
    sizes = _levels(cases, labels)
    held = [index for index, p in enumerate(placed) if p.held_out]
    moves: list[int] = []
    free: dict[str, list[int]] = {}
    for group in compare.related(cases, compare.pairs(cases)):
        visible = [index for index in group if not placed[index].held_out]
        unseen = [index for index in visible if files.key_of(cases[index]) not in seen]
        if not unseen or len(unseen) < len(visible):
            continue
        if len(visible) < len(group):
            moves += unseen
            continue
        key = hashlib.sha256("".join(sorted(cases[i].hash for i in group)).encode()).hexdigest()
        free[key] = group
    units = []
    for key, group in free.items():
        some = [cases[index] for index in group]
        units.append(Unit(key, _slices(some), _strata(some, labels)))
    already = _levels([cases[index] for index in (*held, *moves)], labels)
    for unit in chosen(units, share, sizes, already):
        moves += free[unit.key]
    moving = {*moves}
    return Plan(
        moves=[placed[index] for index in sorted(moving)],
        stays=[p for index, p in enumerate(placed) if index not in moving and not p.held_out],
        held_out=[placed[index] for index in held],
    )


def move(project: Project, plan: Plan) -> None:
    """Write the held-out files first: cut off at any point, no case is lost.

    A case that is in both for that reason is taken out of the visible ones by the next split.
    """
    leaving: dict[Path, list[int]] = defaultdict(list)
    for p in plan.moves:
        leaving[p.file].append(p.line)
    for file, numbers in leaving.items():
        files.append(project.held_out / file.name, files.taken(file, numbers))
    if plan.moves or plan.held_out:
        seen = files.seen_in(project)
        files.write_seen(project, {*seen, *(files.key_of(p.case) for p in plan.stays)})
    for file, numbers in leaving.items():
        files.remove(file, numbers)


def lines(plan: Plan, share: float, *, dry_run: bool) -> Iterator[str]:
    """What a person reads."""
    everything, moves = plan.everything, plan.moves
    held = [*plan.held_out, *moves]
    names = sorted({p.case.slice for p in everything})
    width = max(map(len, [*names, "critical"])) + 2
    yield f"  {'slice':<{width}}{'cases':>7}{'held out':>10}{'new':>6}{'share':>7}"
    kinds = [(n, [p for p in everything if p.case.slice == n]) for n in names]
    kinds += [("critical", [p for p in everything if p.case.critical]), ("all", everything)]
    now, new = {p.case.id for p in held}, {p.case.id for p in moves}
    for name, some in kinds:
        out = sum(p.case.id in now for p in some)
        added = sum(p.case.id in new for p in some)
        part = f"{out / len(some):.0%}" if some else "-"
        plus = f"+{added}" if added else "-"
        yield f"  {name:<{width}}{len(some):>7,}{out:>10,}{plus:>6}{part:>7}"
    yield ""
    yield from _conclusion(plan, share, dry_run=dry_run)


def _conclusion(plan: Plan, share: float, *, dry_run: bool) -> Iterator[str]:
    count = f"{len(plan.moves):,} case{'s' if len(plan.moves) != 1 else ''}"
    if dry_run:
        yield f"{count} would move to evals/held_out/. Nothing was written."
        return
    if plan.moves:
        yield f"{count} moved to evals/held_out/. evals run runs them with the others, and shows"
        yield "of each only whether it was right, so that no prompt is fitted to them."
        yield "Next: git add evals && git commit"
        return
    yield "Nothing moved: every case was held out or seen before."
    if len(plan.held_out) < (share - 0.02) * len(plan.everything):
        yield (
            "What was seen is not held out later. Add new cases; or, to draw anew from all, "
            f"delete evals/held_out/{files.SEEN}."
        )


def _levels(cases: Sequence[Case], labels: Labels) -> Counter[Hashable]:
    return _slices(cases) + _strata(cases, labels)


def _slices(cases: Sequence[Case]) -> Counter[Hashable]:
    return Counter(case.slice for case in cases)


def _strata(cases: Sequence[Case], labels: Labels) -> Counter[Hashable]:
    """Labels within slices; critical cases within slices, and altogether."""
    counted: Counter[Hashable] = Counter()
    for case in cases:
        counted[case.slice, labels.of(case)] += 1
        if case.critical:
            counted[case.slice, "critical"] += 1
            counted["critical", "of all"] += 1
    return counted
