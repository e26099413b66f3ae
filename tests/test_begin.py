"""`playbook begin`: the sample becomes the team's own service, and nothing of the sample stays."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from playbook.stand_in import free_port

from generated import Service, installed_default, outside_environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("begin")]

CLAIMS = """\
about: claims that customers send to their insurer
labels:
  - name: motor
    meaning: damage to a car, van or motorcycle, an accident on the road, or its theft.
    queue: motor-desk
  - name: water_damage
    meaning: a burst pipe, a leak, or a flood in a house or flat.
    queue: property-desk
  - name: burglary
    meaning: things stolen from a home, a broken door or window, a break-in.
    queue: property-desk
  - name: travel
    meaning: a trip that was cancelled, luggage that was lost, or illness on a journey.
    queue: travel-desk
  - name: liability
    meaning: the customer damaged something of another person, or hurt somebody.
    queue: liability-desk
cases:
"""
TOLD = [
    ("motor", "A van scraped along my parked car last night and drove off."),
    ("motor", "Hit a deer on the road to work, the front bumper is gone."),
    ("water_damage", "The pipe under the kitchen sink burst and the floor is soaked."),
    ("water_damage", "Our flat was flooded by a leak from the apartment above."),
    ("burglary", "Somebody broke the back door and stole the jewellery from our home."),
    ("burglary", "Break-in while we were out, the window is smashed, laptop stolen."),
    ("travel", "Our flight was cancelled and the hotel will not pay the trip back."),
    ("travel", "My luggage was lost on the journey to Lisbon, nothing found yet."),
    ("liability", "My son threw a ball and damaged the neighbour's window."),
    ("liability", "I knocked over a visitor's camera and it is damaged beyond repair."),
]
# Labels, queues and words of the sample that stand in no ordinary sentence.
LEFTOVERS = re.compile(
    r"feature_request|how_to|cancellation|retention|Charged twice|refund|invoice|TR-20931"
    r"|support ticket"
)


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A fresh service that has begun with five kinds of insurance claims."""
    service = installed_default(tmp_path_factory)
    wishes = tmp_path_factory.mktemp("wishes") / "claims.yaml"
    cases = [f"  - body: {json.dumps(body)}\n    category: {label}\n" for label, body in TOLD]
    wishes.write_text(CLAIMS + "".join(cases), "utf-8")
    service.run("uv", "run", "playbook", "begin", "--from", str(wishes))
    return service


def test_its_tests_types_and_lint_stay_green(claims: Service) -> None:
    assert " passed" in claims.run("make", "test")
    claims.run("make", "check")


def test_its_eval_gate_stays_green_on_the_new_cases(claims: Service) -> None:
    assert "10 cases" in claims.run("uv", "run", "playbook", "evals", "run")


def test_nothing_of_the_sample_is_left(claims: Service) -> None:
    own = ("src", "tests", "evals", "config", "docs", "README.md", "AGENTS.md", "pyproject.toml")
    found = [
        f"{path.relative_to(claims.folder)}:{number} {line}"
        for part in own
        for path in _files(claims.folder / part)
        for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1)
        if LEFTOVERS.search(_judged_by(line) if path.parent.name == "adversarial" else line)
    ]
    assert found == []


def test_a_claim_gets_a_typed_answer_over_http(claims: Service) -> None:
    running = subprocess.Popen(
        ["uv", "run", "playbook", "run"],
        cwd=claims.folder,
        env=outside_environment() | {"PORT": str(free_port()), "METRICS_PORT": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        said = iter(running.stdout)
        address = next(m[1] for line in said if (m := re.search(r"Ready on (http://\S+?),", line)))
        answer = _post(f"{address}/v1/triage", claims.folder, {"body": TOLD[2][1]})
    finally:
        running.terminate()
        running.communicate(timeout=30)
    assert answer["answer"]["category"] == "water_damage"
    assert answer["answer"]["queue"] == "property-desk"
    assert answer["simulated"] is True


def _judged_by(attack: str) -> str:
    """The labels of an attack; what it says, and wants said, stays as it was (decision 0021)."""
    row = json.loads(attack) if attack else {}
    return json.dumps([row.get("succeeded_if", {}).get("answer"), row.get("expected")])


def _files(path: Path) -> list[Path]:
    found = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return [file for file in found if not {"__pycache__", "reports"} & set(file.parts)]


def _post(url: str, folder: Path, body: dict[str, str]) -> dict[str, Any]:
    key = re.search(r"^DEV_API_KEY=(\S+)$", (folder / ".env").read_text("utf-8"), re.MULTILINE)
    assert key is not None
    request = urllib.request.Request(
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key[1]}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
        return answer
