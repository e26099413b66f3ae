"""What must be true of every file in this repository."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from playbook.guards.injection import report

from lock import LEFT_OUT
from support import ROOT, tracked

LONGEST_MODULE = 400
# Written in two parts, so that the search does not find itself.
HOSTS = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs\.org",
    "deb" + r"\.debian\.org",
    "proxy" + r"\.golang\.org",
]
MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_./-])/(wor" + r"k|far" + r"m|roo" + r"t|home/[a-z]+)/")
SECRETS = [
    "-----BEGIN " + r"(?:[A-Z]+ )?PRIVATE KEY-----",
    "AKI" + r"A[0-9A-Z]{16}",
    "gh" + r"[pousr]_[A-Za-z0-9]{36}",
    "xox" + r"[abpr]-[0-9A-Za-z-]{20,}",
    "sk" + r"-(?:ant-|proj-)?[A-Za-z0-9_-]{40,}",
    "AIz" + r"a[0-9A-Za-z_-]{35}",
]
ALLOWED = "pragma: allowlist secret"  # how the secret scanner's own exceptions are marked
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def texts() -> list[tuple[str, str]]:
    """Every text file that is or would be committed, by name."""
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def lines_with(pattern: str | re.Pattern[str]) -> list[str]:
    """Where a pattern occurs, as file:line."""
    look = re.compile(pattern)
    return [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if look.search(line) and ALLOWED not in line
    ]


def test_no_file_names_a_package_registry() -> None:
    assert lines_with("|".join(HOSTS)) == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_no_file_holds_a_secret() -> None:
    assert lines_with("|".join(SECRETS)) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED) == []


def test_no_module_is_longer_than_two_concerns() -> None:
    long = {
        name: text.count("\n")
        for name, text in texts()
        if name.endswith((".py", ".py.jinja")) and text.count("\n") > LONGEST_MODULE
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name
        for name, text in texts()
        if name.endswith(".py") and text.strip() and not re.match(r'(#!.*\n)?r?"""', text)
    ]
    assert silent == []


def test_file_names_work_on_every_system() -> None:
    assert [str(p) for p in tracked() if re.search(r'[<>:"|?*\\]', str(p.relative_to(ROOT)))] == []


def test_make_help_names_at_most_eight_targets() -> None:
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    targets = done.stdout.splitlines()
    assert 1 <= len(targets) <= 8
    assert all(re.match(r"  make [a-z]+ +\S", line) for line in targets)


@pytest.mark.parametrize("name", ["dev", "heavy", "uv"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)
    assert packages and all("==" in line and line.endswith("\\") for line in packages)


def test_the_pinned_requirements_are_what_the_packages_ask_for() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.MULTILINE))
    asked: list[str] = []
    for package in ("chassis", "playbook"):
        path = ROOT / "template" / package / "pyproject.toml"
        if path.is_file():
            project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
            extras = project.get("optional-dependencies", {}).items()
            wanted = (needs for name, needs in extras if name not in LEFT_OUT)
            asked += sum(wanted, project.get("dependencies", []))
    for entry in map(Requirement, asked):
        if entry.name.startswith("airworthy-"):
            continue
        version = pinned.get(canonicalize_name(entry.name))
        assert version and entry.specifier.contains(version), f"{entry}: run make lock"


def workflows() -> list[Path]:
    """Our own workflow files."""
    return sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_actions_are_pinned_to_a_commit_with_the_version_beside_it() -> None:
    for path in workflows():
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_workflows_start_without_permissions() -> None:
    for path in workflows():
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert loaded["permissions"] == {}, path.name


def test_workflows_have_no_known_weakness() -> None:
    tool = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [tool, "--offline", "--quiet", "--persona", "pedantic", *workflows()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_follow_their_schema() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [tool, "--builtin-schema", "vendor.github-workflows", *workflows()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_threat_model_names_controls_and_tests_that_are_there() -> None:
    """A control that nobody finds, or a proof that was renamed away, is no evidence."""
    said = (ROOT / "template/docs/threat-model.md").read_text("utf-8")
    named = set(re.findall(r"`((?:[\w./-]+/|test_\w+\.py|[\w/]+\.py))`", said))
    places = [ROOT / "template" / each for each in ("chassis/src/chassis", "chassis/tests", ".")]
    generated = {"evals/"}  # of the use case, so not at one place in the template
    lost = [
        name
        for name in sorted(named - generated)
        if not any((place / name).exists() for place in places)
    ]
    assert named > {"limits/", "prompts.py", "test_injection.py"}
    assert lost == []


def test_the_threat_model_shows_what_the_tripwires_are_measured_to_stop() -> None:
    """Point 9: recall and false positives by source, on texts that rule writers have not seen."""
    said = (ROOT / "template/docs/threat-model.md").read_text("utf-8")
    for corpus, published in (("scored", ["source", "family"]), ("open", ["source"])):
        measured = report(corpus, as_json=False, markdown=True, show_misses=False)
        parts = "\n".join(measured).split("\n\n")
        tables = {part.split()[1]: part.strip() for part in parts if part.startswith("| ")}
        for table in published:
            assert tables[table] in said, "the rules changed: measure again, and replace the tables"
