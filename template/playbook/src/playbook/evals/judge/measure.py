"""Ask a judge about all answers that people gave a verdict on."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from playbook.evals.judge import card as cards
from playbook.evals.judge.card import Bound, Card
from playbook.evals.judge.labels import Label
from playbook.evals.judge.rates import agreement
from playbook.evals.judging import Bench, cost_usd
from playbook.verdicts import NotJudged

if TYPE_CHECKING:
    from chassis.judge import Opinion


@dataclass(frozen=True)
class Asked:
    """One label, and what the judge said of it, once or more often."""

    label: Label
    opinions: "Sequence[Opinion]"

    @property
    def passed(self) -> bool | None:
        """The verdict that counts: the first, as a run of the suite has no other."""
        return self.opinions[0].passed

    @property
    def steady(self) -> bool:
        """Whether it said the same each time."""
        return len({opinion.passed for opinion in self.opinions}) == 1


async def ask(
    bench: Bench, name: str, labels: Sequence[Label], repeats: int, on_done: Callable[[], None]
) -> list[Asked]:
    """The judge's verdicts: on held-out answers `repeats` times, on the others once."""

    async def one(label: Label) -> Asked:
        taken, given = cards.typed(bench.pipeline, label.input, label.answer)
        times = repeats if label.held_out else 1
        asked = (bench.ask_one(name, taken, given) for _ in range(times))
        opinions = await asyncio.gather(*asked)
        on_done()
        return Asked(label, opinions)

    return list(await asyncio.gather(*map(one, labels)))


def card_of(
    name: str, bound_to: Bound, asked: Sequence[Asked], repeats: int, unavailable_at_most: float
) -> Card:
    """The card of what was asked.

    Raises:
        NotJudged: When the provider failed too often, or different ones answered.
    """
    opinions = [opinion for one in asked for opinion in one.opinions]
    failed = [opinion for opinion in opinions if opinion.passed is None]
    if len(failed) > unavailable_at_most * len(opinions):
        raise NotJudged(
            f"{name}: {len(failed)} of {len(opinions)} calls gave no verdict, at most "
            f"{unavailable_at_most:.0%} may. One said: {failed[0].reason}\nNo card was written. "
            f"Next: check the provider's status and your key; then {cards.COMMAND} {name}"
        )
    marks = {opinion.use.simulated for opinion in opinions} - {None}
    if len(marks) > 1:
        raise NotJudged(f"{name}: some verdicts are a real model's, some simulated. No card.")
    heard = [one for one in asked if one.passed is not None]
    held_out = [one for one in asked if one.label.held_out]
    return Card(
        judge=name,
        bound_to=bound_to,
        mode="simulated" if True in marks else "live",
        answered_by=next((o.use.answered for o in opinions if o.use.answered), ""),
        made_at=datetime.now(UTC).replace(microsecond=0).isoformat(),
        held_out=agreement(_pairs(one for one in heard if one.label.held_out)),
        while_writing=agreement(_pairs(one for one in heard if not one.label.held_out)),
        repeats=repeats,
        always_the_same=sum(one.steady for one in held_out) if repeats > 1 else None,
        unavailable=len(failed),
        cost_usd=cost_usd(opinions),
    )


def _pairs(asked: Any) -> list[tuple[bool, bool]]:
    return [(one.label.passed, one.passed is True) for one in asked]
