"""What `playbook evals judge` prints: the card, readable."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from playbook.evals.judge import card as cards
from playbook.evals.judge.card import Card
from playbook.evals.judge.labels import Label
from playbook.evals.judge.measure import Asked
from playbook.evals.judge.rates import Rate
from playbook.evals.statistics import wilson
from playbook.verdicts import Code
from playbook.visible import one_line

if TYPE_CHECKING:
    from chassis.config.judges import JudgeSettings

MOST_WRONG = 10
WIDEST_REASON = 160


def decision(card: Card, chosen: "JudgeSettings") -> tuple[Code, str]:
    """What the card shows: enough labels or not, rates that are high enough or not."""
    short = list(cards.shortcomings(card.held_out, chosen))
    low = [told for told in short if "agrees with" in told]
    if low:
        return Code.NOT_MET, " ".join(low)
    if short:
        return Code.INCONCLUSIVE, f"{' '.join(short)} {why(chosen.least_labels)}"
    passed, failed = card.held_out.on_passed, card.held_out.on_failed
    return Code.MET, (
        f"{card.judge} agrees with people on {passed.share:.1%} of the answers that they passed "
        f"and {failed.share:.1%} of those they failed, each at least {chosen.rates_at_least:.0%}."
    )


def why(n: int) -> str:
    """Why it takes so many labels of a kind."""
    low, high = wilson(round(0.9 * n), n)
    return (
        f"With {n} of a kind a measured 90% still means {low:.0%} to {high:.0%}; with fewer, less."
    )


def lines(card: Card, asked: Sequence[Asked], chosen: "JudgeSettings") -> Iterator[str]:
    """The card, from its title to what to look at."""
    bound, both = card.bound_to, card.held_out
    yield (
        f"{card.judge} · {bound.model} · prompt {bound.prompt_sha256[:4]} · "
        f"{len(asked)} labels · {card.mode}"
    )
    yield ""
    yield "  people said    n   judge agrees   needed   95% interval"
    yield _row("pass", both.on_passed, chosen, "true positive rate")
    yield _row("fail", both.on_failed, chosen, "true negative rate")
    yield ""
    kappa = "none" if both.kappa is None else f"{both.kappa:.2f}"
    yield (
        f"Only the held-out part counts: {both.n} of {len(asked)} answers. Cohen's kappa {kappa} "
        "(0 is chance, 1 the same verdict each time)."
    )
    if card.always_the_same is not None:
        held_out = sum(one.label.held_out for one in asked)
        yield (
            f"Asked {card.repeats} times, it always said the same of {card.always_the_same} "
            f"of {held_out} held-out answers."
        )
    if card.unavailable:
        yield f"Left out, because the provider gave no verdict: {card.unavailable}."
    calls = sum(len(one.opinions) for one in asked)
    if card.cost_usd is not None:
        yield f"Cost USD {card.cost_usd:.4f} for {calls} verdicts."
    if card.mode == "simulated":
        yield "Simulated verdicts say nothing about a real model; no gate takes this card."
    yield from _while_writing(card, asked)
    yield ""


def _row(verdict: str, rate: Rate, chosen: "JudgeSettings", name: str) -> str:
    low, high = rate.interval
    interval = f"{low * 100:5.1f} to {high * 100:5.1f}"
    share = f"{rate.share * 100:.1f}%" if rate.n else "none"
    return (
        f"  {verdict:<11} {rate.n:>4}   {share:>12}   {chosen.rates_at_least:>6.0%}   "
        f"{interval}   {name}"
    )


def _while_writing(card: Card, asked: Sequence[Asked]) -> Iterator[str]:
    both = card.while_writing
    if not both.n:
        return
    yield (
        f"While writing (not counted): {both.on_passed.right} of {both.on_passed.n} that people "
        f"passed, {both.on_failed.right} of {both.on_failed.n} that they failed."
    )
    wrong = [one for one in asked if not one.label.held_out and _is_wrong(one)]
    for one in wrong[:MOST_WRONG]:
        reason = one_line(one.opinions[0].reason, WIDEST_REASON)
        told = f"people {one.label.verdict}, judge {_word(one)}: {reason}"
        yield f"  {one_line(one.label.id)}: {told}"
    if len(wrong) > MOST_WRONG:
        yield f"  ... and {len(wrong) - MOST_WRONG} more"


def _is_wrong(one: Asked) -> bool:
    return one.passed is not None and one.passed != one.label.passed


def _word(one: Asked) -> str:
    return "pass" if one.passed else "fail"


def too_few(labels: Sequence[Label], chosen: "JudgeSettings") -> str:
    """How many labels there are, and how many it takes."""
    given = [one for one in labels if one.verdict is not None]
    held_out = [one for one in given if one.held_out]
    passed = sum(one.passed for one in held_out)
    return (
        f"{len(given)} answers have a person's verdict; in the held-out part {passed} passes and "
        f"{len(held_out) - passed} fails, and it takes {chosen.least_labels} of each. "
        f"{why(chosen.least_labels)}"
    )
