"""Where the time that our service adds goes: by stage, by library, by function.

Stages come from the service's own spans; the HTTP shell around them is what is left of the time a
client sees. Libraries and functions come from cProfile, which makes many small calls look dearer
than they are: read them as shares, not as times.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rig import environments, report
from rig.bodies import asks
from rig.load import press, program
from rig.processes import environment, pinned
from rig.subjects import Rig, Subject, service_running, upstream_running

_INSIDE = Path(__file__).parent / "rig" / "inside.py"


def main() -> int:
    """Install, measure from outside and inside, print, write; 1 when the parts make no whole."""
    options = _options()
    program()
    console = Console(width=100 if not sys.stdout.isatty() else None)
    rig = Rig(environments.service(), None, None)
    rig.logs.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": report.commit(),
        "machine": report.machine(),
        "asks": {},
    }
    with upstream_running(rig) as upstream:
        for name in asks(rig.home):
            measured = _one(rig, upstream, name, options.requests, options.seconds)
            found["asks"][name] = measured
            _show(console, name, measured, options.functions)
    options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    console.print(f"all of it: {options.out}", highlight=False)
    noisy = [name for name, one in found["asks"].items() if _shell_us(one) < 0]
    if noisy:
        console.print(f"NOT VALID: the machine was too busy while {', '.join(noisy)} was measured.")
    return int(bool(noisy))


def _shell_us(measured: dict[str, Any]) -> float:
    """What a client waits for outside the request path."""
    return float(measured["client_sees_us"] - measured["request_us"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Say where a request's time goes.")
    parser.add_argument("--requests", type=int, default=2000, help="measured inside, each way")
    parser.add_argument("--seconds", type=int, default=4, help="measured from outside")
    parser.add_argument("--functions", type=int, default=0, help="how many functions to show")
    parser.add_argument("--out", type=Path, default=environments.HOME / "stages.json")
    return parser.parse_args()


def _one(rig: Rig, upstream: Subject, name: str, requests: int, seconds: int) -> dict[str, Any]:
    """One kind of request, from outside with one client, then from inside."""
    ask, log = asks(rig.home)[name], rig.logs / "h2load.tsv"
    url = f"http://127.0.0.1:{upstream.process.port}"

    def p50_us(subject: Subject) -> float:
        target = subject.target(ask)
        return 1000 * press(subject.process, target, 1, seconds, core=rig.load_core, log=log).p50_ms

    with service_running(rig, "service", url) as subject:
        subject.answer(ask)
        outside = p50_us(subject)
    result = rig.home / "inside.json"
    command = [
        *(rig.service.python, _INSIDE, ask.ticket, rig.service.key, str(requests), result),
    ]
    done = subprocess.run(
        [str(word) for word in command],
        cwd=rig.service.folder,
        env=environment(SIMULATOR_URL=f"{url}/v1"),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        preexec_fn=lambda: pinned(rig.server_core),
    )
    if done.returncode:
        raise SystemExit(f"inside.py gave {done.returncode}:\n{done.stdout}{done.stderr}")
    inside: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return {"client_sees_us": outside, "upstream_us": p50_us(upstream), **inside}


def _show(console: Console, name: str, found: dict[str, Any], functions: int) -> None:
    whole = found["client_sees_us"]
    table = Table(title=f"{name}: {whole / 1000:.2f} ms at one client, p50")
    for head in ("stage", "µs", "share"):
        table.add_column(head, justify="left" if head == "stage" else "right")
    stages: dict[str, float] = dict(found["stages_us"])
    root = next(stage for stage in stages if stage.startswith("POST "))
    chat = next(stage for stage in stages if stage.startswith("chat "))
    parts = {
        "HTTP shell: uvicorn, Starlette, bodies": _shell_us(found),
        "outside every stage: log line, metrics, envelope": stages.pop(root),
        "model call: client library": stages.pop(chat) - found["upstream_us"],
        "model call: upstream and loopback": found["upstream_us"],
        **stages,
    }
    for part, took in sorted(parts.items(), key=lambda item: -item[1]):
        table.add_row(part, f"{took:,.0f}", f"{took / whole:.0%}")
    console.print(table)
    spans = found["request_with_every_span_recorded_us"] - found["request_us"]
    console.print(f"Recording every span costs {spans:,.0f} µs, which the stages above contain.\n")
    shares = Table(title=f"{name}: by library, inside the request (cProfile)")
    shares.add_column("library")
    shares.add_column("share", justify="right")
    for library, share in list(found["libraries_share"].items())[:20]:
        shares.add_row(library, f"{share:.1%}")
    console.print(shares)
    for function, took in list(found["functions_us"].items())[:functions]:
        console.print(f"{took:8.1f} µs  {function}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
