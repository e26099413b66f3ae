"""Writes the JSON Schemas of `config/`: `python -m chassis.config --write-schemas <folder>`.

For whoever changes the models. `playbook config check` checks the files.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .schemas import write_schemas


def main(arguments: list[str]) -> int:
    """Return 0 when they are written, 2 after wrong usage."""
    if len(arguments) != 2 or arguments[0] != "--write-schemas":
        print("Usage: python -m chassis.config --write-schemas <folder>", file=sys.stderr)
        return 2
    for path in write_schemas(Path(arguments[1])):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
