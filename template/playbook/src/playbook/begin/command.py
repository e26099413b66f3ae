"""`playbook begin`: from wishes to files, all at once, and the first run on them."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.config.load import CRITERIA_FILE
from playbook.begin import edits
from playbook.begin.ask import ask
from playbook.begin.attacks import without_label
from playbook.begin.sample import Files, Sample, sample_of
from playbook.begin.unchanged import refuse_if_changed
from playbook.begin.wishes import Wishes, build_cases, read
from playbook.evals.cases import Case
from playbook.processes import unbuffered
from playbook.project import Project
from playbook.staging import default_release
from playbook.verdicts import Code, Mistake, write_whole

if TYPE_CHECKING:
    from chassis.config import Config

RUN_SECONDS = 600
_NO_FLOOR = f"""
Your labels and cases are in place; only the floor of simulated answers is the sample's still.
Next: uv run playbook evals run --simulated, then set quality.simulated.at_least in
{CRITERIA_FILE} to what it measured, less one case."""


@dataclass(frozen=True)
class Plan:
    """What will be written and removed, and the labels that go; made before anything is touched."""

    write: dict[Path, str]
    remove: list[Path]
    old_labels: list[str]


def begin(project: Project, source: Path | None, *, force: bool) -> int:
    """Replace the sample, then run the new cases on the simulator and declare their floor."""
    from chassis.config import load_config

    pipeline = project.pipeline()
    sample = sample_of(pipeline.name)
    config = load_config(project.root)
    paths = Files.of(project, _prompt(project, config))
    if not force:
        refuse_if_changed(project, paths.existing())
    if source:
        wishes, cases = read(source, pipeline, sample)
    else:
        wishes = ask(pipeline, sample)
        cases = build_cases(wishes, pipeline, sample)
    plan = make_plan(project, paths, sample, wishes, cases)
    if force:
        print(f"kept     what was replaced, in {keep_copies(project, paths.existing())}")
    carry_out(plan)
    for line in _changes(project, plan):
        print(line)
    for line in _still_there(project, plan.old_labels, wishes):
        print(line)
    return declare_floor(project, len(cases), sorted({c.slice for c in cases}), config)


def example_file() -> str:
    """A file to start from, as `--example` prints it."""
    return (files("playbook.begin") / "example.yaml").read_text("utf-8")


def make_plan(
    project: Project, paths: Files, sample: Sample, wishes: Wishes, cases: list[Case]
) -> Plan:
    """Work out every new file.

    Raises:
        Mistake: When the sample is not where it was, so that it cannot be replaced.
    """
    schemas, instructions = paths.schemas, paths.instructions
    where = project.relative(schemas)
    old = edits.old_labels(_text_of(schemas, project), sample, where)
    write = {
        schemas: edits.new_schemas(_text_of(schemas, project), sample, wishes.labels, where),
        instructions: edits.new_instructions(
            _text_of(instructions, project),
            old,
            wishes.labels,
            wishes.about,
            project.relative(instructions),
        ),
    }
    for name in ("README.md", "pyproject.toml"):
        path = project.root / name
        before = path.read_text("utf-8") if path.is_file() else ""
        after = edits.new_description(before, sample, wishes.about, toml=path.suffix == ".toml")
        if after != before:
            write[path] = after
    shown = next((c for c in cases if c.expected.values), cases[0])
    write[paths.example] = json.dumps(shown.input, indent=2, ensure_ascii=False) + "\n"
    for name, text in edits.case_files(cases).items():
        write[paths.cases / f"{name}.jsonl"] = text
    write |= without_label(paths.attacks, sample.label_field)
    remove = [path for path in sorted(paths.cases.glob("*.jsonl")) if path not in write]
    return Plan(write, remove, old)


def carry_out(plan: Plan) -> None:
    """Write all, each file whole, then remove what has no successor."""
    for path, text in plan.write.items():
        write_whole(path, text)
    for path in plan.remove:
        path.unlink()


def keep_copies(project: Project, paths: list[Path]) -> Path:
    """Copy what --force is about to replace to a folder outside of the service."""
    folder = Path(tempfile.mkdtemp(prefix=f"{project.service}-before-begin-"))
    for path in paths:
        copy = folder / path.resolve().relative_to(project.root.resolve())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    return folder


def declare_floor(project: Project, n: int, slices: list[str], config: "Config") -> int:
    """Run the cases on the simulator; what it got right becomes the floor in the criteria."""
    print(f"\nRunning your {n} cases on the simulator ...")
    report = _simulated_run(project)
    row = report["measured"]["all"]
    right, asked = row["right"], row["n"]
    floor = floor_of(right, asked)
    path = project.root / CRITERIA_FILE
    write_whole(path, edits.with_floor(path.read_text("utf-8"), floor, CRITERIA_FILE))
    for line in _first_result(right, asked, floor, slices, config):
        print(line)
    return Code.MET


def floor_of(right: int, n: int) -> float:
    """What was measured, less one case: the first case that is added may be a hard one."""
    return max(0, (right - 1) * 100 // n) / 100 if n else 0.0


def _first_result(
    right: int, n: int, floor: float, slices: list[str], config: "Config"
) -> Iterator[str]:
    yield f"{right} of {n} right. Simulated: it says nothing about a real model."
    yield f"{CRITERIA_FILE}: the floor of simulated answers (quality.simulated.at_least)"
    yield f"is {floor:g} now: what was measured, less one case."
    if right * 2 < n:
        yield (
            "\nFewer than half are right: meanings and cases share too few words, and the\n"
            "simulator knows only what the prompt says. See what went wrong (uv run playbook\n"
            "evals show), say in each meaning what its cases talk about, run the gate again,\n"
            "and raise the floor."
        )
    empty = [name for name in config.criteria.quality.slices if name not in slices]
    if empty:
        yield f"\nNo cases yet, their targets stay: {', '.join(empty)}."
        yield (
            f"With a real model the gate takes {config.criteria.quality.least_sample} cases to "
            "judge; until then it says inconclusive."
        )
    yield "\nNext:"
    yield "  uv run pytest                the tests, with your labels"
    yield "  uv run playbook evals run    the gate, with your cases"
    yield "  uv run playbook run          the service, and a curl with your first case"


def _simulated_run(project: Project) -> dict[str, Any]:
    """Run the gate in a process of its own: this one has read the sample's labels already."""
    with tempfile.TemporaryDirectory(prefix="playbook-") as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "playbook", "evals", "run", "--simulated"]
        try:
            done = subprocess.run(
                [*command, "--json", str(report)],
                check=False,
                cwd=project.root,
                env=unbuffered(),
                capture_output=True,
                text=True,
                timeout=RUN_SECONDS,
            )
        except KeyboardInterrupt:
            print(_NO_FLOOR, flush=True)
            raise
        if done.returncode not in (Code.MET, Code.NOT_MET, Code.INCONCLUSIVE):
            raise Mistake(
                f"{done.stdout}{done.stderr}".strip()
                + "\n\nYour labels and cases are in place; only the first run did not work."
                + "\nNext: uv run playbook evals run"
            )
        content: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return content


