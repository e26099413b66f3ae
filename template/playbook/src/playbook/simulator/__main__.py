"""`python -m playbook.simulator`: the simulator as a process of its own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .control import HOST, SimulatorError
from .latency import Latency
from .plan import PlanError
from .process import PORT, serve, stop_when_input_ends


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped. Exit codes: 0 stopped as asked, 2 wrong usage or invalid plan."""
    parser = argparse.ArgumentParser(
        prog="python -m playbook.simulator",
        description="A stand-in for a model provider. Every answer is marked as simulated.",
    )
    parser.add_argument("--host", default=HOST, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes any free port")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same answers")
    parser.add_argument("--skill", type=float, default=1.0, help="0 to 1: how well it answers")
    parser.add_argument(
        "--latency-ms", default="0", help="400 is fixed; 400:1500 is lognormal, median and p95"
    )
    parser.add_argument("--faults", type=Path, metavar="FILE", help="a fault plan, YAML or JSON")
    parser.add_argument("--print-port", action="store_true", help="say the port and nothing else")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when standard input closes"
    )
    given = parser.parse_args(arguments)
    try:
        latency = Latency.parse(given.latency_ms)
    except ValueError as error:
        parser.error(f"--latency-ms: {error}")
    if given.with_parent:
        stop_when_input_ends()
    try:
        serve(
            given.host,
            given.port,
            seed=given.seed,
            skill=given.skill,
            latency=latency,
            faults_file=given.faults,
            on_ready=_say_port if given.print_port else None,
        )
    except (PlanError, SimulatorError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _say_port(host: str, port: int) -> None:
    print(port, flush=True)


if __name__ == "__main__":
    sys.exit(main())
