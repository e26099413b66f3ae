"""What must hold of benchmarks/ without running one: no figure of theirs is a test."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest

from evals import Row, growth, installed, ratios, row
from rig import environments
from rig.bodies import asks
from rig.cost import Cost, cost_of, megabytes_on_disk
from rig.environments import REQUIREMENTS, TROJANED, Service
from rig.load import Measured
from rig.report import aims, rows
from rig.suites import Suite, ours, promptfoo, right_of, tickets
from rig.upstream import SUMMARY, Upstream
from support import ROOT


def measured(per_second: float, p50_ms: float) -> Measured:
    return Measured(1000, 0, per_second, per_second, 1.0, p50_ms, p50_ms * 2, p50_ms * 3)


def test_the_rival_is_pinned_with_hashes_to_a_version_that_was_not_trojaned() -> None:
    text = (REQUIREMENTS / "litellm.txt").read_text(encoding="utf-8")
    (version,) = re.findall(r"^litellm==(\S+)", text, re.MULTILINE)
    assert version not in TROJANED


@pytest.mark.parametrize("rival", ["litellm", "deepeval"])
def test_rivals_in_python_are_pinned_with_hashes(rival: str) -> None:
    text = (REQUIREMENTS / f"{rival}.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)
    assert any(line.startswith(f"{rival}==") for line in packages)
    assert all("==" in line and line.endswith("\\") for line in packages)


def test_the_rival_in_javascript_is_pinned_with_hashes_and_names_no_registry() -> None:
    lock = json.loads((REQUIREMENTS / "promptfoo" / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert "node_modules/promptfoo" in packages
    bundled = {name for name, package in packages.items() if package.get("inBundle")}
    assert [n for n, p in packages.items() if "integrity" not in p and n not in bundled] == []
    assert not any("resolved" in package for package in packages.values())


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


TICKETS = [{"subject": "Invoice", "body": "Charged twice."}, {"subject": "", "body": "It hangs."}]
MINUTE = Cost(seconds=6, cpu_seconds=3, peak_mb=100, code=0)


def test_cases_are_made_to_number_and_one_in_five_is_labelled_otherwise() -> None:
    cases = tickets(TICKETS, 500)
    assert len({(case["subject"], case["body"]) for case in cases}) == 500
    assert right_of(cases) == 400


def test_every_tool_gets_the_same_cases_in_its_own_form(tmp_path: Path) -> None:
    cases = tickets(TICKETS, 10)
    service = tmp_path / "service"
    (service / "evals" / "cases").mkdir(parents=True)
    (service / "evals" / "cases" / "edge.jsonl").write_text("{}", encoding="utf-8")
    ours(service, cases, "http://127.0.0.1:1/v1")
    (file,) = (service / "evals" / "cases").iterdir()
    mine = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    promptfoo(tmp_path, tmp_path / "run", cases, "http://127.0.0.1:1/v1", "Classify.")
    theirs = json.loads((tmp_path / "run" / "config.json").read_text(encoding="utf-8"))["tests"]
    assert [case["input"] for case in mine] == [test["vars"] for test in theirs]
    labels = [case["category"] for case in cases]
    assert [case["expected"]["category"] for case in mine] == labels
    assert [test["assert"][0]["value"] for test in theirs] == labels


def test_a_command_costs_what_it_and_its_children_use(tmp_path: Path) -> None:
    child = "x = bytearray(80_000_000); sum(range(20_000_000))"
    parent = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); sys.exit(3)"
    )
    cost = cost_of([sys.executable, "-c", parent], tmp_path, log=tmp_path / "log", variables={})
    assert cost.code == 3
    assert cost.peak_mb > 80
    assert cost.cpu_seconds > 0
    assert cost.seconds > 0


def test_a_command_that_hangs_is_stopped_and_named(tmp_path: Path) -> None:
    hangs = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(SystemExit, match=r"took more than 0\.2 s"):
        cost_of(hangs, tmp_path, log=tmp_path / "log", variables={}, limit_seconds=0.2)


def test_a_tool_that_leaves_no_result_is_said_with_the_end_of_its_log(tmp_path: Path) -> None:
    def nothing() -> int:
        return int((tmp_path / "result.json").read_text(encoding="utf-8"))

    suite = Suite([sys.executable, "-c", "print('no such option')"], tmp_path, right=nothing)
    with pytest.raises(SystemExit, match="no such option"):
        suite.run(tmp_path / "log")


def test_a_rival_that_cannot_be_installed_is_skipped_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(environments, "HOME", tmp_path)
    service = Service(tmp_path, "key", ())
    found, skipped = installed(service, "http://127.0.0.1:1/v1", ("promptfoo", "deepeval"))
    assert found == {}
    assert skipped["promptfoo"] == "npm is missing"
    assert "uv is missing" in skipped["deepeval"]


def test_ratios_are_against_ours_and_a_tool_that_did_less_is_not_valid() -> None:
    cases = tickets(TICKETS, 500)
    one = [(Cost(1, 1, 50, 0), 0)] * 3
    mine = row("ours", cases, one, [(MINUTE, 400)] * 3)
    theirs = row("deepeval", cases, one, [(Cost(16, 9, 50, 0), 400)] * 2 + [(MINUTE, 390)])
    (said,) = ratios([mine, theirs])
    assert "deepeval takes 2.7 times our seconds (3.0 times beyond the start)" in said
    assert "3.0 times our processor time and 0.5 times our memory" in said
    assert mine.valid
    assert (theirs.right, theirs.valid) == (390, False)


def test_growth_is_what_each_case_adds() -> None:
    def at(cases: int, seconds: float, peak_mb: float) -> Row:
        return Row("ours", cases, seconds, 1, seconds, 1, peak_mb, cases, cases)

    (said,) = growth([at(1000, 5, 150), at(10_000, 32, 195)])
    assert said == "From 1,000 to 10,000 cases: 3.00 ms and 5.0 KB a case."
    assert growth([at(1000, 5, 150)]) == []


def test_what_a_folder_takes_counts_a_file_with_two_names_once(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    (tmp_path / "one").write_bytes(b"x" * 2_000_000)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    (tmp_path / "left" / "big").write_bytes(b"x" * 5_000_000)
    assert megabytes_on_disk(tmp_path, without=["left"]) == pytest.approx(2.0, abs=0.1)
