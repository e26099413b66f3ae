"""Checks `config/` from the command line: `python -m chassis.config [root]`.

With `--write-schemas <folder>` it writes the JSON Schemas instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .load import load_config
from .problems import ConfigError
from .schemas import write_schemas


def main(arguments: list[str]) -> int:
    """Return 0 when everything is right, 2 when a file is not."""
    if arguments[:1] == ["--write-schemas"] and len(arguments) == 2:
        for path in write_schemas(Path(arguments[1])):
            print(f"wrote {path}")
        return 0
    if len(arguments) > 1 or (arguments[:1] and arguments[0].startswith("-")):
        print("Usage: python -m chassis.config [root] | --write-schemas <folder>", file=sys.stderr)
        return 2
    root = Path(arguments[0] if arguments else ".")
    try:
        config = load_config(root, with_flags=True)
    except ConfigError as error:
        print(error.render(), file=sys.stderr)
        return 2
    for warning in config.warnings:
        print(f"Perhaps a mistake: {warning.render()}")
    releases = ", ".join(config.releases.names)
    print(f"config/ is valid: {len(config.criteria.targets())} numbers; releases: {releases}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
