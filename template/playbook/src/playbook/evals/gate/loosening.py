"""Which targets ask for less than at the base branch, and whether somebody stands for it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    from chassis.config.ownership import Attestation

REMOVED = "removed"
ATTESTED_DAYS = 30
"""For how long the lines that are shown to be added stand: time to merge, not for ever."""

Value = bool | float | str


@dataclass(frozen=True)
class Loosening:
    """A target, or a setting of the gate, that asks for less than before.

    Attributes:
        criterion: Its path in success-criteria.yaml, such as `quality.at_least`; in evals.yaml
            it begins with `evals.`.
        weaker: For a number, the change that asks for less.
        looser: For a choice, the values that ask for even less than `now`.
    """

    criterion: str
    before: Value
    now: Value
    weaker: str | None = None
    looser: tuple[Value, ...] = ()

    def __str__(self) -> str:
        if self.now == REMOVED:
            return f"{self.criterion} is removed"
        return f"{self.criterion} is loosened from {_said(self.before)} to {_said(self.now)}"

    def attested_by(self, attestations: Iterable["Attestation"], today: date) -> bool:
        """Whether somebody stands, today, for a value at least as loose."""
        return any(
            one.criterion == self.criterion and today <= one.expires and self._as_loose(one.to)
            for one in attestations
        )

    def _as_loose(self, to: Value | None) -> bool:
        if isinstance(self.now, str | bool):
            return to == self.now or to in self.looser
        if isinstance(to, bool) or not isinstance(to, int | float):
            return False
        return to <= self.now if self.weaker == "lower" else to >= self.now

    def line(self, today: date) -> str:
        """The line to add to `attestations` of config/ownership.yaml."""
        until = today + timedelta(days=ATTESTED_DAYS)
        return (
            f"  - {{point: 1, criterion: {self.criterion}, to: {_said(self.now)}, "
            f'statement: "<why>", by: "<who>", on: {today}, expires: {until}}}'
        )


@dataclass(frozen=True)
class AgainstBase:
    """The criteria beside those of the base branch.

    Attributes:
        base: What they were held against, such as `main (1a2b3c4)`; None for nothing.
        loosened: What nobody stands for.
        attested: What somebody stands for.
        unreadable: Why, in a pull request, they could not be held against the base.
        note: What else a reader must know.
    """

    base: str | None = None
    loosened: tuple[Loosening, ...] = ()
    attested: tuple[Loosening, ...] = ()
    unreadable: str | None = None
    note: str | None = None


def loosened(base: BaseModel, now: BaseModel, path: str = "") -> list[Loosening]:
    """List what asks for less now: numbers by their direction, choices by their order, removals.

    Args:
        base: A block of the configuration as it was; at first a whole file.
        now: The same block as it is.
        path: Where the block is.
    """
    found: list[Loosening] = []
    for name, field in type(base).model_fields.items():
        below = f"{path}.{name}" if path else name
        found += _field(below, getattr(base, name), getattr(now, name), name, field)
    return found


def _field(path: str, base: Any, now: Any, name: str, field: FieldInfo) -> Iterator[Loosening]:
    if isinstance(base, BaseModel) and isinstance(now, BaseModel):
        if not _is_off(base):
            yield from loosened(base, now, path)
    elif isinstance(base, dict) and isinstance(now, dict):
        for key, value in base.items():
            yield from _field(f"{path}.{key}", value, now.get(key), name, field)
    elif now is None:
        if _asks(base, name, field):
            yield Loosening(path, _said(base), REMOVED)
    elif weaker := _weaker(name, field):
        if base is not None and (now < base if weaker == "lower" else now > base):
            yield Loosening(path, base, now, weaker)
    elif (order := _weakest_first(field)) and order.index(now) < order.index(base):
        yield Loosening(path, base, now, looser=tuple(order[: order.index(now)]))


def _asks(value: Any, name: str, field: FieldInfo) -> bool:
    """Whether something asks for anything, so that its removal asks for less."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields.items()
        asks = (_asks(getattr(value, key), key, inner) for key, inner in fields)
        return not _is_off(value) and any(asks)
    if value is None or isinstance(value, dict):
        return bool(value)
    if order := _weakest_first(field):
        return bool(order.index(value) > 0)
    return _weaker(name, field) is not None


def _is_off(block: BaseModel) -> bool:
    """Whether a block asks for nothing, whatever its numbers: a judge that does not gate."""
    switches = (
        getattr(block, name)
        for name, field in type(block).model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-switch")
    )
    return not all(switches)


def _weaker(name: str, field: FieldInfo) -> str | None:
    """Which change of a number asks for less."""
    about = field.json_schema_extra
    if name == "least_sample":
        return "lower"
    if not isinstance(about, dict):
        return None
    by_direction = {"at_least": "lower", "at_most": "higher"}
    said = about.get("x-weaker") or by_direction.get(str(about.get("x-direction")))
    return str(said) if said else None


def _weakest_first(field: FieldInfo) -> Sequence[Any]:
    about = field.json_schema_extra
    order = about.get("x-weakest-first") if isinstance(about, dict) else None
    return order if isinstance(order, list) else []


def _said(value: Any) -> str:
    if isinstance(value, BaseModel):
        return "a target"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, int | float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)  # what is shown has to be enough
