"""`playbook begin`: from wishes to files, all at once, and the first run on them."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from playbook.begin import edits
from playbook.begin.ask import ask
from playbook.begin.attacks import without_label
from playbook.begin.first_run import first_run
from playbook.begin.sample import Files, Sample, sample_of
from playbook.begin.unchanged import in_git, refuse_if_changed
from playbook.begin.wishes import Wishes, build_cases, read
from playbook.evals.cases import Case
from playbook.project import Project
from playbook.staging import default_release
from playbook.verdicts import Mistake, write_whole

if TYPE_CHECKING:
    from chassis.config import Config


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
        refuse_if_changed(project, paths.existing(), paths.of_runs())
    slices = config.criteria.quality.slices
    if source:
        wishes, cases = read(source, pipeline, sample, slices)
    else:
        wishes = ask(pipeline, sample)
        cases = build_cases(wishes, pipeline, sample, slices)
    plan = make_plan(project, paths, sample, wishes, cases)
    if force or not in_git(project):
        copies = keep_copies(project, [*paths.existing(), *paths.of_runs()])
        print(f"kept     what was replaced, in {copies}")
    carry_out(plan)
    for line in _changes(project, plan):
        print(line)
    for line in _still_there(project, plan.old_labels, wishes):
        print(line)
    return first_run(project, len(cases), sorted({c.slice for c in cases}), config)


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
    remove += sorted(paths.held_out.glob("*.jsonl"))
    return Plan(write, remove + paths.of_runs(), old)


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
