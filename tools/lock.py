"""Pin everything the template's checks need, with hashes, in requirements/*.txt.

Run by `make lock`. The two packages in template/ are developed in place: their dependencies, extras
and development tools are read from their own pyproject.toml, so that no list is kept twice. No
registry is named in the result.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "requirements"
MEMBERS = [ROOT / "template" / name / "pyproject.toml" for name in ("chassis", "playbook")]
# Extras too big for every developer's machine: they are in heavy.in, which CI installs as well.
LEFT_OUT = {"presidio", "semantic"}


def member_requirements() -> list[str]:
    """What the two packages ask for, without what they ask of each other."""
    found: set[str] = set()
    for path in MEMBERS:
        if path.is_file():
            declared = tomllib.loads(path.read_text(encoding="utf-8"))
            found |= set(declared["project"].get("dependencies", []))
            for name, extra in declared["project"].get("optional-dependencies", {}).items():
                found |= set(extra) if name not in LEFT_OUT else set()
            for group in declared.get("dependency-groups", {}).values():
                found |= {entry for entry in group if isinstance(entry, str)}
    return sorted(entry for entry in found if not entry.startswith("airworthy-"))


def compile_one(name: str, more: list[str]) -> int:
    """Resolve one list for every platform and Python from 3.11 on; pins that still fit are kept."""
    asked = (HERE / f"{name}.in").read_text(encoding="utf-8") + "\n".join(more) + "\n"
    command = [
        *("uv", "pip", "compile", "-", "--quiet", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"),
        *("--custom-compile-command", "make lock", "--output-file", str(HERE / f"{name}.txt")),
        *sys.argv[1:],
    ]
    return subprocess.run(command, input=asked, text=True, cwd=HERE, check=False).returncode


if __name__ == "__main__":
    codes = [compile_one("uv", []), compile_one("dev", member_requirements())]
    sys.exit(max(*codes, compile_one("heavy", [])))
