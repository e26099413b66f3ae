"""The rows of the matrix, by what fails. Adding a fault means adding a row to one of these."""

from __future__ import annotations

from playbook.faults.row import Row
from playbook.faults.rows import answers, around, fallbacks, guards, provider, redis

GROUPS: dict[str, tuple[Row, ...]] = {
    "The provider fails": provider.ROWS,
    "The model answers badly": answers.ROWS,
    "One model of several fails": fallbacks.ROWS,
    "A guard fails": guards.ROWS,
    "Something around the service fails": (*around.ROWS, *redis.ROWS),
}

ROWS: tuple[Row, ...] = tuple(row for rows in GROUPS.values() for row in rows)
