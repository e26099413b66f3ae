"""Generate the default service from this working tree, install it, and let it show itself.

Run by `make demo`. It shows the generated repository's own `playbook demo`; this script brings it
there and times the parts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def step(title: str, command: list[str], folder: Path) -> float:
    """Run one part in the open and return its seconds; if it fails, the demo ends with its code."""
    print(f"\n── {title}", flush=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VIRTUAL_ENV", "MAKE"))
    }
    begun = time.monotonic()
    code = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    if code:
        print(f"\nThe demo ended here: {' '.join(command)} gave exit code {code}.", file=sys.stderr)
        sys.exit(code)
    return time.monotonic() - begun


def main(target: Path) -> None:
    """The whole demo, fresh each time."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    copier = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "copier",
        "copy",
        "--quiet",
        "--defaults",
        "--trust",
    ]
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("uv is missing; start the demo with: make demo")
    seconds = {
        "generate": step(
            f"copier copy --defaults --trust: a new service in {target.relative_to(ROOT)}",
            [*copier, "--vcs-ref", "HEAD", str(ROOT), str(target)],
            ROOT,
        ),
        "install": step("make setup", ["make", "setup"], target),
        "demo": step("uv run playbook demo", [uv, "run", "playbook", "demo"], target),
    }
    parts = ", ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items())
    print(f"\n{sum(seconds.values()):.1f} seconds in all ({parts}).")
    print(f"The commands above are for the service's folder: cd {target.relative_to(ROOT)}")
    if ROOT in Path(uv).parents:
        print(f'uv is not on your PATH. To type "uv run": export PATH="{Path(uv).parent}:$PATH"')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: demo.py FOLDER")
    main((ROOT / sys.argv[1]).resolve())
