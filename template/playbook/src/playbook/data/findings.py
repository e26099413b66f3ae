"""What is wrong with the cases: each finding with its places and what to do about it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from chassis.guards.personal.light import SECRETS
from chassis.guards.personal.spans import Together
from playbook.data import compare
from playbook.data.examples import Prompts
from playbook.data.labels import Labels
from playbook.data.similar import Pair
from playbook.data.texts import strings
from playbook.evals.cases import CRITERIA, Case, Placed

if TYPE_CHECKING:
    from chassis.config.criteria import Quality
    from chassis.guards.personal.spans import Finder

OWN = ("production", "expert")
RARE_LABEL = 5  # cases; with fewer, one answer moves the share of that label by 20 points or more
LARGE_LABEL = 0.6  # of the cases; always saying it would look good
# Set aside for examples (RFC 2606, RFC 6761): such an address is nobody's.
_NOBODYS = (
    *(".example", ".test", ".invalid", ".localhost"),
    *("example.com", "example.net", "example.org"),
)


class Weight(IntEnum):
    """How much a finding weighs; the worst comes first."""

    fails = 0
    lacks = 1
    remark = 2


@dataclass(frozen=True)
class Finding:
    """One kind of trouble.

    Attributes:
        places: One line each, beginning with file:line where it is about a case.
    """

    name: str
    weight: Weight
    what: str
    do: str
    places: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """The cases, and what they are held against."""

    placed: Sequence[Placed]
    pairs: Sequence[Pair]
    labels: Labels
    quality: "Quality"
    prompts: Prompts
    finder: "Finder"
    on_done: Callable[[], None] = lambda: None

    @property
    def cases(self) -> list[Case]:
        """The cases alone."""
        return [p.case for p in self.placed]

    def both(self, pair: Pair) -> tuple[Placed, Placed]:
        """The two cases of a pair."""
        return self.placed[pair.first], self.placed[pair.second]


def findings(data: Data) -> list[Finding]:
    """Everything there is to say, the worst first."""
    found = [
        *_of_pairs(data),
        *_told(data),
        *_personal(data),
        *_too_few(data),
        *_balance(data),
        *_whose(data),
    ]
    return sorted(found, key=lambda finding: finding.weight)


def _of_pairs(data: Data) -> Iterator[Finding]:
    """Each pair is told once, for the worst that it is."""
    sorts: dict[str, list[tuple[Pair, str]]] = defaultdict(list)
    for pair in data.pairs:
        one, other = data.both(pair)
        family = compare.seed_of(one.case) == compare.seed_of(other.case)
        against = None if family else data.labels.disagreement(one.case, other.case)
        if against:
            sorts["disagree"].append((pair, f"  {against}"))
        elif one.held_out != other.held_out:
            sorts["leak"].append((pair, ""))
        elif not family:
            sorts["same" if pair.kind == "same" else "near"].append((pair, ""))
    yield from _pairs(
        data,
        sorts["disagree"],
        "labels disagree",
        Weight.fails,
        "say nearly the same and are labelled differently",
        "One of the labels is wrong, or each should accept both values, as a list.",
    )
    yield from _pairs(
        data,
        sorts["leak"],
        "held out, yet visible",
        Weight.fails,
        "are held out and nearly repeat a visible case",
        "Delete one of each pair, so that held-out cases stay unseen.",
    )
    yield from _pairs(
        data,
        sorts["same"],
        "exact duplicates",
        Weight.fails,
        "say the same, but for case and punctuation",
        "Delete one of each pair; a case that counts twice makes the result look surer than it is.",
    )
    yield from _pairs(
        data,
        sorts["near"],
        "near duplicates",
        Weight.remark,
        "say nearly the same",
        "Keep the more telling one of each, unless the difference is the point.",
    )


def _pairs(
    data: Data,
    pairs: Sequence[tuple[Pair, str]],
    name: str,
    weight: Weight,
    what: str,
    do: str,
) -> Iterator[Finding]:
    if not pairs:
        return
    places = []
    for pair, note in pairs:
        one, other = data.both(pair)
        how = "" if pair.kind == "same" else f"  {pair.score:.0%} alike"
        if pair.kind == "within":
            how = "  one stands within the other"
        places.append(f"{one.where} {one.case.id} and {other.where} {other.case.id}{how}{note}")
    count = "1 pair of cases" if len(pairs) == 1 else f"{len(pairs)} pairs of cases"
    ids = {p.case.id for pair, _ in pairs for p in data.both(pair)}
    yield Finding(name, weight, f"{count} {what}", do, tuple(places), tuple(sorted(ids)))


def _told(data: Data) -> Iterator[Finding]:
    told = [(p, where) for p in data.placed if (where := data.prompts.telling(p.case))]
    if told:
        yield Finding(
            "told in a prompt",
            Weight.fails,
            f"a prompt holds {_cases(len(told))}, whole or for the most part",
            "Use another example in the prompt, or delete the case: it measures memory.",
            tuple(f"{p.where} {p.case.id} is in {where}" for p, where in told),
            tuple(p.case.id for p, _ in told),
        )


def _personal(data: Data) -> Iterator[Finding]:
    """Kinds and places, never what was found."""
    finder = Together(data.finder, SECRETS)
    own: list[tuple[Placed, Counter[str]]] = []
    fiction: list[tuple[Placed, Counter[str]]] = []
    for p in data.placed:
        kinds = Counter(kind for text in strings(p.case) for kind in kinds_in(text, finder))
        if kinds:
            (own if p.case.provenance in OWN else fiction).append((p, kinds))
        data.on_done()
    if own:
        yield Finding(
            "personal data",
            Weight.fails,
            f"{_cases(len(own))} of production or experts with personal data or secrets",
            "Replace it by [e-mail], [phone] and so on, or by something invented at example.com.",
            tuple(f"{p.where} {p.case.id}  {_kinds(kinds)}" for p, kinds in own),
            tuple(p.case.id for p, _ in own),
        )
    if fiction:
        together = sum((kinds for _, kinds in fiction), Counter[str]())
        yield Finding(
            "looks like personal data",
            Weight.remark,
            f"{_cases(len(fiction))} of starter or synthetic provenance: {_kinds(together)}",
            "Invented, if nobody put real data in; with provenance production or expert it fails.",
            tuple(f"{p.where} {p.case.id}  {_kinds(kinds)}" for p, kinds in fiction),
            tuple(p.case.id for p, _ in fiction),
        )


def kinds_in(text: str, finder: "Finder") -> Iterator[str]:
    """The kinds of personal data in a text; addresses reserved for examples are nobody's."""
    for span in finder.find(text):
        value = text[span.start : span.end].casefold().rstrip(".")
        if not (span.kind == "e-mail" and value.endswith(_NOBODYS)):
            yield span.kind