def _prompt(project: Project, config: "Config") -> str:
    """The prompt of the release that is live; it must not have been released for good."""
    name = default_release(project.root) or config.releases.names[0]
    if name not in config.releases:
        name = config.releases.names[0]
    release = config.releases[name]
    if release.prompt_sha256 is not None:
        raise Mistake(
            f"config/releases.yaml  releases.{name}.prompt_sha256\n"
            f"  Prompt {release.prompt} was released, so it is never edited. This service is past "
            "its beginning; change labels by a new prompt version."
        )
    return release.prompt


def _text_of(path: Path, project: Project) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise Mistake(
            f"{project.relative(path)}\n  This is missing. Restore it from git."
        ) from None


def _changes(project: Project, plan: Plan) -> Iterator[str]:
    for path, text in plan.write.items():
        count = f"  {len(text.splitlines())} cases" if path.suffix == ".jsonl" else ""
        yield f"wrote    {project.relative(path)}{count}"
    for path in plan.remove:
        yield f"removed  {project.relative(path)}"
    if any(path.parent.name == "adversarial" for path in plan.write):
        yield (
            "The sample's attacks are kept, but for what they say of its labels. Write some that "
            "want\nyours into evals/adversarial/."
        )


def _still_there(project: Project, old: list[str], wishes: Wishes) -> Iterator[str]:
    """Say where own code names a label of the sample that is no more."""
    new = [label.name for label in wishes.labels]
    for folder in (project.root / "src", project.root / "tests"):
        for path in sorted(folder.rglob("*.py")):
            for line in edits.leftovers(path.read_text("utf-8"), old, new):
                yield f"look at  {project.relative(path)}:{line}  names a label of the sample"
