"""What must hold of benchmarks/ without running one: no figure of theirs is a test."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from rig.bodies import asks
from rig.environments import REQUIREMENTS, TROJANED
from rig.load import Measured
from rig.report import aims, rows
from rig.upstream import SUMMARY, Upstream
from support import ROOT


def measured(per_second: float, p50_ms: float) -> Measured:
    return Measured(1000, 0, per_second, per_second, 1.0, p50_ms, p50_ms * 2, p50_ms * 3)


def test_the_rival_is_pinned_with_hashes_to_a_version_that_was_not_trojaned() -> None:
    text = (REQUIREMENTS / "litellm.txt").read_text(encoding="utf-8")
    (version,) = re.findall(r"^litellm==(\S+)", text, re.MULTILINE)
    assert version not in TROJANED
    packages = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)
    assert all("==" in line and line.endswith("\\") for line in packages)


def test_no_pipeline_runs_a_benchmark() -> None:
    for path in (ROOT / ".ci" / "run", *(ROOT / ".github" / "workflows").glob("*.yml")):
        assert "benchmarks" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize(("name", "size"), [("1 KB, clean", 1024), ("8 KB, clean", 8192)])
def test_a_request_has_the_size_it_is_named_after(tmp_path: Path, name: str, size: int) -> None:
    assert asks(tmp_path)[name].ticket.stat().st_size == size


async def test_the_upstream_answers_two_requests_of_one_connection_in_the_providers_protocol() -> (
    None
):
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        one = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
        writer.write(one + one[:20])
        writer.write(one[20:])
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            assert length
            answer = json.loads(await reader.readexactly(int(length[1])))
            content = json.loads(answer["choices"][0]["message"]["content"])
            assert content["summary"] == SUMMARY
        writer.close()


def test_figures_are_medians_over_rounds_and_added_to_the_upstream_of_the_same_round() -> None:
    cells = {
        ("1 KB, clean", 64, "direct"): [measured(9000, 1.0), measured(9000, 2.0)],
        ("1 KB, clean", 64, "bare"): [measured(800, 3.0), measured(800, 3.0)],
        ("1 KB, clean", 64, "service"): [measured(300, 5.0), measured(500, 7.0)],
        ("1 KB, clean", 64, "litellm"): [measured(100, 9.0), measured(100, 9.0)],
    }
    found = rows(cells)
    service = next(row for row in found if row.subject == "service")
    assert (service.latency_ms["p50"], service.added_ms["p50"]) == (6.0, 4.5)
    assert (service.requests_per_second, service.of_bare) == (400, 0.5)
    reached = {aim.what: (aim.reached, aim.met) for aim in aims(found)}
    assert reached["throughput at 64 clients over LiteLLM's"] == (4.0, False)
    assert reached["throughput at 64 clients over the bare app's"] == (0.5, True)
    assert reached["added p50 at 1 client, ms"] == (None, None)
