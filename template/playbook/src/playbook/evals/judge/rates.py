"""How often a judge agrees with people, and what its verdicts say of the true pass rate."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from pydantic import BaseModel, ConfigDict

from playbook.evals.statistics import CONFIDENCE, Counted


class Rate(Counted, BaseModel):
    """So many of so many."""

    model_config = ConfigDict(frozen=True)

    right: int
    n: int


class Agreement(BaseModel):
    """A judge's verdicts beside people's.

    Positive is a pass: `on_passed` is the true positive rate, over the answers that people passed,
    `on_failed` the true negative rate, over those they failed.
    """

    model_config = ConfigDict(frozen=True)

    on_passed: Rate
    on_failed: Rate

    @property
    def n(self) -> int:
        """How many verdicts are compared."""
        return self.on_passed.n + self.on_failed.n

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: agreement beyond what two who guess with these habits would have.

        None where both always say the same, as nothing else could have been expected then. Cohen,
        Educational and Psychological Measurement 20 (1960), 37-46.
        """
        if not self.n:
            return None
        agreed = (self.on_passed.right + self.on_failed.right) / self.n
        judge = (self.on_passed.right + self.on_failed.n - self.on_failed.right) / self.n
        people = self.on_passed.n / self.n
        by_chance = judge * people + (1 - judge) * (1 - people)
        return None if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance)


@dataclass(frozen=True)
class Corrected:
    """An estimate with its interval."""

    share: float
    low: float
    high: float


def agreement(verdicts: Iterable[tuple[bool, bool]]) -> Agreement:
    """Compare pairs of (people's, the judge's) verdicts."""
    pairs = list(verdicts)
    passed = [judge for people, judge in pairs if people]
    failed = [not judge for people, judge in pairs if not people]
    return Agreement(
        on_passed=Rate(right=sum(passed), n=len(passed)),
        on_failed=Rate(right=sum(failed), n=len(failed)),
    )


def corrected(passed: int, n: int, rates: Agreement) -> Corrected | None:
    """The true pass rate behind a judge's verdicts, freed of the errors that it is known to make.

    Rogan and Gladen, American Journal of Epidemiology 107 (1978), 71-76; the interval, which counts
    in that the judge's rates are estimates too, after Lang and Reiczigel, Preventive Veterinary
    Medicine 113 (2014), 13-22. None for a judge that is no better than a coin, or unmeasured.
    """
    sensitive, specific = rates.on_passed, rates.on_failed
    if not (n and sensitive.n and specific.n) or sensitive.share + specific.share <= 1:
        return None
    share = (passed / n + specific.share - 1) / (sensitive.share + specific.share - 1)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    many, seen = n + z**2, (passed + z**2 / 2) / (n + z**2)
    n_pass, n_fail = sensitive.n + 2, specific.n + 2
    se, sp = (sensitive.right + 1) / n_pass, (specific.right + 1) / n_fail
    better = se + sp - 1
    if better <= 0:
        return None
    middle = (seen + sp - 1) / better
    of_pass, of_fail = se * (1 - se) / n_pass, sp * (1 - sp) / n_fail
    shift = 2 * z**2 * (middle * of_pass - (1 - middle) * of_fail)
    variance = seen * (1 - seen) / many + middle**2 * of_pass + (1 - middle) ** 2 * of_fail
    spread = z * math.sqrt(variance) / better
    around = (share, middle + shift - spread, middle + shift + spread)
    return Corrected(*(min(1.0, max(0.0, one)) for one in around))
