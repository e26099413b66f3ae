"""How many cases count as evidence: the team's own, without repeats, and told in no prompt."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playbook.data import compare
from playbook.data.examples import Prompts
from playbook.data.similar import Pair, groups
from playbook.evals.cases import Case

if TYPE_CHECKING:
    from playbook.project import Project

OWN = ("production", "expert")


@dataclass(frozen=True)
class Counted:
    """What is left to count, and what was left out.

    Attributes:
        own: By slice, the cases of production and experts; nearly the same ones count once.
        provenance: All cases, by provenance, before anything is left out.
        repeated: Own cases that nearly repeat another own case.
        told: Own cases that stand in a prompt.
    """

    own: Counter[str]
    provenance: Counter[str]
    repeated: int
    told: int

    @property
    def total(self) -> int:
        """The cases that count."""
        return self.own.total()


def count(project: "Project") -> Counted:
    """Read the service's cases, held-out ones too, and count those that are evidence.

    Raises:
        Mistake: Naming all that is wrong with the cases.
    """
    from playbook.data.examples import prompts_of
    from playbook.evals.cases import load_all

    cases, _ = load_all(project, project.pipeline())
    return counted(cases, prompts_of(project))


def counted(
    cases: Sequence[Case], prompts: Prompts, found: Sequence[Pair] | None = None
) -> Counted:
    """Count the cases that are evidence.

    Args:
        cases: All of them.
        prompts: Where none of them may stand.
        found: The pairs of cases that say nearly the same, if they are known already.
    """
    own = [index for index, case in enumerate(cases) if case.provenance in OWN]
    free = [index for index in own if prompts.telling(cases[index]) is None]
    place = {index: at for at, index in enumerate(free)}
    links = [
        (place[p.first], place[p.second])
        for p in (compare.pairs(cases) if found is None else found)
        if p.first in place and p.second in place
    ]
    kept = [free[group[0]] for group in groups(len(free), links)]
    return Counted(
        own=Counter(cases[index].slice for index in kept),
        provenance=Counter(case.provenance for case in cases),
        repeated=len(free) - len(kept),
        told=len(own) - len(free),
    )
