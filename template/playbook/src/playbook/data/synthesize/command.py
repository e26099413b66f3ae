"""`playbook data synthesize`: choose seeds, make variants, write or print them."""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.config.problems import did_you_mean
from playbook.data import compare, files, texts
from playbook.data.alone import changing
from playbook.data.synthesize import make
from playbook.data.synthesize.fields import texts_of
from playbook.data.synthesize.kinds import KINDS, Kind
from playbook.data.synthesize.luck import Luck
from playbook.evals.cases import CRITERIA, Case, Placed, read_all
from playbook.project import Project
from playbook.verdicts import Mistake


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    from_slice: str | None = None
    case: str | None = None
    kinds: str | None = None
    per_case: int = 1
    seed: int = 0
    slice: str | None = None
    out: Path | None = None
    dry_run: bool = False
    model_written: bool = False
    simulated_anyway: bool = False


def run(project: Project, wish: Wish) -> None:
    """Make the variants and write them; with --dry-run, print them.

    Raises:
        Mistake: For wrong usage, and for cases that cannot be read.
    """
    kinds = [] if wish.model_written else kinds_of(wish.kinds)
    placed, service = prepared(project)
    if wish.slice and wish.slice not in service.slices:
        raise Mistake(
            f"--slice {wish.slice}\n  {CRITERIA} declares no such slice: "
            f"{', '.join(service.slices)}.{did_you_mean(wish.slice, service.slices)}"
        )
    seeds, unused = chosen(placed, wish)
    if wish.model_written:
        made, unfit = _written(project, seeds, wish, service, {p.case.id for p in placed})
    else:
        made, unfit = synthesized(seeds, kinds, wish, service, [p.case for p in placed])
    if not wish.dry_run:
        with changing(project):
            written = write(project, made, wish.out)
    else:
        print("".join(f"{make.line_of(case)}\n" for case in made), end="")
        written = []
    for line in _told(seeds, made, unused, unfit, written, dry_run=wish.dry_run):
        print(line, file=sys.stderr if wish.dry_run else sys.stdout)


def _written(
    project: Project, seeds: Sequence[Case], wish: Wish, service: make.Service, there: set[str]
) -> tuple[list[Case], Counter[str]]:
    """Have the model write them; says what it cost, also when it is all that can be said."""
    from playbook.data.synthesize import written

    manners = written.manners_of(wish.kinds)
    wanted = written.orders(seeds, manners, wish.per_case, wish.seed, there)
    asked = written.write(
        project, wanted, service, wish.slice, simulated_anyway=wish.simulated_anyway
    )
    cost = f"Model calls cost USD {asked.spent_usd:.4f}"
    if asked.unpriced:
        cost += f", and {asked.unpriced} calls of a price nobody knows"
    print(f"{cost}{' (simulated)' if asked.simulated else ''}.", file=sys.stderr)
    if asked.stopped:
        print(f"Stopped {asked.stopped}; what was written is kept.", file=sys.stderr)
    return asked.made, asked.unfit


def prepared(project: Project) -> tuple[list[Placed], make.Service]:
    """The cases, and what a variant of one has to fit.

    Raises:
        Mistake: Also when the input has no free text to change.
    """
    from chassis.config import load_config

    pipeline = project.pipeline()
    placed = read_all(project, pipeline)
    config = load_config(project.root)
    free = texts_of(pipeline.takes, [p.case for p in placed])
    if free.main is None:
        raise Mistake(
            f"src/{project.package}/schemas.py  {pipeline.takes.__name__}\n"
            "  No field of the input is free text (a string without choices, pattern or format, "
            "with spaces in some cases), so there is nothing to make messy."
        )
    slices = tuple(config.criteria.quality.slices)
    return placed, make.Service(pipeline.takes, config.guardrails.request, free, slices)


def kinds_of(names: str | None) -> list[Kind]:
    """The kinds by name; all without.

    Raises:
        Mistake: For a name that is none.
    """
    if names is None:
        return list(KINDS.values())
    asked = [name.strip() for name in names.split(",") if name.strip()]
    for name in asked:
        if name not in KINDS:
            known = "\n".join(f"  {kind.name:<11}{kind.what}" for kind in KINDS.values())
            hint = did_you_mean(name, KINDS)
            raise Mistake(f"--kinds {name}\n  There is no such kind.{hint}\n{known}")
    return [KINDS[name] for name in dict.fromkeys(asked)] or list(KINDS.values())