def _kinds(kinds: Counter[str]) -> str:
    return ", ".join(f"{n} {kind}" if n > 1 else kind for kind, n in kinds.most_common())


def _too_few(data: Data) -> Iterator[Finding]:
    have = Counter(case.slice for case in data.cases)
    lacking = [
        (name, have[name], wanted.least_sample)
        for name, wanted in data.quality.slices.items()
        if have[name] < wanted.least_sample
    ]
    if lacking:
        yield Finding(
            "small slices",
            Weight.lacks,
            f"{len(lacking)} of {len(data.quality.slices)} slices are too small to be judged",
            f"Add cases, or take the slice out of quality.slices in {CRITERIA}.",
            tuple(
                f"evals/cases/{name}.jsonl  {n or 'no'} cases, {least} needed"
                for name, n, least in lacking
            ),
        )
    if len(data.placed) < data.quality.least_sample:
        yield Finding(
            "few cases",
            Weight.lacks,
            f"{_cases(len(data.placed))} in all; quality.least_sample needs "
            f"{data.quality.least_sample}",
            "Import or label more: uv run playbook data import, uv run playbook label",
        )


def _balance(data: Data) -> Iterator[Finding]:
    lines = []
    for name, used in data.labels.counts(data.cases).items():
        labelled = sum(name in case.expected.values for case in data.cases)
        possible = data.labels.possible.get(name, ())
        rare = [(value, used[value]) for value in {*possible, *used} if used[value] < RARE_LABEL]
        if rare:
            told = ", ".join(f"{v} {n or 'never'}" for v, n in sorted(rare, key=lambda r: r[::-1]))
            lines.append(f"{name}: hardly asked for: {told}")
        lines += [
            f"{name}: {value} is right for {n} of {labelled} cases"
            for value, n in used.most_common(1)
            if len(used) > 1 and n > LARGE_LABEL * labelled
        ]
    if lines:
        yield Finding(
            "label balance",
            Weight.remark,
            "labels are spread unevenly",
            f"Add cases of a label with fewer than {RARE_LABEL}; a label that is nearly always "
            "right hides mistakes in the others.",
            tuple(lines),
        )
    if not any(case.critical for case in data.cases):
        yield Finding(
            "no critical case",
            Weight.remark,
            "no case is marked critical",
            'Mark those that must never go wrong with "critical": true.',
        )


def _whose(data: Data) -> Iterator[Finding]:
    shares = Counter(case.provenance for case in data.cases)
    made = shares["starter"] + shares["synthetic"]
    if made:
        kinds = ", ".join(f"{n} {kind}" for kind, n in shares.most_common())
        yield Finding(
            "whose cases",
            Weight.remark,
            f"{made / len(data.placed):.0%} are starter or synthetic cases ({kinds})",
            "They say little about your users, and readiness does not count them.",
        )
    if not any(p.held_out for p in data.placed):
        yield Finding(
            "nothing held out",
            Weight.remark,
            "whoever writes the prompt sees every case",
            "uv run playbook data split",
        )


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding for a program."""
    return {
        "name": finding.name,
        "weight": finding.weight.name,
        "what": finding.what,
        "do": finding.do,
        "places": list(finding.places),
        "cases": list(finding.cases),
    }
