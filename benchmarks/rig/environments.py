"""What is compared, installed: our service from this working tree, the bare application, rivals.

Each in an environment of its own below build/benchmarks/, which git ignores.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "build" / "benchmarks"
REQUIREMENTS = ROOT / "benchmarks" / "requirements"
# MAL-2026-2144: these two stole credentials from whoever installed them (March 2026).
TROJANED = ("1.82.7", "1.82.8")
_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True)
class Service:
    """The default service, generated, installed, and its limits lifted."""

    folder: Path
    key: str
    lifted: tuple[str, ...]  # what differs from what `copier copy` gives

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ".venv" / "bin" / "python"

    @property
    def command(self) -> Path:
        """What starts it."""
        return self.folder / ".venv" / "bin" / "acme-triage"

    @property
    def instructions(self) -> Path:
        """Its prompt, which the bare application sends too."""
        return self.folder / "src" / "acme_triage" / "prompts" / "v1" / "instructions.md"


def service() -> Service:
    """Generate the default service from the working tree, fresh, as `make demo` does."""
    folder = HOME / "acme-triage"
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    copier = (sys.executable, "-W", "ignore", "-m", "copier", "copy", "--quiet", "--defaults")
    _run([*copier, "--trust", "--vcs-ref", "HEAD", ROOT, folder], ROOT)
    _run(["make", "setup"], folder)
    variables = (folder / ".env").read_text(encoding="utf-8")
    key = re.search(r"^DEV_API_KEY=[\"']?([^\"'\s]+)", variables, re.MULTILINE)
    if key is None:
        raise SystemExit("make setup made no DEV_API_KEY in .env of the generated service.")
    return Service(folder, key[1], _lift(folder / "config" / "guardrails.yaml"))


def _lift(guardrails: Path) -> tuple[str, ...]:
    """Raise the limits that a benchmark is meant to pass; they are still counted."""
    lifted: list[str] = []

    def raised(line: re.Match[str]) -> str:
        value = "null" if line["key"] == "stop_at_daily_budget" else str(_NO_LIMIT)
        lifted.append(f"{line['key']}: {value}")
        return f"{line['indent']}{line['key']}: {value}"

    pattern = r"^(?P<indent> +)(?P<key>\w+_per_(?:minute|day)|stop_at_daily_budget):[^\n]*"
    text = guardrails.read_text(encoding="utf-8")
    guardrails.write_text(re.sub(pattern, raised, text, flags=re.MULTILINE), encoding="utf-8")
    return tuple(lifted)


def bare(of: Service) -> Path:
    """The interpreter of the bare application: the service's own locked versions, and FastAPI."""
    environment, pins = HOME / "bare", HOME / "bare.txt"
    export = ("export", "--quiet", "--frozen", "--no-dev", "--no-emit-workspace", "--no-hashes")
    _uv([*export, "--output-file", pins], of.folder)
    text = pins.read_text(encoding="utf-8")
    extra = REQUIREMENTS / "bare.in"
    return _installed(environment, ["-r", extra, "-r", pins], text + extra.read_text("utf-8"))


def litellm() -> Path:
    """The interpreter of LiteLLM's proxy, with every file checked against its pinned hash."""
    pins = REQUIREMENTS / "litellm.txt"
    text = pins.read_text(encoding="utf-8")
    if any(f"litellm=={version} " in text for version in TROJANED):
        raise SystemExit(f"{pins.name} names a trojaned version (MAL-2026-2144). Choose another.")
    return _installed(HOME / "litellm", ["--require-hashes", "-r", pins], text)


def deepeval() -> Path:
    """The interpreter of deepeval, with every file checked against its pinned hash."""
    pins = REQUIREMENTS / "deepeval.txt"
    return _installed(
        HOME / "deepeval", ["--require-hashes", "-r", pins], pins.read_text(encoding="utf-8")
    )


def promptfoo() -> Path:
    """The folder of promptfoo's modules, as its lock file has them; no script of theirs runs."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is missing")
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise SystemExit("the Node.js it needs is pinned for Linux on x86_64 only")
    environment, pins = HOME / "promptfoo", REQUIREMENTS / "promptfoo"
    files = ("package.json", "package-lock.json")
    described = "".join((pins / name).read_text(encoding="utf-8") for name in files)
    stamp = environment / "made-of.txt"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != described:
        environment.mkdir(parents=True, exist_ok=True)
        for name in files:
            shutil.copyfile(pins / name, environment / name)
        _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment)
        stamp.write_text(described, encoding="utf-8")
    return environment


def versions(python: Path, *names: str) -> dict[str, str]:
    """The installed versions of distributions in an environment, and its Python's."""
    code = (
        "import importlib.metadata as m, json, platform, sys; "
        "print(json.dumps({'python': platform.python_version()}"
        " | {n: m.version(n) for n in sys.argv[1:]}))"
    )
    said = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(said.stdout)
    return found


def _installed(environment: Path, what: list[str | Path], described: str) -> Path:
    """An environment with these requirements, made anew when they changed."""
    python, stamp = environment / "bin" / "python", environment / "made-of.txt"
    described += sys.version
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != described:
        _uv(["venv", "--quiet", "--clear", "--python", sys.executable, environment], ROOT)
        _uv(["pip", "install", "--quiet", "--python", python, *what], ROOT)
        stamp.write_text(described, encoding="utf-8")
    return python


def _uv(arguments: list[str | Path], folder: Path) -> None:
    program = shutil.which("uv")
    if program is None:
        raise SystemExit("uv is missing. It is in .tools/bin once `make lint` has run.")
    _run([program, *arguments], folder)


def _run(command: list[str | Path], folder: Path) -> None:
    ours = ("VIRTUAL_ENV", "MAKE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} gave {done.returncode}:\n{done.stdout}{done.stderr}")