def chosen(placed: Sequence[Placed], wish: Wish) -> tuple[list[Case], Counter[str]]:
    """The seeds, and how many cases cannot be one, by the reason.

    Held-out cases are no seeds: their variants would show them.

    Raises:
        Mistake: When the slice or the case asked for is not there, or is no seed.
    """
    visible = [p.case for p in placed if not p.held_out]
    if wish.case:
        visible = [case for case in visible if case.id == wish.case]
        if not visible:
            held_out = any(p.held_out and p.case.id == wish.case for p in placed)
            why = "is held out; a variant of it would show it" if held_out else "does not exist"
            raise Mistake(f"--case {wish.case}\n  This case {why}.")
    if wish.from_slice:
        names = sorted({case.slice for case in visible})
        visible = [case for case in visible if case.slice == wish.from_slice]
        if not visible:
            hint = did_you_mean(wish.from_slice, names)
            raise Mistake(
                f"--from {wish.from_slice}\n  There is no such slice: {', '.join(names)}.{hint}"
            )
    reasons = [make.usable(case) for case in visible]
    seeds = [case for case, reason in zip(visible, reasons, strict=True) if reason is None]
    unused = Counter(reason for reason in reasons if reason)
    if not seeds:
        told = ", ".join(f"{n} {reason}" for reason, n in unused.items())
        raise Mistake(f"None of these cases can be a seed: {told}.")
    return seeds, unused


def synthesized(
    seeds: Sequence[Case],
    kinds: Sequence[Kind],
    wish: Wish,
    service: make.Service,
    there: Sequence[Case],
) -> tuple[list[Case], Counter[str]]:
    """The variants that are not there yet, and why others could not be made.

    Which kinds a case gets hangs on the seed and the case alone, so more cases change nothing for
    those before.
    """
    ids = {case.id for case in there}
    said = {texts.whole(case): compare.seed_of(case) for case in there}
    made: list[Case] = []
    unfit: Counter[str] = Counter()
    for seed in seeds:
        wanted = wish.per_case
        for kind, number in _drawn(kinds, Luck(wish.seed, seed.id)):
            if not wanted or number > wish.per_case:
                break
            try:
                case = make.variant(seed, kind, number, wish.seed, service, wish.slice)
            except make.Unfit as reason:
                unfit[f"{kind.name}: {reason}"] += 1
                continue
            whole = texts.whole(case)
            if case.id not in ids and said.setdefault(whole, seed.id) != seed.id:
                unfit[f"{kind.name}: another case says the same"] += 1
                continue
            wanted -= 1
            if case.id in ids:
                unfit["there already"] += 1
            else:
                made.append(case)
    return made, unfit


def _drawn(kinds: Sequence[Kind], luck: Luck) -> Iterator[tuple[Kind, int]]:
    """The kinds in the order of the draw, again and again; each time a further variant of each."""
    order = luck.some(kinds, len(kinds))
    number = 1
    while True:
        yield from ((kind, number) for kind in order)
        number += 1


def write(project: Project, made: Sequence[Case], out: Path | None) -> list[tuple[str, int]]:
    """Add the lines to the files of their slices, or to one file; gives what was added where."""
    by_file: dict[Path, list[str]] = defaultdict(list)
    for case in made:
        by_file[out or project.cases / f"{case.slice}.jsonl"].append(make.line_of(case))
    for file, lines in by_file.items():
        files.append(file, lines)
    return [(project.relative(file), len(lines)) for file, lines in by_file.items()]


def _told(
    seeds: Sequence[Case],
    made: Sequence[Case],
    unused: Counter[str],
    unfit: Counter[str],
    written: Sequence[tuple[str, int]],
    *,
    dry_run: bool,
) -> Iterator[str]:
    count = "1 variant" if len(made) == 1 else f"{len(made):,} variants"
    of = "1 case" if len(seeds) == 1 else f"{len(seeds):,} cases"
    yield f"{count} of {of}{'; nothing was written' if dry_run else ''}."
    kinds = Counter(case.id.rpartition("~")[2].rpartition("-")[0] for case in made)
    if kinds:
        yield "  " + ", ".join(f"{n} {name}" for name, n in kinds.most_common())
    for file, n in written:
        yield f"  +{n:<5} {file}"
    if unused:
        yield "No seeds: " + ", ".join(f"{n} {why}" for why, n in unused.most_common()) + "."
    if unfit:
        yield "Not made: " + ", ".join(f"{n} {why}" for why, n in unfit.most_common(6)) + "."
    if written:
        yield "Read some of them: a label is copied from the seed, not given by a person."
        yield "Next: git diff evals/cases, then uv run playbook evals run"
