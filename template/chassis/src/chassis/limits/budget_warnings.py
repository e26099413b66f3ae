"""Saying once a day that the daily budget is nearly spent, and once that it is."""

from __future__ import annotations

from collections.abc import Iterator

from ..logs import Logger
from .local import LocalCounts
from .quotas import Amount, Quotas
from .shared import SharedCounts

_NEAR, _SPENT = "daily_budget_near", "daily_budget_spent"


class DailyBudgetWarnings:
    """Which crossings were said today. Where Redis counts, one replica says it for all."""

    def __init__(self, quotas: Quotas, log: Logger) -> None:
        self._quotas = quotas
        self._log = log
        self._day = -1
        self._said: set[str] = set()

    def local(self, counts: LocalCounts) -> None:
        """Say what this replica's own part has crossed."""
        quotas, spent = counts.quotas, counts.spent()
        for crossing in self._crossed(counts.today, spent, quotas):
            self._say(crossing, spent, quotas)

    async def shared(self, counts: SharedCounts, day: int, spent: Amount) -> None:
        """Say what all replicas together have crossed, unless another one did."""
        for crossing in self._crossed(day, spent, self._quotas):
            if await counts.is_first(day, crossing):
                self._say(crossing, spent, self._quotas)

    def _crossed(self, day: int, spent: Amount, quotas: Quotas) -> Iterator[str]:
        if day != self._day:
            self._day = day
            self._said.clear()
        stop = quotas.service.micro_usd
        lines = {
            _NEAR: quotas.warn_at * quotas.budget_micro_usd,
            _SPENT: float("inf") if stop is None else stop,
        }
        for crossing, line in lines.items():
            if spent.micro_usd >= line and crossing not in self._said:
                yield crossing
                self._said.add(crossing)

    def _say(self, crossing: str, spent: Amount, quotas: Quotas) -> None:
        stop = quotas.service.micro_usd
        self._log.warning(
            crossing,
            spent_usd=round(spent.micro_usd / 1e6, 6),
            daily_budget_usd=round(quotas.budget_micro_usd / 1e6, 6),
            stop_usd=None if stop is None else round(stop / 1e6, 6),
        )
