"""What a run spends on real models, and the cap that stops it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Spending:
    """Money so far, held against a cap; replayed and simulated answers cost nothing.

    A case is asked only while what was spent, with every case in flight and this one at the price
    of the dearest so far, stays under the cap. So the cap is passed, at most, by what the first
    cases cost before any price was known: as many as are in flight at once.
    """

    cap_usd: float
    spent_usd: float = 0.0
    stopped: bool = False
    unknown_price: bool = False
    _dearest_usd: float = 0.0
    _in_flight: int = 0

    def allows_one_more(self) -> bool:
        """Whether another case may be asked; once it may not, none may."""
        if not self.stopped:
            most = self.spent_usd + (self._in_flight + 1) * self._dearest_usd
            self.stopped = most > self.cap_usd
        return not self.stopped

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a case as being asked."""
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def pay(self, usd: float | None) -> None:
        """Add what a live answer cost; None when its model has no price."""
        if usd is None:
            self.unknown_price = True
            return
        self.spent_usd += usd
        self._dearest_usd = max(self._dearest_usd, usd)

    @property
    def said(self) -> str:
        """What the progress bar shows; nothing, while nothing was spent."""
        if self.unknown_price:
            return "cost unknown: the model has no price"
        if not self.spent_usd:
            return ""
        return f"{usd(self.spent_usd)} of {usd(self.cap_usd)}"


def usd(amount: float) -> str:
    """An amount, exact enough to tell a cheap case from nothing."""
    return f"USD {amount:.2f}" if amount >= 0.1 or amount == 0 else f"USD {amount:.4f}"
