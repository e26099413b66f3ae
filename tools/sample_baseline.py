"""Make the sample's baseline of simulated answers, and its first line of history, anew.

A fresh service is then compared with something from its first run on, and that run adds nothing to
its tree. Run by `make sample-baseline`, after a change of the sample's cases or prompt, of guards,
or of the simulator; a test in tests/ says when it is due.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVALS = ROOT / "template" / "{% if use_case == 'triage' %}.{% endif %}" / "evals"
MADE = ("baselines/simulated.json", "history.jsonl")
# What would have the run be about a pull request of this repository, or ask another simulator.
ELSEWHERE = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_", "SYSTEM_PULLREQUEST_", "SIMULATOR_URL", "GIT_")


def main() -> None:
    """Render the default service, run its cases on the simulator, accept that."""
    with tempfile.TemporaryDirectory(prefix="sample-baseline-") as name:
        service = Path(name) / "acme-triage"
        copier = [sys.executable, "-W", "ignore", "-m", "copier", "copy", "--quiet", "--defaults"]
        _run([*copier, "--trust", "--skip-tasks", "--vcs-ref", "HEAD", str(ROOT), str(service)])
        for made in MADE:
            (service / "evals" / made).unlink(missing_ok=True)
        playbook = [sys.executable, "-m", "playbook", "evals"]
        _run([*playbook, "run", "--simulated"], service)
        why = "The sample as it ships, answered by the simulator."
        _run([*playbook, "accept", "--by", "airworthy", "--why", why], service)
        for made in MADE:
            (EVALS / made).parent.mkdir(exist_ok=True)
            shutil.copyfile(service / "evals" / made, EVALS / made)
    history = EVALS / "history.jsonl"
    accepted = history.read_text("utf-8").splitlines()[-1]  # the run and its acceptance are one
    history.write_text(f"{accepted}\n", "utf-8")
    print("\nWritten: " + ", ".join((EVALS / made).relative_to(ROOT).as_posix() for made in MADE))


def _run(command: list[str], folder: Path = ROOT) -> None:
    environment = {name: v for name, v in os.environ.items() if not name.startswith(ELSEWHERE)}
    code = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main()
